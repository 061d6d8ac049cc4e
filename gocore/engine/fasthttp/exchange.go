package fasthttp

import (
	"io"
	"runtime"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// Read is how fasthttp asks for the next request, when it has written the answer
// to the one before. Requests are read and handlers called here; an answer that
// needs no fasthttp is sent, and the next request comes at once. For any other,
// fasthttp reads the head that stands for the client's, and calls handle, which
// gives it the answer.
//
// Where there is no next request it reads the end of the connection: whatever there
// was to say has been said then.
func (c *conn) Read(p []byte) (int, error) {
	for {
		c.forgetRequest()
		if !c.readHead() {
			return 0, io.EOF
		}
		response := c.process()
		if response == nil {
			return 0, io.EOF
		}
		if body, rendered := renderedBody(response); rendered {
			if !c.sendRendered(response, body) || c.last {
				return 0, io.EOF
			}
			continue
		}
		if c.isUntilClose(response) {
			c.sendUntilClose(response)
			return 0, io.EOF
		}
		c.current = response
		if c.request.Method == gocore.MethodHead { // the answer has no body
			return copy(p, standInHead), nil
		}
		return copy(p, standInGet), nil
	}
}

// handle is called by fasthttp when it has read the head that stands for the
// client's. It writes what it finds in ctx.Response then.
func (e *Engine) handle(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*conn)
	if c.last {
		ctx.SetConnectionClose()
	}
	if c.request.Minor == 0 { // which must be told when the connection stays open
		ctx.Request.Header.SetProtocol("HTTP/1.0")
	}
	c.send(ctx, c.current)
	c.current = nil
}

// process gets the answer to the request whose head was read. It returns nil when
// there is nothing to answer: the request was refused, the client has gone, or the
// connection was cut.
func (c *conn) process() *gocore.Response {
	c.prompt = false
	route := c.engine.config.Find(&c.request)
	if !c.loadBody(route) {
		return nil
	}
	response := c.serve(route)
	runtime.KeepAlive(route) // while a deferred answer was awaited: see server/retire.go
	finished := c.unloadBody()
	if response == nil {
		return nil
	}
	if !finished {
		c.lingering = true
	}
	c.last = !finished || !c.framing.KeepAlive || c.engine.draining.Load()
	status := response.Status.Final()
	if response.Kind() == gocore.RenderedBody {
		status = response.Rendered().Status
	} else if !status.AllowsContent() {
		response.SetBytes(nil) // what would be its body is released with it
	}
	c.shard.Answered(status)
	return response
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

// exchange returns what the request and its connection decide about the answer.
func (c *conn) exchange() http1.Exchange {
	return http1.Exchange{
		Method:    c.request.Method,
		Minor:     c.request.Minor,
		KeepAlive: !c.last,
		Date:      c.engine.clock.date(),
	}
}
