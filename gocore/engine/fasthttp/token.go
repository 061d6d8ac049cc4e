package fasthttp

import "fastgo/gocore"

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
	c.deferred = true
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

// await returns the deferred answer; nil when the connection is cut before. The
// answers before it need not wait.
func (c *conn) await() *gocore.Response {
	_ = c.flush() // should that fail, the next write does
	select {
	case response := <-c.answer:
		return response
	case <-c.engine.cut:
		return c.revoke()
	}
}

// revoke withdraws the token of the current request. It returns the answer where
// that came first.
func (c *conn) revoke() *gocore.Response {
	if pending := c.pending.Load(); pending != 0 && c.pending.CompareAndSwap(pending, 0) {
		return nil
	}
	return <-c.answer
}
