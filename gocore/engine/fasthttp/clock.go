package fasthttp

import (
	"sync/atomic"
	"time"

	"fastgo/gocore"
)

// clock tells the time since it was started, and the date, by a tick: reading them
// costs a load, where the system's clock costs as much as parsing a header field.
type clock struct {
	started time.Time
	elapsed atomic.Int64
	written atomic.Pointer[[gocore.DateLength]byte]
}

// slowestTick keeps the date right to the second that it had half a second ago.
const slowestTick = time.Second / 2

func (c *clock) start(now time.Time) {
	c.started = now
	c.set(now)
}

func (c *clock) set(now time.Time) {
	c.elapsed.Store(int64(now.Sub(c.started)))
	date := new([gocore.DateLength]byte)
	now.UTC().AppendFormat(date[:0], "Mon, 02 Jan 2006 15:04:05 GMT")
	c.written.Store(date)
}

func (c *clock) now() time.Duration { return time.Duration(c.elapsed.Load()) }

// date returns the value of the Date field.
func (c *clock) date() *[gocore.DateLength]byte { return c.written.Load() }

// run ticks until stop is closed.
func (c *clock) run(tick time.Duration, stop <-chan struct{}) {
	ticker := time.NewTicker(min(tick, slowestTick))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.set(time.Now())
		case <-stop:
			return
		}
	}
}
