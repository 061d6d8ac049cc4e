// Package fasthttp serves handlers through github.com/valyala/fasthttp: the
// portable engine, one goroutine for each connection.
//
// The way of a connection:
//
//	engine.go    accepts; drains
//	conn.go      the socket that fasthttp reads and writes, and its end
//	head.go      bytes -> requests, by http1; fasthttp reads constants instead
//	input.go     the bytes of a client that were not used up
//	receive.go   reads from the socket, deadlines
//	ready.go     whether there is something to read
//	exchange.go  requests -> handlers -> answers
//	body.go      request bodies, whole or as a stream
//	token.go     deferred answers
//	rendered.go  responses whose head was rendered at start -> output
//	reply.go     others -> fasthttp, which writes their heads and frames their bodies
//	sendfile.go  files
//	output.go    answers to the socket; refusals
//	unsent.go    what of them the client has not taken
package fasthttp

import (
	"context"
	"fmt"
	"math"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/http1"
)

// Engine serves one listener through fasthttp. Make it by New.
type Engine struct {
	config engine.Config
	limits http1.Limits
	server fasthttp.Server
	clock  clock
	inputs *sync.Pool // of large memory, see input
	// port is where requests leave for workers outside of Go, or nil.
	port gocore.Port

	mu       sync.Mutex
	listener net.Listener
	conns    map[*conn]struct{}

	// slots holds one element for each open connection; a full channel pauses
	// the acceptor.
	slots    chan struct{}
	draining atomic.Bool
	drain    chan struct{} // closed when draining begins
	cut      chan struct{} // closed when connections are cut
	acceptor sync.WaitGroup
	open     sync.WaitGroup // connections, and the acceptor
}

// New returns an engine that is ready to serve. It fails when the system has no
// descriptors left.
func New(config engine.Config) (*Engine, error) {
	e := &Engine{
		config: config,
		conns:  map[*conn]struct{}{},
		slots:  make(chan struct{}, config.Limits.Connections),
		drain:  make(chan struct{}),
		cut:    make(chan struct{}),
	}
	if config.Ports != nil {
		var err error
		if e.port, err = config.Ports.Shared(); err != nil {
			return nil, err
		}
	}
	e.clock.start(time.Now())
	limits := &config.Limits
	e.limits = http1.Limits{RequestLine: limits.RequestLine, HeaderBytes: limits.HeaderBytes, HeaderCount: limits.HeaderCount}
	// An empty line may come first, and lines end with CRLF.
	e.inputs = newPool(limits.RequestLine + limits.HeaderBytes + len("\r\n\r\n\r\n"))
	e.server = fasthttp.Server{
		HeaderReceived:                correct,
		Handler:                       e.handle,
		Name:                          gocore.ServerName,
		Concurrency:                   math.MaxInt32, // slots bound it: fasthttp's own count falls behind
		ReadBufferSize:                standInSize,
		DisableHeaderNamesNormalizing: true,
		NoDefaultContentType:          true,
	}
	return e, nil
}

// Serve accepts connections until Drain is called. An error of accept never ends
// it: it waits, longer each time up to a second, and goes on.
func (e *Engine) Serve(listener net.Listener) {
	closed := make(chan struct{})
	defer close(closed)
	limits := &e.config.Limits
	shortest := min(limits.Idle, limits.HeaderTime, limits.Body, limits.Write)
	go e.clock.run(max(shortest/16, time.Millisecond), closed)
	if e.begin(listener) {
		e.accept(listener)
		if !e.config.Shared {
			e.sweep(listener)
		}
		e.acceptor.Done()
		e.open.Done()
	}
	e.open.Wait()
}

// begin lets Drain know the listener, and counts the acceptor among what Drain
// waits for. It reports false, with the listener closed, when Drain came before.
func (e *Engine) begin(listener net.Listener) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.draining.Load() {
		_ = listener.Close() // nobody uses it
		return false
	}
	e.listener = listener
	e.acceptor.Add(1)
	e.open.Add(1)
	return true
}

func (e *Engine) accept(listener net.Listener) {
	var pause time.Duration
	var warned time.Time
	for e.acquire() {
		socket, err := listener.Accept()
		if err == nil {
			pause = 0
			e.serve(socket)
			continue
		}
		<-e.slots
		if e.draining.Load() {
			break
		}
		if time.Since(warned) > time.Minute {
			warned = time.Now()
			e.config.Logger.Error("cannot accept connections; will go on trying", "error", err.Error())
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		select {
		case <-time.After(pause):
		case <-e.drain:
		}
	}
}

// sweep serves what waits in the listener's queue when draining begins, as far as
// there is room: the system would reset it. Clients that go on connecting do not
// keep it.
func (e *Engine) sweep(listener net.Listener) {
	limited, ok := listener.(interface{ SetDeadline(time.Time) error })
	for range cap(e.slots) {
		if !ok || !hasInput(listener) || limited.SetDeadline(time.Now().Add(inputTime)) != nil {
			return
		}
		select {
		case e.slots <- struct{}{}:
		default:
			return
		}
		socket, err := listener.Accept()
		if err != nil {
			<-e.slots
			return
		}
		e.serve(socket)
	}
}

// acquire waits for room for one more connection; false when draining.
func (e *Engine) acquire() bool {
	select {
	case e.slots <- struct{}{}:
		if !e.draining.Load() {
			return true
		}
		<-e.slots
		return false
	case <-e.drain:
		return false
	}
}

// stopAccepting has the acceptor serve what waits for it, and closes the listener.
func (e *Engine) stopAccepting() {
	if e.listener == nil {
		return
	}
	limited, ok := e.listener.(interface{ SetDeadline(time.Time) error })
	if ok && limited.SetDeadline(time.Unix(1, 0)) == nil { // which ends an accept that waits
		e.acceptor.Wait()
	}
	_ = e.listener.Close() // closed twice does no harm
}

func (e *Engine) serve(socket net.Conn) {
	c := newConn(e, socket)
	e.open.Add(1)
	e.mu.Lock()
	e.conns[c] = struct{}{}
	e.mu.Unlock()
	go func() {
		defer func() { // a failure of fasthttp must not end the process
			if reason := recover(); reason != nil {
				e.config.Logger.Error("connection failed", "panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
				_ = c.Close()
			}
		}()
		// The error says how the connection ended, which the peer knows best.
		_ = e.server.ServeConn(c)
	}()
}

// forget is called once for each connection, when it has been closed.
func (e *Engine) forget(c *conn) {
	e.mu.Lock()
	delete(e.conns, c)
	e.mu.Unlock()
	c.shard.Closed()
	<-e.slots
	e.open.Done()
}

// afterCut bounds how long Drain waits for goroutines whose connection it cut.
const afterCut = time.Second

// Drain implements engine.Engine.
func (e *Engine) Drain(ctx context.Context) (cut int) {
	e.mu.Lock()
	e.draining.Store(true)
	close(e.drain)
	e.mu.Unlock()
	e.stopAccepting()
	e.mu.Lock()
	for c := range e.conns {
		c.wake()
	}
	e.mu.Unlock()

	drained := make(chan struct{})
	go func() {
		e.open.Wait()
		close(drained)
	}()
	select {
	case <-drained:
		return 0
	case <-ctx.Done():
	}
	e.mu.Lock()
	for c := range e.conns {
		cut++
		_ = c.Conn.Close() // its goroutine notices and cleans up
	}
	close(e.cut) // last: whoever gives up now finds the socket closed
	e.mu.Unlock()
	select {
	case <-drained:
	case <-time.After(afterCut):
	}
	return cut
}
