package queue

import (
	"errors"

	"fastgo/gocore"
)

// handler gives its requests to workers.
type handler struct {
	queue  *Queue
	number uint32
	lane   uint32
	// params are the names of the route's parameters, in their order.
	params [][]byte
	heads  gocore.Heads
	owner  any
}

// New returns a handler.
func (q *Queue) New(spec Spec, route Route) (gocore.Handler, error) {
	if spec.Number == 0 {
		return nil, &gocore.FieldError{Field: "number", Reason: "is missing, or 0"}
	}
	lane, err := spec.lane()
	if err != nil {
		return nil, err
	}
	params, err := names(spec.Params, route.Params)
	if err != nil {
		return nil, err
	}
	return &handler{queue: q, number: spec.Number, lane: lane, params: params, owner: route.Owner}, nil
}

var errNoPort = errors.New("the engine has no port for handlers of this kind")

// Serve puts the request into the queue; where that is full it answers at once.
func (h *handler) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	port, ok := request.Port.(*Port)
	if !ok {
		panic(errNoPort) // which the engine recovers
	}
	if !port.submit(h, request) {
		h.queue.refuse()
		response.SetRendered(h.queue.options.Busy)
		return gocore.Answered
	}
	return gocore.Deferred
}
