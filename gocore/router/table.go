package router

import (
	"bytes"
	"maps"

	"fastgo/gocore"
)

// Table is an immutable set of routes, safe for concurrent use.
type Table[T any] struct {
	hosts     map[string]*hostTable[T]
	anyHost   *hostTable[T]
	fallbacks Fallbacks[T]

	// refusals are ready for all sets of methods that a path can turn out to have;
	// everything is the largest of them.
	refusals   map[methodSet]refusal[T]
	everything methodSet
	slash      bool // some route has SlashRedirect
}

// hostTable has the routes of one host.
type hostTable[T any] struct {
	literals  literals
	tree      tree
	endpoints []endpoint[T]
}

// endpoint is where a pattern leads, by method.
type endpoint[T any] struct {
	payload [methodCount]T
	methods methodSet // those that have a payload
	slash   methodSet // those of them whose route has SlashRedirect
}

// refusal is the answer for methods that a path does not have.
type refusal[T any] struct {
	notAllowed, options T
}

// Match returns the payload for a request, or one of the fallbacks. It fills in
// params, whose values lie in path or in params.Memory.
func (t *Table[T]) Match(method gocore.Method, host, path []byte, params *gocore.Params) T {
	routes := t.anyHost
	if len(t.hosts) > 0 {
		routes = t.routesOf(host)
	}
	params.Truncate(0)
	if leaf := routes.literals.find(path, only(method)); leaf != none {
		return routes.endpoints[leaf].payload[method]
	}
	return t.walk(routes, method, path, params)
}

// routesOf returns the routes to look at first for a host.
func (t *Table[T]) routesOf(host []byte) *hostTable[T] {
	var memory [maxHost]byte
	if routes := t.hosts[string(hostName(host, &memory))]; routes != nil {
		return routes
	}
	return t.anyHost
}

// walk is Match by the trees.
func (t *Table[T]) walk(routes *hostTable[T], method gocore.Method, path []byte, params *gocore.Params) T {
	decoded, escaped := path, bytes.IndexByte(path, '%') >= 0
	if escaped {
		var valid bool
		if decoded, valid = decode(path, params); !valid {
			return t.fallbacks.Malformed
		}
	}
	s := search{path: decoded, method: only(method), params: params}
	found := t.search(routes, &s)
	if found == nil {
		return t.refuse(routes, method, &s)
	}
	if escaped {
		decodeSlashes(decoded)
	} else if hasDottedValue(params) {
		params.Truncate(0)
		return t.fallbacks.Malformed
	}
	return found.payload[method]
}

// search looks among the routes of a host and then among those of any host.
func (t *Table[T]) search(routes *hostTable[T], s *search) *endpoint[T] {
	s.params.Begin(s.path)
	if leaf := routes.tree.find(0, 0, s); leaf != none {
		return &routes.endpoints[leaf]
	}
	s.params.Truncate(0)
	if routes == t.anyHost {
		return nil
	}
	return t.search(t.anyHost, s)
}

// hasDottedValue reports whether a value has a dot segment. Only the last one may be
// a rest, of many segments.
func hasDottedValue(params *gocore.Params) bool {
	last := params.Len() - 1
	for i := range last {
		if value := params.Value(i); value[0] == '.' && hasDotSegment(value) {
			return true
		}
	}
	return last >= 0 && hasDotSegment(params.Value(last))
}

// refuse returns the payload for a request that no route takes.
func (t *Table[T]) refuse(routes *hostTable[T], method gocore.Method, s *search) T {
	switch {
	case method == gocore.MethodOptions && string(s.path) == "*": // RFC 9110, section 9.3.7
		return t.refusals[t.everything].options
	case method == gocore.MethodConnect: // has no path
		return t.refusals[t.everything].notAllowed
	case hasDotSegment(s.path):
		return t.fallbacks.Malformed
	case t.slash && t.takesOtherSlash(routes, s):
		return t.fallbacks.OtherSlash
	case method == gocore.MethodOther:
		return t.fallbacks.NotImplemented
	case s.others == 0:
		return t.fallbacks.NotFound
	case method == gocore.MethodOptions:
		return t.refusals[s.others].options
	}
	return t.refusals[s.others].notAllowed
}

// takesOtherSlash reports whether a route with SlashRedirect would take the request
// if its path ended with one "/" more or less. A path that begins with two is not
// asked for: as the target of a redirect it would be another host.
func (t *Table[T]) takesOtherSlash(routes *hostTable[T], s *search) bool {
	path := s.path
	if len(path) < 2 || path[1] == '/' {
		return false
	}
	if shorter, found := bytes.CutSuffix(path, []byte{'/'}); found {
		path = shorter
	} else {
		path = append(append(s.params.Memory[:0], path...), '/')
		s.params.Memory = path
	}
	other := search{path: path, method: s.method, params: s.params}
	found := t.search(routes, &other)
	s.params.Truncate(0)
	return found != nil && found.slash&s.method != 0
}

// maxHost is the longest name that DNS has, and more.
const maxHost = 256

// hostName returns a host without its port and in lower case, in memory that it is
// lent. A name that is too long is nobody's.
func hostName(host []byte, memory *[maxHost]byte) []byte {
	if colon := bytes.LastIndexByte(host, ':'); colon > bytes.LastIndexByte(host, ']') {
		host = host[:colon]
	}
	if len(host) > len(memory) {
		return nil
	}
	for i, c := range host {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		memory[i] = c
	}
	return memory[:len(host)]
}

// prepareRefusals makes what methods are answered with that a path does not have. A
// path may match several patterns, and has the methods of all: so there is one for
// each union of what patterns have, of which there are few.
func (t *Table[T]) prepareRefusals(of []methodSet) {
	unions := map[methodSet]bool{}
	for _, methods := range of {
		if unions[methods] {
			continue
		}
		for union := range maps.Clone(unions) {
			unions[union|methods] = true
		}
		unions[methods] = true
		t.everything |= methods
	}
	unions[t.everything] = true
	t.refusals = make(map[methodSet]refusal[T], len(unions))
	for methods := range unions {
		allow := methods.allow()
		t.refusals[methods] = refusal[T]{t.fallbacks.NotAllowed(allow), t.fallbacks.Options(allow)}
	}
}
