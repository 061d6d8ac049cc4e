package task_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"fastgo/gocore/task/tasktest"
)

// world has the channels and parties of a test, real ones and those of the model.
type world struct {
	model
	real    []tasktest.Chan
	parties []*tasktest.Party
	next    int // the value to be sent next
}

func newWorld(parties int, capacities ...int) *world {
	w := new(world)
	for _, capacity := range capacities {
		w.channels = append(w.channels, &modelChan{capacity: capacity})
		w.real = append(w.real, tasktest.NewChan(capacity, tasktest.Int))
	}
	for range parties {
		w.parties = append(w.parties, tasktest.NewParty())
	}
	w.parked, w.woken = make([][]modelCase, parties), make([]*result, parties)
	return w
}

func (w *world) free() {
	for i, party := range w.parties {
		if w.parked[i] != nil {
			party.Cancel()
		}
		party.Free()
	}
	for _, channel := range w.real {
		channel.Free()
	}
}

func (w *world) chanOf(number int) tasktest.Chan {
	if number < 0 {
		return tasktest.Chan{}
	}
	return w.real[number]
}

// operate has a party try the cases, or wait for them, and compares.
func (w *world) operate(t require.TestingT, party int, cases []modelCase, try bool) {
	var ready []int
	given := make([]tasktest.Case, len(cases))
	for i, each := range cases {
		given[i] = tasktest.Case{Chan: w.chanOf(each.channel), Send: each.send, Value: each.value}
		if w.isReady(each) {
			ready = append(ready, i)
		}
	}
	index, ok, value := w.parties[party].Select(given, try)
	switch {
	case len(ready) > 0:
		require.Contains(t, ready, index)
		if cases[index].send || !ok {
			value = 0
		}
		require.Equal(t, w.do(cases[index]), result{index, ok, value})
	default:
		require.Equal(t, tasktest.Wait, index)
		if !try {
			w.park(party, cases)
		}
	}
}

// plain has a party send or receive without a select, and compares.
func (w *world) plain(t require.TestingT, party int, c modelCase) {
	var done, value int
	if c.send {
		done = w.parties[party].Send(w.chanOf(c.channel), c.value)
	} else {
		value, done = w.parties[party].Recv(w.chanOf(c.channel))
	}
	if !w.isReady(c) {
		require.Equal(t, tasktest.Wait, done)
		w.park(party, []modelCase{c})
		return
	}
	want := w.do(c)
	require.Equal(t, want.ok, done == tasktest.OK)
	require.Equal(t, !want.ok, done == tasktest.Closed)
	if want.ok && !c.send {
		require.Equal(t, want.value, value)
	}
}

// compare checks who was woken for what, and the buffers.
func (w *world) compare(t require.TestingT) {
	for i, party := range w.parties {
		require.Equal(t, w.woken[i] != nil, party.IsWoken(), "party %d", i)
		if want := w.woken[i]; want != nil {
			index, ok, value := party.Await()
			require.Equal(t, want.index, index)
			require.Equal(t, want.ok, ok)
			if want.value != 0 {
				require.Equal(t, want.value, value)
			}
			w.woken[i] = nil
		}
	}
	for i, channel := range w.channels {
		require.Equal(t, len(channel.buffer), w.real[i].Len())
		require.Equal(t, channel.capacity, w.real[i].Cap())
		require.Equal(t, channel.closed, w.real[i].IsClosed())
	}
}

func (w *world) drawCase(t *rapid.T, party, index int) modelCase {
	w.next++
	return modelCase{
		party: party, index: index, channel: rapid.IntRange(-1, len(w.real)-1).Draw(t, "channel"),
		send: rapid.Bool().Draw(t, "send"), value: w.next,
	}
}

func TestOperationsAgreeWithTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(5, 0, 1, 2)
		defer w.free()
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			party := rapid.IntRange(0, len(w.parties)-1).Draw(t, "party")
			switch what := rapid.IntRange(0, 20).Draw(t, "what"); {
			case w.parked[party] != nil && what > 12:
				require.True(t, w.parties[party].Cancel())
				w.unpark(party)
			case w.parked[party] != nil:
			case what == 0:
				number := rapid.IntRange(0, len(w.real)-1).Draw(t, "channel")
				require.Equal(t, w.close(number), w.real[number].Close())
			case what < 10:
				w.plain(t, party, w.drawCase(t, party, 0))
			default:
				cases := make([]modelCase, rapid.IntRange(1, tasktest.MaxCases).Draw(t, "cases"))
				for i := range cases {
					cases[i] = w.drawCase(t, party, i)
				}
				w.operate(t, party, cases, what > 17)
			}
			w.compare(t)
		}
	})
}

