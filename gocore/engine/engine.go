// Package engine is what every engine shares: the interface that the server
// drives, its configuration, the counters and the answers that no handler gives.
//
// An engine moves bytes between sockets and handlers. It owns the connections,
// fills requests, asks Config.Find for the route, calls the handler through
// Config.Serve and sends the response.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"fastgo/gocore"
)

// Engine serves the connections of one listener.
type Engine interface {
	// Serve accepts and serves connections until Drain is called, and returns
	// when the last of them has been closed. It is called once.
	Serve(net.Listener)

	// Drain accepts what waits for the listener and closes it, serves the requests
	// that clients have sent, closes idle connections, lets requests in flight
	// finish until ctx is done, and cuts what is left. It returns how many
	// connections were cut.
	Drain(ctx context.Context) (cut int)
}

// Config is what the server gives an engine. It is immutable.
type Config struct {
	Find   gocore.Find
	Limits Limits
	Stats  *Stats
	Logger *slog.Logger
	// Shared: others accept from the listener as well, or will: Drain leaves them
	// the connections that wait there.
	Shared bool
	// Ports makes the ports by which requests leave for workers outside of Go; nil where
	// no handler needs them.
	Ports gocore.Ports
}

// Limits bound what a client may ask of an engine. All must be set.
type Limits struct {
	// RequestLine is the longest request line in bytes; beyond it: 414.
	RequestLine int
	// HeaderBytes and HeaderCount bound the fields of a request; beyond it: 431.
	HeaderBytes, HeaderCount int
	// HeaderTime is how long a head may take to come, from its first byte: 408.
	HeaderTime time.Duration
	// Idle is how long a connection may stay without a request.
	Idle time.Duration
	// Body is how long a client may send no byte of a body: 408.
	Body time.Duration
	// Write is how long a client may take no byte of an answer.
	Write time.Duration
	// InFlight is how many requests of a connection may wait for their answers;
	// beyond it the connection is not read.
	InFlight int
	// Connections is how many may be open; beyond it no more are accepted until
	// one closes.
	Connections int
}

// Serve calls the route's handler and turns a panic into a 500 and a log record.
func (c *Config) Serve(route *gocore.Route, request *gocore.Request, response *gocore.Response) (outcome gocore.Outcome) {
	defer func() {
		if reason := recover(); reason != nil {
			c.Logger.Error("handler panicked",
				"method", string(request.MethodName), "path", string(request.Path),
				"panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
			response.Reset()
			response.SetRendered(Refusal(gocore.StatusInternalServerError))
			outcome = gocore.Answered
		}
	}()
	return route.Handler.Serve(request, response)
}
