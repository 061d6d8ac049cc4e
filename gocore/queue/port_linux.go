package queue

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
	"fastgo/gocore/slab"
)

// Port is one event loop's side of the queue, and belongs to that loop. It implements
// gocore.Port. A shared one belongs to nobody, and has a lock.
type Port struct {
	queue  *Queue
	shared bool
	mu     sync.Mutex // of what follows, where shared

	memory []byte
	c      *layout.Port
	lanes  [layout.Lanes]lane
	slots  slots
	slabs  slab.Pool
	// inFlight counts requests that were not answered.
	inFlight int
	// burst counts requests since the port was crowded last.
	burst int
}

// lane is a port's side of a lane.
type lane struct {
	number uint32
	c      *layout.Lane
	ring   []uint64
	head   uint64 // of the ring
	// reserved counts requests that have a slot and are not in the ring yet.
	reserved uint64
	// fresh: workers were not told of the last requests, or of clients that have left.
	// again: more of them may have to be woken in a moment. urgent: they should give
	// something up.
	fresh, again, urgent bool
}

// newPort makes a port, which takes the eventfd.
func newPort(q *Queue, event int, shared bool) *Port {
	size := 1
	for size < q.options.Limit {
		size *= 2
	}
	head := int(unsafe.Sizeof(layout.Port{}))
	p := &Port{queue: q, shared: shared, memory: take(head + 8*size*layout.Lanes)}
	p.c = (*layout.Port)(unsafe.Pointer(unsafe.SliceData(p.memory)))
	p.c.Event = int32(event)
	for i := range p.lanes {
		l := &p.lanes[i]
		l.number, l.c = uint32(i), &p.c.Lanes[i]
		l.ring = unsafe.Slice((*uint64)(unsafe.Pointer(&p.memory[head+8*size*i])), size)
		l.c.Mask, l.c.Ring = uint64(size-1), addressOf(&l.ring[0])
	}
	return p
}

func (p *Port) lock() {
	if p.shared {
		p.mu.Lock()
	}
}

func (p *Port) unlock() {
	if p.shared {
		p.mu.Unlock()
	}
}

// submit puts a request into the ring; false where too many wait.
func (p *Port) submit(h *handler, request *gocore.Request) bool {
	size := h.sizeOf(request)
	e := p.reserve(h, size)
	if e == nil {
		return false
	}
	e.handler, e.lane, e.token = h, h.lane, request.Defer()
	if h.lane == layout.Coroutines {
		request.Watch(e)
	}
	e.fill(h, request, size) // without the lock, as it may be large
	p.lock()
	p.publish(e)
	p.unlock()
	return true
}

// reserve returns a slot, with a slab where a request of that size needs one; nil where too
// many wait.
func (p *Port) reserve(h *handler, size int) *entry {
	p.lock()
	defer p.unlock() // also where there is no memory, which panics
	if p.queue.waiting(h.lane)+p.lanes[h.lane].unannounced() >= uint64(p.queue.options.Limit) {
		return nil
	}
	var slab []byte
	if size > layout.RequestInline {
		slab = p.slabs.Take(size)
	}
	e := p.slots.take(p)
	e.slab = slab
	p.lanes[h.lane].reserved++
	return e
}

// publish lets workers have a slot that was filled.
func (p *Port) publish(e *entry) {
	l := &p.lanes[e.lane]
	setPlace(&l.ring[l.head&l.c.Mask], addressOf(e.slot))
	l.head++
	l.reserved--
	p.inFlight++
	p.burst++
	if !p.shared && l.head%together == 0 {
		l.announce()
	}
	p.notify(l)
}

// notify has workers told of something new in a lane.
func (p *Port) notify(l *lane) {
	l.fresh = true
	if p.shared { // there is no turn at whose end it would be done
		p.wake(l)
	}
}

// Crowded implements gocore.Port.
func (p *Port) Crowded() bool {
	if p.burst < crowd {
		return false
	}
	p.burst = 0
	return true
}

// crowd is how many requests a loop puts in before workers have their turn: those of deep
// pipelines would leave the caches before they are run.
const crowd = 256

// together is how many requests of one turn workers get to see at once: an atomic store
// waits for all that was written to their slots.
const together = 8

// announce lets workers see what was put into the ring.
func (l *lane) announce() { atomic.StoreUint64(&l.c.Head, l.head) }

// unannounced returns how many requests workers do not see yet.
func (l *lane) unannounced() uint64 { return l.reserved + l.head - atomic.LoadUint64(&l.c.Head) }

// waiting returns how many requests of those that workers see none has taken.
func (l *lane) waiting() uint64 {
	put := atomic.LoadUint64(&l.c.Head) // first, as too few do less harm than too many
	return put - min(put, atomic.LoadUint64(&l.c.Tail))
}

// Left implements gocore.Watcher: the client of a request has gone.
func (e *entry) Left(token gocore.Token) {
	p := e.port
	p.lock()
	if e.token == token { // else it was answered meanwhile
		atomic.StoreUint32(&e.slot.Left, 1)
		atomic.StoreUint32(&p.queue.c.Left, 1)
		p.notify(&p.lanes[e.lane])
	}
	p.unlock()
}

// close unmaps everything. Nobody may use it any more, on either side.
func (p *Port) close() {
	closeFD(int(p.c.Event))
	for _, e := range p.slots.known {
		p.slabs.Give(e.slab) // of requests that nobody took
	}
	p.slabs.Close()
	p.slots.close()
	give(p.memory)
}
