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
		built, pattern, err := k.compileRoute(text, place, &described[i], compiled)
		if err != nil {
			return nil, described[i].at(err)
		}
		routes[i] = described[i].with(pattern, compiled.entry(built))
	}
	matching, conflict := router.Build(routes, router.Fallbacks[*entry]{
		NotFound:       compiled.refusal(gocore.StatusNotFound),
		Malformed:      compiled.answer(gocore.StatusBadRequest, "the path has a dot segment or NUL, encoded or not (RFC 3986, section 3.3)\n"),
		NotImplemented: compiled.refusal(gocore.StatusNotImplemented),
		OtherSlash:     compiled.entry(handler.TrailingSlash{}),
		NotAllowed: func(allow string) *entry { // RFC 9110, section 15.5.6
			return compiled.answer(gocore.StatusMethodNotAllowed, "405 Method Not Allowed\n", "Allow", allow)
		},
		Options: func(allow string) *entry { // RFC 9110, section 9.3.7
			return compiled.answer(gocore.StatusNoContent, "", "Allow", allow)
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

// answer makes an answer of the server's own, a text with one more field at most.
func (t *table) answer(status gocore.Status, text string, field ...string) *entry {
	spec := handler.ConstantSpec{Status: status}
	if len(field) > 0 {
		spec.Headers = append(spec.Headers, field)
	}
	if text != "" {
		spec.Text = &text
		spec.Headers = append(spec.Headers, []string{"Content-Type", handler.PlainText})
	}
	built, err := handler.NewConstant(spec, nil)
	if err != nil {
		panic(err) // all of it is in this file
	}
	return t.entry(built)
}

// find implements gocore.Find.
func (t *table) find(request *gocore.Request) *gocore.Route {
	return &t.routes.Match(request.Method, request.Host, request.Path, &request.Params).Route
}
