package server

import (
	"fmt"
	"strings"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/handler"
	"fastgo/gocore/router"
)

// table is a compiled document. It never changes; update swaps it whole.
type table struct {
	id      uint64
	routes  *router.Table[*entry]
	maxBody int64
	// What no route can serve: methods that the server does not know, and CONNECT,
	// whose target is no path.
	notImplemented, noConnect *entry
}

// entry is a route as the table holds it. An engine holds a pointer to Route
// while it serves a request, which keeps the entry alive and by it the table: so
// the garbage collector knows when nobody uses a table any more (retire.go).
type entry struct {
	gocore.Route
	table *table
}

// compile turns the document's routes into a table.
func (k kinds) compile(source *document, id uint64) (*table, *Error) {
	compiled := &table{id: id, maxBody: source.Limits.Body}
	var builder router.Builder[*entry]
	places := map[*entry]string{}
	for i, text := range source.Routes {
		place := fmt.Sprintf("routes[%d]", i)
		var described route
		method, built, err := k.compileRoute(text, place, &described)
		if err != nil {
			return nil, described.at(err)
		}
		added := compiled.entry(built)
		places[added] = described.Source
		if earlier, ok := builder.Add(method, described.Path, added); !ok {
			return nil, configError(place, "%s %s is registered twice, at %s and at %s; remove one",
				described.Method, described.Path, known(places[earlier]), known(described.Source))
		}
	}
	compiled.notImplemented = compiled.entry(handler.Constant{Rendered: engine.Refusal(gocore.StatusNotImplemented)})
	compiled.noConnect = compiled.notAllowed("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	compiled.routes = builder.Build(
		compiled.entry(handler.Constant{Rendered: engine.Refusal(gocore.StatusNotFound)}),
		compiled.notAllowed)
	return compiled, nil
}

// compileRoute reads a route into described, also on an error as far as it goes,
// and builds its handler.
func (k kinds) compileRoute(text []byte, place string, described *route) (gocore.Method, gocore.Handler, *Error) {
	if err := decode(text, place, described); err != nil {
		return 0, nil, err
	}
	method, err := parseMethod(described.Method)
	if err != nil {
		return 0, nil, configError(place+".method", "%s", err)
	}
	if err := checkPath(described.Path); err != nil {
		return 0, nil, configError(place+".path", "%s", err)
	}
	built, failure := k.build(described.Handler, place+".handler", nil)
	return method, built, failure
}

// at adds to an error which route it is about and where that was registered.
func (r *route) at(err *Error) *Error {
	name := strings.TrimSpace(r.Method + " " + r.Path)
	if name == "" {
		name = "a route"
	}
	err.Message += fmt.Sprintf(" (%s, registered at %s)", name, known(r.Source))
	return err
}

func known(source string) string {
	if source == "" {
		return "an unknown place"
	}
	return source
}

func (t *table) entry(serves gocore.Handler) *entry {
	return &entry{Route: gocore.Route{Handler: serves, MaxBody: t.maxBody}, table: t}
}

// notAllowed makes the answer for a method that a path does not have (RFC 9110,
// section 15.5.6).
func (t *table) notAllowed(allow string) *entry {
	var header gocore.Header
	err := header.Add("Allow", allow)
	if err != nil {
		panic(err) // methods are tokens
	}
	rendered, err := engine.RenderRefusal(gocore.StatusMethodNotAllowed, header)
	if err != nil {
		panic(err) // 405 is a final status
	}
	return t.entry(handler.Constant{Rendered: rendered})
}

// find implements gocore.Find.
func (t *table) find(request *gocore.Request) *gocore.Route {
	switch request.Method {
	case gocore.MethodOther:
		return &t.notImplemented.Route
	case gocore.MethodConnect:
		return &t.noConnect.Route
	}
	return &t.routes.Match(request.Method, request.Path).Route
}
