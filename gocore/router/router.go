// Package router matches a method and a path to a payload.
//
// A Builder collects routes; Build freezes them into a Table, which never
// changes again: a server that wants other routes builds another table and
// swaps the pointer. A table matches exact paths by one map lookup and then the
// method by index; a match allocates nothing.
//
// The package knows neither handlers nor HTTP messages: the payload is a type
// parameter.
package router

import (
	"slices"
	"strings"

	"fastgo/gocore"
)

// Builder collects routes. The zero value is empty and ready to use.
type Builder[T any] struct {
	paths map[string]*methods[T]
}

// methods holds the payloads of one path, by method.
type methods[T any] struct {
	payload [gocore.MethodPatch + 1]T
	present [gocore.MethodPatch + 1]bool
}

// Add registers a payload. Where the method and path are taken it changes
// nothing and returns the earlier payload and false.
func (b *Builder[T]) Add(method gocore.Method, path string, payload T) (earlier T, added bool) {
	if b.paths == nil {
		b.paths = map[string]*methods[T]{}
	}
	at := b.paths[path]
	if at == nil {
		at = new(methods[T])
		b.paths[path] = at
	}
	if at.present[method] {
		return at.payload[method], false
	}
	at.payload[method], at.present[method] = payload, true
	return payload, true
}

// Build freezes the routes. notFound is the payload for paths that no route has;
// notAllowed makes the one for methods that a path does not have, given the
// value of the Allow field. HEAD is served by GET where it has no route of its
// own (RFC 9110, section 9.3.2).
func (b *Builder[T]) Build(notFound T, notAllowed func(allow string) T) *Table[T] {
	table := &Table[T]{paths: make(map[string]*[gocore.MethodPatch + 1]T, len(b.paths)), notFound: notFound}
	for path, at := range b.paths {
		if at.present[gocore.MethodGet] && !at.present[gocore.MethodHead] {
			at.payload[gocore.MethodHead], at.present[gocore.MethodHead] = at.payload[gocore.MethodGet], true
		}
		payload := at.payload
		refusal := notAllowed(at.allow())
		for method, present := range at.present {
			if !present {
				payload[method] = refusal
			}
		}
		table.paths[path] = &payload
	}
	return table
}

// allow lists the methods present, as the Allow field has them.
func (m *methods[T]) allow() string {
	var names []string
	for method, present := range m.present {
		if present {
			names = append(names, gocore.Method(method).String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Table is an immutable set of routes, safe for concurrent use.
type Table[T any] struct {
	paths    map[string]*[gocore.MethodPatch + 1]T
	notFound T
}

// Match returns the payload for a request, or one of the two that Build was
// given for requests that no route takes.
func (t *Table[T]) Match(method gocore.Method, path []byte) T {
	at, found := t.paths[string(path)]
	if !found {
		return t.notFound
	}
	return at[method]
}
