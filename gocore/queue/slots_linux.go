package queue

import (
	"unsafe"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// entry is what Go knows about a slot. It is the Releaser of the response that borrows
// the slot's answer.
type entry struct {
	slot   *layout.Slot
	port   *Port
	number uint32
	next   *entry // the next one that is free, or was answered
	lane   uint32 // of the request that it is for, or was last

	// Of the request in flight. The handler keeps the table alive, and by it what the
	// worker runs, also when the client has gone.
	handler *handler
	token   gocore.Token
	slab    []byte // of a request that has no room in the slot
}

const (
	slotSize = int(unsafe.Sizeof(layout.Slot{}))
	// firstBlock is how much memory for slots is mapped at first. More is mapped in huge
	// pages: so many slots in pages of the usual size would be more than the processor can
	// find quickly.
	firstBlock = 256 << 10
)

// slots are those of a port, in memory that never moves. Not safe for concurrent use.
type slots struct {
	mapped [][]byte
	known  []*entry // by their numbers
	free   *entry
}

func (s *slots) at(number uint32) *entry { return s.known[number] }

// take returns a free slot, the one that was used last: a cache may still have it.
func (s *slots) take(port *Port) *entry {
	if s.free == nil {
		s.grow(port)
	}
	taken := s.free
	s.free, taken.next = taken.next, nil
	return taken
}

func (s *slots) put(e *entry) {
	e.next, s.free = s.free, e
}

func (s *slots) grow(port *Port) {
	var memory, block []byte
	if s.mapped == nil {
		memory = take(firstBlock)
		block = memory
	} else {
		memory, block = takeHuge()
	}
	s.mapped = append(s.mapped, memory)
	made := make([]entry, len(block)/slotSize)
	for i := range made {
		e := &made[i]
		e.slot = (*layout.Slot)(unsafe.Pointer(&block[i*slotSize]))
		e.port, e.number = port, uint32(len(s.known))
		e.slot.Number, e.slot.Port = e.number, addressOf(port.c)
		s.known = append(s.known, e)
	}
	for i := range made { // the first one is taken first
		s.put(&made[len(made)-1-i])
	}
}

func (s *slots) close() {
	for _, memory := range s.mapped {
		give(memory)
	}
	*s = slots{}
}

// addressOf returns an address as the shared memory has it.
func addressOf[T any](place *T) uint64 {
	return uint64(uintptr(unsafe.Pointer(place)))
}

// slotAt returns a slot by its address.
func slotAt(address uint64) *layout.Slot {
	return *(**layout.Slot)(unsafe.Pointer(&address))
}

// bytesAt returns memory that a worker speaks of.
func bytesAt(text layout.Text) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&text.Address))), int(text.Size))
}

// textAt returns the same as a string.
func textAt(text layout.Text) string {
	return unsafe.String((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&text.Address))), int(text.Size))
}
