package epoll

import (
	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// transfer is the body that a connection is sending, where that is not copied
// into the output: while it lasts no other answer is written and no request read.
type transfer struct {
	kind     transferKind
	chunked  bool
	response *gocore.Response
	rest     []byte // of bytesTransfer
	source   int    // of fileTransfer: descriptor, offset, bytes left
	offset   int64
	left     int64
	download *download // of streamTransfer
}

type transferKind uint8

const (
	noTransfer transferKind = iota
	bytesTransfer
	fileTransfer
	streamTransfer
)

// sendfileSize bounds one call, and sendfileTurn what a connection sends before
// the others have their turn.
const (
	sendfileSize = 1 << 20
	sendfileTurn = 4 << 20
)

// sending reports whether the transfer waits for the socket, and not for its source.
func (t *transfer) sending() bool {
	return t.kind == bytesTransfer || t.kind == fileTransfer
}

// beginTransfer takes a response whose head has been written.
func (l *loop) beginTransfer(c *conn, response *gocore.Response, how http1.Transfer) {
	c.transfer = transfer{response: response, chunked: how == http1.TransferChunked}
	switch response.Kind() {
	case gocore.FileBody:
		section := response.File()
		c.transfer.kind = fileTransfer
		c.transfer.source = int(section.File.Fd())
		c.transfer.offset, c.transfer.left = section.Offset, section.Length
	case gocore.StreamBody:
		c.transfer.kind = streamTransfer
		c.transfer.download = l.beginDownload(c, response)
	default:
		c.transfer.kind, c.transfer.rest = bytesTransfer, bodyOf(response)
	}
}

// endTransfer ends the body under way, done or not. A stream's response belongs
// to its goroutine.
func (l *loop) endTransfer(c *conn) {
	ended := c.transfer
	c.transfer = transfer{}
	switch ended.kind {
	case streamTransfer:
		ended.download.cancel()
	case bytesTransfer, fileTransfer:
		ended.response.Recycle()
	}
}

// sendTransfer goes on with the body under way; true when there is none, or no
// more of it.
func (l *loop) sendTransfer(c *conn) bool {
	switch c.transfer.kind {
	case bytesTransfer:
		return l.flushWith(c, sendMoreFlags) && c.out == nil && l.sendBytes(c)
	case fileTransfer:
		return l.flushWith(c, sendMoreFlags) && c.out == nil && l.sendFile(c)
	case streamTransfer:
		return l.sendPiece(c)
	}
	return true
}

func (l *loop) sendBytes(c *conn) bool {
	for len(c.transfer.rest) > 0 {
		n, errno := send(c.fd, c.transfer.rest, sendFlags)
		if errno == eagain {
			return false
		}
		if errno != 0 {
			l.close(c)
			return false
		}
		l.wrote(c, n)
		c.transfer.rest = c.transfer.rest[n:]
	}
	l.endTransfer(c)
	return true
}

func (l *loop) sendFile(c *conn) bool {
	t := &c.transfer
	for turn := int64(sendfileTurn); t.left > 0; {
		if turn <= 0 {
			l.queue(c)
			return false
		}
		n, errno := sendfile(c.fd, t.source, &t.offset, int(min(t.left, sendfileSize)))
		if errno == eagain {
			return false
		}
		if errno != 0 || n == 0 { // or the file is shorter than its section
			l.close(c)
			return false
		}
		l.wrote(c, n)
		t.left -= int64(n)
		turn -= int64(n)
	}
	l.endTransfer(c)
	return true
}
