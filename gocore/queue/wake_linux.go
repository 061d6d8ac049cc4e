package queue

import (
	"sync/atomic"

	"fastgo/gocore/queue/layout"
)

// To wake a thread costs more than all else that a request needs, on both sides: so
// it is done as late as it does no harm.
//
// A worker is woken when no other that is awake will soon look for requests: none is
// looking just now, and none has begun its handler a moment ago (layout.Quick). Who swaps
// a worker's state from Asleep to Hunting wakes it: by a futex, which is that state, or by
// the eventfd for which an event loop waits that runs coroutines. While
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
	p.lock()
	for i := range p.lanes {
		if l := &p.lanes[i]; l.fresh || l.again || l.urgent {
			p.wake(l)
		}
	}
	p.unlock()
}

// wake wakes a worker of a lane, if one has to be.
func (p *Port) wake(l *lane) {
	if l.fresh {
		l.announce()
	}
	more := p.queue.wakeWorker(l.number)
	l.fresh = false
	l.urgent = l.urgent && more && atomic.LoadUint64(&p.c.Returned) != 0
	l.again = l.urgent || more && l.waiting() > 0
	if l.again && p.shared {
		p.tell() // the collector, who then looks again
	}
}

// again reports whether workers may have to be woken in a moment.
func (p *Port) again() bool {
	return p.lanes[layout.Threads].restless() || p.lanes[layout.Coroutines].restless()
}

func (l *lane) restless() bool { return l.fresh || l.again || l.urgent }

// wakeWorker wakes one worker of a lane where that is needed. It reports whether others
// sleep on.
func (q *Queue) wakeWorker(lane uint32) (more bool) {
	now := q.clock.now()
	var sleeper *layout.Worker
	soon := false
	for i := range atomic.LoadUint32(&q.c.WorkerCount) {
		worker := &q.c.Workers[i]
		if atomic.LoadUint32(&worker.Lane) != lane {
			continue
		}
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
	rouse(sleeper)
	return more
}

// rouse wakes a worker that sleeps.
func rouse(worker *layout.Worker) {
	if !atomic.CompareAndSwapUint32(&worker.State, layout.Asleep, layout.Hunting) {
		return
	}
	if event := atomic.LoadInt32(&worker.Event); event >= 0 {
		tell(int(event))
	} else {
		wakeFutex(&worker.State)
	}
}

// Sleep implements gocore.Port.
func (p *Port) Sleep(patience int) int {
	p.lock()
	defer p.unlock()
	if p.inFlight == 0 && !p.again() && !p.shared { // nothing will come
		return patience
	}
	atomic.StoreUint32(&p.c.Sleeping, 1)
	if p.Ready() {
		atomic.StoreUint32(&p.c.Sleeping, 0)
		return 0
	}
	if p.again() || p.untold() {
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
