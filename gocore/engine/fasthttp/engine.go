// Package fasthttp serves handlers through github.com/valyala/fasthttp: the
// portable engine, one goroutine for each connection.
//
// fasthttp reads heads and writes answers. The rest is done here: accepting,
// deadlines, counting and draining in a connection that wraps the socket
// (conn.go), bodies (body.go), and the way between its context and the
// vocabulary (exchange.go, reply.go).
package fasthttp

import (
	"context"
	"errors"
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
)

// Engine serves one listener through fasthttp. Make it by New.
type Engine struct {
	config engine.Config
	server fasthttp.Server
	clock  clock

	mu       sync.Mutex
	listener net.Listener
	conns    map[*conn]struct{}

	// slots holds one element for each open connection; a full channel pauses
	// the acceptor.
	slots    chan struct{}
	draining atomic.Bool
	drain    chan struct{}  // closed when draining begins
	cut      chan struct{}  // closed when connections are cut
	open     sync.WaitGroup // connections, and the acceptor
}

// New returns an engine that is ready to serve.
func New(config engine.Config) *Engine {
	e := &Engine{
		config: config,
		conns:  map[*conn]struct{}{},
		slots:  make(chan struct{}, config.Limits.Connections),
		drain:  make(chan struct{}),
		cut:    make(chan struct{}),
	}
	e.server = fasthttp.Server{
		Handler:                       e.handle,
		ErrorHandler:                  e.refuse,
		ExpectHandler:                 e.expect,
		Name:                          gocore.ServerName,
		Concurrency:                   math.MaxInt32, // slots bound it: fasthttp's own count falls behind
		ReadBufferSize:                config.Limits.RequestLine + config.Limits.HeaderBytes,
		StreamRequestBody:             true,
		MaxRequestBodySize:            1, // what fasthttp reads before it calls handle: the first byte
		DisablePreParseMultipartForm:  true,
		DisableHeaderNamesNormalizing: true,
		NoDefaultContentType:          true,
		Logger:                        logger{e},
	}
	return e
}

// Serve accepts connections until Drain closes the listener. An error of accept
// never ends it: it waits, longer each time up to a second, and goes on.
func (e *Engine) Serve(listener net.Listener) {
	closed := make(chan struct{})
	defer close(closed)
	go e.clock.run(max(min(e.config.Limits.Idle, e.config.Limits.Write)/8, time.Millisecond), closed)
	if e.begin(listener) {
		e.accept(listener)
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

// acquire waits for room for one more connection; false when draining.
func (e *Engine) acquire() bool {
	select {
	case e.slots <- struct{}{}:
		return !e.draining.Load()
	case <-e.drain:
		return false
	}
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
	if e.listener != nil {
		_ = e.listener.Close() // closed twice does no harm
	}
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

// refuse answers a request that fasthttp could not read.
func (e *Engine) refuse(ctx *fasthttp.RequestCtx, err error) {
	status := gocore.StatusBadRequest
	var timeout net.Error
	if _, ok := errors.AsType[*fasthttp.ErrSmallBuffer](err); ok {
		status = gocore.StatusHeaderTooLarge
	} else if errors.As(err, &timeout) && timeout.Timeout() {
		status = gocore.StatusRequestTimeout
	}
	ctx.Conn().(*conn).refuse(ctx, status)
}

// refuse answers with a refusal, after which the connection ends: the client may
// be sending what nobody will read.
func (c *conn) refuse(ctx *fasthttp.RequestCtx, status gocore.Status) {
	c.answered = true
	c.lingering = true
	c.shard.Answered(status)
	setRendered(ctx, engine.Refusal(status))
}

// logger takes what fasthttp itself has to say.
type logger struct{ engine *Engine }

func (l logger) Printf(format string, args ...any) {
	l.engine.config.Logger.Warn(fmt.Sprintf(format, args...))
}
