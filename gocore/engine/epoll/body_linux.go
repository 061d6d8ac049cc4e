package epoll

import (
	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// A whole body is collected behind its head, in one slab: so that both are in one
// piece of memory when the handler sees them. Chunked bodies are decoded in place,
// as they come. The head is parsed once more when the body is complete, which is
// cheaper than to keep what was parsed for every connection.

// beginCollecting takes a request whose head is input[:n] and whose body is
// wanted whole.
func (l *loop) beginCollecting(c *conn, input []byte, n int) []byte {
	if c.framing.Expect100 && len(input) == n {
		l.invite()
	}
	c.phase, c.head, c.body = collecting, n, n
	c.chunked = http1.Chunked{}
	if c.framing.Chunked() || int64(len(input)-n) < c.framing.ContentLength {
		return l.collect(c, input)
	}
	// All of it is here, and the request still parsed.
	l.deliver(c, input[:n+int(c.framing.ContentLength)])
	return input[n+int(c.framing.ContentLength):]
}

// collect serves the request when its body is complete.
func (l *loop) collect(c *conn, input []byte) []byte {
	if !c.framing.Chunked() {
		whole := int64(c.head) + c.framing.ContentLength
		if int64(len(input)) < whole {
			return input
		}
		l.parseAgain(c, input)
		l.deliver(c, input[:whole])
		return input[whole:]
	}
	body, rest, refusal := c.chunked.Decode(&l.limits, input, c.body)
	if refusal == nil && int64(body-c.head) > c.route.MaxBody {
		refusal = http1.ErrContentTooLarge
	}
	if refusal != nil {
		l.refuse(c, refusal)
		return nil
	}
	c.body = body
	if !c.chunked.Done() {
		return input[:body]
	}
	l.parseAgain(c, input)
	l.deliver(c, input[:body])
	return input[rest:]
}

// parseAgain fills l.request from a head that was parsed before.
func (l *loop) parseAgain(c *conn, input []byte) {
	_, _, _ = c.parser.Parse(&l.limits, input[:c.head], &l.request)
	l.request.Peer, l.request.Stream = c.peer, nil
	if find := c.route.Find; find != nil {
		find(&l.request)
	}
}

// deliver serves the collected request, head and body.
func (l *loop) deliver(c *conn, request []byte) {
	route := c.route
	c.phase, c.route = readingHead, nil
	l.request.Body = request[c.head:len(request):len(request)]
	l.serve(c, route)
}

// invite asks the client for its body (RFC 9110, section 10.1.1).
func (l *loop) invite() {
	l.out = append(l.out, http1.Continue...)
}

// beginUpload serves a request whose body is wanted as a stream; rest is what has
// come of the body.
func (l *loop) beginUpload(c *conn, rest []byte) []byte {
	if c.framing.Expect100 && len(rest) == 0 {
		l.invite()
	}
	route := c.route
	c.phase, c.route, c.chunked, c.body = uploading, nil, http1.Chunked{}, 0
	c.upload = newUpload(c, route.MaxBody)
	l.request.Stream = c.upload
	l.serve(c, route)
	return rest
}

// feed gives the upload the bytes of its body that are there and returns the
// others. Bytes that do not fit stay, and reading stops, until the handler has
// read.
func (l *loop) feed(c *conn, input []byte) []byte {
	for len(input) > 0 && !c.upload.full() {
		n, data := len(input), input
		if c.framing.Chunked() {
			var refusal *http1.Error
			if n, data, refusal = c.chunked.Next(&l.limits, input); refusal != nil {
				l.abandonUpload(c, refusal)
				return nil
			}
		} else if left := c.framing.ContentLength - int64(c.body); int64(n) >= left {
			n, data = int(left), input[:left]
		}
		c.body += len(data)
		if int64(c.body) > c.upload.limit {
			l.abandonUpload(c, gocore.ErrBodyTooLarge)
			return nil
		}
		c.upload.write(data)
		input = input[n:]
		if c.framing.Chunked() && c.chunked.Done() || int64(c.body) == c.framing.ContentLength {
			c.upload.end()
			c.upload, c.phase = nil, readingHead
			return input
		}
	}
	return input
}

// abandonUpload ends a stream early. The request is answered by its handler, and
// the connection closes behind that answer.
func (l *loop) abandonUpload(c *conn, reason error) {
	c.upload.fail(reason)
	c.upload, c.phase, c.last = nil, finished, true
}
