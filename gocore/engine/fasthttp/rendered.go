package fasthttp

import (
	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// A head that was rendered at start is sent as it stands, past fasthttp. To that, a
// head is a list of fields, which it checks, copies and writes anew for each answer;
// with the request that it reads before, this would take three quarters of the time
// of an exchange (BenchmarkRequest).

const (
	// copied is the largest body that is copied behind its head; larger ones are sent
	// from where they are.
	copied = 32 << 10
	// headRoom is kept for a head; a longer one may take memory for itself.
	headRoom = 16 << 10
)

// renderedBody returns the body of a response whose head was rendered at start.
func renderedBody(response *gocore.Response) (body []byte, found bool) {
	switch response.Kind() {
	case gocore.RenderedBody:
		return response.Rendered().Body, true
	case gocore.BytesBody:
		return response.Bytes(), response.Head() != nil
	}
	return nil, false
}

// sendRendered sends such a response, or holds it back: whoever reads on sends it.
// False: the connection has failed.
func (c *conn) sendRendered(response *gocore.Response, body []byte) (sent bool) {
	defer c.release(response)
	exchange := c.exchange()
	if len(body) <= copied {
		if c.reserve(headRoom+len(body)) != nil {
			return false
		}
		c.held, _ = http1.AppendResponse(c.held, response, &exchange)
		return true
	}
	if c.reserve(headRoom) != nil {
		return false
	}
	var transfer http1.Transfer
	c.held, transfer = http1.AppendHead(c.held, response, &exchange)
	if transfer == http1.TransferNone { // to HEAD
		return true
	}
	if c.flush() != nil {
		return false
	}
	_, err := c.transmit(body)
	return err == nil
}
