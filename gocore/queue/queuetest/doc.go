// Package queuetest has workers in Go for the tests of queues: they do what those of
// pybind/glue do, by the same memory.
package queuetest
