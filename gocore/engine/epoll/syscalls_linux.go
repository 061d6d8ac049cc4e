package epoll

import (
	"os"
	"syscall"
	"unsafe"
)

// The system calls of the hot path never block, so they are made raw: the Go
// scheduler need not know. Only the wait for events may block, and then it does
// not: a raw call that blocks would hold up the garbage collector.

const (
	epollET       = 1 << 31
	acceptFlags   = syscall.SOCK_NONBLOCK | syscall.SOCK_CLOEXEC
	sendFlags     = syscall.MSG_NOSIGNAL | syscall.MSG_DONTWAIT
	sendMoreFlags = sendFlags | 0x8000 // MSG_MORE: a file follows
)

// sendfile may read the file from a disk, and so block for a while.
func sendfile(fd, source int, offset *int64, size int) (int, syscall.Errno) {
	for {
		n, err := syscall.Sendfile(fd, source, offset, size)
		if err == nil {
			return n, 0
		}
		if errno := err.(syscall.Errno); errno != syscall.EINTR {
			return 0, errno
		}
	}
}

func closeFD(fd int) {
	syscall.RawSyscall(syscall.SYS_CLOSE, uintptr(fd), 0, 0)
}

// poller is an epoll instance and the eventfd that wakes it.
type poller struct {
	epoll, event int
	events       []syscall.EpollEvent
}

func newPoller() (*poller, error) {
	instance, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	event, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		closeFD(instance)
		return nil, os.NewSyscallError("eventfd2", errno)
	}
	p := &poller{epoll: instance, event: int(event), events: make([]syscall.EpollEvent, 256)}
	if errno := p.add(p.event, 0); errno != 0 {
		p.close()
		return nil, os.NewSyscallError("epoll_ctl", errno)
	}
	return p, nil
}

// add watches a descriptor for all that can happen to it, edge-triggered: it is
// registered once and never changed. Its events bring the number of its connection: a
// forked child may hold a closed one, whose events go on to come, while another has
// the descriptor.
func (p *poller) add(fd int, number int32) syscall.Errno {
	event := syscall.EpollEvent{
		Events: syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | epollET,
		Fd:     int32(fd),
		Pad:    number,
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, uintptr(p.epoll), syscall.EPOLL_CTL_ADD, uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	return errno
}

// poll returns the events that are there, without waiting.
func (p *poller) poll() []syscall.EpollEvent {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	if errno != 0 {
		return nil
	}
	return p.events[:n]
}

// wait waits for events up to a number of milliseconds, -1 for ever.
func (p *poller) wait(milliseconds int) []syscall.EpollEvent {
	n, _, errno := syscall.Syscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(milliseconds), 0, 0)
	if errno != 0 {
		return nil
	}
	return p.events[:n]
}

// wake ends a wait, from any goroutine. The eventfd is never read: watched by
// its edges, each write is an event.
func (p *poller) wake() {
	one := uint64(1)
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(p.event), uintptr(unsafe.Pointer(&one)), 8)
}

func (p *poller) close() {
	closeFD(p.event)
	closeFD(p.epoll)
}

func yield() {
	syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
}

// shutdownWrite sends FIN; false when the connection has gone.
func shutdownWrite(fd int) bool {
	_, _, errno := syscall.RawSyscall(syscall.SYS_SHUTDOWN, uintptr(fd), syscall.SHUT_WR, 0)
	return errno == 0
}

func setNoDelay(fd int) {
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1) // fails on other sockets
}

// unsent returns how many bytes of a socket's output the other side has not taken.
func unsent(fd int) int {
	var count int32
	syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&count)))
	return int(count)
}
