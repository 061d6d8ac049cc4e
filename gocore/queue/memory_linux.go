//go:build !race

package queue

import "syscall"

// take maps memory. It panics when the system has none, as Go itself does.
func take(size int) []byte {
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("no memory for a queue: " + err.Error())
	}
	return memory
}

// setPlace sets a place of a ring, which Head publishes. A worker that is late may read
// it at the same time, and then finds that the place was taken.
func setPlace(place *uint64, address uint64) { *place = address }

func give(memory []byte) {
	_ = syscall.Munmap(memory) // it was mapped so
}
