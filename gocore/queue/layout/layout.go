// Package layout is the memory that event loops in Go and workers in C share: what
// lies where, and what the values mean. pybind/glue/queue.h mirrors it, and refuses to
// work with a queue whose Fingerprint is not its own.
//
// All of it is mapped outside the Go heap. Addresses are numbers here, as the Go side
// follows none. Fields that both sides use at the same time are used atomically; the
// others belong to one side at a time, as each comment says.
package layout

import "unsafe"

const (
	// MaxWorkers is how many threads may work for one queue: 256 that run functions, and
	// one that runs coroutines.
	MaxWorkers = 257
	// MaxPorts is how many event loops may have a port.
	MaxPorts = 4096
	// MaxParams is how many parameters a request may have.
	MaxParams = 16

	// RequestInline and AnswerInline are the bytes of a request, and of an answer, that
	// a slot has room for.
	RequestInline = 2152
	AnswerInline  = 1440

	// Quick is how long, in nanoseconds, a handler may run, and an answer may wait to be
	// told of, before somebody else is woken.
	Quick = 200_000

	line = 64 // of the processor's cache
)

// The lanes: requests wait in the one of their handler for workers of that lane.
const (
	Threads    uint32 = iota // workers each of which runs one function at a time
	Coroutines               // a worker that runs coroutines, many of them at a time
	Lanes      = 2
)

// Queue is the part that all ports share: one for each server.
type Queue struct {
	// Fingerprint is that of the layout.
	Fingerprint uint64
	// Stopping: Go uses none of it any more, and waits for the workers to be gone. What
	// is left in the chains is theirs.
	Stopping uint32
	// PortCount is how many of Ports there are. It only grows.
	PortCount uint32
	// WorkerCount is how many of Workers have ever been taken.
	WorkerCount uint32
	// Left: requests in the lane of coroutines have lost their clients since the worker
	// looked, see Slot.Left.
	Left    uint32
	_       [line - 24]byte
	Workers [MaxWorkers]Worker
	Ports   [MaxPorts]uint64 // addresses
}

// Worker is a thread that works for the queue.
type Worker struct {
	State uint32
	// Lane is whose requests it takes.
	Lane uint32
	// Since is when it began to run its handler, of the monotonic clock.
	Since uint64
	// Event is what wakes it: a write to that eventfd, which is closed with the queue; or
	// where it is -1, the futex of State.
	Event int32
	_     [line - 20]byte
}

// The states of a worker. It sets its own; a producer only wakes it, by swapping
// Asleep for Hunting.
const (
	Gone    uint32 = iota // there is no such worker
	Asleep                // it waits for its state to change
	Hunting               // it is awake, and looks for a request
	Running               // it runs a handler, since Since
)

// Lane is a ring of requests. What the loop writes and what workers write lie on lines
// of their own.
type Lane struct {
	// Head counts the requests that were put into the ring. The loop alone sets it.
	Head uint64
	// Mask is the size of the ring less one.
	Mask uint64
	// Ring is the address of the ring: addresses of slots.
	Ring uint64
	_    [line - 24]byte

	// Tail counts the requests that were taken. A worker takes one by adding one to it,
	// by compare-and-swap, after it has read the ring.
	Tail uint64
	_    [line - 8]byte
}

// Port is the part of one event loop. What workers put into lies on lines of its own.
type Port struct {
	Lanes [Lanes]Lane

	// Answers is the chain of slots that go back to the loop: the address of the newest,
	// 0 where there is none. Slots are put in one by one and taken out all at once;
	// Slot.Next has the address of the one before it.
	Answers uint64
	_       [line - 8]byte

	// Returned is the chain of slots whose answer the loop does not need any more, for
	// workers to give up what it held.
	Returned uint64
	_        [line - 8]byte

	// Sleeping: the loop waits for its eventfd. Who swaps it for 0 writes there.
	Sleeping uint32
	// Event is that descriptor.
	Event int32
	// Unflushed: there are answers that the loop was not told of.
	Unflushed uint32
	_         uint32
	// Flushed is when the loop was told last, whether it slept or not.
	Flushed uint64
	_       [line - 24]byte
}

// Span is a part of a request's bytes.
type Span struct{ Offset, Size uint32 }

// Text is memory anywhere.
type Text struct{ Address, Size uint64 }

// Param is a parameter of the path; they come in its order.
type Param struct{ Name, Value Span }

