package epoll

import (
	"sync/atomic"

	"fastgo/gocore"
)

// promises are the deferred answers that a loop waits for. A token names one by
// its place in the table and the place's generation.
//
// The state of a place decides races: it is pending in one generation, and
// whoever takes that away by compare-and-swap, Complete or the loop that gives
// the request up, has the say. All else of a place is the loop's alone. Places
// stand in blocks that never move, so that any goroutine can reach them.
type promises struct {
	blocks [1 << 14]atomic.Pointer[[promisesInBlock]promise]
	count  uint32
	free   []uint32
}

const promisesInBlock = 1 << 10

type promise struct {
	state atomic.Uint64 // generation<<1 | pending
	// conn is nil when the connection has gone; sequence is its request's number.
	conn     *conn
	sequence uint32
	watcher  gocore.Watcher // or nil
}

func (p *promises) at(place uint32) *promise {
	block := p.blocks[place/promisesInBlock%uint32(len(p.blocks))].Load()
	if block == nil {
		return nil
	}
	return &block[place%promisesInBlock]
}

// take makes a place pending and returns it with its generation.
func (p *promises) take(c *conn, sequence uint32) (place, generation uint32) {
	if len(p.free) == 0 {
		p.blocks[p.count/promisesInBlock].Store(new([promisesInBlock]promise))
		for i := range uint32(promisesInBlock) {
			p.free = append(p.free, p.count+promisesInBlock-1-i)
		}
		p.count += promisesInBlock
	}
	last := len(p.free) - 1
	place = p.free[last]
	p.free = p.free[:last]
	taken := p.at(place)
	taken.conn, taken.sequence = c, sequence
	generation = uint32(taken.state.Load() >> 1)
	taken.state.Store(uint64(generation)<<1 | 1)
	return place, generation
}

// settle takes pending away from a token; false when somebody else did before.
func (p *promises) settle(place, generation uint32) bool {
	settled := p.at(place)
	return settled != nil && settled.state.CompareAndSwap(uint64(generation)<<1|1, uint64(generation)<<1)
}

// release frees a settled place for its next generation.
func (p *promises) release(place uint32) {
	freed := p.at(place)
	freed.state.Store(next(uint32(freed.state.Load() >> 1)))
	p.put(place, freed)
}

// fulfil settles and releases at once, and returns whose promise it was.
func (p *promises) fulfil(place, generation uint32) (c *conn, sequence uint32, ok bool) {
	given := p.at(place)
	if given == nil || !given.state.CompareAndSwap(uint64(generation)<<1|1, next(generation)) {
		return nil, 0, false
	}
	c, sequence = given.conn, given.sequence
	p.put(place, given)
	return c, sequence, true
}

// next returns the state of a place that is free, behind a generation.
func next(generation uint32) uint64 { return uint64(generation+1) << 1 }

func (p *promises) put(place uint32, freed *promise) {
	freed.conn, freed.watcher = nil, nil
	p.free = append(p.free, place)
}

// Defer implements gocore.Deferrer, for the request that is being served.
func (l *loop) Defer() gocore.Token {
	c := l.serving
	if !l.deferred {
		l.deferred = true
		l.place, l.generation = l.promises.take(c, c.next)
	}
	return gocore.NewToken(l, l.place, l.generation, c.next)
}

// Watch implements gocore.Deferrer.
func (l *loop) Watch(watcher gocore.Watcher) { l.promises.at(l.place).watcher = watcher }

// desert tells the watcher of a request, once, that its client has gone.
func (l *loop) desert(place uint32) {
	left := l.promises.at(place)
	if watcher := left.watcher; watcher != nil {
		left.watcher = nil
		watcher.Left(gocore.NewToken(l, place, uint32(left.state.Load()>>1), left.sequence))
	}
}

// desertAll does so for all requests of a connection that wait.
func (l *loop) desertAll(c *conn) {
	for sequence := c.first; sequence != c.next; sequence++ {
		if at := c.window.at(sequence); at.waiting {
			l.desert(at.place)
		}
	}
}

// Complete implements gocore.Completer.
func (l *loop) Complete(token gocore.Token, response *gocore.Response) bool {
	if !l.promises.settle(token.Connection, token.Generation) {
		response.Recycle()
		return false
	}
	l.post(message{kind: answered, place: token.Connection, response: response})
	return true
}

// settle takes a deferred answer from the loop's port.
func (l *loop) settle(token gocore.Token, answer gocore.Answer) {
	if c, sequence, ok := l.promises.fulfil(token.Connection, token.Generation); ok {
		l.arrive(c, sequence, arrival{answer: answer})
	} else {
		answer.Drop()
	}
}

// revoke gives up the promise of a request. Where its answer is on the way
// already, the place is freed when that arrives.
func (l *loop) revoke(place uint32) {
	given := l.promises.at(place)
	given.conn = nil
	if l.promises.settle(place, uint32(given.state.Load()>>1)) {
		l.promises.release(place)
	}
}
