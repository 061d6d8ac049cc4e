package fasthttp

import (
	"errors"
	"io"
	"runtime"
	"syscall"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// sendfileChunk bounds one call, so that progress is seen on a slow connection.
const sendfileChunk = 1 << 20

// fileSender sends sections of files by sendfile(2): the bytes never enter the
// process, and the file's own offset is neither used nor moved, so that one open
// file serves many requests at once.
type fileSender struct {
	conn *conn
	raw  syscall.RawConn
	step func(socket uintptr) bool // bound once: a closure a call would allocate

	source       int
	offset, left int64
	err          error
}

func (s *fileSender) init(c *conn) {
	s.conn = c
	s.step = s.sendSome
	if socket, ok := c.Conn.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
}

// send sends the section and returns how many bytes have left.
func (s *fileSender) send(section gocore.FileSection) (int64, error) {
	if s.raw == nil {
		return copySection(s.conn, section)
	}
	s.source = int(section.File.Fd())
	s.offset, s.left, s.err = section.Offset, section.Length, nil
	s.conn.extendWrite()
	var progress engine.Progress
	for s.left > 0 && s.err == nil {
		before := s.left
		err := s.raw.Write(s.step)
		s.conn.written += before - s.left
		if isTimeout(err) && s.conn.keepsTaking(&progress) {
			continue
		}
		s.err = errors.Join(s.err, err)
	}
	runtime.KeepAlive(section.File)
	sent := section.Length - s.left
	s.conn.shard.Sent(sent)
	return sent, s.err
}

// sendSome sends until the socket is full, which it reports by false.
func (s *fileSender) sendSome(socket uintptr) bool {
	for s.left > 0 {
		n, err := syscall.Sendfile(int(socket), s.source, &s.offset, int(min(s.left, sendfileChunk)))
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			s.err = err
			return true
		case n == 0: // the file is shorter than the section
			s.err = io.ErrUnexpectedEOF
			return true
		default:
			s.left -= int64(n)
		}
	}
	return true
}
