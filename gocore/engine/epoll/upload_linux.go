package epoll

import (
	"errors"
	"io"
	"sync"
)

// upload is the body of a request whose route takes a stream: a bounded pipe from
// the loop, which never waits, to one goroutine, which does.
//
// When it is full the loop stops reading the connection, and the reader tells the
// loop when it has made room again.
type upload struct {
	conn  *conn
	limit int64

	mu     sync.Mutex
	filled sync.Cond
	buffer []byte
	err    error // behind the buffer's last byte
	// stalled: the loop was told that there is no room and waits to hear of some.
	stalled bool
}

// uploadHeld is how many bytes wait for the reader at most, one read more or less.
const uploadHeld = 64 << 10

var (
	errGone      = errors.New("the client has gone")
	errAnswered  = errors.New("the request has been answered: its body can no longer be read")
	errTruncated = io.ErrUnexpectedEOF
)

func newUpload(c *conn, limit int64) *upload {
	u := &upload{conn: c, limit: limit}
	u.filled.L = &u.mu
	return u
}

// full reports whether the loop has to wait; it will hear of room then.
func (u *upload) full() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stalled = len(u.buffer) >= uploadHeld
	return u.stalled
}

func (u *upload) write(data []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.buffer = append(u.buffer, data...)
	u.filled.Signal()
}

func (u *upload) end() { u.fail(io.EOF) }

// fail ends the stream. Only the first reason counts.
func (u *upload) fail(reason error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err = reason
	}
	u.filled.Broadcast()
}

// abort ends the stream at once, bytes that were not read included.
func (u *upload) abort() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.buffer, u.err = nil, errAnswered
	u.filled.Broadcast()
}

// Read implements io.Reader, on any goroutine but the loop's.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(u.buffer) == 0 && u.err == nil && len(p) > 0 {
		u.filled.Wait()
	}
	if len(u.buffer) == 0 {
		return 0, u.err
	}
	n := copy(p, u.buffer)
	u.buffer = append(u.buffer[:0], u.buffer[n:]...)
	if u.stalled && len(u.buffer) < uploadHeld {
		u.stalled = false
		u.conn.loop.post(message{kind: proceed, conn: u.conn})
	}
	return n, nil
}

// noBody is the stream of a request without a body.
type noBody struct{}

func (noBody) Read([]byte) (int, error) { return 0, io.EOF }
