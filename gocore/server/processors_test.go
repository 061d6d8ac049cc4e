package server

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProcessorsFollowTheSumOfReservations(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	releaseThree := reserveProcessors(3)
	assert.Equal(t, 3, runtime.GOMAXPROCS(0))
	releaseFive := reserveProcessors(5)
	assert.Equal(t, 8, runtime.GOMAXPROCS(0))
	assert.Equal(t, before, defaultLoops(), "what others reserved is no core")
	releaseThree()
	assert.Equal(t, 5, runtime.GOMAXPROCS(0))
	releaseThree()
	assert.Equal(t, 5, runtime.GOMAXPROCS(0), "released once only")
	releaseFive()
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
	assert.Equal(t, before, defaultLoops())
}

func TestProcessorsAreRestoredAfterConcurrentReservations(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 20 {
				release := reserveProcessors(2)
				assert.GreaterOrEqual(t, runtime.GOMAXPROCS(0), 2)
				assert.Equal(t, before, defaultLoops())
				release()
			}
		})
	}
	running.Wait()
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}
