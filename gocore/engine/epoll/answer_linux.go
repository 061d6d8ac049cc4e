package epoll

import (
	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// Answers leave in the order of their requests. An answer that is first in line
// is written to the loop's output at once; one that is ready behind a request
// that still waits is held in the connection's window, which has room for
// Limits.InFlight of them. A connection whose window is full, or holds more than
// maxHeld bytes, is not read.

const maxHeld = 1 << 20

// exchange is what a request leaves behind for its answer.
type exchange struct {
	method    gocore.Method
	minor     uint8
	keepAlive bool
	upload    *upload // its streamed body, which ends with the answer
}

// entry is a request in flight.
type entry struct {
	exchange exchange
	// waiting: the handler has deferred; place is that of its promise, and route
	// keeps the table alive. Else there is the answer.
	waiting bool
	place   uint32
	route   *gocore.Route
	arrival
}

// arrival is an answer that may have to wait for its turn: one of the two.
type arrival struct {
	response *gocore.Response
	answer   gocore.Answer
}

// size is how many bytes it keeps.
func (a *arrival) size() int {
	if a.answer != nil {
		return a.answer.Size()
	}
	return len(a.response.Bytes())
}

func (a *arrival) drop() {
	if a.answer != nil {
		a.answer.Drop()
	} else {
		a.response.Recycle()
	}
}

// window is a ring of entries by sequence number; its length is a power of two.
type window struct {
	entries []entry
}

func (w *window) at(sequence uint32) *entry {
	return &w.entries[sequence&uint32(len(w.entries)-1)]
}

func (l *loop) windowOf(c *conn) *window {
	if c.window == nil {
		if last := len(l.windows) - 1; last >= 0 {
			c.window, l.windows = l.windows[last], l.windows[:last]
		} else {
			size := 1
			for uint32(size) < l.inFlight {
				size *= 2
			}
			c.window = &window{entries: make([]entry, size)}
		}
	}
	return c.window
}

func (l *loop) giveWindow(c *conn) {
	if c.window != nil {
		l.windows = append(l.windows, c.window)
		c.window = nil
	}
}

// await puts a deferred request into the window.
func (l *loop) await(c *conn, route *gocore.Route, left exchange) {
	*l.windowOf(c).at(c.next) = entry{exchange: left, waiting: true, place: l.place, route: route}
	c.next++
	l.response.Reset() // the handler may have begun to fill it
}

// arrive takes a deferred answer that has come, for a connection or for nobody.
func (l *loop) arrive(c *conn, sequence uint32, come arrival) {
	if c == nil {
		come.drop()
		return
	}
	at := c.window.at(sequence)
	at.waiting, at.route, at.arrival = false, nil, come
	c.held += come.size()
	l.queue(c)
}

// answer takes the answer to the request of that number, which was the last one:
// it is written if it is the next to leave, else held.
func (l *loop) answer(c *conn, sequence uint32, response *gocore.Response, left exchange) {
	if sequence == c.first && c.out == nil && c.transfer.kind == noTransfer {
		c.first++
		l.write(c, response, left)
		return
	}
	at := l.windowOf(c).at(sequence)
	*at = entry{exchange: left, arrival: arrival{response: l.keep(response)}}
	c.held += at.size()
}

// keep makes a response outlive the call: the loop's own is replaced.
func (l *loop) keep(response *gocore.Response) *gocore.Response {
	if response == l.response {
		l.response = gocore.AcquireResponse()
	}
	return response
}

// release gives back a response whose body is no longer needed.
func (l *loop) release(response *gocore.Response) {
	if response == l.response {
		response.Reset()
	} else {
		response.Recycle()
	}
}

// push sends what waits: output, then the body that is under way, then answers
// that have become the first in line, until one of them must wait.
func (l *loop) push(c *conn) {
	for !c.closed && l.sendOut(c) && l.sendTransfer(c) && c.first != c.next {
		at := c.window.at(c.first)
		if at.waiting {
			return
		}
		c.held -= at.size()
		response, left := at.response, at.exchange
		if at.answer != nil {
			response = l.response
			at.answer.Fill(response)
		}
		*at = entry{}
		c.first++
		if c.first == c.next {
			l.giveWindow(c)
		}
		l.write(c, response, left)
	}
}

// copied is the largest body that is copied behind its head; larger ones are sent
// from where they are.
const copied = 32 << 10

// write renders a response into the loop's output. It takes the response.
func (l *loop) write(c *conn, response *gocore.Response, left exchange) {
	if left.upload != nil {
		l.endUpload(c, left.upload)
	}
	// The last answer says that the connection closes; those before it must not.
	ends := c.first == c.next && (c.last || l.engine.draining.Load())
	rendering := http1.Exchange{
		Method:    left.method,
		Minor:     left.minor,
		KeepAlive: left.keepAlive && !ends,
		Date:      &l.date,
	}
	l.count(response)
	var how http1.Transfer
	if size := len(bodyOf(response)); size <= copied {
		l.out, how = http1.AppendResponse(l.out, response, &rendering)
	} else {
		l.out, how = http1.AppendHead(l.out, response, &rendering)
	}
	if !rendering.KeepAlive || how == http1.TransferUntilClose {
		c.closing, c.last = true, true
	}
	if how == http1.TransferNone {
		l.release(response)
	} else {
		l.beginTransfer(c, l.keep(response), how)
	}
	if len(l.out) >= outputFull {
		l.flush(c)
	}
}

// bodyOf returns the body of a response that has it in memory.
func bodyOf(response *gocore.Response) []byte {
	if response.Kind() == gocore.RenderedBody {
		return response.Rendered().Body
	}
	return response.Bytes()
}

func (l *loop) count(response *gocore.Response) {
	status := response.Status.Final()
	if response.Kind() == gocore.RenderedBody {
		status = response.Rendered().Status
	}
	l.answers[status.Class()]++
}

// endUpload ends the stream of a request that is being answered. What has not
// come of the body is not waited for: the connection closes behind the answer.
func (l *loop) endUpload(c *conn, ended *upload) {
	ended.abort()
	if c.upload == ended {
		c.upload, c.phase, c.last = nil, finished, true
	}
}
