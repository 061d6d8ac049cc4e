package server

import (
	"runtime"
	"sync"
)

// processors holds the Go scheduler's processors to what the running servers
// ask for. GOMAXPROCS belongs to the whole process, so this is the one piece of
// state that servers share.
var processors struct {
	mu       sync.Mutex
	initial  int // before the first server
	reserved int
}

// reserveProcessors adds n processors and returns what gives them back.
func reserveProcessors(n int) (release func()) {
	change := func(by int) {
		processors.mu.Lock()
		defer processors.mu.Unlock()
		if processors.reserved == 0 {
			processors.initial = runtime.GOMAXPROCS(0)
		}
		processors.reserved += by
		if processors.reserved == 0 {
			runtime.GOMAXPROCS(processors.initial)
		} else {
			runtime.GOMAXPROCS(processors.reserved)
		}
	}
	change(n)
	return sync.OnceFunc(func() { change(-n) })
}

// defaultLoops is the number of cores the process may use: Go's own figure,
// which respects the affinity mask and the CPU limit of the control group. It
// must be asked before processors are reserved, or be remembered.
func defaultLoops() int {
	processors.mu.Lock()
	defer processors.mu.Unlock()
	if processors.reserved == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return processors.initial
}
