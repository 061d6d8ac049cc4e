//go:build !race

package queue

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// take maps memory. It panics when the system has none, as Go itself does.
func take(size int) []byte {
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("no memory for a queue: " + err.Error())
	}
	return memory
}

// hugePage is the size of a huge page of the usual processors; on others the system does
// without.
const hugePage = 2 << 20

// takeHuge maps memory for a huge page, where the system has any: page is the part of it
// that can be used.
func takeHuge() (memory, page []byte) {
	memory = take(2 * hugePage)
	begin := int(-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % hugePage)
	page = memory[begin : begin+hugePage]
	_ = syscall.Madvise(page, unix.MADV_HUGEPAGE) // which is only advice
	return memory, page
}

// setPlace sets a place of a ring, which Head publishes. A worker that is late may read
// it at the same time, and then finds that the place was taken.
func setPlace(place *uint64, address uint64) { *place = address }

func give(memory []byte) {
	_ = syscall.Munmap(memory) // it was mapped so
}
