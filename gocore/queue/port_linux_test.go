package queue

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
	"fastgo/gocore/queue/queuetest"
)

func TestRequestsComeWithAllTheirParts(t *testing.T) {
	for name, size := range map[string]int{"inline": 10, "just inline": 700, "in a slab": 3000, "megabytes": 5 << 20} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(t, 4)
			l := newLoop(t, q)
			var seen *queuetest.Call
			workers := queuetest.Start(q.Address(), 1, func(call *queuetest.Call) {
				seen = call
				call.Status, call.ContentType, call.Fields, call.Content = 201, "text/html", "A: 1\r\n", "made"
			})
			var err error
			l.handler, err = q.New(Spec{Number: 42, Params: []string{"b"}},
				Route{Params: []gocore.Param{{Name: "a"}, {Name: "b"}}})
			require.NoError(t, err)
			l.request.MethodName, l.request.Path, l.request.Query = []byte("POST"), []byte("/x/y"), []byte("q=1")
			l.request.Params.Begin(l.request.Path)
			l.request.Params.Add(1, 2)
			l.request.Params.Add(3, 4)
			l.request.Header.Borrow([]byte("Host: test\r\n"))
			l.request.Body = []byte(strings.Repeat("b", size))
			l.request.Peer = netip.MustParseAddrPort("192.0.2.1:1234")
			require.True(t, l.ask())
			assert.Equal(t, []got{{1, 201, "Content-Type: text/html\r\nA: 1\r\n", "made"}}, l.await(1))
			stop(t, q, workers)
			assert.EqualValues(t, 42, seen.Handler)
			assert.Equal(t, "POST /x/y q=1 Host: test\r\n", seen.Method+" "+seen.Path+" "+seen.Query+" "+seen.Header)
			assert.Equal(t, []string{"a", "b"}, seen.Names)
			assert.Equal(t, []string{"x", "y"}, seen.Values)
			assert.Equal(t, string(l.request.Body), string(seen.Body))
			assert.EqualValues(t, 1, seen.HasPeer)
			assert.EqualValues(t, 1234, seen.PeerPort)
			assert.Equal(t, []byte{192, 0, 2, 1}, seen.PeerAddress[12:])
		})
	}
}

func TestAnswersComeInTheOrderInWhichTheyWereGiven(t *testing.T) {
	q := newQueue(t, 1000)
	l := newLoop(t, q)
	for range 500 {
		require.True(t, l.ask())
	}
	workers := queuetest.Start(q.Address(), 1, echo)
	for i, answer := range l.await(500) {
		assert.EqualValues(t, i+1, answer.sequence)
	}
	stop(t, q, workers)
}

func TestManyLoopsAndWorkers(t *testing.T) {
	const loops, requests = 4, 5000
	q := newQueue(t, 64)
	var all []*loop
	for range loops {
		all = append(all, newLoop(t, q))
	}
	workers := queuetest.Start(q.Address(), 3, func(call *queuetest.Call) {
		call.Content = call.Path
		call.Lend = len(call.Path)%3 == 0
		if len(call.Path)%5 == 0 {
			call.Content = strings.Repeat(call.Path, 200)
		}
	})
	var running sync.WaitGroup
	for number, l := range all {
		running.Go(func() {
			for i := range requests {
				l.request.Path = fmt.Appendf(nil, "/%d/%s", number, strings.Repeat("x", i%7))
				if !l.ask() {
					l.turn()
				}
				if i%16 == 0 {
					l.await(int(l.sequence))
				}
			}
			l.await(int(l.sequence))
			for _, answer := range l.answers {
				assert.True(t, strings.HasPrefix(answer.body, fmt.Sprintf("/%d/", number)), answer.body)
			}
		})
	}
	running.Wait()
	stop(t, q, workers)
	assert.Equal(t, workers.Lent.Load(), workers.Freed.Load())
}

