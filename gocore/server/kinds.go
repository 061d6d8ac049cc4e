package server

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"fastgo/gocore"
	"fastgo/gocore/handler"
	"fastgo/gocore/native"
	"fastgo/gocore/queue"
)

// kinds is the registry of handler kinds: from the name in the document to what
// builds such a handler for its place.
type kinds map[string]func(text []byte, at site) (gocore.Handler, *Error)

// site is the place that a handler is built for.
type site struct {
	place  string // of the handler in the document
	params []gocore.Param
	route  *route
	table  *table
}

// builtins are the handlers written in Go that a document names, built for the
// parameters of their route.
type builtins map[string]func([]gocore.Param) gocore.Handler

func newKinds(environment *native.Environment, workers *queue.Queue) kinds {
	named := builtins{"fibonacci": handler.NewFibonacci}
	return kinds{
		"constant": kind(handler.NewConstant),
		"redirect": kind(handler.NewRedirect),
		"template": kind(handler.NewTemplate),
		"builtin":  kind(named.build),
		"native": kindAt(func(spec native.Spec, at site) (gocore.Handler, error) {
			return environment.New(spec, at.native())
		}),
		"compiled": kindAt(func(spec handler.CompiledSpec, at site) (gocore.Handler, error) {
			codec, err := handler.NewCompiled(spec, at.params)
			if err != nil {
				return nil, err
			}
			return environment.NewCompiled(native.CompiledSpec{
				Address: spec.Address, Name: spec.Name, Blocking: spec.Blocking, Codec: codec,
			}, at.native())
		}),
		"python": kindAt(func(spec queue.Spec, at site) (gocore.Handler, error) {
			return workers.New(spec, queue.Route{Params: at.params, Owner: at.table})
		}),
	}
}

// native returns what native handlers are told of their route.
func (s site) native() native.Route {
	return native.Route{Name: s.route.String(), Params: s.params, Owner: s.table}
}

// kind adapts a constructor of package handler.
func kind[S any](build func(S, []gocore.Param) (gocore.Handler, error)) func([]byte, site) (gocore.Handler, *Error) {
	return kindAt(func(spec S, at site) (gocore.Handler, error) { return build(spec, at.params) })
}

// kindAt adapts a constructor: the spec is decoded strictly, and a FieldError is put
// in its place of the document.
func kindAt[S any](build func(S, site) (gocore.Handler, error)) func([]byte, site) (gocore.Handler, *Error) {
	return func(text []byte, at site) (gocore.Handler, *Error) {
		var spec struct {
			Kind string `json:"kind"`
			Spec S      `json:"spec"`
		}
		if err := decode(text, at.place, &spec); err != nil {
			return nil, err
		}
		built, err := build(spec.Spec, at)
		if err == nil {
			return built, nil
		}
		if field, ok := errors.AsType[*gocore.FieldError](err); ok {
			return nil, configError(at.place+".spec."+field.Field, "%s", field.Reason)
		}
		return nil, configError(at.place, "%s", err)
	}
}

// build builds the handler that a route's handler object describes.
func (k kinds) build(text []byte, at site) (gocore.Handler, *Error) {
	var named struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return nil, configError(at.place, "is not a handler; write an object with a \"kind\"")
	}
	build, ok := k[named.Kind]
	if !ok {
		return nil, configError(at.place+".kind", "%q is not known; choose one of %s", named.Kind, names(k))
	}
	return build(text, at)
}

type builtinSpec struct {
	Name string `json:"name"`
}

func (b builtins) build(spec builtinSpec, params []gocore.Param) (gocore.Handler, error) {
	if build, ok := b[spec.Name]; ok {
		return build(params), nil
	}
	return nil, &gocore.FieldError{
		Field:  "name",
		Reason: "no builtin is called \"" + spec.Name + "\"; choose one of " + names(b),
	}
}

func names[M ~map[string]V, V any](registry M) string {
	return strings.Join(slices.Sorted(maps.Keys(registry)), ", ")
}
