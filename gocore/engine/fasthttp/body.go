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
	if source == nil {
		return 0
	}
	length := int64(ctx.Request.Header.ContentLength())
	if length > route.MaxBody {
		return gocore.StatusContentTooLarge
	}
	c.stream.open(source, length, route.MaxBody)
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
	if cap(c.body) > keptBody {
		c.body = nil
	}
	return c.stream.close()
}

// bodyReader reads a request's body and holds it to its length and limit. Its
// lock lets the serving goroutine end the reading of another goroutine.
type bodyReader struct {
	mu     sync.Mutex
	source io.Reader // nil when there is no body or its request is over
	length int64     // -1 when chunked
	limit  int64
	count  int64
	err    error
}

func (b *bodyReader) open(source io.Reader, length, limit int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.source, b.length, b.limit, b.count, b.err = source, length, limit, 0, nil
}

// close ends the use of the body; true when nothing of it is left unread.
func (b *bodyReader) close() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	finished := b.source == nil || b.err == io.EOF
	b.source = nil
	return finished
}

var errAnswered = errors.New("the request has been answered: its body can no longer be read")

// Read implements io.Reader. An error is final.
func (b *bodyReader) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.source == nil {
		return 0, errAnswered
	}
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	n, err := b.source.Read(p)
	b.count += int64(n)
	if b.count > b.limit {
		err = gocore.ErrBodyTooLarge
	} else if b.length >= 0 && b.count == b.length {
		err = io.EOF
	} else if b.length >= 0 && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}
