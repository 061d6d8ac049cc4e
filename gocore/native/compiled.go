//go:build cgo

package native

/*
#include "frame.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"fastgo/gocore"
)

// compiled is a handler that calls a function with words. Its codec makes them of
// requests, and answers of what the function leaves in them.
type compiled struct {
	handler
	codec Codec
	count int // of words
	body  int // the place of the body's address, 0 where it is not needed
}

// NewCompiled returns a handler that calls a compiled function.
func (e *Environment) NewCompiled(spec CompiledSpec, route Route) (gocore.Handler, error) {
	count, body := spec.Codec.Words()
	if count > C.FASTGO_MAX_WORDS {
		return nil, fmt.Errorf("a compiled function has %d words; at most %d", count, C.FASTGO_MAX_WORDS)
	}
	if err := check(&Spec{Address: spec.Address}); err != nil {
		return nil, err
	}
	caller := Spec{Address: uint64(uintptr(C.fastgo_call_compiled)), Data: spec.Address}
	target, err := newTarget(&caller, route.Name, nil)
	if err != nil {
		return nil, err
	}
	made := &compiled{handler{environment: e, target: target, route: route, name: spec.Name, blocking: spec.Blocking}, spec.Codec, count, body}
	if spec.Blocking {
		return &blockingCompiled{made}, nil
	}
	return made, nil
}

// Serve calls the function.
func (c *compiled) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	frame := c.environment.frames.take()
	switch {
	case !c.codec.Decode(request, frame.takeWords(c.count), response):
		frame.Release()
	case c.body != 0 && !frame.loadBody(request):
		c.fail(frame, response, outgrown)
	default:
		c.call(frame, request, response)
	}
	return gocore.Answered
}

// What a compiled function returns where it has no result.
const (
	codeRaised   = 1
	codeNoMemory = 2
)

// call calls the function for the words and the body in the frame.
func (c *compiled) call(frame *frame, request *gocore.Request, response *gocore.Response) {
	words := frame.words(c.count)
	if c.body != 0 {
		body := frame.c.request.body
		words[c.body], words[c.body+1] = int64(uintptr(unsafe.Pointer(body.data))), int64(body.size)
	}
	switch code := c.run(frame); code {
	case 0:
		var memory []byte
		if size := c.codec.Length(words); size > 0 { // else the word may be no address
			memory = unsafe.Slice((*byte)(pointer(uint64(words[0]))), size)
		}
		if c.codec.Encode(request, words, memory, response) {
			response.OnRelease(frame)
		} else {
			frame.Release()
		}
	case codeRaised:
		c.fail(frame, response, "it raised an exception for "+c.codec.Arguments(words))
	case codeNoMemory:
		c.fail(frame, response, "its result does not fit the memory of the handler (limits.native_memory)")
	default:
		c.fail(frame, response, fmt.Sprintf("it returned %d, which means nothing", code))
	}
}

// answer implements pooled.
func (c *compiled) answer(frame *frame, response *gocore.Response) {
	c.call(frame, frame.copied(len(c.route.Params)), response)
}

// blockingCompiled is a compiled handler that computes for long: it answers from the pool.
type blockingCompiled struct{ *compiled }

// Serve defers; where a value of the request is wrong, it answers at once.
func (b *blockingCompiled) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	frame := b.environment.frames.take()
	if !b.codec.Decode(request, frame.takeWords(b.count), response) {
		frame.Release()
		return gocore.Answered
	}
	return b.enqueue(b.compiled, frame, request, response)
}

// takeWords makes the words of a frame in its arena, where nothing else is yet: so there
// is room for them.
func (f *frame) takeWords(count int) []int64 {
	c := f.c
	c.words = (*C.int64_t)(unsafe.Pointer(c.arena.next))
	c.arena.next = (*C.char)(unsafe.Add(unsafe.Pointer(c.arena.next), (count+1)/2*16))
	return f.words(count)
}

func (f *frame) words(count int) []int64 {
	return unsafe.Slice((*int64)(unsafe.Pointer(f.c.words)), count)
}

// loadBody puts the body alone into the frame. False: it has to be copied, and there is
// no memory for that.
func (f *frame) loadBody(request *gocore.Request) bool {
	if request.Mapped {
		f.c.request.body = lent(request.Body)
		return true
	}
	memory := f.alloc(len(request.Body))
	f.c.request.body = moved(request.Body, &memory)
	return memory != nil
}

// copied makes a request of the one that load has copied, which had so many parameters:
// what of it a codec may put into answers. It is valid as long as the frame.
func (f *frame) copied(params int) *gocore.Request {
	c := &f.c.request
	request := &gocore.Request{
		Query: bytesOf(c.query.data, c.query.size),
		Path:  bytesOf(c.path.data, c.path.size),
	}
	request.Header.Borrow(bytesOf(c.header.data, c.header.size))
	values, size := &f.c.params, C.size_t(0)
	for i := range params {
		size += values[i].size
	}
	request.Params.Begin(bytesOf(values[0].data, size)) // one behind the other
	for i, at := 0, 0; i < params; i++ {
		end := at + int(values[i].size)
		request.Params.Add(at, end)
		at = end
	}
	return request
}