func TestFullQueueRefusesAndCounts(t *testing.T) {
	q := newQueue(t, 3)
	var told []uint64
	q.options.Full = func(refused uint64) { told = append(told, refused) }
	first, second := newLoop(t, q), newLoop(t, q)
	assert.True(t, first.ask())
	assert.True(t, second.ask())
	second.port.Flush()
	assert.True(t, first.ask())
	assert.False(t, first.ask(), "the limit is for all ports")
	first.port.Flush()
	assert.False(t, second.ask())
	assert.EqualValues(t, 2, q.Refused())
	assert.Equal(t, []uint64{1}, told, "once in a while")
	workers := queuetest.Start(q.Address(), 1, echo)
	first.await(2)
	second.await(1)
	assert.True(t, second.ask())
	second.await(2)
	stop(t, q, workers)
}

func TestWhatIsLentStaysUntilItIsReleased(t *testing.T) {
	q := newQueue(t, 8)
	l := newLoop(t, q)
	l.keep = true
	content := strings.Repeat("large ", 1<<20)
	workers := queuetest.Start(q.Address(), 1, func(call *queuetest.Call) { call.Content = content })
	require.True(t, l.ask())
	l.await(1)
	assert.EqualValues(t, 1, workers.Lent.Load())
	assert.Zero(t, workers.Freed.Load())
	assert.Equal(t, content, string(l.kept[0].Bytes()))
	l.kept[0].Recycle()
	assert.Eventually(t, func() bool { l.turn(); return workers.Freed.Load() == 1 }, patience, time.Millisecond, "a worker is woken for it")
	assert.Eventually(t, func() bool { l.turn(); return l.free() == len(l.port.slots.known) }, patience, time.Millisecond, "and its slot comes back")
	stop(t, q, workers)
}

func (l *loop) free() (count int) {
	for e := l.port.slots.free; e != nil; e = e.next {
		count++
	}
	return count
}

func TestSlotsAreUsedAgain(t *testing.T) {
	q := newQueue(t, 1000)
	l := newLoop(t, q)
	workers := queuetest.Start(q.Address(), 2, echo)
	for i := range 2000 {
		require.True(t, l.ask())
		l.await(i + 1)
	}
	assert.Len(t, l.port.slots.mapped, 1)
	assert.Equal(t, firstBlock/slotSize, l.free())
	stop(t, q, workers)
}

func TestPortIsCrowdedOnceInAWhile(t *testing.T) {
	q := newQueue(t, 4*crowd)
	l := newLoop(t, q)
	for i := range 3 * crowd {
		require.True(t, l.ask())
		assert.Equal(t, i%crowd == crowd-1, l.port.Crowded(), i)
	}
	assert.Zero(t, q.Close(true, 0))
}

func TestNothingIsAllocatedForARequest(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	q := newQueue(t, 8)
	l := newLoop(t, q)
	var answered gocore.Answer
	response := gocore.AcquireResponse()
	l.take = func(_ gocore.Token, answer gocore.Answer) {
		answered = answer
		answer.Fill(response)
		response.Reset()
	}
	exchange := func() {
		answered = nil
		if l.handler.Serve(&l.request, noResponse) != gocore.Deferred {
			t.Fatal("not deferred")
		}
		l.port.Flush()
		answerOne(l.port)
		if l.port.Collect(l.take); answered == nil {
			t.Fatal("not answered")
		}
	}
	exchange()
	assert.Zero(t, testing.AllocsPerRun(200, exchange))
	l.request.Body = make([]byte, 10_000)
	exchange()
	assert.Zero(t, testing.AllocsPerRun(200, exchange), "with a slab")
	assert.Zero(t, q.Close(true, patience))
}

var noResponse = new(gocore.Response)

// answerOne is a worker that answers the next request, and allocates nothing.
func answerOne(p *Port) {
	slot := takeOne(p)
	slot.Status, slot.Owners = 200, [2]uint64{}
	slot.ContentType = layout.Text{Address: addressOf(&plain[0]), Size: uint64(len(plain))}
	slot.Fields, slot.Body = layout.Text{}, slot.ContentType
	putOne(p, slot)
}

var plain = []byte("text/plain")
