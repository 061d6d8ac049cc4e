package epoll

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const tick = 10 * time.Millisecond

func TestWheelTellsADeadlineOnceItHasPassed(t *testing.T) {
	w := wheel{tick: tick}
	for _, deadline := range []time.Duration{0, 1, tick, 5 * tick, wheelSlots * tick, 3 * wheelSlots * tick} {
		c := &conn{deadline: deadline}
		w.insert(c)
		told := time.Duration(-1)
		for now := time.Duration(0); told < 0 && now < 4*wheelSlots*tick; now += tick / 2 {
			w.advance(now, func(due *conn) {
				assert.Same(t, c, due)
				assert.Equal(t, never, due.deadline)
				told = now
			})
		}
		assert.GreaterOrEqual(t, told, deadline)
		assert.LessOrEqual(t, told, deadline+2*tick)
		w.remove(c)
		w.ticks = 0
	}
	assert.Zero(t, w.count)
}

func TestWheelLetsADeadlineMoveEitherWay(t *testing.T) {
	w := wheel{tick: tick}
	later, earlier := &conn{deadline: 5 * tick}, &conn{deadline: 100 * tick}
	w.insert(later)
	w.insert(earlier)
	w.set(later, 50*tick)
	w.set(earlier, 10*tick)
	order := []*conn{}
	for now := time.Duration(0); now < 60*tick; now += tick {
		w.advance(now, func(due *conn) { order = append(order, due) })
	}
	assert.Equal(t, []*conn{earlier, later}, order)
}

func TestWheelSleepsForEverWithoutConnections(t *testing.T) {
	w := wheel{tick: tick}
	assert.Equal(t, -1, w.patience(0))
	c := &conn{deadline: time.Hour}
	w.insert(c)
	assert.Positive(t, w.patience(0))
	assert.LessOrEqual(t, w.patience(0), int(tick/time.Millisecond)+1)
	w.remove(c)
	assert.Equal(t, -1, w.patience(0))
	w.advance(time.Hour, func(*conn) { t.Error("nothing is due") })
}

// Against a plain model: random deadlines, set again at random.
func TestWheelTellsEveryDeadline(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	w := wheel{tick: tick}
	deadlines := map[*conn]time.Duration{}
	now := time.Duration(0)
	for range 200 {
		c := &conn{deadline: now + time.Duration(random.Int63n(int64(300*tick)))}
		deadlines[c] = c.deadline
		w.insert(c)
	}
	for range 2000 {
		now += time.Duration(random.Int63n(int64(2 * tick)))
		w.advance(now, func(due *conn) {
			assert.LessOrEqual(t, deadlines[due], now)
			deadlines[due] = now + time.Duration(random.Int63n(int64(300*tick)))
			w.set(due, deadlines[due])
		})
		for c, deadline := range deadlines {
			assert.Greater(t, deadline, now-3*tick, "told in time")
			if random.Intn(50) == 0 {
				deadlines[c] = now + time.Duration(random.Int63n(int64(300*tick)))
				w.set(c, deadlines[c])
			}
		}
	}
}
