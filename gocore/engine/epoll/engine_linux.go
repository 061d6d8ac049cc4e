package epoll

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"fastgo/gocore/engine"
)

// Engine serves one listener on event loops. Make it by New.
type Engine struct {
	config engine.Config
	loops  []*loop

	// slots holds one element for each open connection; a full channel pauses
	// the acceptor.
	slots    chan struct{}
	draining atomic.Bool
	// accepting ends when draining begins.
	accepting     context.Context
	stopAccepting context.CancelFunc

	mu        sync.Mutex
	listener  net.Listener
	acceptor  sync.WaitGroup
	running   sync.WaitGroup // loops and acceptor
	downloads sync.WaitGroup // goroutines that read streams of responses
}

// New returns an engine with that many loops. It fails when the system has no
// descriptors left.
func New(config engine.Config, loops int) (*Engine, error) {
	e := &Engine{
		config: config,
		slots:  make(chan struct{}, config.Limits.Connections),
	}
	e.accepting, e.stopAccepting = context.WithCancel(context.Background())
	for range loops {
		l, err := newLoop(e)
		if err != nil {
			for _, made := range e.loops {
				made.shut()
			}
			return nil, err
		}
		e.loops = append(e.loops, l)
	}
	return e, nil
}

// Serve implements engine.Engine.
func (e *Engine) Serve(listener net.Listener) {
	e.mu.Lock()
	if e.accepting.Err() != nil {
		e.mu.Unlock()
		_ = listener.Close()
		for _, l := range e.loops {
			l.shut()
		}
		return
	}
	e.listener = listener
	for _, l := range e.loops {
		e.running.Go(l.run)
	}
	e.acceptor.Add(1)
	e.running.Go(func() {
		defer e.acceptor.Done()
		a := acceptor{engine: e}
		a.run(listener)
	})
	e.mu.Unlock()
	e.running.Wait()
}

// acquire waits for room for one more connection; false when draining.
func (e *Engine) acquire() bool {
	select {
	case e.slots <- struct{}{}:
		if e.accepting.Err() == nil {
			return true
		}
		<-e.slots
		return false
	case <-e.accepting.Done():
		return false
	}
}

// tryAcquire takes room for one more connection, where there is some.
func (e *Engine) tryAcquire() bool {
	select {
	case e.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// forget gives the room of a connection back.
func (e *Engine) forget() { <-e.slots }

// afterCut bounds how long Drain waits for goroutines whose connection it cut.
const afterCut = time.Second

// Drain implements engine.Engine.
func (e *Engine) Drain(ctx context.Context) (cut int) {
	e.mu.Lock()
	e.draining.Store(true)
	e.stopAccepting()
	e.mu.Unlock()
	e.acceptor.Wait() // so that the loops have every connection before they drain
	if e.listener != nil {
		_ = e.listener.Close() // closed twice does no harm
	}
	e.tell(message{kind: drain})
	drained := make(chan struct{})
	go func() {
		e.running.Wait()
		e.downloads.Wait()
		close(drained)
	}()
	select {
	case <-drained:
		return 0
	case <-ctx.Done():
	}
	e.tell(message{kind: cutAll})
	select {
	case <-drained:
	case <-time.After(afterCut): // a reader of a stream or a handler does not return
	}
	for _, l := range e.loops {
		cut += int(l.cut.Load() + l.load.Load()) // those of a loop that is stuck in a handler
	}
	return cut
}

func (e *Engine) tell(news message) {
	for _, l := range e.loops {
		l.post(news)
	}
}
