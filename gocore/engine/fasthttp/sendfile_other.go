//go:build !linux

package fasthttp

import "fastgo/gocore"

// fileSender sends sections of files through the process's memory.
type fileSender struct{ conn *conn }

func (s *fileSender) init(c *conn) { s.conn = c }

func (s *fileSender) send(section gocore.FileSection) (int64, error) {
	return copySection(s.conn, section)
}
