// Package tasktest has parties of channels and native tasks for the tests of package task:
// tests cannot use cgo themselves.
package tasktest

/*
#cgo CFLAGS: -O2 -std=gnu11 -Wall -Wextra -Wno-unused-parameter -I${SRCDIR}/../../../python/fastgo/include
#cgo LDFLAGS: -Wl,-wrap=malloc -Wl,-wrap=calloc -Wl,-wrap=realloc -Wl,-wrap=free
#include <stdlib.h>
#include "../chan_state.h"
#include "parties.h"

static int64_t integer(union fastgo_value value) { return value.integer; }
static void lock_and_note_fork(struct fastgo_chan *chan)
{
	fastgo_lock(&chan->lock);
	fastgo_note_fork();
}
static union fastgo_value of_integer(int64_t integer) { return (union fastgo_value){.integer = integer}; }
*/
import "C"

import (
	"unsafe"

	_ "fastgo/gocore/task" // has what the C of this package calls
)

// What operations return.
const (
	OK        = int(C.FASTGO_OK)
	Wait      = int(C.FASTGO_WAIT)
	Closed    = int(C.FASTGO_CLOSED)
	WrongKind = int(C.FASTGO_WRONG_KIND)
	TooLarge  = int(C.FASTGO_TOO_LARGE)
	Cancelled = int(C.FASTGO_CANCELLED)
	WrongCall = int(C.FASTGO_WRONG_CALL)
)

// The kinds of channels.
const (
	Int    = uint32(C.FASTGO_INT)
	Bytes  = uint32(C.FASTGO_BYTES)
	Object = uint32(C.FASTGO_OBJECT)
)

// Chan is a channel; the zero value is the nil channel.
type Chan struct{ c *C.struct_fastgo_chan }

// NewChan returns a channel.
func NewChan(capacity int, kind uint32) Chan {
	return Chan{C.fastgo_chan_new(C.size_t(capacity), kind)}
}

// IsNil reports whether it is the nil channel.
func (c Chan) IsNil() bool { return c.c == nil }

// Free gives a reference back.
func (c Chan) Free() { C.fastgo_chan_unref(c.c) }

// Len and Cap are those of the buffer.
func (c Chan) Len() int { return int(C.fastgo_chan_len(c.c)) }

// Cap is the capacity.
func (c Chan) Cap() int { return int(C.fastgo_chan_cap(c.c)) }

// LockAndNoteFork has the channel locked for ever, as a fork may leave it.
func (c Chan) LockAndNoteFork() { C.lock_and_note_fork(c.c) }

// IsLost reports whether it was lost by a fork.
func (c Chan) IsLost() bool { return bool(C.fastgo_chan_is_lost(c.c)) }

// IsClosed reports whether the channel is closed.
func (c Chan) IsClosed() bool { return bool(C.fastgo_chan_is_closed(c.c)) }

// Close, Len and Cap as native code calls them, with a hold that it drops again.
func (c Chan) CloseNative() int { return int(C.fastgo_close(c.c)) }
func (c Chan) LenNative() int   { return int(C.fastgo_len(c.c)) }
func (c Chan) CapNative() int   { return int(C.fastgo_cap(c.c)) }
func (c Chan) HoldAndDrop()     { C.fastgo_hold(c.c); C.fastgo_drop(c.c) }

// Close closes the channel.
func (c Chan) Close() int { return int(C.fastgo_chan_close(c.c)) }

// Clear gives the values in the buffer back.
func (c Chan) Clear() { C.fastgo_chan_clear(c.c) }

// Sum adds up the objects in the buffer.
func (c Chan) Sum() int { return int(C.tasktest_visit(c.c)) }

// TrySend and what follows are the functions for native code.
func (c Chan) TrySend(data []byte) int {
	return int(C.fastgo_chan_try_send(c.c, unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data))))
}

// TrySendInt sends an integer.
func (c Chan) TrySendInt(value int) int {
	return int(C.fastgo_chan_try_send_int(c.c, C.int64_t(value)))
}

// TryRecv receives into room; size is how many bytes there are.
func (c Chan) TryRecv(room []byte) (size, done int) {
	var got C.size_t
	done = int(C.fastgo_chan_try_recv(c.c, unsafe.Pointer(unsafe.SliceData(room)), C.size_t(len(room)), &got))
	return int(got), done
}

// TryRecvInt receives an integer.
func (c Chan) TryRecvInt() (value, done int) {
	var got C.int64_t
	done = int(C.fastgo_chan_try_recv_int(c.c, &got))
	return int(got), done
}

// CountReleased has objects that channels release added up in Released.
func CountReleased() { C.tasktest_count_released() }

// Released is that sum.
func Released() int { return int(C.tasktest_released()) }

// Case is an operation of a select.
type Case struct {
	Chan  Chan
	Send  bool
	Value int
}

// Party is one that waits for channels. One goroutine at a time uses it.
type Party struct {
	c     *C.struct_tasktest_party
	woken C.uint // as far as they were read
}

// NewParty returns a party.
func NewParty() *Party { return &Party{c: C.tasktest_party_new()} }

// Free frees a party that is not parked.
func (p *Party) Free() { C.free(unsafe.Pointer(p.c)) }

// Send sends, or parks the party.
func (p *Party) Send(c Chan, value int) int {
	return int(C.fastgo_chan_send(c.c, C.of_integer(C.int64_t(value)), &p.c.wait))
}

// Recv receives, or parks the party.
func (p *Party) Recv(c Chan) (value, done int) {
	var got C.union_fastgo_value
	done = int(C.fastgo_chan_recv(c.c, &got, &p.c.wait))
	return int(C.integer(got)), done
}

// Select does one of the cases, or parks the party, or if try does not.
func (p *Party) Select(cases []Case, try bool) (index int, ok bool, value int) {
	for i, each := range cases {
		made := &p.c.cases[i]
		*made = C.struct_fastgo_case{_chan: each.Chan.c, value: C.of_integer(C.int64_t(each.Value)), direction: C.FASTGO_RECV}
		if each.Send {
			made.direction = C.FASTGO_SEND
		}
	}
	wait := &p.c.wait
	if try {
		wait = nil
	}
	index = int(C.fastgo_select(&p.c.cases[0], C.uint(len(cases)), wait))
	if index >= 0 {
		done := &p.c.cases[index]
		return index, bool(done.ok), int(C.integer(done.value))
	}
	return index, false, 0
}

// IsWoken reports whether the party was woken since its results were read.
func (p *Party) IsWoken() bool { return C.tasktest_party_woken(p.c) != p.woken }

// Await waits until the party is woken, and returns what it was woken for.
func (p *Party) Await() (index int, ok bool, value int) {
	C.tasktest_party_await(p.c, p.woken)
	p.woken++
	C.fastgo_wait_finish(&p.c.wait)
	index = int(C.fastgo_wait_fired(&p.c.wait))
	done := (*C.struct_fastgo_case)(unsafe.Add(unsafe.Pointer(p.c.wait.cases), uintptr(index)*unsafe.Sizeof(C.struct_fastgo_case{})))
	return index, bool(done.ok), int(C.integer(done.value))
}

// Cancel takes the parked party back, if it has not fired.
func (p *Party) Cancel() bool { return bool(C.fastgo_wait_cancel(&p.c.wait)) }

// MaxCases is how many cases a select of a party may have.
const MaxCases = int(C.TASKTEST_CASES)

// Allocations is how often the C code of this process has taken memory of the system.
func Allocations() int { return int(C.tasktest_allocations()) }

// Blocks is how many blocks of such memory it has not given back.
func Blocks() int { return int(C.tasktest_blocks()) }
