package epoll

const (
	// outputSize is the loop's output buffer; an answer that makes it outputFull
	// has it sent before the next one.
	outputSize = 256 << 10
	outputFull = outputSize - copied - 16<<10
)

// flush sends the loop's output, all of it the connection's. What the socket does
// not take is kept in a slab, and the connection is not read until it has left.
// False: the connection has ended.
func (l *loop) flush(c *conn) bool {
	return l.flushWith(c, sendFlags)
}

func (l *loop) flushWith(c *conn, flags int) bool {
	if len(l.out) == 0 {
		return true
	}
	l.publish() // before the client can know
	output := l.out
	l.out = l.output[:0]
	n := 0
	if c.out == nil {
		sent, errno := send(c.fd, output, flags)
		if errno != 0 && errno != eagain {
			l.close(c)
			return false
		}
		n = sent
		l.wrote(c, n)
	}
	if n < len(output) {
		l.stash(c, output[n:])
		// Only a socket that has refused bytes tells when it has room again.
		l.sendOut(c)
	}
	return !c.closed
}

// stash keeps output that the socket did not take.
func (l *loop) stash(c *conn, output []byte) {
	if c.out == nil {
		c.out = l.slabs.Take(len(output))
		c.outBegin, c.outEnd = 0, 0
	} else if c.outEnd+len(output) > len(c.out) {
		c.out = l.slabs.Grow(c.out, c.outEnd, c.outEnd+len(output))
	}
	c.outEnd += copy(c.out[c.outEnd:], output)
}

// sendOut sends what was stashed; true when all of it has left.
func (l *loop) sendOut(c *conn) bool {
	for c.out != nil {
		n, errno := send(c.fd, c.out[c.outBegin:c.outEnd], sendFlags)
		if errno == eagain {
			return false
		}
		if errno != 0 {
			l.close(c)
			return false
		}
		l.wrote(c, n)
		if c.outBegin += n; c.outBegin == c.outEnd {
			l.slabs.Give(c.out)
			c.out = nil
		}
	}
	return true
}

// wrote counts what a connection's socket has taken.
func (l *loop) wrote(c *conn, n int) {
	l.sent += uint64(n)
	c.written += int64(n)
}

// finish ends a connection that has nothing more to do: its last answer has left,
// the client has closed or hung up, or the server drains. False: it goes on.
func (l *loop) finish(c *conn) bool {
	if c.out != nil || c.transfer.kind != noTransfer || c.lingering {
		return false
	}
	switch {
	case c.closing:
		// Behind a request that was refused or not read to its end, the client may
		// still be sending.
		if !c.eof && (c.phase != readingHead || c.inEnd > 0 || c.readable) {
			l.linger(c)
		} else {
			l.close(c)
		}
	case c.first != c.next:
		if !c.hungUp {
			if c.ended {
				l.desertAll(c)
			}
			return false
		}
		l.close(c) // nobody will get the answers
	case c.eof && !c.stalled, l.draining && c.idle():
		l.close(c)
	default:
		return false
	}
	return true
}