func TestSelectIsFair(t *testing.T) {
	const rounds = 20_000
	party := tasktest.NewParty()
	defer party.Free()
	var cases []tasktest.Case
	for range 4 {
		channel := tasktest.NewChan(1, tasktest.Int)
		defer channel.Free()
		cases = append(cases, tasktest.Case{Chan: channel})
	}
	cases[2].Chan = tasktest.NewChan(0, tasktest.Int) // never ready
	defer cases[2].Chan.Free()
	chosen := make([]int, len(cases))
	for range rounds {
		for _, each := range cases {
			each.Chan.TrySendInt(1)
		}
		index, _, _ := party.Select(cases, true)
		chosen[index]++
	}
	assert.Zero(t, chosen[2])
	for _, i := range []int{0, 1, 3} { // 10 times the standard deviation
		assert.InDelta(t, rounds/3, chosen[i], 10*math.Sqrt(rounds*2.0/9), "%v", chosen)
	}
}

func TestNilChannelIsNeverReadyAndCannotBeClosed(t *testing.T) {
	party := tasktest.NewParty()
	defer party.Free()
	assert.Equal(t, tasktest.Wait, party.Send(tasktest.Chan{}, 1))
	assert.True(t, party.Cancel())
	_, done := party.Recv(tasktest.Chan{})
	assert.Equal(t, tasktest.Wait, done)
	assert.True(t, party.Cancel())
	assert.False(t, party.Cancel(), "it is not parked")
	assert.Equal(t, tasktest.Closed, tasktest.Chan{}.Close())
}

func TestChannelBeyondAllMemoryIsRefused(t *testing.T) {
	for _, capacity := range []int{-1, math.MaxInt, math.MaxInt / 8} {
		assert.True(t, tasktest.NewChan(capacity, tasktest.Int).IsNil())
	}
}

func TestBytesTravel(t *testing.T) {
	channel := tasktest.NewChan(2, tasktest.Bytes)
	defer channel.Free()
	room := make([]byte, 1<<20)
	for _, size := range []int{0, 1, 64, 65, 100, 64 << 10, 64<<10 + 1, 1 << 20, 3} {
		sent := bytes.Repeat([]byte{byte(size)}, size)
		assert.Equal(t, tasktest.OK, channel.TrySend([]byte("first")))
		assert.Equal(t, tasktest.OK, channel.TrySend(sent))
		assert.Equal(t, tasktest.Wait, channel.TrySend(sent), "full")
		got, done := channel.TryRecv(room)
		assert.Equal(t, tasktest.OK, done)
		assert.Equal(t, "first", string(room[:got]))
		got, done = channel.TryRecv(room)
		assert.Equal(t, tasktest.OK, done)
		assert.True(t, bytes.Equal(sent, room[:got]), size)
	}
	_, done := channel.TryRecv(room)
	assert.Equal(t, tasktest.Wait, done, "empty")
}

func TestBytesThatDoNotFitStayInTheChannel(t *testing.T) {
	channel := tasktest.NewChan(1, tasktest.Bytes)
	defer channel.Free()
	channel.TrySend([]byte("hello"))
	size, done := channel.TryRecv(make([]byte, 4))
	assert.Equal(t, tasktest.TooLarge, done)
	assert.Equal(t, 5, size)
	channel.Close()
	size, done = channel.TryRecv(make([]byte, 5))
	assert.Equal(t, tasktest.OK, done, "what was sent before the close is received")
	assert.Equal(t, 5, size)
	_, done = channel.TryRecv(make([]byte, 5))
	assert.Equal(t, tasktest.Closed, done)
	assert.Equal(t, tasktest.Closed, channel.TrySend([]byte("more")))
}

func TestKindOfTheChannelIsChecked(t *testing.T) {
	integers, texts := tasktest.NewChan(1, tasktest.Int), tasktest.NewChan(1, tasktest.Bytes)
	defer integers.Free()
	defer texts.Free()
	assert.Equal(t, tasktest.WrongKind, integers.TrySend([]byte("1")))
	assert.Equal(t, tasktest.WrongKind, texts.TrySendInt(1))
	_, done := integers.TryRecv(make([]byte, 8))
	assert.Equal(t, tasktest.WrongKind, done)
	_, done = texts.TryRecvInt()
	assert.Equal(t, tasktest.WrongKind, done)
}

