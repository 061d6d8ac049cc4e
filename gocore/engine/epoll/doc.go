// Package epoll is the engine of Linux: event loops of its own over epoll(7),
// for plain TCP and Unix sockets.
//
// The way of a connection:
//
//	acceptor.go  accepts and hands connections to the loops, each to the one with
//	             the fewest
//	loop.go      waits for events, then: connections that can be read or written,
//	             the inbox (new connections, deferred answers), deadlines
//	read.go      bytes -> requests -> handlers; one send at the end of it
//	body.go      request bodies, whole or as a stream (upload.go)
//	answer.go    responses in the order of their requests
//	send.go      bytes to the socket; what does not fit waits
//	transfer.go  large bodies, files, streams (download.go)
//	token.go     deferred answers
//	deadline.go  a wheel of coarse deadlines
//
// # Ownership
//
// Each loop is one goroutine locked to its OS thread. It alone touches its
// connections, its memory and its poller: no locks. Other goroutines reach it by
// its inbox, which has a lock, and wake it by an eventfd, written only when the
// loop has said that it sleeps.
//
// A loop reads into one buffer and writes from one buffer, lent to the connection
// whose event it handles. A connection that is left with unfinished bytes gets a
// slab of its own until it has finished them; an idle connection owns none.
//
// Handlers run on the loop. One that waits stops all connections of the loop:
// handlers that must wait defer.
package epoll
