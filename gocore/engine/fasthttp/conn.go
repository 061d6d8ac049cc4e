package fasthttp

import (
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
	hasBody  bool
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

	// busy: a part of a request has come and its answer has not left. Writing
	// ends it where answered: what fasthttp writes by itself (100 Continue, or
	// answers that were waiting in its buffer) does not.
	busy, answered bool
	// gone: the client has closed its side, or the connection is broken.
	gone bool
	// interrupted: nobody waits any more for what is being read.
	interrupted atomic.Bool
	// patient: the deadline with which Drain woke a busy connection was lifted.
	patient bool
	// Until when the deadlines of reading and writing last, in the engine's time.
	readUntil, writeUntil time.Duration
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
	c.stream.conn = c
	c.file.init(c)
	c.request.Bind(c)
	return c
}

// Read reads from the client. It ends the connection, as if the client had, when
// no request is under way and the server drains, the client has been idle for too
// long, or the connection is broken: nobody is owed an answer then.
func (c *conn) Read(p []byte) (int, error) {
	// A bufio.Reader that holds a part of a request offers less than all its room.
	owed := c.busy || len(p) < c.engine.server.ReadBufferSize
	for {
		c.extendRead()
		// After the deadline has been set: Drain and interrupt store their flag
		// first and set their deadline then, so that one of the two is seen here.
		if c.engine.draining.Load() && !owed {
			return 0, io.EOF
		}
		if c.interrupted.Load() {
			return 0, os.ErrDeadlineExceeded
		}
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.busy = true
			c.shard.Received(n)
			return n, err
		}
		if !owed {
			return 0, io.EOF
		}
		if isTimeout(err) && !c.patient && c.engine.draining.Load() && !c.interrupted.Load() {
			c.patient = true
			c.readUntil = 0
			continue
		}
		c.gone = !isTimeout(err)
		return n, err
	}
}

// interrupt ends a read that is waiting on another goroutine; resume lets the
// connection go on.
func (c *conn) interrupt() {
	c.interrupted.Store(true)
	c.wake()
}

func (c *conn) resume() {
	c.interrupted.Store(false)
	c.readUntil = 0
}

// Write writes to the client, for as long as some bytes move in each Limits.Write.
func (c *conn) Write(p []byte) (int, error) {
	done := 0
	for {
		c.extendWrite()
		n, err := c.Conn.Write(p[done:])
		done += n
		c.shard.Sent(int64(n))
		if n > 0 && isTimeout(err) {
			c.writeUntil = 0
			continue
		}
		if c.answered {
			c.busy = false
		}
		return done, err
	}
}

// extendRead gives the client Limits.Idle from now and a little more, at most a
// quarter: so the deadline, which is dear to set, is set now and then only. The
// eighth makes up for the engine's clock being late.
func (c *conn) extendRead() {
	idle := c.engine.config.Limits.Idle
	if now := c.engine.clock.now(); now+idle+idle/8 > c.readUntil {
		c.readUntil = now + idle + idle/4
		_ = c.SetReadDeadline(time.Now().Add(idle + idle/4)) // fails only when closed: the read says so
	}
}

// extendWrite gives the client Limits.Write in the same way.
func (c *conn) extendWrite() {
	patience := c.engine.config.Limits.Write
	if now := c.engine.clock.now(); now+patience+patience/8 > c.writeUntil {
		c.writeUntil = now + patience + patience/4
		_ = c.SetWriteDeadline(time.Now().Add(patience + patience/4))
	}
}

// wake ends a read that is waiting. Whoever calls it has set a flag before that
// says why.
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
