package queue

import (
	"fmt"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// Options are those of a Queue. All must be set.
type Options struct {
	// Limit is how many requests may wait for a worker in each lane; several event loops
	// that put some in at the same time may go beyond it.
	Limit int
	// Busy is the answer to the others.
	Busy *gocore.Rendered
	// Full is told, now and then, how many that were.
	Full func(refused uint64)
}

// Spec describes a handler that workers know by its number.
type Spec struct {
	// Number is above 0.
	Number uint32 `json:"number"`
	// Runs is "coroutine" for a function that returns coroutines, else "" or "thread".
	Runs string `json:"runs"`
	// Params are the names of the parameters of the path that it needs.
	Params []string `json:"params"`
}

// lane returns the lane in which requests of the handler wait.
func (s *Spec) lane() (uint32, error) {
	switch s.Runs {
	case "", "thread":
		return layout.Threads, nil
	case "coroutine":
		return layout.Coroutines, nil
	}
	return 0, &gocore.FieldError{Field: "runs", Reason: fmt.Sprintf("%q is not known; write \"thread\" or \"coroutine\"", s.Runs)}
}

// Route is what a handler is told about its route.
type Route struct {
	Params []gocore.Param
	// Owner is kept alive as long as a worker may run the handler.
	Owner any
}
