package router

import (
	"slices"
	"strconv"
	"strings"

	"fastgo/gocore"
)

// model is what the router must agree with: the rules of the package's documentation
// on lists, without a tree, an order or a shortcut.
type model struct {
	routes []modelRoute
}

type modelRoute struct {
	name     string
	method   gocore.Method
	any      bool
	host     string
	segments []string
	slash    bool
}

func newModelRoute(name string, method gocore.Method, host, pattern string) modelRoute {
	return modelRoute{name: name, method: method, any: method == 0, host: host, segments: strings.Split(pattern[1:], "/")}
}

// serves reports whether a route may be asked for a method.
func (r modelRoute) serves(method gocore.Method) bool {
	return r.any || r.method == method || r.method == gocore.MethodGet && method == gocore.MethodHead
}

func (r modelRoute) matches(segments []string) bool {
	for i, pattern := range r.segments {
		if strings.HasSuffix(pattern, "...}") {
			return i < len(segments)
		}
		if i >= len(segments) || !modelSegment(pattern, segments[i]) {
			return false
		}
	}
	return len(segments) == len(r.segments)
}

func modelSegment(pattern, segment string) bool {
	switch {
	case strings.HasSuffix(pattern, ":int}"):
		n, err := strconv.ParseInt(segment, 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == segment
	case strings.HasPrefix(pattern, "{"):
		return segment != ""
	}
	return pattern == segment
}

// rank is how specific a segment of a pattern is: the lower, the more.
func rank(pattern string) int {
	switch {
	case strings.HasSuffix(pattern, "...}"):
		return 3
	case strings.HasSuffix(pattern, ":int}"):
		return 1
	case strings.HasPrefix(pattern, "{"):
		return 2
	}
	return 0
}

// compare tells how two patterns that match one path differ: whether the first is
// more specific in some segment, and whether the second is.
func compare(one, other []string) (first, second bool) {
	for i := range max(len(one), len(other)) {
		switch {
		case i >= len(one), i >= len(other): // the longer one's counterpart has had its rest
			return first, second
		case rank(one[i]) == 3 || rank(other[i]) == 3:
			return first || rank(one[i]) < rank(other[i]), second || rank(one[i]) > rank(other[i])
		}
		first = first || rank(one[i]) < rank(other[i])
		second = second || rank(one[i]) > rank(other[i])
	}
	return first, second
}

// match returns the name of the route for a request, or what the fallbacks are
// called in these tests.
func (m model) match(method gocore.Method, host string, segments []string) string {
	if slices.Contains(segments, ".") || slices.Contains(segments, "..") {
		return "malformed"
	}
	best, allowed := m.find(method, host, segments)
	switch {
	case best != nil:
		return best.name
	case m.redirects(method, host, segments):
		return "other slash"
	case method == gocore.MethodOther:
		return "not implemented"
	case allowed == 0:
		return "not found"
	case method == gocore.MethodOptions:
		return "options " + modelAllow(allowed)
	}
	return "not allowed " + modelAllow(allowed)
}

// find returns the route for a request, or the methods that others have.
func (m model) find(method gocore.Method, host string, segments []string) (best *modelRoute, allowed methodSet) {
	for _, wanted := range []string{host, ""} {
		for i := range m.routes {
			route := &m.routes[i]
			if route.host != wanted || !route.matches(segments) {
				continue
			}
			allowed |= modelMethods(route)
			if route.serves(method) && (best == nil || m.before(route, best, method)) {
				best = route
			}
		}
		if best != nil {
			return best, allowed
		}
	}
	return nil, allowed
}

// redirects reports whether a slash more or less would help.
func (m model) redirects(method gocore.Method, host string, segments []string) bool {
	last := len(segments) - 1
	switch {
	case segments[0] == "": // "/", or a path that begins with "//"
		return false
	case segments[last] == "":
		segments = segments[:last]
	default:
		segments = append(slices.Clone(segments), "")
	}
	best, _ := m.find(method, host, segments)
	return best != nil && best.slash
}

// modelAllow is what an Allow field says.
func modelAllow(methods methodSet) string {
	allowed := []string{}
	for _, name := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"} {
		if name == "OPTIONS" || methods&only(gocore.ParseMethod(name)) != 0 {
			allowed = append(allowed, name)
		}
	}
	return strings.Join(allowed, ", ")
}

func modelMethods(route *modelRoute) methodSet {
	var methods methodSet
	for method := range gocore.Method(methodCount) {
		if route.serves(method) && method != gocore.MethodConnect && method != gocore.MethodTrace {
			methods |= only(method)
		}
	}
	return methods
}

// before reports whether a route goes before another that matches the same request.
func (m model) before(one, other *modelRoute, method gocore.Method) bool {
	first, second := compare(one.segments, other.segments)
	if first || second {
		return first
	}
	closeness := func(route *modelRoute) int { // to the method
		switch {
		case route.any:
			return 2
		case route.method != method:
			return 1
		}
		return 0
	}
	return closeness(one) < closeness(other)
}

// ambiguous reports whether two routes of the model are.
func (m model) ambiguous() bool {
	for i, one := range m.routes {
		for _, other := range m.routes[:i] {
			if one.host != other.host || modelMethods(&one)&modelMethods(&other) == 0 {
				continue
			}
			path, overlap := commonPath(one.segments, other.segments)
			if first, second := compare(one.segments, other.segments); overlap && first && second {
				if segments := strings.Split(path[1:], "/"); !one.matches(segments) || !other.matches(segments) {
					panic("the model is wrong about " + path)
				}
				return true
			}
		}
	}
	return false
}

// commonPath returns a path that both patterns match.
func commonPath(one, other []string) (string, bool) {
	var path strings.Builder
	for i := 0; i < len(one) || i < len(other); i++ {
		if i >= len(one) || i >= len(other) {
			return "", false
		}
		a, b := one[i], other[i]
		if rank(a) == 3 || rank(b) == 3 {
			longer := other[i:]
			if rank(a) != 3 {
				longer = one[i:]
			}
			for _, segment := range longer {
				path.WriteString("/" + witness(segment))
			}
			return path.String(), true
		}
		if rank(a) > rank(b) {
			a, b = b, a
		}
		if !modelSegment(b, witness(a)) && a != b {
			return "", false
		}
		path.WriteString("/" + witness(a))
	}
	return path.String(), true
}

// witness is a segment that a segment of a pattern matches.
func witness(pattern string) string {
	switch rank(pattern) {
	case 0:
		return pattern
	case 3:
		return ""
	}
	return "0"
}

// shapeOf is a pattern without the names of its parameters.
func shapeOf(segments []string) string {
	shape := slices.Clone(segments)
	for i, segment := range shape {
		if rank(segment) > 0 {
			shape[i] = "{" + segment[strings.IndexAny(segment, ":.}"):]
		}
	}
	return strings.Join(shape, "/")
}
