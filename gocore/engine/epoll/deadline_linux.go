package epoll

import "time"

// wheel keeps the deadlines of a loop's connections: one coarse timer for all.
//
// It is a ring of slots, one for each tick; a connection stands in the slot of
// its deadline, or in the farthest one when that is beyond the ring. Traffic does
// not move it: a connection only notes its new deadline, and is put in the right
// slot when its old one comes round. So a request costs the wheel nothing, and a
// connection is looked at a few times in its idle time.
//
// Slots are linked through the connections themselves. Times are those of the
// loop, in nanoseconds since it started.
type wheel struct {
	tick  time.Duration
	ticks int64 // how many have passed
	count int
	slots [wheelSlots]*conn
}

const wheelSlots = 128

// never is the deadline of a connection that waits for its handler.
const never = time.Duration(1 << 62)

// insert puts c in the slot of its deadline.
func (w *wheel) insert(c *conn) {
	ahead := int64(c.deadline/w.tick) + 1 - w.ticks
	ahead = min(max(ahead, 1), wheelSlots-1)
	c.due = time.Duration(w.ticks+ahead) * w.tick
	slot := &w.slots[(w.ticks+ahead)%wheelSlots]
	c.nextDue, c.previousDue = *slot, slot
	if c.nextDue != nil {
		c.nextDue.previousDue = &c.nextDue
	}
	*slot = c
	w.count++
}

// remove takes c out.
func (w *wheel) remove(c *conn) {
	*c.previousDue = c.nextDue
	if c.nextDue != nil {
		c.nextDue.previousDue = c.previousDue
	}
	c.nextDue, c.previousDue = nil, nil
	w.count--
}

// set gives c another deadline. Only one that is earlier than the slot moves it.
func (w *wheel) set(c *conn, deadline time.Duration) {
	c.deadline = deadline
	if deadline < c.due-w.tick {
		w.remove(c)
		w.insert(c)
	}
}

// advance calls due for every connection whose deadline has passed. The deadline
// of each is never then, until due gives it another or closes it.
func (w *wheel) advance(now time.Duration, due func(*conn)) {
	target := int64(now / w.tick)
	if w.count == 0 {
		w.ticks = target
	}
	for w.ticks < target {
		w.ticks++
		slot := &w.slots[w.ticks%wheelSlots]
		// What is put in while this slot is emptied goes into another one.
		for c := *slot; c != nil; c = *slot {
			expired := c.deadline <= now
			if expired {
				c.deadline = never
			}
			w.remove(c)
			w.insert(c)
			if expired {
				due(c)
			}
		}
	}
}

// patience returns how long a loop may sleep, in milliseconds: -1 for ever.
func (w *wheel) patience(now time.Duration) int {
	if w.count == 0 {
		return -1
	}
	next := time.Duration(w.ticks+1) * w.tick
	return int(max(next-now, 0)/time.Millisecond) + 1
}
