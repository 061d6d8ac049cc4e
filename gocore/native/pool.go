//go:build cgo

package native

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"fastgo/gocore"
)

// pool runs blocking handlers: at most so many at once, each on a thread of its own,
// and so many more wait in a queue. Threads are made when they are needed first.
type pool struct {
	jobs    chan job
	threads int64
	started atomic.Int64
	// pending counts jobs from when they are let in to when they are over. No more are
	// let in than jobs has room for, so that sending never waits.
	pending atomic.Int64
	quit    chan struct{}
	ending  sync.Once
	workers sync.WaitGroup
}

// job is a request that waits for a blocking handler, or runs in it.
type job struct {
	handler pooled
	frame   *frame
	token   gocore.Token
}

// pooled is a handler for a request that is in its frame alone.
type pooled interface {
	answer(frame *frame, response *gocore.Response)
	panicked(reason any, response *gocore.Response)
}

func newPool(threads, queue int) *pool {
	return &pool{jobs: make(chan job, threads+queue), threads: int64(threads), quit: make(chan struct{})}
}

// enter lets a job in; false where there is no room for it.
func (p *pool) enter() bool {
	if p.pending.Add(1) <= int64(cap(p.jobs)) {
		return true
	}
	p.pending.Add(-1)
	return false
}

// submit takes a job that was let in.
func (p *pool) submit(next job) {
	p.jobs <- next
	for {
		started := p.started.Load()
		if started >= min(p.threads, p.pending.Load()) {
			return
		}
		if p.started.CompareAndSwap(started, started+1) {
			p.workers.Go(p.work)
			return
		}
	}
}

func (p *pool) work() {
	for {
		select {
		case next := <-p.jobs:
			next.run(p)
		case <-p.quit:
			return
		}
	}
}

// close lets the workers end, and waits for them so long. It returns how many jobs
// still run; those that have not begun never do.
func (p *pool) close(wait time.Duration) (running int) {
	p.ending.Do(func() { close(p.quit) })
	ended := make(chan struct{})
	go func() {
		p.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(wait):
	}
	for {
		select {
		case left := <-p.jobs:
			left.frame.Release()
			p.pending.Add(-1)
		default:
			return int(p.pending.Load())
		}
	}
}

// run calls the handler and answers.
func (j job) run(p *pool) {
	response := gocore.AcquireResponse()
	defer func() {
		if reason := recover(); reason != nil {
			response = gocore.AcquireResponse()
			j.handler.panicked(reason, response)
		}
		p.pending.Add(-1) // before the client can know
		j.token.Answer(response)
	}()
	j.handler.answer(j.frame, response)
}

func (h *handler) answer(frame *frame, response *gocore.Response) { h.call(frame, response) }

func (h *handler) panicked(reason any, response *gocore.Response) {
	h.environment.options.Logger.Error("handler panicked",
		"route", h.route.Name, "panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
	response.SetRendered(h.environment.options.Failed)
}

// enqueue copies the request into the frame and defers; where there is no room for it,
// in the queue or in the frame, it answers at once.
func (h *handler) enqueue(as pooled, frame *frame, request *gocore.Request, response *gocore.Response) gocore.Outcome {
	pool := h.environment.pool
	if !pool.enter() {
		frame.Release()
		response.SetRendered(h.environment.options.Busy)
		return gocore.Answered
	}
	if !frame.load(request, true) {
		pool.pending.Add(-1)
		h.fail(frame, response, outgrown)
		return gocore.Answered
	}
	pool.submit(job{as, frame, request.Defer()})
	return gocore.Deferred
}

// blocking is a handler that may wait: it answers from the pool.
type blocking struct{ *handler }

// Serve defers.
func (b *blocking) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	return b.enqueue(b.handler, b.environment.frames.take(), request, response)
}
