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
	handler  *handler
	compiled *compiled // the same handler where it is one
	frame    *frame
	token    gocore.Token
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
	if started := p.started.Load(); started < min(p.threads, p.pending.Load()) && p.started.CompareAndSwap(started, started+1) {
		p.workers.Go(p.work)
	}
}

func (p *pool) work() {
	for {
		select {
		case next := <-p.jobs:
			next.run()
			p.pending.Add(-1)
		case <-p.quit:
			return
		}
	}
}

// close lets the workers end, and waits for them so long. It returns how many jobs
// still run.
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
	return int(p.pending.Load())
}

// run calls the handler and answers.
func (j job) run() {
	response := gocore.AcquireResponse()
	defer func() {
		if reason := recover(); reason != nil {
			options := &j.handler.environment.options
			options.Logger.Error("handler panicked",
				"route", j.handler.route.Name, "panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
			response = gocore.AcquireResponse()
			response.SetRendered(options.Failed)
		}
		j.token.Answer(response)
	}()
	if j.compiled != nil {
		j.compiled.call(j.frame, j.frame.copied(len(j.handler.route.Params)), response)
	} else {
		j.handler.call(j.frame, response)
	}
}

// blocking is a handler that may wait: it answers from the pool.
type blocking struct{ handler *handler }

// Serve copies the request and defers; where the queue is full it answers at once.
func (b *blocking) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	environment := b.handler.environment
	if !environment.pool.enter() {
		response.SetRendered(environment.options.Busy)
		return gocore.Answered
	}
	frame := environment.frames.take()
	if !frame.load(request, true) {
		environment.pool.pending.Add(-1)
		b.handler.fail(frame, response, outgrown)
		return gocore.Answered
	}
	environment.pool.submit(job{handler: b.handler, frame: frame, token: request.Defer()})
	return gocore.Deferred
}
