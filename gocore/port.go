package gocore

// Port is where requests of an engine leave for workers that are no goroutines, and
// where their answers come back. A handler that gives its request to such workers
// finds the port in Request.Port, and returns Deferred.
//
// A port belongs to one event loop, which alone calls its methods, in each turn:
//
//	Collect   answers that have come
//	Flush     behind the last request of the turn: workers are woken
//	Ready     whether to go on at once, before it thinks of sleeping
//	Sleep     before it waits for events, and Awake behind that
//
// Workers write to the eventfd of the loop only where it has said that it sleeps.
type Port interface {
	// Collect passes the answers that have come on, each with the token of its request.
	Collect(take func(Token, Answer))
	// Crowded reports whether so many requests have come that workers should run some before
	// more are read: the loop flushes, gives its core away, and collects.
	Crowded() bool
	// Flush lets workers know of the requests since it was called last.
	Flush()
	// Ready reports whether there is something to collect.
	Ready() bool
	// Sleep says that the loop will wait for events, for so many milliseconds at most, or
	// for ever where that is -1. It returns how long it may: 0 where there is something to
	// collect.
	Sleep(patience int) int
	// Awake says that the loop looks by itself again.
	Awake()
}

// Answer is an answer of a worker, in memory of the port's: to have it as a Response
// before it is its turn would only take more memory. Either Fill or Drop is called, once.
type Answer interface {
	// Size is the length of its body.
	Size() int
	// Fill makes an empty response the answer, which that borrows until it is released.
	Fill(*Response)
	// Drop gives the answer up.
	Drop()
}

// Ports makes the ports of an engine.
type Ports interface {
	// Loop returns the port of an event loop, to be woken by a write to its eventfd. The
	// descriptor is duplicated.
	Loop(eventfd int) (Port, error)
	// Shared returns the port of an engine without event loops. Requests of any goroutine
	// may leave by it, and their answers are given to their tokens: the engine calls none
	// of its methods.
	Shared() (Port, error)
}
