package epoll

import (
	"math/bits"
	"syscall"
)

// slabs is a loop's memory for unfinished bytes: mapped outside the Go heap, so
// that C and Python can read it without copies and the garbage collector need
// not look. Sizes are powers of two from smallestSlab. Freed slabs are kept for
// the next connection up to keptSlabs bytes for each size; what is above goes
// back to the system.
//
// A slab belongs to whoever took it until it is given back. Not safe for
// concurrent use.
type slabs struct {
	free [slabClasses][][]byte
	// batches are the mappings that were cut into several slabs.
	batches [][]byte
}

const (
	smallestSlab = 4 << 10
	slabClasses  = 40
	keptSlabs    = 4 << 20
	// Small slabs are mapped many at a time: mappings are few in a process.
	mappedAtOnce = 256 << 10
)

func slabClass(size int) int {
	return bits.Len(uint((max(size, 1) - 1) / smallestSlab))
}

// take returns a slab of at least that size. It panics when the system has no
// memory, as Go itself does.
func (s *slabs) take(size int) []byte {
	class := slabClass(size)
	free := &s.free[class]
	if len(*free) == 0 {
		s.mapMore(class)
	}
	last := len(*free) - 1
	slab := (*free)[last]
	*free = (*free)[:last]
	return slab
}

func (s *slabs) mapMore(class int) {
	size := smallestSlab << class
	memory, err := syscall.Mmap(-1, 0, max(size, mappedAtOnce), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("epoll: no memory for a buffer: " + err.Error())
	}
	if size < mappedAtOnce {
		s.batches = append(s.batches, memory)
	}
	for ; len(memory) >= size; memory = memory[size:] {
		s.free[class] = append(s.free[class], memory[:size:size])
	}
}

// give takes a slab back. nil is allowed.
func (s *slabs) give(slab []byte) {
	if slab == nil {
		return
	}
	slab = slab[:cap(slab)]
	class := slabClass(len(slab))
	free := &s.free[class]
	if len(*free)*len(slab) >= keptSlabs {
		if len(slab) >= mappedAtOnce {
			_ = syscall.Munmap(slab) // it was mapped alone
			return
		}
		_ = syscall.Madvise(slab, syscall.MADV_DONTNEED) // only the memory goes back
	}
	*free = append(*free, slab)
}

// grow returns a slab with the same first used bytes and room for size, and
// gives the old one back.
func (s *slabs) grow(slab []byte, used, size int) []byte {
	larger := s.take(size)
	copy(larger, slab[:used])
	s.give(slab)
	return larger
}

// close unmaps everything. All slabs must have been given back.
func (s *slabs) close() {
	for class := slabClass(mappedAtOnce); class < slabClasses; class++ {
		for _, slab := range s.free[class] {
			_ = syscall.Munmap(slab)
		}
	}
	for _, batch := range s.batches {
		_ = syscall.Munmap(batch)
	}
	*s = slabs{}
}
