package queue

import (
	"sync/atomic"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// answer makes a response of the slot's answer, which borrows it, and forgets the
// request.
func (e *entry) answer() (gocore.Token, *gocore.Response) {
	slot, response := e.slot, gocore.AcquireResponse()
	e.handler.heads.Set(response, gocore.Status(slot.Status), textAt(slot.ContentType), bytesAt(slot.Fields))
	response.SetBytes(bytesAt(slot.Body))
	response.OnRelease(e)
	token := e.token
	e.token, e.handler = gocore.Token{}, nil
	if e.slab != nil {
		e.port.slabs.Give(e.slab)
		e.slab = nil
	}
	e.port.inFlight--
	return token, response
}

// Release implements gocore.Releaser: the answer's bytes are not needed any more.
func (e *entry) Release() {
	p := e.port
	p.lock()
	if e.slot.Owners == [2]uint64{} {
		p.slots.put(e)
	} else {
		p.giveBack(e)
	}
	p.unlock()
}

// large is the least body for whose sake a worker is woken to give it up: smaller ones
// wait until one is awake.
const large = 64 << 10

// giveBack lets workers have a slot whose answer they keep something for.
func (p *Port) giveBack(e *entry) {
	for {
		newest := atomic.LoadUint64(&p.c.Returned)
		e.slot.Next = newest
		if atomic.CompareAndSwapUint64(&p.c.Returned, newest, addressOf(e.slot)) {
			break
		}
	}
	if e.slot.Body.Size >= large {
		l := &p.lanes[e.lane]
		l.urgent = true
		if p.shared {
			p.wake(l)
		}
	}
}

// Collect implements gocore.Port: the oldest answer comes first.
func (p *Port) Collect(take func(gocore.Token, *gocore.Response)) {
	if !p.Ready() {
		return
	}
	p.lock()
	var oldest *entry
	for newest := atomic.SwapUint64(&p.c.Answers, 0); newest != 0; {
		slot := slotAt(newest)
		e := p.slots.at(slot.Number)
		newest = slot.Next
		e.next, oldest = oldest, e
	}
	for e := oldest; e != nil; e = oldest {
		oldest = e.next
		if e.slot.State == layout.Emptied {
			p.slots.put(e)
			continue
		}
		token, response := e.answer()
		p.unlock() // take may release
		take(token, response)
		p.lock()
	}
	p.unlock()
}

// Ready implements gocore.Port.
func (p *Port) Ready() bool { return atomic.LoadUint64(&p.c.Answers) != 0 }
