//go:build race

package queue

import (
	"sync/atomic"
	"unsafe"
)

// The race detector watches the Go heap alone. So the memory comes from there, and tests
// whose workers are goroutines learn what is not ordered between the two sides.

func take(size int) []byte {
	words := make([]uint64, (size+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), size)
}

func takeHuge() (memory, page []byte) {
	memory = take(2 << 20)
	return memory, memory
}

func setPlace(place *uint64, address uint64) { atomic.StoreUint64(place, address) }

func give([]byte) {}
