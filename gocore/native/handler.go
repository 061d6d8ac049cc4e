package native

/*
#include "frame.h"
*/
import "C"

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"fastgo/gocore"
)

// Environment is what the native handlers of a server share. Make it by
// NewEnvironment.
type Environment struct {
	options Options
	frames  frames
	pool    *pool
}

// NewEnvironment returns an environment. Close it.
func NewEnvironment(options Options) *Environment {
	e := &Environment{options: options, frames: frames{memory: options.Memory}}
	e.pool = newPool(options.Threads, options.Queue)
	return e
}

// Close ends the pool when the handlers that run there have returned; it waits for
// them as long as given, and reports how many still run.
func (e *Environment) Close(wait time.Duration) (running int) {
	return e.pool.close(wait)
}

// handler answers by a function of C's ABI.
type handler struct {
	environment *Environment
	target      *target
	route       Route
	name        string
	blocking    bool        // it may run as long as it likes
	slow        atomic.Bool // and reported
	heads       gocore.Heads
}

// New returns a handler.
func (e *Environment) New(spec Spec, route Route) (gocore.Handler, error) {
	target, err := newTarget(&spec, route.Name, route.Params)
	if err != nil {
		return nil, err
	}
	h := &handler{environment: e, target: target, route: route, name: spec.Name, blocking: spec.Blocking}
	if h.name == "" {
		h.name = symbol(spec.Address)
	}
	if spec.Blocking {
		return &blocking{h}, nil
	}
	return h, nil
}

const outgrown = "the request does not fit the memory of the handler (limits.native_memory)"

// Serve calls the function.
func (h *handler) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	frame := h.environment.frames.take()
	if !frame.load(request, false) {
		h.fail(frame, response, outgrown)
		return gocore.Answered
	}
	h.call(frame, response)
	return gocore.Answered
}

// call calls the function for the request in the frame, which the response takes.
func (h *handler) call(frame *frame, response *gocore.Response) {
	status := h.run(frame)
	c := &frame.c.response
	switch {
	case c.failure != nil:
		h.fail(frame, response, C.GoString(c.failure))
	case c.reserved != 0:
		h.fail(frame, response, "it returned without a commit of what it had reserved")
	case status < 200 || status > 599:
		h.fail(frame, response, fmt.Sprintf("it returned %d, which is no final status (200 to 599)", status))
	default:
		h.setHead(c, gocore.Status(status), response)
		response.SetBytes(frame.written())
		response.OnRelease(frame)
		if c.is_static != 0 {
			frame.lender = h
		}
	}
}

// run calls the function and reports where it was slow.
func (h *handler) run(frame *frame) (status int) {
	status = frame.call(h.target)
	if !h.blocking && time.Duration(frame.c.nanoseconds) > h.environment.options.Budget {
		h.reportSlow(time.Duration(frame.c.nanoseconds))
	}
	return status
}

// fail answers 500 and logs why.
func (h *handler) fail(frame *frame, response *gocore.Response, reason string) {
	h.environment.options.Logger.Error("native handler failed", "route", h.route.Name, "handler", h.name, "reason", reason)
	frame.Release()
	response.SetRendered(h.environment.options.Failed)
}

// reportSlow says once that the handler holds up its loop.
func (h *handler) reportSlow(took time.Duration) {
	if h.slow.CompareAndSwap(false, true) {
		h.environment.options.Logger.Warn("native handler holds up the other connections of its thread; register it with blocking=True",
			"route", h.route.Name, "handler", h.name,
			"milliseconds", strconv.FormatInt(took.Milliseconds(), 10),
			"budget", h.environment.options.Budget.String())
	}
}
