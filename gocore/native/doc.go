// Package native calls handlers that are compiled code: functions of C's ABI, reached
// by their address, as python/fastgo/include/fastgo.h describes them.
//
// The way of a request:
//
//	handler.go     a route's handler: takes a frame, calls, makes the response of it
//	compiled.go    the same for functions that take words and not the structures of C
//	pool.go        both on a bounded pool of threads, for handlers that wait
//	frame.go       requests -> frames, in memory that C may read
//	frame.c        the call; memory of the running handler
//	functions.c    what a handler calls: request.c, numbers.c, response.c
//	target.go      which addresses can be handlers
//	crash.c        the report of a crash, where it is wanted
//
// # Memory
//
// A frame is what one running handler needs: request, response and arena, in one
// mapping outside of Go's heap, so that C may keep pointers in it. It goes back to its
// pool when the answer has left. Requests whose bytes lie outside of Go's heap as well
// are not copied; see gocore.Request.Mapped.
//
// A call takes no lock, allocates nothing and calls nothing of Go's.
package native
