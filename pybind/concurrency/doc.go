// Package concurrency is the hand-written C module _concurrency of the shared library that
// Python loads: schedulers of coroutines, and what Python does with the channels and tasks
// of gocore/task. It is built as package glue is, under the build tag "python" alone.
package concurrency