// Slot is one request and its answer. It belongs to the loop, from when it is put into
// the ring to whoever has taken it, and in the chain of answers to the loop again.
//
// What both sides write lies at its beginning, with room for a small answer, so that few
// lines have to go from one core to another and back. Its size is an odd number of lines:
// slots side by side do not compete for the same places of a cache.
type Slot struct {
	// Next is the one behind it in a chain.
	Next uint64
	// Port is the address of the port, Number the slot's own there. Both never change.
	Port   uint64
	Number uint32
	// State says what comes back by the chain of answers.
	State uint32

	// Handler is the number of the handler.
	Handler uint32

	// Status, ContentType, Fields (other field lines) and Body are the answer. What the
	// texts point to stays until the slot is returned, or belongs to nobody.
	Status      uint32
	Body        Text
	ContentType Text
	Fields      Text
	// Owners are what the worker keeps for that: references that Go does not look at,
	// but to see whether there are any.
	Owners      [2]uint64
	AnswerBytes [AnswerInline]byte

	// Request is where the bytes of the request lie that the spans are parts of, in the
	// slot or elsewhere; they stay until the slot is put into the chain of answers.
	Request      Text
	Method, Path Span
	Query        Span
	Header       Span // field lines, each with its CRLF
	BodyOffset   uint32
	ParamCount   uint32
	BodySize     uint64
	Params       [MaxParams]Param
	// PeerAddress is the client's, an IPv4 address in IPv6's form (RFC 4291, section
	// 2.5.5.2); HasPeer is 0 where there is none.
	PeerAddress [16]byte
	HasPeer     uint16
	PeerPort    uint16
	// Left: the client has gone, and nobody waits for the answer. Only the lane of
	// coroutines is told.
	Left         uint32
	RequestBytes [RequestInline]byte
}

// What comes back in a slot.
const (
	// Answered: the answer to its request.
	Answered uint32 = iota
	// Emptied: a slot that was returned, which owns nothing any more.
	Emptied
)

// Fingerprint tells whether two sides mean the same by all of the above. It is FNV-1a
// over the numbers of the list below, eight bytes each.
func Fingerprint() uint64 {
	var q Queue
	var w Worker
	var l Lane
	var p Port
	var s Slot
	hash := uint64(14695981039346656037)
	for _, number := range []uintptr{
		MaxWorkers, MaxPorts, MaxParams, RequestInline, AnswerInline, Quick,
		uintptr(Gone), uintptr(Asleep), uintptr(Hunting), uintptr(Running), uintptr(Answered), uintptr(Emptied),
		uintptr(Threads), uintptr(Coroutines), uintptr(Lanes),

		unsafe.Sizeof(q), unsafe.Offsetof(q.Fingerprint), unsafe.Offsetof(q.Stopping), unsafe.Offsetof(q.PortCount),
		unsafe.Offsetof(q.WorkerCount), unsafe.Offsetof(q.Left), unsafe.Offsetof(q.Workers), unsafe.Offsetof(q.Ports),

		unsafe.Sizeof(w), unsafe.Offsetof(w.State), unsafe.Offsetof(w.Lane), unsafe.Offsetof(w.Since), unsafe.Offsetof(w.Event),

		unsafe.Sizeof(l), unsafe.Offsetof(l.Head), unsafe.Offsetof(l.Mask), unsafe.Offsetof(l.Ring), unsafe.Offsetof(l.Tail),

		unsafe.Sizeof(p), unsafe.Offsetof(p.Lanes), unsafe.Offsetof(p.Answers), unsafe.Offsetof(p.Returned), unsafe.Offsetof(p.Sleeping), unsafe.Offsetof(p.Event),
		unsafe.Offsetof(p.Unflushed), unsafe.Offsetof(p.Flushed),

		unsafe.Sizeof(s), unsafe.Offsetof(s.Next), unsafe.Offsetof(s.Port), unsafe.Offsetof(s.Number), unsafe.Offsetof(s.State),
		unsafe.Offsetof(s.Handler), unsafe.Offsetof(s.HasPeer), unsafe.Offsetof(s.PeerPort), unsafe.Offsetof(s.PeerAddress),
		unsafe.Offsetof(s.Request), unsafe.Offsetof(s.Method), unsafe.Offsetof(s.Path), unsafe.Offsetof(s.Query),
		unsafe.Offsetof(s.Header), unsafe.Offsetof(s.BodyOffset), unsafe.Offsetof(s.ParamCount), unsafe.Offsetof(s.BodySize),
		unsafe.Offsetof(s.Status), unsafe.Offsetof(s.Left), unsafe.Offsetof(s.ContentType), unsafe.Offsetof(s.Fields), unsafe.Offsetof(s.Body),
		unsafe.Offsetof(s.Owners), unsafe.Offsetof(s.Params), unsafe.Offsetof(s.RequestBytes), unsafe.Offsetof(s.AnswerBytes),
	} {
		for i := range 8 {
			hash = (hash ^ uint64(number)>>(8*i)&0xff) * 1099511628211
		}
	}
	return hash
}
