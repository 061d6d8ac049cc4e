package fasthttp

import (
	"errors"
	"sync"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// fasthttp writes each answer by itself. While more requests of the client have
// come, their answers are held back and leave together, in one write: before the
// connection waits for the client or for a handler, when it closes, or when there
// is no more room. The room comes from a pool: an idle connection has none.

const heldMost = 64 << 10

// errEnded is what fasthttp gets when it writes an answer to a request that was
// refused, or that nobody waits for any more: it ends the connection then.
var errEnded = errors.New("the connection has ended")

var heldPool = sync.Pool{New: func() any { return new([heldMost]byte) }}

// Write writes to the client or holds back.
func (c *conn) Write(p []byte) (int, error) {
	if c.ended {
		return 0, errEnded
	}
	if len(c.held) == 0 && (c.prompt || c.input.isEmpty()) {
		return c.transmit(p)
	}
	if len(c.held)+len(p) > heldMost {
		if err := c.flush(); err != nil {
			return 0, err
		}
		if len(p) > heldMost {
			return c.transmit(p)
		}
	}
	c.hold(p)
	if c.prompt || c.input.isEmpty() {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// hold adds to what is held back; there must be room.
func (c *conn) hold(p []byte) {
	if c.room == nil {
		c.room = heldPool.Get().(*[heldMost]byte)
		c.held = c.room[:0]
	}
	c.held = append(c.held, p...)
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
	exchange := http1.Exchange{Method: c.request.Method, Minor: c.request.Minor, Date: date()}
	c.prompt = true
	_, _ = c.Write(http1.AppendError(nil, refusal, &exchange)) // a failure ends the connection, as success does
	c.ended, c.lingering = true, true
}

// date returns the value of the Date field, for the few heads that fasthttp does
// not write.
func date() *[gocore.DateLength]byte {
	var value [gocore.DateLength]byte
	time.Now().UTC().AppendFormat(value[:0], "Mon, 02 Jan 2006 15:04:05 GMT")
	return &value
}
