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
func hasInput(socket any) bool { return look(socket, unix.POLLIN) != 0 }

// hasHungUp reports whether a client has reset its connection, or closed it for both
// directions.
func hasHungUp(socket any) bool { return look(socket, 0)&(unix.POLLHUP|unix.POLLERR) != 0 }

// hasEnded reports whether a client has ended its side of the connection, behind bytes that
// were all read.
func hasEnded(socket any) (ended bool) {
	control(socket, func(fd int) {
		n, _, err := unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		ended = n == 0 && err == nil
	})
	return ended
}

// look returns which of the events a socket has, and those that are never asked for.
func look(socket any, events int16) (found int16) {
	control(socket, func(fd int) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: events}}
		for {
			if _, err := unix.Poll(poll, 0); err != unix.EINTR {
				found = poll[0].Revents
				return
			}
		}
	})
	return found
}

// control calls act with the descriptor of a socket, where that is open and has one.
func control(socket any, act func(fd int)) {
	system, ok := socket.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := system.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { act(int(fd)) })
	}
}
