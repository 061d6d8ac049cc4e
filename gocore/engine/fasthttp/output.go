package fasthttp

import (
	"sync"

	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// Answers are held back while more requests of the client have come, and leave
// together, in one write: before the connection waits for the client or for a
// handler, when it closes, or when there is no more room. The room comes from a
// pool: an idle connection has none.

const heldMost = 64 << 10

var heldPool = sync.Pool{New: func() any { return new([heldMost]byte) }}

// Write writes to the client or holds back.
func (c *conn) Write(p []byte) (int, error) {
	if len(c.held) == 0 && (c.prompt || c.input.isEmpty()) {
		return c.transmit(p)
	}
	if err := c.reserve(len(p)); err != nil {
		return 0, err
	}
	if len(p) > heldMost {
		return c.transmit(p)
	}
	c.held = append(c.held, p...)
	if c.prompt || c.input.isEmpty() {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// reserve makes room to hold back size bytes more; for more than heldMost it just
// sends what is there.
func (c *conn) reserve(size int) error {
	if len(c.held)+size > heldMost {
		if err := c.flush(); err != nil {
			return err
		}
	}
	if c.room == nil && size <= heldMost {
		c.room = heldPool.Get().(*[heldMost]byte)
		c.held = c.room[:0]
	}
	return nil
}

// flush sends what was held back.
func (c *conn) flush() error {
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.transmit(c.held)
	heldPool.Put(c.room)
	c.room, c.held = nil, nil
	return err
}

// transmit writes to the socket, for as long as the client takes some bytes in each
// Limits.Write.
func (c *conn) transmit(p []byte) (int, error) {
	c.extendWrite()
	var progress engine.Progress
	for done := 0; ; {
		n, err := c.Conn.Write(p[done:])
		done += n
		c.written += int64(n)
		c.shard.Sent(int64(n))
		if !isTimeout(err) || !c.keepsTaking(&progress) {
			return done, err
		}
	}
}

// refuse answers with a refusal and ends the connection: the client may still be
// sending what nobody will read.
func (c *conn) refuse(refusal *http1.Error) {
	c.shard.Answered(refusal.Status)
	exchange := c.exchange()
	_, _ = c.Write(http1.AppendError(nil, refusal, &exchange)) // a failure ends the connection, as success does
	c.lingering = true
}
