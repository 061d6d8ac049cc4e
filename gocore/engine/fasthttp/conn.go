package fasthttp

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// conn is one client's connection: the socket as fasthttp sees it, and all that
// its serving goroutine needs from one request to the next, so that a request
// allocates nothing.
//
// Only the serving goroutine uses it, but for wake, Complete and the atomics. A
// streamed body may be read by another goroutine while a request is served: that
// uses input and what receive uses, under the lock of stream.
type conn struct {
	net.Conn
	engine *Engine
	shard  *engine.Shard

	// Reading, see head.go and receive.go.
	input   input
	parser  http1.Parser
	request gocore.Request
	framing http1.Framing
	hasBody bool
	stream  bodyReader
	body    []byte // memory of whole bodies
	// interrupted: nobody waits any more for what is being read.
	interrupted atomic.Bool
	// patient: the deadline with which Drain woke a busy connection was lifted.
	patient bool
	// Until when the deadlines of reading and writing last, in the engine's time.
	// headUntil is that of the head that is being read, 0 where none is.
	readUntil, writeUntil, headUntil time.Duration

	// Writing, see output.go.
	written  int64 // all that the system has taken
	response gocore.Response
	// current is the answer that fasthttp is to write.
	current *gocore.Response
	// outsized is fasthttp's response, where that has taken more memory than a
	// connection keeps.
	outsized *fasthttp.Response
	reply    reply
	file     fileSender
	room     *[heldMost]byte
	held     []byte // in room, but for a very large head
	// prompt: the answer must not be held back.
	prompt bool
	// last: the connection ends behind the current answer.
	last bool
	// lingering: the client may still be sending what nobody will read.
	lingering bool
	closed    sync.Once

	// Deferred answers, see token.go. deferred: the handler of the current request
	// has taken its token. pending is the number of the request that waits, 0 when
	// none does.
	deferred bool
	pending  atomic.Uint32
	sequence uint32
	answer   chan *gocore.Response
	watcher  gocore.Watcher // of the request that waits, or nil
	glance   *time.Timer    // see await
}

func newConn(e *Engine, socket net.Conn) *conn {
	c := &conn{Conn: socket, engine: e, shard: e.config.Stats.Shard()}
	c.shard.Accepted()
	c.request.Peer = peer(socket)
	c.request.Bind(c)
	c.request.Port = e.port
	c.input.init(e.inputs)
	c.reply.conn = c
	c.stream.conn = c
	c.file.init(c)
	return c
}

// keptMemory is the largest memory of a kind that a connection keeps for its next
// request.
const keptMemory = 64 << 10

// forgetRequest gives up what is left of the request before, whose answer has been
// written: while it waits for the next one the connection holds little.
func (c *conn) forgetRequest() {
	c.response.Reset()
	if c.outsized != nil {
		c.outsized.Header = fasthttp.ResponseHeader{}
		c.outsized.ReleaseBody(keptMemory)
		c.outsized = nil
	}
	if cap(c.body) > keptMemory {
		c.body, c.request.Body = nil, nil
	}
	if params := &c.request.Params; cap(params.Memory) > keptMemory {
		params.Memory = nil
		params.Begin(nil)
	}
	if c.input.large != nil { // where all of the request lies
		kept := gocore.Request{Peer: c.request.Peer, Port: c.request.Port}
		kept.Params.Memory = c.request.Params.Memory
		kept.Bind(c)
		c.request = kept
	}
}

func peer(socket net.Conn) netip.AddrPort {
	if tcp, ok := socket.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	return netip.AddrPort{}
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
		_ = c.flush() // a client that takes no answer has closed before
		half, canLinger := c.Conn.(interface{ CloseWrite() error })
		if canLinger && (c.lingering || !c.input.isEmpty()) {
			if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
				_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
			}
		}
		err = c.Conn.Close()
		c.stream.close()
		c.response.Reset()
		c.input.giveBack()
		c.engine.forget(c)
	})
	return err
}
