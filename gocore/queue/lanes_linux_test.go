package queue

import (
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
	"fastgo/gocore/queue/queuetest"
)

// coroutines makes a loop's requests be for coroutines.
func (l *loop) coroutines() *loop {
	var err error
	l.handler, err = l.queue.New(Spec{Number: 8, Runs: "coroutine"}, Route{})
	require.NoError(l.t, err)
	return l
}

func TestHandlerSaysWhatRunsIt(t *testing.T) {
	q := newQueue(t, 8)
	for runs, lane := range map[string]uint32{"": layout.Threads, "thread": layout.Threads, "coroutine": layout.Coroutines} {
		made, err := q.New(Spec{Number: 1, Runs: runs}, Route{})
		require.NoError(t, err)
		assert.Equal(t, lane, made.(*handler).lane)
	}
	_, err := q.New(Spec{Number: 1, Runs: "process"}, Route{})
	assert.Equal(t, &gocore.FieldError{Field: "runs", Reason: `"process" is not known; write "thread" or "coroutine"`}, err)
}

func TestLanesHaveWorkersOfTheirOwn(t *testing.T) {
	q := newQueue(t, 100)
	threads, coroutines := newLoop(t, q), newLoop(t, q).coroutines()
	of := func(lane string) func(*queuetest.Call) {
		return func(call *queuetest.Call) { call.Content = lane }
	}
	one := queuetest.StartIn(layout.Threads, q.Address(), 2, of("thread"))
	other := queuetest.StartIn(layout.Coroutines, q.Address(), 1, of("coroutine"))
	for i := range 50 {
		require.True(t, threads.ask())
		require.True(t, coroutines.ask())
		assert.Equal(t, "thread", threads.await(i + 1)[i].body)
		assert.Equal(t, "coroutine", coroutines.await(i + 1)[i].body)
	}
	assert.EqualValues(t, 50, one.Taken.Load())
	assert.EqualValues(t, 50, other.Taken.Load())
	stop(t, q, one)
	other.Wait()
}

func TestOneLaneIsFullWithoutTheOther(t *testing.T) {
	q := newQueue(t, 2)
	threads, coroutines := newLoop(t, q), newLoop(t, q).coroutines()
	for range 2 {
		assert.True(t, threads.ask())
	}
	assert.False(t, threads.ask())
	for range 2 {
		assert.True(t, coroutines.ask())
	}
	assert.False(t, coroutines.ask())
	assert.EqualValues(t, 2, q.Refused())
}

func TestWorkersOfTheOtherLaneAreLeftAlone(t *testing.T) {
	q := newQueue(t, 8)
	asleep := layout.Worker{State: layout.Asleep}
	other := layout.Worker{State: layout.Asleep, Lane: layout.Coroutines}
	states(q, other, asleep, other)
	assert.False(t, q.wakeWorker(layout.Threads))
	assert.Equal(t, layout.Hunting, q.c.Workers[1].State)
	assert.Equal(t, 1, q.awake())
}

// sleeper is a worker of the lane of coroutines that sleeps, and its eventfd.
func sleeper(t *testing.T, q *Queue) (worker *layout.Worker, told func() bool) {
	event, err := newEvent()
	require.NoError(t, err)
	states(q, layout.Worker{State: layout.Asleep, Lane: layout.Coroutines})
	worker = &q.c.Workers[0]
	worker.Event = int32(event)
	return worker, func() bool {
		var count [8]byte
		n, _ := syscall.Read(event, count[:])
		return n == 8
	}
}

func TestEventLoopIsWokenByItsEvent(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q).coroutines()
	worker, told := sleeper(t, q)
	l.ask()
	assert.False(t, told(), "behind the last request of the turn")
	l.port.Flush()
	assert.True(t, told())
	assert.Equal(t, layout.Hunting, worker.State)
	l.ask()
	l.port.Flush()
	assert.False(t, told(), "it is awake")
}

func TestWorkerIsToldOfClientsThatHaveLeft(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q).coroutines()
	worker, told := sleeper(t, q)
	for range 3 {
		l.ask()
	}
	l.port.Flush()
	require.True(t, told())
	worker.State = layout.Asleep
	l.leave(2)
	l.port.Flush()
	assert.True(t, told())
	assert.EqualValues(t, 1, q.c.Left)
	var left []uint32
	for l.port.lanes[layout.Coroutines].waiting() > 0 {
		slot := takeFrom(l.port, layout.Coroutines)
		left = append(left, slot.Left)
		putOne(l.port, slot)
	}
	assert.Equal(t, []uint32{0, 1, 0}, left)
	l.await(3)
}

func TestClientThatLeavesBehindItsAnswerDisturbsNobody(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q).coroutines()
	l.ask()
	l.port.Flush()
	putOne(l.port, takeFrom(l.port, layout.Coroutines))
	l.await(1)
	l.ask() // which has the same slot
	l.leave(1)
	l.port.Flush()
	assert.Zero(t, atomic.LoadUint32(&q.c.Left))
	assert.Zero(t, takeFrom(l.port, layout.Coroutines).Left)
}

func TestThreadsAreNotToldOfClientsThatHaveLeft(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	l.ask()
	assert.Empty(t, l.watched)
}

func TestCloseClosesTheEventsOfWorkers(t *testing.T) {
	q := newQueue(t, 8)
	worker, told := sleeper(t, q)
	go func() {
		for atomic.LoadUint32(&worker.State) == layout.Asleep {
			time.Sleep(time.Millisecond)
		}
		atomic.StoreUint32(&worker.State, layout.Gone)
	}()
	assert.Zero(t, q.Close(true, patience))
	assert.False(t, told(), "it is closed")
}
