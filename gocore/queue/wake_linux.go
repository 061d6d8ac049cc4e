package queue

import (
	"sync/atomic"

	"fastgo/gocore/queue/layout"
)

// To wake a thread costs more than all else that a request needs, on both sides: so
// it is done as late as it does no harm.
//
// A worker is woken when no other that is awake will soon look for requests: none is
// looking just now, and none has begun its handler a moment ago (layout.Quick). Each
// worker has a futex of its own, its state: who swaps Asleep for Hunting wakes it. While
// requests wait and workers sleep the loop looks again after a millisecond, and by that
// wakes one after the other for handlers that wait. Before a worker sleeps it looks for
// requests, and for what was returned.
//
// A loop that sleeps is woken by workers: when their ring is empty, and when answers
// come that were not told of for a moment. What is put in within that moment after a
// loop was told, may have to wait for the worker to be done; for its sake a loop looks
// again after a millisecond too, once.

// Flush implements gocore.Port.
func (p *Port) Flush() {
	if !p.shared && !p.fresh && !p.again && !p.urgent {
		return
	}
	p.lock()
	if p.fresh {
		p.announce()
	}
	if p.fresh || p.again || p.urgent {
		p.wake()
	}
	p.unlock()
}

// wake wakes a worker, if one has to be.
func (p *Port) wake() {
	more := p.queue.wakeWorker()
	p.fresh = false
	p.urgent = p.urgent && more && atomic.LoadUint64(&p.c.Returned) != 0
	p.again = p.urgent || more && p.waiting() > 0
	if p.again && p.shared {
		p.tell() // the collector, who then looks again
	}
}

// wakeWorker wakes one worker where that is needed. It reports whether others sleep on.
func (q *Queue) wakeWorker() (more bool) {
	now := q.clock.now()
	var sleeper *layout.Worker
	soon := false
	for i := range atomic.LoadUint32(&q.c.WorkerCount) {
		worker := &q.c.Workers[i]
		switch atomic.LoadUint32(&worker.State) {
		case layout.Asleep:
			more = more || sleeper != nil
			sleeper = worker
		case layout.Hunting:
			soon = true
		case layout.Running:
			soon = soon || int64(now-atomic.LoadUint64(&worker.Since)) < layout.Quick
		}
	}
	if sleeper == nil {
		return false
	}
	if soon {
		return true
	}
	if atomic.CompareAndSwapUint32(&sleeper.State, layout.Asleep, layout.Hunting) {
		wakeFutex(&sleeper.State)
	}
	return more
}

// Sleep implements gocore.Port.
func (p *Port) Sleep(patience int) int {
	p.lock()
	defer p.unlock()
	if p.inFlight == 0 && !p.again && !p.shared { // nothing will come
		return patience
	}
	atomic.StoreUint32(&p.c.Sleeping, 1)
	if p.Ready() {
		atomic.StoreUint32(&p.c.Sleeping, 0)
		return 0
	}
	if p.again || p.untold() {
		return 1
	}
	return patience
}

// untold reports whether an answer may have come, or come now, of which no worker tells
// before it has run its next handler. What workers do in this order is looked at in the
// other one: Unflushed is set, the clock is read, Answers are put in; Flushed is set,
// Sleeping is looked at.
func (p *Port) untold() bool {
	if atomic.LoadUint32(&p.c.Unflushed) != 0 {
		return true
	}
	return int64(p.queue.clock.now()-atomic.LoadUint64(&p.c.Flushed)) < 2*layout.Quick
}

// Awake implements gocore.Port.
func (p *Port) Awake() {
	if atomic.LoadUint32(&p.c.Sleeping) != 0 {
		atomic.StoreUint32(&p.c.Sleeping, 0)
	}
}

// tell wakes the loop, where it sleeps.
func (p *Port) tell() {
	if atomic.CompareAndSwapUint32(&p.c.Sleeping, 1, 0) {
		tell(int(p.c.Event))
	}
}
