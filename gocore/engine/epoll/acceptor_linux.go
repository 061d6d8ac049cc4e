package epoll

import (
	"context"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// acceptor is a goroutine that accepts connections and hands each to the loop
// that has the fewest. It waits in Go's own poller.
//
// An error of accept never ends it: it pauses, longer each time up to a second,
// tells once a minute, and goes on. When draining begins it hands over the
// connections that wait for it, which the system would reset, and ends.
type acceptor struct {
	engine  *Engine
	network string
	pause   time.Duration
	warned  time.Time
}

func (a *acceptor) run(listener net.Listener) {
	a.network = listener.Addr().Network()
	// The listener itself lets nobody else wait for it; a duplicate does.
	socket, err := listener.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		if a.engine.accepting.Err() == nil { // else it has been closed already
			a.engine.config.Logger.Error("cannot accept connections", "error", err.Error())
		}
		return
	}
	defer socket.Close()
	stop := context.AfterFunc(a.engine.accepting, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := socket.SyscallConn()
	if err != nil {
		a.engine.config.Logger.Error("cannot accept connections", "error", err.Error())
		return
	}
	for a.engine.acquire() {
		fd, peer, errno := -1, netip.AddrPort{}, syscall.Errno(0)
		err := raw.Read(func(listening uintptr) bool {
			fd, peer, errno = accept(int(listening))
			return errno != eagain
		})
		if err == nil && errno == 0 {
			a.pause = 0
			a.hand(fd, peer)
			continue
		}
		a.engine.forget()
		if a.engine.accepting.Err() != nil {
			break
		}
		if errno != syscall.ECONNABORTED && errno != syscall.EINTR {
			if err == nil {
				err = errno
			}
			a.rest(err)
		}
	}
	if !a.engine.config.Shared {
		_ = raw.Control(func(listening uintptr) { a.sweep(int(listening)) }) // fails only when closed
	}
}

// sweep hands over what waits in the listener's queue, as far as there is room.
// Clients that go on connecting do not keep it.
func (a *acceptor) sweep(listening int) {
	for range cap(a.engine.slots) {
		if !a.engine.tryAcquire() {
			return
		}
		fd, peer, errno := accept(listening)
		if errno == 0 {
			a.hand(fd, peer)
			continue
		}
		a.engine.forget()
		if errno != syscall.ECONNABORTED && errno != syscall.EINTR {
			return
		}
	}
}

// rest waits after an error.
func (a *acceptor) rest(reason error) {
	if time.Since(a.warned) > time.Minute {
		a.warned = time.Now()
		a.engine.config.Logger.Error("cannot accept connections; will go on trying", "error", reason.Error())
	}
	a.pause = min(max(2*a.pause, 5*time.Millisecond), time.Second)
	select {
	case <-time.After(a.pause):
	case <-a.engine.accepting.Done():
	}
}

func (a *acceptor) hand(fd int, peer netip.AddrPort) {
	if a.network == "tcp" {
		setNoDelay(fd)
	}
	emptiest := a.engine.loops[0]
	for _, l := range a.engine.loops[1:] {
		if l.load.Load() < emptiest.load.Load() {
			emptiest = l
		}
	}
	emptiest.load.Add(1)
	emptiest.post(message{kind: connected, fd: fd, peer: peer})
}

func accept(listening int) (fd int, peer netip.AddrPort, errno syscall.Errno) {
	fd, address, err := syscall.Accept4(listening, acceptFlags)
	if err != nil {
		return -1, netip.AddrPort{}, err.(syscall.Errno)
	}
	switch address := address.(type) {
	case *syscall.SockaddrInet4:
		peer = netip.AddrPortFrom(netip.AddrFrom4(address.Addr), uint16(address.Port))
	case *syscall.SockaddrInet6:
		peer = netip.AddrPortFrom(netip.AddrFrom16(address.Addr).Unmap(), uint16(address.Port))
	}
	return fd, peer, 0
}
