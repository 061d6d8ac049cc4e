package epoll

import (
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
	"fastgo/gocore/slab"
)

// loop is an event loop. Its fields belong to its goroutine, but for the inbox.
type loop struct {
	engine   *Engine
	poller   *poller
	limits   http1.Limits
	inFlight uint32

	conns  []*conn // by descriptor
	again  []*conn // to go on with, without an event
	spare  []*conn // memory for the next of these
	alive  int
	opened int32        // connections, ever
	load   atomic.Int32 // connections handed to it and not closed, for the acceptor
	wheel  wheel

	// Memory: in and output are lent to the connection that is being served; out is
	// what of output is filled.
	slabs   slab.Pool
	in      []byte
	output  []byte
	out     []byte
	windows []*window

	// The request that is being served.
	request           gocore.Request
	response          *gocore.Response
	serving           *conn
	deferred          bool
	place, generation uint32
	promises          promises

	// port is where requests leave for workers outside of Go, or nil; settled is what it
	// gives their answers to.
	port    gocore.Port
	settled func(gocore.Token, gocore.Answer)

	started time.Time
	now     time.Duration // since started, as of the last wait
	date    [gocore.DateLength]byte
	dateDue time.Duration

	shard          *engine.Shard
	answers        [6]uint64
	received, sent uint64

	draining bool
	cut      atomic.Int32
	ended    bool

	sleeping atomic.Bool
	posted   atomic.Bool
	inbox    struct {
		mu       sync.Mutex
		messages []message
		closed   bool
	}
	taken []message
}

// message is news for a loop from another goroutine.
type message struct {
	kind     messageKind
	fd       int // connected
	peer     netip.AddrPort
	conn     *conn // proceed
	download *download
	place    uint32 // answered
	response *gocore.Response
}

type messageKind uint8

const (
	connected messageKind = iota // a socket was accepted
	answered                     // a deferred answer has come
	proceed                      // an upload has room, or a download a piece
	drain                        // serve what was sent, close what is idle, and the others when they are
	cutAll                       // close everything
)

func newLoop(e *Engine) (*loop, error) {
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	limits := &e.config.Limits
	l := &loop{
		engine:   e,
		poller:   p,
		limits:   http1.Limits{RequestLine: limits.RequestLine, HeaderBytes: limits.HeaderBytes, HeaderCount: limits.HeaderCount},
		inFlight: uint32(limits.InFlight),
		response: gocore.AcquireResponse(),
		started:  time.Now(),
		shard:    e.config.Stats.Shard(),
	}
	l.settled = l.settle
	if e.config.Ports != nil {
		if l.port, err = e.config.Ports.Loop(p.event); err != nil {
			p.close()
			return nil, err
		}
		l.request.Port = l.port
	}
	shortest := min(limits.Idle, limits.HeaderTime, limits.Body, limits.Write)
	l.wheel.tick = min(max(shortest/16, 5*time.Millisecond), time.Second)
	l.in = l.slabs.Take(inputSize)
	l.output = l.slabs.Take(outputSize)
	l.out = l.output[:0]
	l.request.Bind(l)
	l.request.Mapped = true // input is slabs
	return l, nil
}

// run serves until the loop is drained or cut.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for !l.ended {
		events := l.wait()
		l.readClock()
		for i := range events {
			l.handle(&events[i])
			if l.port != nil && l.port.Crowded() {
				l.giveWay()
			}
		}
		if l.posted.Load() {
			l.takeInbox()
		}
		if l.port != nil {
			l.port.Collect(l.settled)
		}
		l.goOn()
		l.wheel.advance(l.now, l.expired)
		if l.port != nil {
			l.port.Flush()
		}
		l.publish()
		l.ended = l.draining && l.alive == 0
	}
	l.shut()
}

// giveWay lets workers run requests that have come, and sends their answers, before more
// are read.
func (l *loop) giveWay() {
	l.port.Flush()
	yield()
	l.port.Collect(l.settled)
	l.goOn()
}

// yields is how often a loop gives its core to others and looks again before it
// sleeps: to be woken costs more.
const yields = 4

// wait returns the events that have come; it sleeps only when there is nothing
// else to do.
func (l *loop) wait() []syscall.EpollEvent {
	events := l.poller.poll()
	if len(events) > 0 || len(l.again) > 0 || l.hasNews() {
		return events
	}
	if l.alive > 0 {
		for range yields {
			yield()
			if events = l.poller.poll(); len(events) > 0 || l.hasNews() {
				return events
			}
		}
	}
	l.sleeping.Store(true)
	patience := l.wheel.patience(l.now)
	if l.port != nil {
		patience = l.port.Sleep(patience)
	}
	// Who posts sets posted first and looks at sleeping then.
	if patience != 0 && !l.posted.Load() {
		events = l.poller.wait(patience)
	}
	l.sleeping.Store(false)
	if l.port != nil {
		l.port.Awake()
	}
	return events
}

