package native

/*
#cgo CFLAGS: -O2 -std=gnu11 -Wall -Wextra -I${SRCDIR}/../../python/fastgo/include
#cgo noescape fastgo_frame_call
#cgo noescape fastgo_frame_reset
#include "frame.h"
*/
import "C"

import (
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"fastgo/gocore"
)

// frame is what one running handler needs. It is the Releaser of the response that
// the handler has made, and goes back to its pool when that has left.
type frame struct {
	c    *C.struct_fastgo_frame
	pool *frames
	// lender is the handler whose own memory is being sent, which must not go before.
	lender *handler
}

// frames are the frames of a server. The pool keeps about one for each thread that
// runs handlers; what it drops is unmapped.
type frames struct {
	pool   sync.Pool
	memory int // most that one handler may map
}

func (f *frames) take() *frame {
	if pooled := f.pool.Get(); pooled != nil {
		return pooled.(*frame)
	}
	memory, err := syscall.Mmap(-1, 0, C.FASTGO_FRAME_SIZE, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("no memory for a native handler: " + err.Error())
	}
	made := &frame{c: (*C.struct_fastgo_frame)(unsafe.Pointer(unsafe.SliceData(memory))), pool: f}
	C.fastgo_frame_init(made.c, C.size_t(f.memory))
	runtime.AddCleanup(made, unmap, memory)
	return made
}

func unmap(memory []byte) {
	C.fastgo_frame_close((*C.struct_fastgo_frame)(unsafe.Pointer(unsafe.SliceData(memory))))
	_ = syscall.Munmap(memory) // it was mapped so
}

// Release implements gocore.Releaser.
func (f *frame) Release() {
	c := f.c
	if c.mapped != 0 {
		C.fastgo_frame_reset(c)
	} else {
		c.arena.next = (*C.char)(unsafe.Add(unsafe.Pointer(c), C.FASTGO_FRAME_ARENA))
	}
	f.lender = nil
	f.pool.pool.Put(f)
}

// alloc returns memory of the frame's arena, or nil.
func (f *frame) alloc(size int) []byte {
	memory := C.fastgo_frame_alloc(f.c, C.size_t(size))
	if memory == nil {
		return nil
	}
	return unsafe.Slice((*byte)(memory), size)
}

// load puts the request into the frame. False: it has to be copied, and there is no
// memory for that.
func (f *frame) load(request *gocore.Request, copied bool) bool {
	c := &f.c.request
	copied = copied || !request.Mapped
	if copied {
		size := len(request.MethodName) + len(request.Path) + len(request.Query) + len(request.Header.Block()) + len(request.Body)
		memory := f.alloc(size)
		if memory == nil {
			return false
		}
		c.method = moved(request.MethodName, &memory)
		c.path = moved(request.Path, &memory)
		c.query = moved(request.Query, &memory)
		c.header = moved(request.Header.Block(), &memory)
		c.body = moved(request.Body, &memory)
	} else {
		c.method = lent(request.MethodName)
		c.path = lent(request.Path)
		c.query = lent(request.Query)
		c.header = lent(request.Header.Block())
		c.body = lent(request.Body)
	}
	f.loadPeer(request)
	return f.loadParams(&request.Params, copied)
}

// loadParams puts in the values of parameters. Those of an encoded path were decoded
// into memory of Go's.
func (f *frame) loadParams(params *gocore.Params, copied bool) bool {
	count := params.Len()
	if count == 0 {
		return true
	}
	if copied || params.Decoded() {
		size := 0
		for i := range count {
			size += len(params.Value(i))
		}
		memory := f.alloc(size)
		if memory == nil {
			return false
		}
		for i := range count {
			f.c.params[i] = moved(params.Value(i), &memory)
		}
		return true
	}
	for i := range count {
		f.c.params[i] = lent(params.Value(i))
	}
	return true
}

func (f *frame) loadPeer(request *gocore.Request) {
	peer := &f.c.request.peer
	address := request.Peer.Addr()
	switch {
	case address.Is4() || address.Is4In6():
		peer.family = 4
		*(*[4]byte)(unsafe.Pointer(&peer.address)) = address.As4()
	case address.Is6():
		peer.family = 6
		*(*[16]byte)(unsafe.Pointer(&peer.address)) = address.As16()
	default:
		peer.family = 0
	}
	peer.port = C.uint16_t(request.Peer.Port())
}

// lent is text where it lies: outside of Go's heap.
func lent(text []byte) C.fastgo_string {
	return C.fastgo_string{data: (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), size: C.size_t(len(text))}
}

// moved is text copied to the front of memory, which is cut off there.
func moved(text []byte, memory *[]byte) C.fastgo_string {
	n := copy(*memory, text)
	place := lent((*memory)[:n])
	*memory = (*memory)[n:]
	return place
}

// call calls the target for the request in the frame, and returns what it returned.
func (f *frame) call(target *target) int {
	f.c.target = target.c
	return int(C.fastgo_frame_call(f.c))
}

// written returns the body that the handler has made, in memory of the frame or of the
// handler's own.
func (f *frame) written() []byte {
	return bytesOf(f.c.response.body, f.c.response.size)
}

// bytesOf returns bytes of C's, for as long as those stay.
func bytesOf(data *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size))
}

// text returns the same as a string.
func text(s C.fastgo_string) string {
	return unsafe.String((*byte)(unsafe.Pointer(s.data)), int(s.size))
}
