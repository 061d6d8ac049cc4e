package queue

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/queue/layout"
	"fastgo/gocore/queue/queuetest"
)

// states sets up workers, each by its state and for how long it has been running.
func states(q *Queue, workers ...layout.Worker) {
	for i, worker := range workers {
		worker.Since, worker.Event = q.clock.now()-worker.Since, -1
		q.c.Workers[i] = worker
	}
	q.c.WorkerCount = uint32(len(workers))
}

// begun has just begun to run, and has for ten more seconds.
var begun = layout.Worker{State: layout.Running, Since: ^uint64(10e9)}

func (q *Queue) awake() (count int) {
	for i := range q.c.WorkerCount {
		if q.c.Workers[i].State != layout.Asleep {
			count++
		}
	}
	return count
}

func TestWorkerIsWokenWhereNoneWillLookSoon(t *testing.T) {
	asleep, hunting := layout.Worker{State: layout.Asleep}, layout.Worker{State: layout.Hunting}
	quick, slow := begun, layout.Worker{State: layout.Running, Since: 1e9}
	for name, test := range map[string]struct {
		workers []layout.Worker
		awake   int
		more    bool // others sleep
	}{
		"none":                          {nil, 0, false},
		"all asleep":                    {[]layout.Worker{asleep, asleep}, 1, true},
		"the last asleep":               {[]layout.Worker{asleep}, 1, false},
		"one looks":                     {[]layout.Worker{asleep, hunting}, 1, true},
		"one has just begun":            {[]layout.Worker{quick, asleep}, 1, true},
		"one runs for long":             {[]layout.Worker{slow, asleep}, 2, false},
		"one runs for long, many sleep": {[]layout.Worker{asleep, slow, asleep}, 2, true},
		"all run":                       {[]layout.Worker{slow, slow, quick}, 3, false},
	} {
		q := newQueue(t, 8)
		states(q, test.workers...)
		assert.Equal(t, test.more, q.wakeWorker(layout.Threads), name)
		assert.Equal(t, test.awake, q.awake(), name)
	}
}

func TestLoopLooksAgainWhileRequestsWaitAndWorkersSleep(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	states(q, begun, layout.Worker{State: layout.Asleep})
	assert.Equal(t, 1000, l.port.Sleep(1000), "nothing is under way")
	l.ask()
	l.port.Flush()
	assert.Equal(t, 1, q.awake())
	atomic.StoreUint64(&l.port.c.Flushed, 0)
	assert.Equal(t, 1, l.port.Sleep(1000))
	q.c.Workers[0].Since = 0
	l.port.Flush()
	assert.Equal(t, 2, q.awake())
	assert.Equal(t, 1000, l.port.Sleep(1000), "nobody is left to be woken")
}

func TestLoopSleepsBrieflyWhereAnAnswerMayBeUntold(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	l.ask()
	l.port.Flush()
	assert.Equal(t, 1000, l.port.Sleep(1000))
	l.port.c.Unflushed = 1
	assert.Equal(t, 1, l.port.Sleep(1000))
	l.port.c.Unflushed, l.port.c.Flushed = 0, q.clock.now()
	assert.Equal(t, 1, l.port.Sleep(-1))
	putOne(l.port, takeOne(l.port))
	assert.Zero(t, l.port.Sleep(1000))
	assert.Zero(t, l.port.c.Sleeping)
}

func TestHandlersThatWaitRunSideBySide(t *testing.T) {
	q := newQueue(t, 100)
	l := newLoop(t, q)
	const together = 5
	var inside atomic.Int32
	workers := queuetest.Start(q.Address(), together, func(*queuetest.Call) {
		inside.Add(1)
		for begun := time.Now(); inside.Load() < together && time.Since(begun) < patience; {
			time.Sleep(time.Millisecond)
		}
	})
	for range together {
		require.True(t, l.ask())
	}
	l.await(together)
	assert.EqualValues(t, together, inside.Load())
	stop(t, q, workers)
}

func TestAnswerIsNotHeldUpByTheHandlerAfterIt(t *testing.T) {
	q := newQueue(t, 100)
	l := newLoop(t, q)
	end := make(chan struct{})
	count := 0
	workers := queuetest.Start(q.Address(), 1, func(*queuetest.Call) {
		if count++; count%2 == 0 {
			<-end
		}
	})
	for i := range 50 {
		require.True(t, l.ask())
		require.True(t, l.ask())
		l.await(2*i + 1)
		end <- struct{}{}
		l.await(2*i + 2)
	}
	stop(t, q, workers)
}
