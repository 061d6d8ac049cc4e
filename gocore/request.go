package gocore

import (
	"io"
	"net/netip"
)

// Request is one HTTP request as a handler sees it.
//
// Engines own requests and reuse them: every slice here is borrowed until Serve
// returns. A Request is not safe for concurrent use; Stream alone may be handed
// to another goroutine.
type Request struct {
	// Method is the method where the server knows it; MethodName is the token
	// as it came.
	Method     Method
	MethodName []byte

	// Target is the request target as it came. Path and Query are its parts,
	// still percent-encoded: Path begins with '/', or is "*" for OPTIONS, or empty
	// for CONNECT; Query has no '?'.
	Target, Path, Query []byte

	// Host is the authority the request is for: that of an absolute-form target,
	// else the Host field.
	Host []byte

	// Minor is the digit behind "HTTP/1.", 0 to 9. What matters is whether it is
	// above 0.
	Minor uint8

	Header Header

	// Conditional: the header has a precondition (RFC 9110, section 13.1), a field
	// whose name begins with "If-". Known without a search.
	Conditional bool

	// Params are the values of the route's parameters.
	Params Params

	// Mapped: all slices of the request but values of Params lie outside of the Go heap, so
	// that C may read them where they are. Engines say so once.
	Mapped bool

	// Peer is the client's address; the zero value on a Unix socket.
	Peer netip.AddrPort

	// Body is the whole body, empty where the request has none or the route
	// takes a stream.
	Body []byte

	// Stream is the body of a request whose route has Body: BodyStream, else
	// nil. A handler defers before it reads: reading waits for the client, and
	// an event loop must not. It may be read by one goroutine, until the answer
	// has been given. Read fails with ErrBodyTooLarge beyond the route's MaxBody
	// and with io.ErrUnexpectedEOF when the client leaves early.
	Stream io.Reader

	// Port is where the request can leave for workers outside of Go, nil where the engine
	// was given none. Engines set it once.
	Port Port

	deferrer Deferrer
}

// Bind is for engines: it tells the request who makes its Token.
func (r *Request) Bind(deferrer Deferrer) {
	r.deferrer = deferrer
}

// Defer returns the token by which this request is answered after Serve has
// returned. A handler calls it at most once and then returns Deferred.
func (r *Request) Defer() Token {
	return r.deferrer.Defer()
}

// Watch has a watcher told when the client goes before it got its answer: when it has closed
// the connection, or its own side of it, which TCP does not tell apart; when it has reset it;
// or when the server has cut it. One that has only ended its side may still be answered. It is
// called behind Defer, during Serve.
func (r *Request) Watch(watcher Watcher) {
	r.deferrer.Watch(watcher)
}
