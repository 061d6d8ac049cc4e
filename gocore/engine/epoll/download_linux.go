package epoll

import (
	"io"
	"sync"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// download is a response's stream: a goroutine reads it, which may wait, and
// hands one piece at a time to the loop, which may not. The goroutine owns the
// response and gives it back when it has ended.
type download struct {
	conn     *conn
	response *gocore.Response
	left     int64 // what is left of an announced length, -1 where unknown

	// buffer and the piece in it are the goroutine's until it posts them, then the
	// loop's until it calls for the next one.
	buffer []byte
	piece  int
	err    error

	ready bool      // the loop has a piece that was not written
	owed  bool      // the loop has not called for the next piece
	next  chan bool // the loop calls for another piece; false: no more
	start func()    // run, bound once: to bind it for each response would allocate
}

const pieceSize = 32 << 10

var downloads sync.Pool

func (l *loop) beginDownload(c *conn, response *gocore.Response) *download {
	d, _ := downloads.Get().(*download)
	if d == nil {
		d = &download{buffer: make([]byte, pieceSize), next: make(chan bool, 1)}
		d.start = d.run
	}
	d.conn, d.response = c, response
	_, d.left = response.Stream()
	l.engine.downloads.Add(1)
	go d.start()
	return d
}

func (d *download) run() {
	open := &d.conn.loop.engine.downloads
	defer open.Done()
	stream, _ := d.response.Stream()
	for {
		d.piece, d.err = readPiece(stream, d.buffer)
		d.conn.loop.post(message{kind: proceed, conn: d.conn, download: d})
		if !<-d.next {
			break
		}
	}
	d.response.Recycle()
	*d = download{buffer: d.buffer, next: d.next, start: d.start}
	downloads.Put(d)
}

// readPiece reads at least one byte or an error. A panic of the stream is an
// error of it: it must not end the process.
func readPiece(stream io.Reader, buffer []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			n, err = 0, io.ErrUnexpectedEOF
		}
	}()
	for n == 0 && err == nil {
		n, err = stream.Read(buffer)
	}
	return n, err
}

// cancel ends the download. The loop calls it once.
func (d *download) cancel() { d.next <- false }

// sendPiece writes the piece that is there, and calls for the next one when it has
// left. True: the body is complete.
func (l *loop) sendPiece(c *conn) bool {
	d := c.transfer.download
	if d.ready {
		d.ready = false
		l.writePiece(c, d)
		ended := d.err != nil || d.left == 0
		if d.err != nil && d.err != io.EOF || ended && d.left > 0 {
			l.flush(c)
			l.close(c) // cut, so that the client notices
			return false
		}
		if ended {
			if c.transfer.chunked {
				l.out = append(l.out, http1.LastChunk...)
			}
			l.endTransfer(c)
			return l.flush(c) && c.out == nil
		}
		d.owed = true
	}
	if l.flush(c) && c.out == nil && d.owed {
		d.owed = false
		d.next <- true
	}
	return false
}

// writePiece writes the piece as the body travels, and not more than was announced.
func (l *loop) writePiece(c *conn, d *download) {
	data := d.buffer[:d.piece]
	if d.left >= 0 {
		data = data[:min(int64(len(data)), d.left)]
		d.left -= int64(len(data))
	}
	switch {
	case !c.transfer.chunked:
		l.out = append(l.out, data...)
	case len(data) > 0:
		l.out = http1.AppendChunk(l.out, data)
	}
}
