//go:build race

package epoll

import "syscall"

// The race detector understands that a message on a socket orders what was done
// before it and after it, but only where package syscall moves the bytes.

func read(fd int, p []byte) (int, syscall.Errno) {
	n, err := syscall.Read(fd, p)
	if err != nil {
		return 0, err.(syscall.Errno)
	}
	return n, 0
}

func send(fd int, p []byte, _ int) (int, syscall.Errno) {
	n, err := syscall.Write(fd, p)
	if err != nil {
		return 0, err.(syscall.Errno)
	}
	return n, 0
}
