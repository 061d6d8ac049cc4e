package server

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"fastgo/gocore"
	"fastgo/gocore/router"
)

// route is one element of the document's routes.
type route struct {
	// Method is the name of a method, or "*" for all that have no route of their own.
	Method string `json:"method"`
	// Host is a host name, empty for any host.
	Host          string          `json:"host"`
	Path          string          `json:"path"`
	TrailingSlash trailingSlash   `json:"trailing_slash"`
	Handler       json.RawMessage `json:"handler"`
	// Source is where the route was registered, as "file:line".
	Source string `json:"source"`

	method gocore.Method
}

// trailingSlash says what happens to a request whose path has a slash too many or
// too few at its end: "strict", which "" stands for, or "redirect".
type trailingSlash string

const anyMethod = "*"

// compileRoute reads a route into described, also on an error as far as it goes,
// and builds its handler for the table.
func (k kinds) compileRoute(text []byte, place string, described *route, owner *table) (gocore.Handler, router.Pattern, *Error) {
	if err := decode(text, place, described); err != nil {
		return nil, router.Pattern{}, err
	}
	pattern, err := described.check(place)
	if err != nil {
		return nil, pattern, err
	}
	built, err := k.build(described.Handler, site{place + ".handler", pattern.Params, described, owner})
	if err == nil {
		err = checkExact(text, place, allLevels)
	}
	return built, pattern, err
}

// check checks all but the handler.
func (r *route) check(place string) (pattern router.Pattern, failure *Error) {
	var err error
	if r.Method != anyMethod {
		if r.method, err = parseMethod(r.Method); err != nil {
			return pattern, configError(place+".method", "%s", err)
		}
	}
	if err = checkHost(r.Host); err != nil {
		return pattern, configError(place+".host", "%s", err)
	}
	if r.TrailingSlash != "" && r.TrailingSlash != "strict" && r.TrailingSlash != "redirect" {
		return pattern, configError(place+".trailing_slash", "%q is not known; write \"strict\" or \"redirect\"", r.TrailingSlash)
	}
	if pattern, err = router.Parse(r.Path); err != nil {
		return pattern, configError(place+".path", "%s", err)
	}
	return pattern, nil
}

// with returns the route as the router knows it.
func (r *route) with(pattern router.Pattern, payload *entry) router.Route[*entry] {
	return router.Route[*entry]{
		Method: r.method, Any: r.Method == anyMethod, Host: r.Host, Pattern: pattern,
		SlashRedirect: r.TrailingSlash == "redirect", Payload: payload,
	}
}

// parseMethod accepts the methods that a route can have. CONNECT has no path, and
// TRACE would send a client's credentials back (RFC 9110, section 9.3.8).
func parseMethod(name string) (gocore.Method, error) {
	switch method := gocore.ParseMethod(name); method {
	case gocore.MethodOther, gocore.MethodConnect, gocore.MethodTrace:
		return 0, fmt.Errorf("%q is not a method of routes; write GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH, or \"*\" for all of them", name)
	default:
		return method, nil
	}
}

// longestHost is the longest name that DNS has (RFC 1035, section 2.3.4).
const longestHost = 253

// checkHost accepts what a Host field has before its port: a name of letters, digits,
// "-", "_" and ".", or an IP address. An IPv6 address is compared in the one form that
// RFC 5952 gives it, in brackets.
func checkHost(host string) error {
	if inner, found := strings.CutPrefix(host, "["); found {
		inner, closed := strings.CutSuffix(inner, "]")
		address, err := netip.ParseAddr(inner)
		if !closed || err != nil || address.Is4() || address.Zone() != "" {
			return fmt.Errorf("%q is no IPv6 address in brackets; write one such as [::1]", host)
		}
		if address.String() != strings.ToLower(inner) {
			return fmt.Errorf("%q has a shorter form; write [%s]", host, address)
		}
		return nil
	}
	if name, port, found := strings.Cut(host, ":"); found && strings.Trim(port, "0123456789") == "" {
		return fmt.Errorf("%q has a port, which hosts are compared without; write %q", host, name)
	}
	for i := range len(host) {
		if c := host[i] | 0x20; !('a' <= c && c <= 'z' || '0' <= host[i] && host[i] <= '9' || strings.IndexByte("-_.", host[i]) >= 0) {
			return fmt.Errorf("%q is no host name: byte %d (%q) cannot be in one; write a name such as api.example.com", host, i, host[i:i+1])
		}
	}
	if strings.HasPrefix(host, ".") || strings.Contains(host, "..") || len(host) > longestHost {
		return fmt.Errorf("%q is no host name: a part of it is empty, or it has more than %d bytes; write a name such as api.example.com", host, longestHost)
	}
	return nil
}

// String returns what messages call the route.
func (r *route) String() string {
	name := strings.TrimSpace(r.Method + " " + r.Host + r.Path)
	switch {
	case name == "":
		return "a route"
	case strings.ContainsFunc(name, unicode.IsControl):
		return strconv.Quote(name)
	}
	return name
}

// at adds to an error which route it is about and where that was registered.
func (r *route) at(err *Error) *Error {
	err.Message += fmt.Sprintf(" (%s, registered at %s)", r, known(r.Source))
	return err
}

func known(source string) string {
	if source == "" {
		return "an unknown place"
	}
	return source
}

// conflictError names both routes of a conflict.
func conflictError(described []route, conflict *router.Conflict) *Error {
	first, second := &described[conflict.First], &described[conflict.Second]
	place := fmt.Sprintf("routes[%d]", conflict.Second)
	if conflict.Path != "" {
		return configError(place, "%s, registered at %s, and %s, registered at %s, both match %q, and neither is more specific; change one of them",
			first, known(first.Source), second, known(second.Source), conflict.Path)
	}
	if first.Path == second.Path && first.Host == second.Host {
		return configError(place, "%s is registered twice, at %s and at %s; remove one", first, known(first.Source), known(second.Source))
	}
	return configError(place, "%s, registered at %s, and %s, registered at %s, match the same requests; remove one",
		first, known(first.Source), second, known(second.Source))
}
