//go:build unix

package fasthttp

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// inputTime is how long to wait for what hasInput has told of: it is there.
const inputTime = time.Second

// hasInput reports whether a socket has something to read, or a listener to
// accept, without waiting. A read or accept whose deadline has passed does not
// tell: it fails before it has looked.
func hasInput(socket any) (found bool) {
	system, ok := socket.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(poll, 0)
			if err != unix.EINTR {
				found = n > 0
				return
			}
		}
	})
	return found && err == nil
}
