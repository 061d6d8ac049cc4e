package fasthttp

import (
	"github.com/valyala/fasthttp"

	"fastgo/gocore/http1"
)

// fasthttp's parser accepts what must be refused, and does not know the limits.
// So it never sees what a client sent: http1 parses the head into the connection's
// own request, and fasthttp reads a constant one in its place. That never announces
// a body: bodies are read by body.go.
//
// The constants are the shortest that fasthttp takes. HTTP/1.0 is the version for
// which it asks no Host field; what that makes it think is put right when it has
// read them.

const (
	standInGet  = "GET / HTTP/1.0\r\n\r\n"
	standInHead = "HEAD / HTTP/1.0\r\n\r\n"

	// standInSize is the size of fasthttp's buffer: each of them fits.
	standInSize = 32
)

// correct makes fasthttp take the head that it has read for one of HTTP/1.1 that
// keeps the connection open. For a client where that is wrong handle says so.
func correct(head *fasthttp.RequestHeader) (unchanged fasthttp.RequestConfig) {
	head.ResetConnectionClose()
	head.SetProtocol("HTTP/1.1")
	return unchanged
}

// readHead reads the head of the next request. It reports false when there is
// none: the client has closed its side or has been idle for too long, the server
// drains, or what came was refused.
func (c *conn) readHead() bool {
	for {
		if c.input.isEmpty() {
			if c.readMore(firstByte) != nil {
				return false
			}
		}
		complete, refusal := c.parseHead()
		if complete {
			c.headUntil = 0
			return true
		}
		if refusal == nil {
			err := c.readMore(restOfHead)
			if err == nil {
				continue
			}
			if !isTimeout(err) {
				return false
			}
			refusal = http1.ErrRequestTimeout
		}
		c.refuse(refusal)
		return false
	}
}

// parseHead parses the head that the unread bytes begin with.
func (c *conn) parseHead() (complete bool, refusal *http1.Error) {
	n, framing, refusal := c.parser.Parse(&c.engine.limits, c.input.unread(), &c.request)
	if n == 0 {
		return false, refusal
	}
	if framing.ContentLength != 0 && c.input.large != nil && c.input.moveToFront() {
		// So that the body has room behind the head. It is the same head.
		_, _, _ = c.parser.Parse(&c.engine.limits, c.input.unread(), &c.request)
	}
	c.framing = framing
	c.request.Body, c.request.Stream = nil, nil
	c.input.use(n)
	c.input.keep()
	return true, nil
}

// readMore reads more of a head.
func (c *conn) readMore(wanted wanted) error {
	n, err := c.receive(c.input.roomForHead(), wanted)
	c.input.add(n)
	return err
}
