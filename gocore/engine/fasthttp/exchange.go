package fasthttp

import (
	"runtime"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// handle serves one request: fasthttp calls it when it has read the head that
// stands for the one of the client, and writes what it leaves in ctx.Response.
func (e *Engine) handle(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*conn)
	c.prompt = false
	route := e.config.Find(&c.request)
	if !c.loadBody(route) {
		c.ended = true
		return
	}
	response := c.serve(route)
	runtime.KeepAlive(route) // while a deferred answer was awaited: see server/retire.go
	finished := c.unloadBody()
	if response == nil { // cut
		c.ended = true
		return
	}
	if !finished {
		c.lingering = true
	}
	if !finished || !c.framing.KeepAlive || e.draining.Load() {
		ctx.SetConnectionClose()
	}
	if c.request.Minor == 0 { // which must be told when the connection stays open
		ctx.Request.Header.SetProtocol("HTTP/1.0")
	}
	c.send(ctx, response)
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
