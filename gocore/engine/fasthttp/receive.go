package fasthttp

import (
	"errors"
	"io"
	"os"
	"time"

	"fastgo/gocore/engine"
)

// wanted is what is read from a client, which decides about how long it may take.
type wanted uint8

const (
	firstByte  wanted = iota // of a request: Limits.Idle
	restOfHead               // Limits.HeaderTime from the first byte on
	moreOfBody               // Limits.Body for each piece
)

// receive reads from the socket, after the answers that were held back have left.
// A time that is up is os.ErrDeadlineExceeded.
func (c *conn) receive(p []byte, wanted wanted) (int, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	for {
		c.extendRead(wanted)
		// After the deadline has been set: Drain and interrupt store their flag
		// first and set their deadline then, so that one of the two is seen here.
		draining := c.engine.draining.Load()
		if c.interrupted.Load() {
			return 0, os.ErrDeadlineExceeded
		}
		if draining && wanted == firstByte {
			return c.receiveLast(p)
		}
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.shard.Received(n)
			return n, nil
		}
		if !isTimeout(err) || !c.engine.draining.Load() || c.interrupted.Load() {
			return 0, err
		}
		// It may be Drain that woke us.
		if wanted != firstByte { // a request is under way
			if c.patient {
				return 0, err
			}
			c.patient = true
		}
		c.readUntil = 0
	}
}

// receiveLast reads what an idle client had sent when the server drained; io.EOF
// where that is nothing.
func (c *conn) receiveLast(p []byte) (int, error) {
	for range 2 { // the first read may be the one that Drain ends
		if !hasInput(c.Conn) {
			break
		}
		c.readUntil = 0
		_ = c.SetReadDeadline(time.Now().Add(inputTime)) // fails only when closed: the read says so
		n, err := c.Conn.Read(p)
		c.shard.Received(n)
		if !isTimeout(err) {
			return n, err
		}
	}
	return 0, io.EOF
}

// extendRead gives the client its time from now on and a little more, at most a
// quarter: so the deadline, which is dear to set, is set now and then only. The
// eighth makes up for the engine's clock being late. The deadline of a head stays
// as it was set first.
func (c *conn) extendRead(wanted wanted) {
	now, limits := c.engine.clock.now(), &c.engine.config.Limits
	until := now + limits.Idle + limits.Idle/4
	least := now + limits.Idle + limits.Idle/8
	switch wanted {
	case restOfHead:
		if c.headUntil == 0 {
			c.headUntil = now + limits.HeaderTime + limits.HeaderTime/4
		}
		until, least = c.headUntil, c.headUntil
	case moreOfBody:
		until = now + limits.Body + limits.Body/4
		least = now + limits.Body + limits.Body/8
	}
	if c.readUntil < least || c.readUntil > until {
		c.readUntil = until
		_ = c.SetReadDeadline(time.Now().Add(until - now)) // fails only when closed: the read says so
	}
}

// extendWrite sets the time after which a write looks whether the client takes
// anything: an eighth of Limits.Write, renewed when half of that has passed.
func (c *conn) extendWrite() {
	wait := c.engine.config.Limits.Write / 8
	if now := c.engine.clock.now(); now+wait/2 > c.writeUntil {
		c.writeUntil = now + wait
		_ = c.SetWriteDeadline(time.Now().Add(wait)) // fails only when closed: the write says so
	}
}

// keepsTaking decides about a write whose time is up: false when the client has
// taken nothing for Limits.Write, else it has time until the next look.
func (c *conn) keepsTaking(progress *engine.Progress) bool {
	started := c.engine.clock.started // as this has to be exact
	now := time.Since(started)
	next, late := progress.Look(c.written-unsent(c.Conn), now, c.engine.config.Limits.Write)
	if late {
		return false
	}
	c.writeUntil = 0
	return c.SetWriteDeadline(started.Add(next)) == nil
}

// wake ends a read that is waiting. Whoever calls it has set a flag before that
// says why.
func (c *conn) wake() {
	_ = c.SetReadDeadline(time.Unix(1, 0)) // fails only when closed: nothing to wake
}

// interrupt ends a read that is waiting on another goroutine; resume lets the
// connection go on.
func (c *conn) interrupt() {
	c.interrupted.Store(true)
	c.wake()
}

func (c *conn) resume() {
	c.interrupted.Store(false)
	c.readUntil = 0
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded)
}
