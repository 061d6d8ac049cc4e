package queue

import "fastgo/gocore"

// Options are those of a Queue. All must be set.
type Options struct {
	// Limit is how many requests may wait for a worker in each lane; several event loops
	// that put some in at the same time may go beyond it.
	Limit int
	// Busy is the answer to the others.
	Busy *gocore.Rendered
}

// Spec describes a handler that workers know by its number.
type Spec struct {
	// Number is above 0.
	Number uint32 `json:"number"`
	// Runs is "coroutine" for a function that returns coroutines, else "" or "thread".
	Runs string     `json:"runs"`
	Plan []Argument `json:"plan"`
}

// Argument is where the handler's function gets one of its arguments from.
type Argument struct {
	// From is "path", for the parameter of the path that has the name, or "request", for
	// the request itself.
	From string `json:"from"`
	Name string `json:"name"`
	// As is "str", "int" or "float": what a value of the path is turned into.
	As string `json:"as"`
}

// Route is what a handler is told about its route.
type Route struct {
	Params []gocore.Param
	// Owner is kept alive as long as a worker may run the handler.
	Owner any
}
