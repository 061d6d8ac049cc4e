package router

import (
	"maps"
	"slices"
	"strings"

	"fastgo/gocore"
)

// Route is a method, a host and a pattern, and what they lead to.
type Route[T any] struct {
	// Method is the method that the route is for; Any makes it one for all methods
	// that have no route of their own at the same pattern.
	Method gocore.Method
	Any    bool

	// Host is a host name without a port, compared without regard to case. Empty
	// means any host.
	Host string

	Pattern Pattern

	// SlashRedirect: a request that has no route, but would take this one if its
	// path ended with one "/" more or less, gets the payload OtherSlash.
	SlashRedirect bool

	Payload T
}

// Fallbacks are the payloads for requests that no route takes.
type Fallbacks[T any] struct {
	// NotFound is for paths that no pattern matches, Malformed for those that have a
	// dot segment or NUL.
	NotFound, Malformed T

	// NotImplemented is for methods that the server does not know, where no route is
	// for any method (RFC 9110, section 9.1).
	NotImplemented T

	// OtherSlash: see Route.SlashRedirect.
	OtherSlash T

	// NotAllowed makes the payload for methods that a path does not have, Options
	// that for OPTIONS where it has no route. They are given the value of the Allow
	// field.
	NotAllowed, Options func(allow string) T
}

// Conflict says that two routes cannot be together in a table.
type Conflict struct {
	// First and Second are their indexes.
	First, Second int

	// Path is one that both match, empty where both have the same pattern.
	Path string
}

// Build freezes routes into a table. It fails where two of them are for the same
// place, or ambiguous.
func Build[T any](routes []Route[T], fallbacks Fallbacks[T]) (*Table[T], *Conflict) {
	table := &Table[T]{fallbacks: fallbacks, hosts: map[string]*hostTable[T]{}}
	hosts := map[string][]key{"": nil}
	for i := range routes {
		host := strings.ToLower(routes[i].Host)
		hosts[host] = append(hosts[host], key{routes[i].Pattern.key, int32(i)})
		table.slash = table.slash || routes[i].SlashRedirect
	}
	var methods []methodSet
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		built, conflict := buildHost(routes, hosts[host])
		if conflict != nil {
			return nil, conflict
		}
		for i := range built.endpoints {
			methods = append(methods, built.endpoints[i].methods)
		}
		table.hosts[host] = built
	}
	table.anyHost = table.hosts[""]
	delete(table.hosts, "")
	table.prepareRefusals(methods)
	return table, nil
}

// key is the shape of a route's pattern, and the number of the route.
type key struct {
	text  string
	route int32
}

// buildHost freezes the routes of a host.
func buildHost[T any](routes []Route[T], keys []key) (*hostTable[T], *Conflict) {
	slices.SortFunc(keys, func(a, b key) int {
		if order := strings.Compare(a.text, b.text); order != 0 {
			return order
		}
		return int(a.route - b.route)
	})
	built := &hostTable[T]{endpoints: make([]endpoint[T], 0, len(keys))}
	patterns := make([]pattern, 0, len(keys))
	for from, to := 0, 0; from < len(keys); from = to {
		for to = from + 1; to < len(keys) && keys[to].text == keys[from].text; {
			to++
		}
		end, conflict := endpointOf(routes, keys[from:to])
		if conflict != nil {
			return nil, conflict
		}
		patterns = append(patterns, pattern{keys[from].text, end.methods, int32(len(built.endpoints))})
		built.endpoints = append(built.endpoints, end)
	}
	built.literals, built.tree = newLiterals(patterns), newTree(patterns)
	if found := findAmbiguity(&built.tree, patterns); found != nil {
		one, other := patterns[found.one].text, patterns[found.other].text
		return nil, ambiguousRoutes(routes, keys, one, other, found.path)
	}
	return built, nil
}

// endpointOf gives each method of a pattern the payload of its route.
func endpointOf[T any](routes []Route[T], keys []key) (end endpoint[T], conflict *Conflict) {
	var every *Route[T]
	for _, k := range keys {
		route := &routes[k.route]
		switch {
		case !route.Any && end.methods&only(route.Method) == 0:
			end.set(route, only(route.Method))
		case route.Any && every == nil:
			every = route
		default:
			return end, samePlace(routes, keys)
		}
	}
	for _, k := range keys { // what has no route of its own
		if route := &routes[k.route]; route.methods()&only(gocore.MethodHead) != 0 && !route.Any {
			end.set(route, only(gocore.MethodHead)&^end.methods)
		}
	}
	if every != nil {
		end.set(every, anyMethods&^end.methods)
	}
	return end, nil
}

func (e *endpoint[T]) set(route *Route[T], methods methodSet) {
	for method := range methodCount {
		if methods&(1<<method) != 0 {
			e.payload[method] = route.Payload
		}
	}
	if route.SlashRedirect {
		e.slash |= methods
	}
	e.methods |= methods
}

// samePlace returns the first two of a pattern's routes that are for one method, or
// both for all.
func samePlace[T any](routes []Route[T], keys []key) *Conflict {
	for i, k := range keys {
		for _, earlier := range keys[:i] {
			one, other := &routes[earlier.route], &routes[k.route]
			if one.Any == other.Any && (one.Any || one.Method == other.Method) {
				return &Conflict{First: int(earlier.route), Second: int(k.route)}
			}
		}
	}
	return nil
}

// ambiguousRoutes returns the first routes of two patterns that share a method.
func ambiguousRoutes[T any](routes []Route[T], keys []key, one, other, path string) *Conflict {
	for _, k := range keys {
		for _, l := range keys {
			if k.text == one && l.text == other && routes[k.route].methods()&routes[l.route].methods() != 0 {
				return &Conflict{
					First: int(min(k.route, l.route)), Second: int(max(k.route, l.route)),
					Path: strings.ReplaceAll(path, string(rune(encodedSlash)), "%2F"),
				}
			}
		}
	}
	return nil
}

// methods returns those that the route may be asked for: GET answers HEAD, too (RFC
// 9110, section 9.3.2).
func (r *Route[T]) methods() methodSet {
	switch {
	case r.Any:
		return anyMethods
	case r.Method == gocore.MethodGet:
		return only(gocore.MethodGet) | only(gocore.MethodHead)
	}
	return only(r.Method)
}
