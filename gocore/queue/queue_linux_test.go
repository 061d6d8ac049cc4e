package queue

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
	"fastgo/gocore/queue/queuetest"
)

// takeOne and putOne are the workers' side of the rings at its simplest.
func takeOne(p *Port) *layout.Slot { return takeFrom(p, layout.Threads) }

func takeFrom(p *Port, lane uint32) *layout.Slot {
	l := &p.lanes[lane]
	tail := atomic.LoadUint64(&l.c.Tail)
	if tail == atomic.LoadUint64(&l.c.Head) {
		return nil
	}
	address := atomic.LoadUint64(&l.ring[tail&l.c.Mask])
	atomic.StoreUint64(&l.c.Tail, tail+1)
	return slotAt(address)
}

func putOne(p *Port, slot *layout.Slot) {
	slot.State = layout.Answered
	slot.Next = atomic.LoadUint64(&p.c.Answers)
	for !atomic.CompareAndSwapUint64(&p.c.Answers, slot.Next, addressOf(slot)) {
		slot.Next = atomic.LoadUint64(&p.c.Answers)
	}
}

func TestClosedQueueSendsItsWorkersHome(t *testing.T) {
	q := newQueue(t, 8)
	newLoop(t, q)
	workers := queuetest.Start(q.Address(), 8, echo)
	assert.Zero(t, q.Close(true, patience))
	workers.Wait()
}

func TestQueueThatWasNeverUsedIsClosed(t *testing.T) {
	q := newQueue(t, 8)
	newLoop(t, q)
	_, err := q.Shared()
	require.NoError(t, err)
	assert.Zero(t, q.Close(true, 0))
}

func TestCloseReportsWorkersThatDoNotReturn(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	begun, end := make(chan struct{}), make(chan struct{})
	workers := queuetest.Start(q.Address(), 2, func(call *queuetest.Call) {
		close(begun)
		<-end
	})
	require.True(t, l.ask())
	l.port.Flush()
	<-begun
	assert.Equal(t, 1, q.Close(true, 10*time.Millisecond))
	close(end) // what it touches now is there still
	workers.Wait()
}

func TestRequestsThatNobodyTookAreDropped(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	l.request.Body = make([]byte, 1<<20)
	for range 8 {
		require.True(t, l.ask())
	}
	assert.Zero(t, q.Close(true, 0))
}

func TestHandlerKeepsItsOwnerWhileAWorkerHasTheRequest(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	owner := new(int)
	h, err := q.New(Spec{Number: 1}, Route{Owner: owner})
	require.NoError(t, err)
	l.handler = h
	require.True(t, l.ask())
	assert.Same(t, owner, l.port.slots.at(0).handler.owner)
	l.port.Flush()
	putOne(l.port, takeOne(l.port))
	l.await(1)
	assert.Nil(t, l.port.slots.at(0).handler)
}

func TestRequestWithoutPortIsAFailureOfTheEngine(t *testing.T) {
	q := newQueue(t, 8)
	h, err := q.New(Spec{Number: 1}, Route{})
	require.NoError(t, err)
	assert.PanicsWithError(t, errNoPort.Error(), func() { h.Serve(new(gocore.Request), new(gocore.Response)) })
}