// hasNews reports whether the inbox or the port has something.
func (l *loop) hasNews() bool {
	return l.posted.Load() || l.port != nil && l.port.Ready()
}

func (l *loop) readClock() {
	l.now = time.Since(l.started)
	if l.now >= l.dateDue {
		wall := time.Now().UTC()
		wall.AppendFormat(l.date[:0], "Mon, 02 Jan 2006 15:04:05 GMT")
		l.dateDue = l.now + time.Second - time.Duration(wall.Nanosecond())
	}
}

func (l *loop) handle(event *syscall.EpollEvent) {
	fd := int(event.Fd)
	if fd >= len(l.conns) || l.conns[fd] == nil { // the eventfd, or closed meanwhile
		return
	}
	c := l.conns[fd]
	if event.Pad != c.number { // of one that was closed, and that a child holds
		return
	}
	if event.Events&(syscall.EPOLLIN|syscall.EPOLLRDHUP|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		c.readable = true
		c.ended = c.ended || event.Events&^(syscall.EPOLLIN|syscall.EPOLLOUT) != 0
		c.hungUp = c.hungUp || event.Events&(syscall.EPOLLHUP|syscall.EPOLLERR) != 0
	}
	l.attend(c)
}

// attend advances a connection. Should that fail, which is a bug, the connection
// ends and the others go on.
func (l *loop) attend(c *conn) {
	defer func() {
		if reason := recover(); reason != nil {
			l.out = l.output[:0]
			l.response.Reset()
			l.engine.config.Logger.Error("connection failed",
				"panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
			l.close(c)
		}
	}()
	l.advance(c)
}

// queue has a connection advanced before the loop waits again.
func (l *loop) queue(c *conn) {
	if !c.queued {
		c.queued = true
		l.again = append(l.again, c)
	}
}

// goOn advances what was queued. What is queued meanwhile has its turn after the
// next events.
func (l *loop) goOn() {
	turn := l.again
	l.again = l.spare[:0]
	for _, c := range turn {
		c.queued = false
		if !c.closed {
			l.attend(c)
		}
	}
	clear(turn)
	l.spare = turn
}

// post gives the loop news, from any goroutine. A loop that has ended drops it.
func (l *loop) post(m message) {
	l.inbox.mu.Lock()
	closed := l.inbox.closed
	if !closed {
		l.inbox.messages = append(l.inbox.messages, m)
		l.posted.Store(true)
		if l.sleeping.Load() && l.sleeping.CompareAndSwap(true, false) {
			l.poller.wake() // with the lock, behind which the loop closes the eventfd
		}
	}
	l.inbox.mu.Unlock()
	if closed {
		l.drop(m)
	}
}

// drop gives back what a message that nobody reads has brought.
func (l *loop) drop(m message) {
	switch m.kind {
	case connected:
		closeFD(m.fd)
		l.engine.forget()
	case answered:
		m.response.Recycle()
	}
}

func (l *loop) takeInbox() {
	l.posted.Store(false)
	l.inbox.mu.Lock()
	l.taken, l.inbox.messages = l.inbox.messages, l.taken[:0]
	l.inbox.mu.Unlock()
	for _, m := range l.taken {
		l.take(m)
	}
	clear(l.taken)
}

func (l *loop) take(m message) {
	switch m.kind {
	case connected:
		l.open(m.fd, m.peer)
	case answered:
		given := l.promises.at(m.place)
		c, sequence := given.conn, given.sequence
		l.promises.release(m.place)
		l.arrive(c, sequence, arrival{response: m.response})
	case proceed:
		if !m.conn.closed {
			if m.download != nil {
				m.download.ready = true
			}
			l.queue(m.conn)
		}
	case drain:
		l.draining = true
		l.each(l.drain)
	case cutAll:
		l.draining = true
		l.each(func(c *conn) {
			l.cut.Add(1)
			l.close(c)
		})
	}
}

// drain closes an idle connection, after it has served what the client had sent:
// the event of that may be still to come.
func (l *loop) drain(c *conn) {
	if c.idle() {
		c.readable = true
		l.attend(c)
	}
}

func (l *loop) each(visit func(*conn)) {
	for _, c := range l.conns {
		if c != nil {
			visit(c)
		}
	}
}

// publish adds what was counted since the last time to the counters.
func (l *loop) publish() {
	if l.received|l.sent != 0 || l.answers != [6]uint64{} {
		l.shard.Add(&l.answers, l.received, l.sent)
		l.answers, l.received, l.sent = [6]uint64{}, 0, 0
	}
}

// shut gives everything back. Messages that come from now on are dropped.
func (l *loop) shut() {
	l.inbox.mu.Lock()
	l.inbox.closed = true
	left := l.inbox.messages
	l.inbox.messages = nil
	l.inbox.mu.Unlock()
	for _, m := range left {
		l.drop(m)
	}
	l.publish()
	l.poller.close()
	l.slabs.Give(l.in)
	l.slabs.Give(l.output)
	l.slabs.Close()
	l.response.Recycle()
}
