package task

/*
#cgo CFLAGS: -O2 -std=gnu11 -Wall -Wextra -Wno-unused-parameter -I${SRCDIR}/../../python/fastgo/include
#cgo noescape fastgo_worker_run
#cgo nocallback fastgo_worker_run
#include "scheduler.h"
*/
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// workers are the goroutines that run native tasks. Tasks are the process's, as goroutines
// are, and so are the workers: there is one scheduler, in C.
var workers struct {
	once    sync.Once
	running sync.WaitGroup
	last    atomic.Uint32 // the number of the one started last
}

// Start has native tasks run from now on, on at most GOMAXPROCS threads at a time. It may
// be called again, and then does nothing.
func Start() {
	workers.once.Do(func() {
		most := min(runtime.GOMAXPROCS(0), C.FASTGO_MAX_WORKERS)
		C.fastgo_scheduler_start(C.uint(most))
		workers.running.Go(func() { work(0) })
	})
}

// work runs tasks until the scheduler has stopped. A worker comes back from C after some
// thousand steps, so that it shares the processors with all goroutines.
func work(number uint32) {
	for {
		switch C.fastgo_worker_run(C.uint(number)) {
		case C.FASTGO_WORKER_GROW:
			next := workers.last.Add(1)
			workers.running.Go(func() { work(next) })
		case C.FASTGO_WORKER_STOP:
			return
		}
	}
}

// Stop ends the workers for good, each when the step that it runs has returned, and waits
// for them as long as given. It reports whether all have ended. Tasks that are not done
// stay as they are.
func Stop(wait time.Duration) bool {
	C.fastgo_scheduler_stop()
	ended := make(chan struct{})
	go func() {
		workers.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-time.After(wait):
		return false
	}
}

// For the glue, in C; call them without the GIL.

//export fastgo_tasks_start
func fastgo_tasks_start() { Start() }

//export fastgo_tasks_stop
func fastgo_tasks_stop(milliseconds C.int) C.int {
	if Stop(time.Duration(milliseconds) * time.Millisecond) {
		return 1
	}
	return 0
}
