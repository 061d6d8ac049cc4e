package server

import (
	"fmt"

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
	again   gocore.Find // find, made once for all entries
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
	compiled.again = compiled.find
	described := make([]route, len(source.Routes))
	routes := make([]router.Route[*entry], len(source.Routes))
	for i, text := range source.Routes {
		place := fmt.Sprintf("routes[%d]", i)
		built, pattern, err := k.compileRoute(text, place, &described[i])
		if err != nil {
			return nil, described[i].at(err)
		}
		routes[i] = described[i].with(pattern, compiled.entry(built))
	}
	matching, conflict := router.Build(routes, router.Fallbacks[*entry]{
		NotFound:       compiled.refusal(gocore.StatusNotFound),
		Malformed:      compiled.malformed(),
		NotImplemented: compiled.refusal(gocore.StatusNotImplemented),
		OtherSlash:     compiled.entry(handler.TrailingSlash{}),
		NotAllowed: func(allow string) *entry {
			return compiled.allow(gocore.StatusMethodNotAllowed, allow, engine.RenderRefusal)
		},
		Options: func(allow string) *entry {
			return compiled.allow(gocore.StatusNoContent, allow, renderEmpty)
		},
	})
	if conflict != nil {
		return nil, conflictError(described, conflict)
	}
	compiled.routes = matching
	return compiled, nil
}

func (t *table) entry(serves gocore.Handler) *entry {
	return &entry{Route: gocore.Route{Handler: serves, MaxBody: t.maxBody, Find: t.again}, table: t}
}

func (t *table) refusal(status gocore.Status) *entry {
	return t.entry(handler.Constant{Rendered: engine.Refusal(status)})
}

// malformed makes the answer to paths that are refused whatever the routes are.
func (t *table) malformed() *entry {
	var header gocore.Header
	if err := header.Add("Content-Type", handler.PlainText); err != nil {
		panic(err) // a constant
	}
	const reason = "the path has a dot segment or NUL, encoded or not (RFC 3986, section 3.3)\n"
	rendered, err := gocore.Render(gocore.StatusBadRequest, header, []byte(reason))
	if err != nil {
		panic(err) // 400 is a final status
	}
	return t.entry(handler.Constant{Rendered: rendered})
}

// allow makes an answer that tells the methods of a path (RFC 9110, sections 9.3.7
// and 15.5.6).
func (t *table) allow(status gocore.Status, methods string, render func(gocore.Status, gocore.Header) (*gocore.Rendered, error)) *entry {
	var header gocore.Header
	err := header.Add("Allow", methods)
	if err != nil {
		panic(err) // methods are tokens
	}
	rendered, err := render(status, header)
	if err != nil {
		panic(err) // both statuses are final
	}
	return t.entry(handler.Constant{Rendered: rendered})
}

func renderEmpty(status gocore.Status, header gocore.Header) (*gocore.Rendered, error) {
	return gocore.Render(status, header, nil)
}

// find implements gocore.Find.
func (t *table) find(request *gocore.Request) *gocore.Route {
	return &t.routes.Match(request.Method, request.Host, request.Path, &request.Params).Route
}
