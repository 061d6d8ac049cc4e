package queue

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/queue/queuetest"
)

func TestSharedPortIsForManyGoroutines(t *testing.T) {
	const goroutines, requests = 20, 200
	q := newQueue(t, 1000)
	port, err := q.Shared()
	require.NoError(t, err)
	h, err := q.New(Spec{Number: 1}, Route{})
	require.NoError(t, err)
	workers := queuetest.Start(q.Address(), 3, func(call *queuetest.Call) {
		echo(call)
		call.Lend = len(call.Path)%2 == 0
		if strings.HasSuffix(call.Path, "9") {
			call.Content = strings.Repeat(call.Path, 1000)
		}
	})
	var running sync.WaitGroup
	for i := range goroutines {
		running.Go(func() {
			asks := newAsker(port)
			for j := range requests {
				path := fmt.Sprintf("/%d/%d", i, j)
				want := path
				if j%10 == 9 {
					want = strings.Repeat(path, 1000)
				}
				if got := asks.ask(h, path); got != want {
					assert.Equal(t, want[:len(path)], got[:min(len(got), len(path))])
					return
				}
			}
		})
	}
	running.Wait()
	stop(t, q, workers)
	assert.Equal(t, workers.Lent.Load(), workers.Freed.Load())
}

func TestAnswerToASingleRequestIsNotWaitedFor(t *testing.T) {
	q := newQueue(t, 8)
	port, err := q.Shared()
	require.NoError(t, err)
	h, err := q.New(Spec{Number: 1}, Route{})
	require.NoError(t, err)
	workers := queuetest.Start(q.Address(), 1, echo)
	asks := newAsker(port)
	for range 100 { // each finds worker and collector asleep, or about to be
		require.Equal(t, "/", asks.ask(h, "/"))
	}
	stop(t, q, workers)
}

func TestAnswersThatComeTooLateAreDropped(t *testing.T) {
	q := newQueue(t, 8)
	port, err := q.Shared()
	require.NoError(t, err)
	h, err := q.New(Spec{Number: 1}, Route{})
	require.NoError(t, err)
	begun, end := make(chan struct{}), make(chan struct{})
	workers := queuetest.Start(q.Address(), 1, func(call *queuetest.Call) {
		close(begun)
		<-end
		call.Content, call.Lend = "late", true
	})
	asks := newAsker(port)
	go asks.ask(h, "/")
	<-begun
	assert.True(t, asks.pending.CompareAndSwap(true, false), "it has gone")
	close(end)
	stop(t, q, workers)
	assert.EqualValues(t, 1, workers.Freed.Load())
}
