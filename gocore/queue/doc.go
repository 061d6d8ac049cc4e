// Package queue hands requests to workers that live outside of Go, and takes their
// answers back: rings in memory that is mapped outside the Go heap, without a call
// from one side to the other.
//
// The way of a request:
//
//	handler.go   a route's handler: gives the request to its port, and defers
//	request.go   request -> slot
//	port.go      slots -> ring; the chain of answers -> tokens
//	wake.go      who is woken, and when
//	answer.go    slot -> response, which borrows it; release
//	slots.go     slots, and what Go knows about them
//	shared.go    the port of engines without event loops
//	queue.go     all ports of a server, and its end
//	layout/      what lies where in the memory that both sides share
//
// # Who owns a slot
//
//	loop      free; being filled
//	ring      published by one store of Head
//	worker    taken by one compare-and-swap of Tail; runs the handler, writes the answer
//	chain     of answers: back to the loop
//	loop      the response borrows the answer's bytes until it is released
//	chain     returned: only where the worker keeps something for the answer, such as a
//	          large body, which it gives up now
//	chain     of answers again: emptied, and free
//
// No lock is on that way, no call into C and no allocation. A port is one event loop's
// alone; only that of the engine without loops has a lock.
//
// A port has two lanes, each with a ring: one for threads, each of which runs one request
// at a time, and one for an event loop of Python's that runs coroutines, many at a time.
// Requests of clients that have gone are run by threads all the same: their answer finds
// that nobody waits. The lane of coroutines is told of them, see Slot.Left.
package queue
