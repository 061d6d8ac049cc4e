package server

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"fastgo/gocore"
	"fastgo/gocore/handler"
)

// kinds is the registry of handler kinds: from the name in the document to what
// builds such a handler from its spec and the parameters of its route.
type kinds map[string]func(spec []byte, place string, params []gocore.Param) (gocore.Handler, *Error)

// builtins are the handlers written in Go that a document names, built for the
// parameters of their route.
type builtins map[string]func([]gocore.Param) gocore.Handler

func newKinds() kinds {
	named := builtins{"fibonacci": handler.NewFibonacci}
	return kinds{
		"constant": kind(handler.NewConstant),
		"redirect": kind(handler.NewRedirect),
		"template": kind(handler.NewTemplate),
		"builtin":  kind(named.build),
	}
}

// kind adapts a constructor of package handler: the spec is decoded strictly,
// and a FieldError is put in its place of the document.
func kind[S any](build func(S, []gocore.Param) (gocore.Handler, error)) func([]byte, string, []gocore.Param) (gocore.Handler, *Error) {
	return func(text []byte, place string, params []gocore.Param) (gocore.Handler, *Error) {
		var spec struct {
			Kind string `json:"kind"`
			Spec S      `json:"spec"`
		}
		if err := decode(text, place, &spec); err != nil {
			return nil, err
		}
		built, err := build(spec.Spec, params)
		if err == nil {
			return built, nil
		}
		if field, ok := errors.AsType[*handler.FieldError](err); ok {
			return nil, configError(place+".spec."+field.Field, "%s", field.Reason)
		}
		return nil, configError(place, "%s", err)
	}
}

// build builds the handler that a route's handler object describes, for a path
// with these parameters.
func (k kinds) build(text []byte, place string, params []gocore.Param) (gocore.Handler, *Error) {
	var named struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return nil, configError(place, "is not a handler; write an object with a \"kind\"")
	}
	build, ok := k[named.Kind]
	if !ok {
		return nil, configError(place+".kind", "%q is not known; choose one of %s", named.Kind, names(k))
	}
	return build(text, place, params)
}

type builtinSpec struct {
	Name string `json:"name"`
}

func (b builtins) build(spec builtinSpec, params []gocore.Param) (gocore.Handler, error) {
	if build, ok := b[spec.Name]; ok {
		return build(params), nil
	}
	return nil, &handler.FieldError{
		Field:  "name",
		Reason: "no builtin is called \"" + spec.Name + "\"; choose one of " + names(b),
	}
}

func names[M ~map[string]V, V any](registry M) string {
	return strings.Join(slices.Sorted(maps.Keys(registry)), ", ")
}
