package fasthttp

import (
	"errors"
	"io"
	"slices"
	"sync"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// loadBody brings the request's body the way the route wants it. False: there is
// nothing to serve, as the request was refused or the client has gone.
func (c *conn) loadBody(route *gocore.Route) bool {
	length := c.framing.ContentLength
	whole := route.Body == gocore.BodyWhole
	c.hasBody = false
	switch {
	case length > route.MaxBody:
		c.refuse(http1.ErrContentTooLarge)
		return false
	case length == 0 && whole:
		return true
	case whole && length > 0 && length <= int64(len(c.input.unread())):
		c.request.Body = c.input.use(int(length))
		return true
	}
	c.hasBody = true
	c.stream.open(length, route.MaxBody)
	if c.framing.Expect100 && c.input.isEmpty() {
		c.invite()
	}
	if whole {
		return c.readWhole()
	}
	c.request.Stream = &c.stream
	// Now, as another goroutine may read: what is held back is this one's.
	return c.flush() == nil
}

// invite asks the client for its body (RFC 9110, section 10.1.1). It waits for it
// next, which sends this.
func (c *conn) invite() {
	if c.reserve(len(http1.Continue)) == nil { // else the read of the body fails
		c.held = append(c.held, http1.Continue...)
	}
}

// readWhole reads the stream into c.body, which grows only as bytes arrive: a
// client gets no memory for a length it merely announces.
func (c *conn) readWhole() bool {
	c.body = c.body[:0]
	for {
		c.body = slices.Grow(c.body, 512)
		n, err := c.stream.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		if err == io.EOF {
			c.request.Body = c.body
			return true
		}
		if err != nil {
			c.giveUpBody(err)
			return false
		}
	}
}

// giveUpBody refuses a request whose body did not come, unless the client has gone.
func (c *conn) giveUpBody(reason error) {
	if refusal, ok := reason.(*http1.Error); ok {
		c.refuse(refusal)
	} else if reason == gocore.ErrBodyTooLarge {
		c.refuse(http1.ErrContentTooLarge)
	} else if isTimeout(reason) {
		c.refuse(http1.ErrRequestTimeout)
	}
}

// unloadBody ends the request's use of its body. It reports whether the body was
// read to its end: else what follows on the connection is no request.
func (c *conn) unloadBody() (finished bool) {
	if !c.hasBody {
		return true
	}
	return c.stream.close()
}

// bodyReader reads a request's body and holds it to its length and limit. Its
// lock lets the serving goroutine end the reading of another goroutine.
type bodyReader struct {
	conn *conn

	mu      sync.Mutex
	opened  bool  // a request is under way
	length  int64 // -1 when chunked
	limit   int64
	count   int64
	chunked http1.Chunked
	err     error
}

func (b *bodyReader) open(length, limit int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened = true
	b.length, b.limit, b.count, b.chunked, b.err = length, limit, 0, http1.Chunked{}, nil
	if length == 0 {
		b.err = io.EOF
	}
}

// close ends the use of the body; true when nothing of it is left unread. A read
// that waits for the client is broken off: the answer must not wait for it.
func (b *bodyReader) close() (finished bool) {
	interrupted := !b.mu.TryLock()
	if interrupted {
		b.conn.interrupt()
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	finished = !b.opened || b.err == io.EOF
	if interrupted && finished {
		b.conn.resume()
	}
	b.opened = false
	return finished
}

var errAnswered = errors.New("the request has been answered: its body can no longer be read")

// Read implements io.Reader. An error is final.
func (b *bodyReader) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.opened {
		return 0, errAnswered
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	var n int
	if b.length < 0 {
		n, b.err = b.readChunks(p)
	} else {
		n, b.err = b.readLength(p)
	}
	return n, b.err
}

// readLength reads a body whose length is known: what was read with its head, then
// from the socket, past the connection's input.
func (b *bodyReader) readLength(p []byte) (n int, err error) {
	p = p[:min(int64(len(p)), b.length-b.count)]
	if in := &b.conn.input; !in.isEmpty() {
		n = copy(p, in.use(min(len(p), len(in.unread()))))
	} else {
		n, err = b.conn.receive(p, moreOfBody)
	}
	if b.count += int64(n); b.count == b.length {
		return n, io.EOF
	}
	return n, truncated(err)
}

// readChunks reads a chunked body. It waits for the client only where it has
// nothing to return.
func (b *bodyReader) readChunks(p []byte) (n int, err error) {
	in := &b.conn.input
	for n < len(p) {
		if in.isEmpty() {
			if n > 0 {
				return n, nil
			}
			read, err := b.conn.receive(in.roomForBody(), moreOfBody)
			if err != nil {
				return 0, truncated(err)
			}
			in.add(read)
		}
		room := min(len(in.unread()), len(p)-n)
		used, data, refusal := b.chunked.Next(&b.conn.engine.limits, in.unread()[:room])
		in.use(used)
		n += copy(p[n:], data)
		if b.count += int64(len(data)); b.count > b.limit {
			return n - int(b.count-b.limit), gocore.ErrBodyTooLarge
		}
		if refusal != nil {
			return n, refusal
		}
		if b.chunked.Done() {
			return n, io.EOF
		}
	}
	return n, nil
}

// truncated makes the end of the connection one that came too early.
func truncated(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
