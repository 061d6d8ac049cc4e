package fasthttp

import (
	"sync/atomic"
	"time"
)

// clock tells the time since it was started, by a tick: reading it costs a load,
// where the system's clock costs as much as parsing a header field.
type clock struct {
	elapsed atomic.Int64
}

func (c *clock) now() time.Duration { return time.Duration(c.elapsed.Load()) }

// run ticks until stop is closed.
func (c *clock) run(tick time.Duration, stop <-chan struct{}) {
	started := time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.elapsed.Store(int64(time.Since(started)))
		case <-stop:
			return
		}
	}
}
