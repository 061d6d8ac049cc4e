//go:build unix

package server

import (
	"net"
	"os"
	"syscall"
)

// setBacklog changes how many connections may wait: listening once more does it.
func setBacklog(listener net.Listener, backlog int) {
	raw, err := listener.(syscall.Conn).SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.Listen(int(fd), backlog) // as the socket listens, this cannot fail
		})
	}
}

// listenerOf returns a listener on a duplicate of a descriptor, which must be that
// of a listening stream socket.
func listenerOf(fd int) (net.Listener, error) {
	listening, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	if err != nil {
		return nil, os.NewSyscallError("getsockopt", err)
	}
	if listening == 0 {
		return nil, syscall.EINVAL
	}
	duplicate, err := syscall.Dup(fd)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	file := os.NewFile(uintptr(duplicate), "inherited socket")
	defer file.Close()
	return net.FileListener(file)
}
