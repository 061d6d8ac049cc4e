package epoll

import (
	"net/netip"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// conn is one client's connection. Its loop alone touches it.
//
// What it reads goes through these phases, see read.go:
//
//	reading head -> serving -> reading head ...
//	             -> collecting (whole body) -> serving
//	             -> serving, uploading (streamed body) -> reading head
//	             -> finished (no more requests are read)
//
// Its answers leave in the order of first..next-1, see answer.go.
type conn struct {
	loop   *loop
	fd     int
	number int32 // of the loop's connections
	peer   netip.AddrPort

	// Input: bytes read and not yet used up. The slab is nil while there are none.
	phase  phase
	in     []byte
	inEnd  int
	parser http1.Parser
	// The request whose body is collected or uploaded.
	route   *gocore.Route
	framing http1.Framing
	chunked http1.Chunked
	head    int // length of its head at the start of the input
	body    int // where its decoded body ends, behind the head
	upload  *upload
	// stalled: the input was left alone, as no more could be served then.
	stalled bool

	// Answers: first is the number of the next to leave, next that of the next
	// request. The window holds those between; nil while there is none.
	first, next uint32
	window      *window
	held        int // bytes of answers in the window
	transfer    transfer

	// Output: bytes that the socket did not take. The slab is nil while there are none.
	out              []byte
	outBegin, outEnd int
	written          int64           // all that the socket has taken
	progress         engine.Progress // of the client, while the socket is full

	last      bool // no request is served behind the last one
	readable  bool // the socket may hold bytes that were not read
	ended     bool // the client has sent FIN: read up to that
	hungUp    bool // neither side can send any more
	eof       bool // the client sends no more
	closing   bool // the last answer has been written: close when it has left
	lingering bool // FIN was sent; input is thrown away until the client closes
	queued    bool // stands in the loop's list of connections to go on with
	closed    bool

	headSince     time.Duration // when the first byte of the head came
	deadline, due time.Duration
	nextDue       *conn
	previousDue   **conn
}

// phase says what the next bytes of the input are.
type phase uint8

const (
	readingHead phase = iota
	collecting
	uploading
	finished
)

// mayServe reports whether another request may be served: answers must have room
// in the window and must not pile up behind a socket that is full.
func (c *conn) mayServe() bool {
	return !c.last && c.out == nil && c.transfer.kind == noTransfer &&
		c.next-c.first < c.loop.inFlight && c.held <= maxHeld
}

// idle reports whether nothing of any request or answer is left.
func (c *conn) idle() bool {
	return c.phase == readingHead && c.inEnd == 0 && c.first == c.next && c.out == nil && c.transfer.kind == noTransfer
}

// open makes a connection of an accepted socket.
func (l *loop) open(fd int, peer netip.AddrPort) {
	l.opened++
	c := &conn{loop: l, fd: fd, number: l.opened, peer: peer}
	for fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*conn, max(64, len(l.conns)))...)
	}
	l.conns[fd] = c
	l.alive++
	l.shard.Accepted()
	c.deadline = l.now + l.engine.config.Limits.Idle
	l.wheel.insert(c)
	if errno := l.poller.add(fd, c.number); errno != 0 {
		l.engine.config.Logger.Error("cannot watch a connection", "error", errno.Error())
		l.close(c)
	}
}

// close ends a connection and gives back all it had. Answers that still come are
// dropped.
func (l *loop) close(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	l.wheel.remove(c)
	l.conns[c.fd] = nil
	closeFD(c.fd)
	l.giveUp(c)
	l.slabs.Give(c.in)
	l.slabs.Give(c.out)
	c.in, c.out = nil, nil
	l.alive--
	l.load.Add(-1)
	l.publish() // before its end is counted
	l.shard.Closed()
	l.engine.forget()
}

// giveUp drops all requests in flight.
func (l *loop) giveUp(c *conn) {
	if c.upload != nil {
		c.upload.fail(errGone)
		c.upload = nil
	}
	l.endTransfer(c)
	for ; c.first != c.next; c.first++ {
		at := c.window.at(c.first)
		if at.waiting {
			l.desert(at.place)
			l.revoke(at.place)
		} else {
			at.drop()
		}
		if at.exchange.upload != nil {
			at.exchange.upload.fail(errGone)
		}
		*at = entry{}
	}
	l.giveWindow(c)
}

// linger sends FIN and throws away what the client still sends, for a moment:
// closing with unread bytes would reset the connection, which can destroy the
// answer on its way (RFC 9112, section 9.6).
func (l *loop) linger(c *conn) {
	if !shutdownWrite(c.fd) {
		l.close(c)
		return
	}
	c.lingering, c.phase = true, finished
	c.head = lingerBytes // what it may still throw away
	l.wheel.set(c, l.now+lingerTime)
	l.discard(c)
}

const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// discard throws away input of a lingering connection.
func (l *loop) discard(c *conn) {
	for c.head > 0 {
		n, errno := read(c.fd, l.in)
		if errno == eagain {
			return
		}
		if errno != 0 || n == 0 {
			break
		}
		c.head -= n
	}
	l.close(c)
}

// rearm sets the deadline that the connection's state asks for. While the socket
// is full no event moves it: only what the client takes does.
func (l *loop) rearm(c *conn) {
	limits := &l.engine.config.Limits
	if c.sending() {
		if !c.progress.Begun() {
			l.judge(c)
		}
		return
	}
	c.progress = engine.Progress{}
	switch {
	case c.lingering:
	case c.phase == collecting || c.phase == uploading && !c.stalled:
		l.wheel.set(c, l.now+limits.Body)
	case c.first != c.next || c.transfer.kind != noTransfer:
		l.wheel.set(c, never)
	case c.inEnd > 0:
		l.wheel.set(c, c.headSince+limits.HeaderTime)
	default:
		l.wheel.set(c, l.now+limits.Idle)
	}
}

// sending reports whether an answer waits for the socket to have room.
func (c *conn) sending() bool { return c.out != nil || c.transfer.sending() }

// judge cuts a client that takes no answer, or says when to look again. The socket
// does not tell: it has room only when a good part of its buffer is free, so the
// system is asked.
func (l *loop) judge(c *conn) {
	next, late := c.progress.Look(c.written-int64(unsent(c.fd)), l.now, l.engine.config.Limits.Write)
	if late {
		l.close(c)
	} else {
		l.wheel.set(c, next)
	}
}

// expired acts on a deadline that has passed: a request that did not come in
// time is answered with 408, a client that takes its answer is spared, all else
// is cut.
func (l *loop) expired(c *conn) {
	if c.sending() {
		l.judge(c)
		return
	}
	late := c.phase == collecting || c.phase == readingHead && c.inEnd > 0
	if late && !c.lingering && c.transfer.kind == noTransfer {
		l.refuse(c, http1.ErrRequestTimeout)
		l.advance(c)
		return
	}
	l.close(c)
}
