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
	ring   []uint64
	head   uint64 // of the ring
	slots  slots
	slabs  slab.Pool
	// inFlight counts requests that were not answered.
	inFlight int
	// fresh: workers were not told of the last requests. again: more of them may have to
	// be woken in a moment. urgent: they should give something up.
	fresh, again, urgent bool
}

// newPort makes a port, which takes the eventfd.
func newPort(q *Queue, event int, shared bool) *Port {
	size := 1
	for size < q.options.Limit {
		size *= 2
	}
	head := int(unsafe.Sizeof(layout.Port{}))
	p := &Port{queue: q, shared: shared, memory: take(head + 8*size)}
	p.c = (*layout.Port)(unsafe.Pointer(unsafe.SliceData(p.memory)))
	p.ring = unsafe.Slice((*uint64)(unsafe.Pointer(&p.memory[head])), size)
	p.c.Mask, p.c.Ring, p.c.Event = uint64(size-1), addressOf(&p.ring[0]), int32(event)
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
	p.lock()
	if p.queue.waiting()+p.unannounced() >= uint64(p.queue.options.Limit) {
		p.unlock()
		return false
	}
	e := p.slots.take(p)
	if size > layout.RequestInline {
		e.slab = p.slabs.Take(size)
	}
	p.unlock() // it may be large
	e.handler, e.token = h, request.Defer()
	e.fill(h, request, size)
	p.lock()
	p.publish(e)
	p.unlock()
	return true
}

// publish lets workers have a slot that was filled.
func (p *Port) publish(e *entry) {
	setPlace(&p.ring[p.head&p.c.Mask], addressOf(e.slot))
	p.head++
	p.inFlight++
	p.fresh = true
	if p.shared { // there is no turn at whose end it would be done
		p.announce()
		p.wake()
	} else if p.head%together == 0 {
		p.announce()
	}
}

// together is how many requests of one turn workers get to see at once: an atomic store
// waits for all that was written to their slots.
const together = 8

// announce lets workers see what was put into the ring.
func (p *Port) announce() { atomic.StoreUint64(&p.c.Head, p.head) }

// unannounced returns how many requests workers do not see yet.
func (p *Port) unannounced() uint64 { return p.head - atomic.LoadUint64(&p.c.Head) }

// waiting returns how many requests of those that workers see none has taken.
func (p *Port) waiting() uint64 {
	taken := atomic.LoadUint64(&p.c.Tail) // first: it never passes the other
	return atomic.LoadUint64(&p.c.Head) - taken
}

// close unmaps everything. Nobody may use it any more, on either side.
func (p *Port) close() {
	closeFD(int(p.c.Event))
	for i := range p.slots.blocks {
		for j := range p.slots.blocks[i].entries {
			p.slabs.Give(p.slots.blocks[i].entries[j].slab) // of requests that nobody took
		}
	}
	p.slabs.Close()
	p.slots.close()
	give(p.memory)
}