func TestChannelOfObjectsGivesItsReferencesBack(t *testing.T) {
	tasktest.CountReleased()
	channel := tasktest.NewChan(3, tasktest.Object)
	party := tasktest.NewParty()
	defer party.Free()
	for value := 1; value <= 3; value++ {
		assert.Equal(t, tasktest.OK, party.Send(channel, value))
	}
	value, _ := party.Recv(channel)
	assert.Equal(t, 1, value)
	assert.Equal(t, tasktest.OK, party.Send(channel, 4))
	assert.Equal(t, 2+3+4, channel.Sum(), "the collector sees what is in the buffer")
	assert.Zero(t, tasktest.Released())
	channel.Clear()
	assert.Equal(t, 2+3+4, tasktest.Released())
	party.Send(channel, 5)
	channel.Free()
	assert.Equal(t, 2+3+4+5, tasktest.Released())
}

func TestOperationsAllocateNothingInASteadyState(t *testing.T) {
	for _, size := range []int{0, 100, 1000} {
		before := tasktest.Allocations()
		tasktest.Try(100_000, size)
		assert.Less(t, tasktest.Allocations()-before, 100, "a channel, a block, and threads that start meanwhile: %d", size)
	}
}

func TestSelectIsFairAmongNewChannels(t *testing.T) {
	const rounds = 4000
	party := tasktest.NewParty()
	defer party.Free()
	var first int
	for range rounds {
		a, b := tasktest.NewChan(1, tasktest.Int), tasktest.NewChan(1, tasktest.Int)
		a.TrySendInt(1)
		b.TrySendInt(2)
		index, _, _ := party.Select([]tasktest.Case{{Chan: a}, {Chan: b}}, true)
		first += 1 - index
		a.Free()
		b.Free()
	}
	assert.InDelta(t, rounds/2, first, 300, "ten standard deviations")
}

func TestNullIsTheNilChannelForNativeCode(t *testing.T) {
	var null tasktest.Chan
	_, received := null.TryRecv(make([]byte, 1))
	_, receivedInt := null.TryRecvInt()
	assert.Equal(t, tasktest.Wait, null.TrySend([]byte("x")))
	assert.Equal(t, tasktest.Wait, null.TrySendInt(1))
	assert.Equal(t, tasktest.Wait, received)
	assert.Equal(t, tasktest.Wait, receivedInt)
	assert.Equal(t, tasktest.Closed, null.CloseNative())
	assert.Zero(t, null.LenNative()+null.CapNative())
	null.HoldAndDrop()
}

func TestEmptyChannelKeepsAMegabyteAtMost(t *testing.T) {
	const size = 40_000 // in blocks of 64 KiB
	channel := tasktest.NewChan(1000, tasktest.Bytes)
	defer channel.Free()
	message := make([]byte, size)
	before := tasktest.Blocks()
	for range 1000 {
		require.Equal(t, tasktest.OK, channel.TrySend(message))
	}
	for range 1000 {
		_, done := channel.TryRecv(message)
		require.Equal(t, tasktest.OK, done)
	}
	assert.LessOrEqual(t, tasktest.Blocks()-before, 16)
	for range 1000 { // small ones find room beside
		channel.TrySend(message[:100])
		channel.TryRecv(message)
	}
	assert.LessOrEqual(t, tasktest.Blocks()-before, 17)
}

// TestForkLosesChannelsOfNativeCode has no fork, but what notes one: a lock that is held
// would be held for ever.
func TestForkLosesChannelsOfNativeCode(t *testing.T) {
	lost, made := tasktest.NewChan(2, tasktest.Bytes), tasktest.NewChan(2, tasktest.Object)
	party := tasktest.NewParty()
	defer party.Free()
	before := tasktest.Blocks()
	index, _, _ := party.Select([]tasktest.Case{{Chan: lost}, {Chan: made}}, false)
	require.Equal(t, tasktest.Wait, index)
	lost.LockAndNoteFork()
	assert.True(t, lost.IsLost())
	assert.False(t, made.IsLost())
	assert.True(t, party.Cancel())
	lost.Free()
	made.Free()
	assert.Equal(t, 1, before-tasktest.Blocks(), "the memory of one of them")
	later := tasktest.NewChan(1, tasktest.Int)
	assert.False(t, later.IsLost())
	later.Free()
}
