package queue

import (
	"sync/atomic"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// Size implements gocore.Answer.
func (e *entry) Size() int { return int(e.slot.Body.Size) }

// Fill implements gocore.Answer.
func (e *entry) Fill(response *gocore.Response) {
	slot := e.slot
	e.handler.heads.Set(response, gocore.Status(slot.Status), textAt(slot.ContentType), bytesAt(slot.Fields))
	response.SetBytes(bytesAt(slot.Body))
	response.OnRelease(e)
}

// Drop implements gocore.Answer.
func (e *entry) Drop() { e.Release() }

// Release implements gocore.Releaser: the answer's bytes are not needed any more.
func (e *entry) Release() {
	p := e.port
	e.handler = nil
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
func (p *Port) Collect(take func(gocore.Token, gocore.Answer)) {
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
		token := p.settle(e)
		p.unlock() // take may release
		take(token, e)
		p.lock()
	}
	p.unlock()
}

// settle returns the token of a request that was answered, of which no more is needed.
func (p *Port) settle(e *entry) gocore.Token {
	token := e.token
	e.token = gocore.Token{}
	if e.slab != nil {
		p.slabs.Give(e.slab)
		e.slab = nil
	}
	p.inFlight--
	return token
}

// Ready implements gocore.Port.
func (p *Port) Ready() bool { return atomic.LoadUint64(&p.c.Answers) != 0 }
