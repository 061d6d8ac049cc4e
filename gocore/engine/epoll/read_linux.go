package epoll

import (
	"syscall"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
	"fastgo/gocore/slab"
)

const (
	eagain = syscall.EAGAIN
	// readsAtOnce bounds how long one busy connection can keep the others waiting.
	readsAtOnce = 16
	// inputSize is how much one read can bring, where the connection has no
	// unfinished bytes.
	inputSize = 64 << 10
)

// advance goes on with a connection wherever it stands: it sends what waits,
// serves requests that were read, reads more, until the socket is full or empty,
// the connection may serve no more for now, or has had its share. Then all answers
// leave at once. It is called after every event, and may be called without need.
func (l *loop) advance(c *conn) {
	if c.lingering {
		l.discard(c)
		return
	}
	l.push(c)
	for steps := 0; l.takeInput(c); steps++ {
		l.push(c)
		if steps == readsAtOnce {
			l.queue(c)
			break
		}
	}
	if !c.closed && l.flush(c) && !l.finish(c) {
		l.rearm(c)
	}
}

// takeInput uses bytes that were read before, or reads. It reports whether there
// was something to do.
func (l *loop) takeInput(c *conn) bool {
	if !c.wantsInput() {
		return false
	}
	if c.stalled {
		c.stalled = false
		l.useSlab(c)
		return true
	}
	return c.readable && l.readOnce(c)
}

// wantsInput reports whether more bytes could be used now.
func (c *conn) wantsInput() bool {
	switch {
	case c.closed || c.lingering || c.phase == finished || c.eof && !c.stalled:
		return false
	case c.phase == uploading:
		return !c.upload.full()
	case c.phase == collecting:
		return c.out == nil
	}
	return c.mayServe()
}

// readOnce reads once and uses what has come. False: there was nothing, or the
// connection has ended.
func (l *loop) readOnce(c *conn) bool {
	into := l.in
	if c.in != nil {
		into = c.in[c.inEnd:]
	}
	n, errno := read(c.fd, into)
	switch {
	case errno == eagain:
		c.readable = false
		return false
	case errno != 0:
		l.close(c)
		return false
	case n == 0:
		c.eof, c.readable = true, false
		if c.phase == uploading {
			l.abandonUpload(c, errTruncated)
		}
		return false
	}
	// A read that did not fill the buffer has emptied the socket; what comes
	// after it is another edge.
	c.readable = n == len(into) || c.ended
	l.received += uint64(n)
	if c.in != nil {
		c.inEnd += n
		l.useSlab(c)
	} else {
		l.useInput(c, l.in[:n])
	}
	return !c.closed
}

// useInput uses bytes in the loop's buffer and keeps the rest in a slab.
func (l *loop) useInput(c *conn, input []byte) {
	rest := l.use(c, input)
	if c.closed || len(rest) == 0 {
		return
	}
	c.in = l.slabs.Take(max(len(rest)+1, c.wanted()))
	c.inEnd = copy(c.in, rest)
}

// useSlab uses the bytes in the connection's slab, and gives it back when it is
// empty. A slab that is full and not enough is replaced by a larger one.
func (l *loop) useSlab(c *conn) {
	rest := l.use(c, c.in[:c.inEnd])
	if c.closed {
		return
	}
	c.inEnd = copy(c.in, rest)
	switch {
	case c.inEnd == 0:
		l.slabs.Give(c.in)
		c.in = nil
	case c.inEnd == len(c.in) && !c.stalled || c.wanted() > 2*len(c.in):
		c.in = l.slabs.Grow(c.in, c.inEnd, max(c.wanted(), 2*c.inEnd))
	}
}

// wanted is how large a buffer the unfinished request could use at once. What a
// client merely announces gets no memory: the buffer at most doubles.
func (c *conn) wanted() int {
	if c.phase == collecting && !c.framing.Chunked() {
		return int(min(int64(c.head)+c.framing.ContentLength, int64(max(4*c.inEnd, slab.Smallest))))
	}
	return 0
}

// use serves all complete requests in input, as far as the connection may, and
// returns the bytes that are left. It may move the bytes of a chunked body.
func (l *loop) use(c *conn, input []byte) []byte {
	for len(input) > 0 && !c.closed {
		before := len(input)
		switch c.phase {
		case readingHead:
			if c.stalled = !c.mayServe(); c.stalled {
				return input
			}
			input = l.useHead(c, input)
		case collecting:
			input = l.collect(c, input)
		case uploading:
			if c.stalled = c.upload.full(); c.stalled {
				return input
			}
			input = l.feed(c, input)
		case finished:
			return nil
		}
		if len(input) == before && c.phase != uploading {
			break // it is not complete
		}
	}
	return input
}

// useHead reads a head. When it is complete the request is served, or its body is
// waited for.
func (l *loop) useHead(c *conn, input []byte) []byte {
	request := &l.request
	n, framing, refusal := c.parser.Parse(&l.limits, input, request)
	if refusal != nil {
		l.refuseWith(c, refusal, request.Method, request.Minor)
		return nil
	}
	if n == 0 {
		if c.in == nil { // its first bytes
			c.headSince = l.now
		}
		return input
	}
	request.Peer, request.Body, request.Stream = c.peer, nil, nil
	c.framing = framing
	route := l.engine.config.Find(request)
	if framing.ContentLength == 0 {
		if route.Body == gocore.BodyStream {
			request.Stream = noBody{}
		}
		l.serve(c, route)
		return input[n:]
	}
	if framing.ContentLength > route.MaxBody {
		l.refuseWith(c, http1.ErrContentTooLarge, request.Method, request.Minor)
		return nil
	}
	c.route = route
	if route.Body == gocore.BodyStream {
		return l.beginUpload(c, input[n:])
	}
	return l.beginCollecting(c, input, n)
}

// serve calls the handler for l.request.
func (l *loop) serve(c *conn, route *gocore.Route) {
	l.serving, l.deferred = c, false
	exchange := exchange{
		method:    l.request.Method,
		minor:     l.request.Minor,
		keepAlive: c.framing.KeepAlive && !l.engine.draining.Load(),
		upload:    c.upload,
	}
	c.last = !exchange.keepAlive
	outcome := l.engine.config.Serve(route, &l.request, l.response)
	switch {
	case outcome == gocore.Deferred && l.deferred:
		l.await(c, route, exchange)
		return
	case outcome == gocore.Deferred:
		l.engine.config.Logger.Error("handler deferred its answer without taking a token",
			"method", string(l.request.MethodName), "path", string(l.request.Path))
		l.response.Reset()
		l.response.SetRendered(engine.Refusal(gocore.StatusInternalServerError))
	case l.deferred: // it answered now: nobody may answer later
		l.revoke(l.place)
	}
	c.next++
	l.answer(c, c.next-1, l.response, exchange)
}

// refuse answers the request that is being read with an error, and ends reading.
func (l *loop) refuse(c *conn, refusal *http1.Error) {
	l.refuseWith(c, refusal, gocore.MethodOther, 1)
}

func (l *loop) refuseWith(c *conn, refusal *http1.Error, method gocore.Method, minor uint8) {
	c.phase, c.last = finished, true
	l.response.Status = refusal.Status
	l.response.Header.Borrow(plainText)
	l.response.Scratch = append(append(l.response.Scratch[:0], refusal.Reason...), '\n')
	l.response.SetBytes(l.response.Scratch)
	c.next++
	l.answer(c, c.next-1, l.response, exchange{method: method, minor: minor})
}

var plainText = []byte("Content-Type: text/plain; charset=utf-8\r\n")
