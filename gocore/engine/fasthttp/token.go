package fasthttp

import (
	"time"

	"fastgo/gocore"
)

// A request whose handler has deferred holds its connection's goroutine, which
// waits for the answer. Whoever takes the request's number out of pending decides:
// an answer goes into the channel only after that, and the goroutine gives up only
// by the same step.

// Defer implements gocore.Deferrer.
func (c *conn) Defer() gocore.Token {
	if c.answer == nil {
		c.answer = make(chan *gocore.Response, 1)
	}
	c.sequence++
	if c.sequence == 0 { // 0 means that no request waits
		c.sequence = 1
	}
	c.deferred, c.watcher = true, nil
	c.pending.Store(c.sequence)
	return gocore.NewToken(c, 0, 0, c.sequence)
}

// Complete implements gocore.Completer.
func (c *conn) Complete(token gocore.Token, response *gocore.Response) bool {
	if !c.pending.CompareAndSwap(token.Sequence, 0) {
		response.Recycle()
		return false
	}
	c.answer <- response
	return true
}

// Watch implements gocore.Deferrer.
func (c *conn) Watch(watcher gocore.Watcher) { c.watcher = watcher }

// await returns the deferred answer; nil when the connection is cut before, or the
// client of a request that is watched hangs up. The answers before it need not wait.
func (c *conn) await() *gocore.Response {
	_ = c.flush() // should that fail, the next write does
	for {
		select {
		case response := <-c.answer:
			return response
		case <-c.engine.cut:
			return c.desert()
		case <-c.nextGlance():
			if hasHungUp(c.Conn) {
				return c.desert()
			}
			if hasEnded(c.Conn) { // and may still read
				c.watcher.Left(gocore.NewToken(c, 0, 0, c.sequence))
				c.watcher = nil
			}
		}
	}
}

// glances is how often a connection looks whether the client of a watched request is
// still there: nobody reads its socket meanwhile, who would be told.
const glances = 200 * time.Millisecond

// nextGlance returns what tells when to look.
func (c *conn) nextGlance() <-chan time.Time {
	switch {
	case c.watcher == nil:
		return nil
	case c.glance == nil:
		c.glance = time.NewTimer(glances)
	default:
		c.glance.Reset(glances)
	}
	return c.glance.C
}

// desert gives the current request up, and tells its watcher. It returns the answer
// where that came first.
func (c *conn) desert() *gocore.Response {
	token := gocore.NewToken(c, 0, 0, c.sequence)
	response := c.revoke()
	if response == nil && c.watcher != nil {
		c.watcher.Left(token)
	}
	return response
}

// revoke withdraws the token of the current request. It returns the answer where
// that came first.
func (c *conn) revoke() *gocore.Response {
	if pending := c.pending.Load(); pending != 0 && c.pending.CompareAndSwap(pending, 0) {
		return nil
	}
	return <-c.answer
}
