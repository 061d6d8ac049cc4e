package fasthttp

import (
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
)

// keptBody is the largest body memory that a connection keeps for its next request.
const keptBody = 64 << 10

// loadBody brings the request's body the way the route wants it. It returns 0,
// or the status of a refusal.
func (c *conn) loadBody(ctx *fasthttp.RequestCtx, route *gocore.Route) gocore.Status {
	source := ctx.RequestBodyStream()
	c.hasBody = source != nil || route.Body == gocore.BodyStream
	if !c.hasBody {
		return 0
	}
	length := int64(0)
	if source != nil {
		length = int64(ctx.Request.Header.ContentLength())
	}
	// Opened even where it is refused now: what is left unread decides about the
	// connection.
	c.stream.open(source, length, route.MaxBody)
	if length > route.MaxBody {
		return gocore.StatusContentTooLarge
	}
	if route.Body == gocore.BodyStream {
		c.request.Stream = &c.stream
		return 0
	}
	err := c.readWhole()
	c.request.Body = c.body
	switch {
	case err == nil:
		return 0
	case errors.Is(err, gocore.ErrBodyTooLarge):
		return gocore.StatusContentTooLarge
	case isTimeout(err):
		return gocore.StatusRequestTimeout
	default:
		return gocore.StatusBadRequest
	}
}

// readWhole reads the stream into c.body, which grows only as bytes arrive: a
// client gets no memory for a length it merely announces.
func (c *conn) readWhole() error {
	c.body = c.body[:0]
	for {
		c.body = slices.Grow(c.body, 512)
		n, err := c.stream.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// unloadBody ends the request's use of its body. It reports whether the body was
// read to its end: else what follows on the connection is no request.
func (c *conn) unloadBody() (finished bool) {
	if !c.hasBody {
		return true
	}
	if cap(c.body) > keptBody {
		c.body = nil
	}
	return c.stream.close()
}

// bodyReader reads a request's body and holds it to its length and limit. Its
// lock lets the serving goroutine end the reading of another goroutine.
type bodyReader struct {
	conn *conn

	mu     sync.Mutex
	opened bool      // a request is under way
	source io.Reader // nil where it has no body
	length int64     // -1 when chunked
	limit  int64
	count  int64
	err    error
}

func (b *bodyReader) open(source io.Reader, length, limit int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened = true
	b.source, b.length, b.limit, b.count, b.err = source, length, limit, 0, nil
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
	b.opened, b.source = false, nil
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
	n, err := b.source.Read(p)
	b.count += int64(n)
	switch {
	case b.count > b.limit:
		n -= int(b.count - b.limit)
		err = gocore.ErrBodyTooLarge
	case b.count == b.length:
		err = io.EOF
	case err != nil && b.conn.gone: // fasthttp takes it for the last chunk at times
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}
