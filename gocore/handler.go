package gocore

import (
	"errors"
	"fmt"
)

// Handler answers requests. Serve may be called by many goroutines at once, and
// on an event loop: it must not wait. A handler that has to wait defers.
//
// A panic in Serve is answered with 500 and logged; the server goes on.
type Handler interface {
	Serve(*Request, *Response) Outcome
}

// Outcome tells the engine whether the response is ready.
type Outcome uint8

// The outcomes of Serve.
const (
	// Answered: the response is filled in.
	Answered Outcome = iota
	// Deferred: the handler took a token by Request.Defer, copied what it needs,
	// and answers through the token later; the engine ignores the response.
	Deferred
)

// HandlerFunc is a function that is a Handler.
type HandlerFunc func(*Request, *Response) Outcome

// Serve calls f.
func (f HandlerFunc) Serve(request *Request, response *Response) Outcome {
	return f(request, response)
}

// BodyMode says how an engine brings a route the body of its requests.
type BodyMode uint8

// The ways a body arrives.
const (
	// BodyWhole: Serve is called when the whole body is in Request.Body.
	BodyWhole BodyMode = iota
	// BodyStream: Serve is called when the header is complete; the body is
	// Request.Stream.
	BodyStream
)

// Route is what an engine is given for a request: who serves it, and how to
// bring its body. Routes are immutable once a server uses them.
type Route struct {
	Handler Handler
	Body    BodyMode

	// MaxBody is the largest body in bytes; beyond it the engine answers 413.
	MaxBody int64

	// Find is what found the route, where that fills in Request.Params: an engine
	// that parses a request once more, because its body came later than its head,
	// has them filled in once more. The routes of a server may be others by then.
	Find Find
}

// Find returns the route of a request, never nil. It is called when the header
// is complete and before the body is read.
type Find func(*Request) *Route

// ErrBodyTooLarge is the failure of a body stream that goes beyond MaxBody.
var ErrBodyTooLarge = errors.New("body is larger than the route allows")

// FieldError says which field of a handler's spec is wrong, and why.
type FieldError struct {
	Field, Reason string
}

// Error returns the field and the reason.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s", e.Field, e.Reason)
}
