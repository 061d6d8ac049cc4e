package server

import (
	"runtime"
	"sync"
	"time"
)

// retirement finds out when a replaced table is used no more.
//
// Requests hold their route, routes hold their table, so a table is garbage when
// the last request that uses it is over: the garbage collector tells, at no cost
// to any request. It may have little other reason to run, as requests allocate
// nothing; so a goroutine runs it while replaced tables are waiting: a second
// after the first update, then less and less often.
type retirement struct {
	events *events
	stop   chan struct{}

	mu       sync.Mutex
	waiting  int
	sweeping bool
	sweeper  sync.WaitGroup
}

const (
	firstSweep = time.Second
	lastSweep  = time.Minute
)

func newRetirement(events *events) *retirement {
	return &retirement{events: events, stop: make(chan struct{})}
}

// watch makes the table's end an event. It is called before the table is used.
func (r *retirement) watch(watched *table) {
	runtime.AddCleanup(watched, r.retired, watched.id)
}

func (r *retirement) retired(id uint64) {
	r.mu.Lock()
	r.waiting--
	r.mu.Unlock()
	r.events.put(Event{Kind: EventRetired, Table: id})
}

// replaced says that one more table waits for its end.
func (r *retirement) replaced() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting++
	if !r.sweeping {
		r.sweeping = true
		r.sweeper.Go(r.sweep)
	}
}

func (r *retirement) sweep() {
	for pause := firstSweep; ; pause = min(2*pause, lastSweep) {
		select {
		case <-r.stop:
			return
		case <-time.After(pause):
		}
		if r.done() {
			return
		}
		runtime.GC() // cleanups run behind it: the next round sees what it has found
	}
}

// done reports that no table waits any more; the next one starts the sweep anew.
func (r *retirement) done() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweeping = r.waiting > 0
	return !r.sweeping
}

func (r *retirement) close() {
	close(r.stop)
	r.sweeper.Wait()
}
