package slab

import (
	"math/bits"
	"syscall"
)

// Pool is memory for unfinished bytes: mapped outside the Go heap, so that C and
// Python can read it without copies and the garbage collector need not look. Sizes
// are powers of two from Smallest. Freed slabs are kept for the next user up to kept
// bytes for each size; what is above goes back to the system.
//
// A slab belongs to whoever took it until it is given back. The zero value is empty.
// Not safe for concurrent use.
type Pool struct {
	free [classes][][]byte
	// batches are the mappings that were cut into several slabs.
	batches [][]byte
}

const (
	// Smallest is the size of the smallest slab.
	Smallest = 4 << 10
	classes  = 40
	kept     = 4 << 20
	// Small slabs are mapped many at a time: mappings are few in a process.
	mappedAtOnce = 256 << 10
)

func classOf(size int) int {
	return bits.Len(uint((max(size, 1) - 1) / Smallest))
}

// Take returns a slab of at least that size. It panics when the system has no
// memory, as Go itself does.
func (p *Pool) Take(size int) []byte {
	class := classOf(size)
	free := &p.free[class]
	if len(*free) == 0 {
		p.mapMore(class)
	}
	last := len(*free) - 1
	slab := (*free)[last]
	*free = (*free)[:last]
	return slab
}

func (p *Pool) mapMore(class int) {
	size := Smallest << class
	memory, err := syscall.Mmap(-1, 0, max(size, mappedAtOnce), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("no memory for a buffer: " + err.Error())
	}
	if size < mappedAtOnce {
		p.batches = append(p.batches, memory)
	}
	for ; len(memory) >= size; memory = memory[size:] {
		p.free[class] = append(p.free[class], memory[:size:size])
	}
}

// Give takes a slab back. nil is allowed.
func (p *Pool) Give(slab []byte) {
	if slab == nil {
		return
	}
	slab = slab[:cap(slab)]
	class := classOf(len(slab))
	free := &p.free[class]
	if len(*free)*len(slab) >= kept {
		if len(slab) >= mappedAtOnce {
			_ = syscall.Munmap(slab) // it was mapped alone
			return
		}
		_ = syscall.Madvise(slab, syscall.MADV_DONTNEED) // only the memory goes back
	}
	*free = append(*free, slab)
}

// Grow returns a slab with the same first used bytes and room for size, and
// gives the old one back.
func (p *Pool) Grow(slab []byte, used, size int) []byte {
	larger := p.Take(size)
	copy(larger, slab[:used])
	p.Give(slab)
	return larger
}

// Close unmaps everything. All slabs must have been given back.
func (p *Pool) Close() {
	for class := classOf(mappedAtOnce); class < classes; class++ {
		for _, slab := range p.free[class] {
			_ = syscall.Munmap(slab)
		}
	}
	for _, batch := range p.batches {
		_ = syscall.Munmap(batch)
	}
	*p = Pool{}
}
