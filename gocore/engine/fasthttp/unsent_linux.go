package fasthttp

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent returns how many bytes of a socket's output the client has not taken.
func unsent(socket net.Conn) (count int64) {
	system, ok := socket.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { // fails only when closed
		if n, err := unix.IoctlGetInt(int(fd), unix.TIOCOUTQ); err == nil {
			count = int64(n)
		}
	})
	return count
}
