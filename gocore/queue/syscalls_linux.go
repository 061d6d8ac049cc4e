package queue

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// The calls of the hot path never block, so they are made raw.

const futexWakePrivate = 1 | 128

func wakeFutex(word *uint32) {
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakePrivate, 1, 0, 0, 0)
}

func newEvent() (int, error) {
	event, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return -1, os.NewSyscallError("eventfd2", errno)
	}
	return int(event), nil
}

func duplicate(fd int) (int, error) {
	made, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1, os.NewSyscallError("fcntl", errno)
	}
	return int(made), nil
}

func tell(event int) {
	one := uint64(1)
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(event), uintptr(unsafe.Pointer(&one)), 8)
}

// clock is the system's monotonic clock, as workers read it too. Go's own, which runs
// at the same pace, is read without a system call.
type clock struct {
	begun time.Time
	at    uint64
}

func newClock() clock {
	var now syscall.Timespec
	const monotonic = 1
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0)
	return clock{begun: time.Now(), at: uint64(now.Nano())}
}

func (c clock) now() uint64 { return c.at + uint64(time.Since(c.begun)) }
