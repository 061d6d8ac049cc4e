// Package task has the channels and native tasks of fastgo.concurrency, in C: what Python's
// coroutines and threads, native handlers and native tasks meet on.
//
//	futex.h        futexes, and a lock of one word
//	chan.h         channels and select, for any party that can wait
//	chan.c         queues of waiting parties; plain operations
//	select.c       operations on several channels at once
//	block.c        bytes that travel, used again
//	task.h         native tasks, and who owns one when
//	task.c         running, waking, cancelling them
//	operations.c   what their steps call
//	scheduler.h    run queues, and who sleeps and wakes
//	pool.c         memory of tasks
//	task.go        the workers: goroutines
//	functions.c    all that native code calls: python/fastgo/include/fastgo_concurrency.h
//
// No operation calls Go, takes a lock for longer than some dozen instructions, or blocks.
package task
