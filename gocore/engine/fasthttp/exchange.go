package fasthttp

import (
	"bytes"
	"runtime"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// handle serves one request: fasthttp calls it with the head parsed, and sends
// what it leaves in ctx.Response.
func (e *Engine) handle(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*conn)
	c.answered = false
	c.response.Reset() // of the request before, which has left by now
	c.loadHead(ctx)
	route := e.config.Find(&c.request)
	if status := c.loadBody(ctx, route); status != 0 {
		c.response.SetRendered(engine.Refusal(status))
		c.lingering = true
		c.send(ctx, &c.response)
	} else if response := c.serve(route); response != nil {
		c.send(ctx, response)
	} // else the socket is closed: the empty answer that fasthttp sends goes nowhere
	runtime.KeepAlive(route) // while a deferred answer was awaited: see server/retire.go
	if !c.unloadBody() {
		c.lingering = true
		ctx.SetConnectionClose()
	}
	if e.draining.Load() {
		ctx.SetConnectionClose()
	}
	c.answered = true
}

// expect decides about a client that asks before it sends its body (RFC 9110,
// section 10.1.1): a body that the route refuses is refused now.
func (e *Engine) expect(ctx *fasthttp.RequestCtx) int {
	c := ctx.Conn().(*conn)
	c.answered = false
	c.loadHead(ctx)
	if int64(ctx.Request.Header.ContentLength()) <= e.config.Find(&c.request).MaxBody {
		return fasthttp.StatusContinue
	}
	c.refuse(ctx, gocore.StatusContentTooLarge)
	return int(gocore.StatusContentTooLarge)
}

// serve calls the handler and waits for its answer where it is deferred. It
// returns nil when the connection was cut in the meantime.
func (c *conn) serve(route *gocore.Route) *gocore.Response {
	c.deferred = false
	outcome := c.engine.config.Serve(route, &c.request, &c.response)
	switch {
	case outcome == gocore.Deferred && c.deferred:
		return c.await()
	case outcome == gocore.Deferred:
		c.engine.config.Logger.Error("handler deferred its answer without taking a token",
			"method", string(c.request.MethodName), "path", string(c.request.Path))
		c.response.SetRendered(engine.Refusal(gocore.StatusInternalServerError))
	case c.deferred: // it answered now: nobody may answer later
		if late := c.revoke(); late != nil {
			late.Recycle()
		}
	}
	return &c.response
}

// loadHead fills the request with what fasthttp has parsed.
func (c *conn) loadHead(ctx *fasthttp.RequestCtx) {
	r := &c.request
	head := &ctx.Request.Header
	r.MethodName = head.Method()
	r.Method = gocore.ParseMethod(r.MethodName)
	r.Minor = 0
	if head.IsHTTP11() {
		r.Minor = 1
	}
	r.Target = head.RequestURI()
	r.Host = head.Host()
	var authority []byte
	if r.Path, r.Query, authority = splitTarget(r.Target); authority != nil {
		r.Host = authority
	}
	r.Header.Borrow(head.RawHeaders())
	r.Peer = c.peer
	r.Body, r.Stream = nil, nil
}

var (
	schemeEnd = []byte("://")
	root      = []byte("/")
)

// splitTarget returns path and query of a request target in origin form or
// absolute form (RFC 9112, section 3.2), and of the latter the authority.
func splitTarget(target []byte) (path, query, authority []byte) {
	path = target
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path, query = path[:i], path[i+1:]
	}
	if len(path) > 0 && path[0] == '/' {
		return path, query, nil
	}
	_, authority, found := bytes.Cut(path, schemeEnd)
	if !found {
		return path, query, nil
	}
	if i := bytes.IndexByte(authority, '/'); i >= 0 {
		return authority[i:], query, authority[:i]
	}
	return root, query, authority
}
