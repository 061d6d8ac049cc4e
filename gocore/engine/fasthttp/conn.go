package fasthttp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// conn is one client's connection: the socket as fasthttp sees it, and all that
// its serving goroutine needs from one request to the next, so that a request
// allocates nothing.
//
// Only the serving goroutine uses it, but for wake, Complete and the atomics.
type conn struct {
	net.Conn
	engine *Engine
	shard  *engine.Shard
	peer   netip.AddrPort

	request  gocore.Request
	response gocore.Response
	body     []byte // memory of whole bodies
	stream   bodyReader
	reply    reply
	file     fileSender

	// deferred: the handler of the current request has taken its token.
	deferred bool
	// pending is the sequence number of the request that waits for a deferred
	// answer, 0 when none does; answer carries it.
	pending  atomic.Uint32
	sequence uint32
	answer   chan *gocore.Response

	// busy: a part of a request has come and its answer has not left.
	busy bool
	// patient: the deadline with which Drain woke a busy connection was lifted.
	patient          bool
	readSet, wroteAt time.Time
	// lingering: the client may still be sending what nobody will read.
	lingering bool
	closed    sync.Once
}

func newConn(e *Engine, socket net.Conn) *conn {
	c := &conn{Conn: socket, engine: e, shard: e.config.Stats.Shard()}
	c.shard.Accepted()
	if tcp, ok := socket.RemoteAddr().(*net.TCPAddr); ok {
		c.peer = tcp.AddrPort()
	}
	c.reply.conn = c
	c.file.init(c)
	c.request.Bind(c)
	return c
}

// Read reads from the client. It ends the connection, as if the client had, when
// the server drains and no request is under way.
func (c *conn) Read(p []byte) (int, error) {
	for {
		c.extendRead()
		// After the deadline has been set: Drain stores draining first and sets
		// its deadline then, so that one of the two is seen here.
		draining := c.engine.draining.Load()
		if draining && !c.busy {
			return 0, io.EOF
		}
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.busy = true
			c.shard.Received(n)
			return n, err
		}
		if c.busy && !c.patient && isTimeout(err) && c.engine.draining.Load() {
			c.patient = true
			c.readSet = time.Time{}
			continue
		}
		return n, err
	}
}

var continueResponse = []byte("HTTP/1.1 100 ")

// Write writes to the client, for as long as some bytes move in each Limits.Write.
func (c *conn) Write(p []byte) (int, error) {
	done := 0
	for {
		c.extendWrite()
		n, err := c.Conn.Write(p[done:])
		done += n
		c.shard.Sent(int64(n))
		if n > 0 && isTimeout(err) {
			c.wroteAt = time.Time{}
			continue
		}
		if !bytes.HasPrefix(p, continueResponse) {
			c.busy = false
		}
		return done, err
	}
}

// extendRead moves the deadline of reading ahead, at most eight times in one
// Limits.Idle: setting it costs more than looking at the clock.
func (c *conn) extendRead() {
	idle := c.engine.config.Limits.Idle
	if now := time.Now(); now.Sub(c.readSet) > idle/8 {
		c.readSet = now
		_ = c.SetReadDeadline(now.Add(idle + idle/8)) // fails only when closed: the read says so
	}
}

func (c *conn) extendWrite() {
	patience := c.engine.config.Limits.Write
	if now := time.Now(); now.Sub(c.wroteAt) > patience/8 {
		c.wroteAt = now
		_ = c.SetWriteDeadline(now.Add(patience + patience/8))
	}
}

// wake ends a read that is waiting. Drain calls it, after it has set draining.
func (c *conn) wake() {
	_ = c.SetReadDeadline(time.Unix(1, 0)) // fails only when closed: nothing to wake
}

// Lingering is bounded in time and bytes, so that no client can hold it.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// Close closes the socket. Where the client may still be sending, it first sends
// FIN and reads on for a moment: closing with unread bytes resets the connection,
// which can destroy the answer on its way (RFC 9112, section 9.6).
func (c *conn) Close() error {
	err := net.ErrClosed
	c.closed.Do(func() {
		if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.lingering {
			if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
				_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
			}
		}
		err = c.Conn.Close()
		c.stream.close()
		c.response.Reset()
		c.engine.forget(c)
	})
	return err
}

// Defer implements gocore.Deferrer.
func (c *conn) Defer() gocore.Token {
	if c.answer == nil {
		c.answer = make(chan *gocore.Response, 1)
	}
	c.sequence++
	if c.sequence == 0 { // 0 means that no request waits
		c.sequence = 1
	}
	c.deferred = true
	c.pending.Store(c.sequence)
	return gocore.NewToken(c, 0, 0, c.sequence)
}

// Complete implements gocore.Completer. Whoever takes the sequence number out of
// pending decides: an answer goes into the channel only after that, and the
// serving goroutine gives up only by the same step.
func (c *conn) Complete(token gocore.Token, response *gocore.Response) bool {
	if !c.pending.CompareAndSwap(token.Sequence, 0) {
		response.Recycle()
		return false
	}
	c.answer <- response
	return true
}

// await returns the deferred answer; nil when the connection is cut before.
func (c *conn) await() *gocore.Response {
	select {
	case response := <-c.answer:
		return response
	case <-c.engine.cut:
		return c.revoke()
	}
}

// revoke withdraws the token of the current request. It returns the answer where
// that came first.
func (c *conn) revoke() *gocore.Response {
	if pending := c.pending.Load(); pending != 0 && c.pending.CompareAndSwap(pending, 0) {
		return nil
	}
	return <-c.answer
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded)
}
