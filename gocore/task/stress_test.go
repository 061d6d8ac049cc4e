package task_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore/task/tasktest"
)

// What follows runs on several threads at once: parties that block, each a goroutine.

const senders, perSender = 8, 5_000

// ledger knows what was sent and received. A value is sender<<32 | number.
type ledger struct {
	sent, received atomic.Int64
	sums           [2]atomic.Int64
}

func (l *ledger) send(value int)    { l.sent.Add(1); l.sums[0].Add(int64(value)) }
func (l *ledger) receive(value int) { l.received.Add(1); l.sums[1].Add(int64(value)) }

func (l *ledger) check(t *testing.T) {
	assert.Equal(t, l.sent.Load(), l.received.Load())
	assert.Equal(t, l.sums[0].Load(), l.sums[1].Load(), "each value is received once")
}

// recv receives and waits.
func recv(party *tasktest.Party, channel tasktest.Chan) (value int, ok bool) {
	value, done := party.Recv(channel)
	if done == tasktest.Wait {
		_, ok, value = party.Await()
		return value, ok
	}
	return value, done == tasktest.OK
}

func send(party *tasktest.Party, channel tasktest.Chan, value int) (ok bool) {
	done := party.Send(channel, value)
	if done == tasktest.Wait {
		_, ok, _ = party.Await()
		return ok
	}
	return done == tasktest.OK
}

func run(count int, f func(number int, party *tasktest.Party)) *sync.WaitGroup {
	group := new(sync.WaitGroup)
	for number := range count {
		group.Go(func() {
			party := tasktest.NewParty()
			defer party.Free()
			f(number, party)
		})
	}
	return group
}

func TestEachValueIsReceivedOnceAndInOrder(t *testing.T) {
	for _, capacity := range []int{0, 1, 16} {
		var book ledger
		channel := tasktest.NewChan(capacity, tasktest.Int)
		sending := run(senders, func(number int, party *tasktest.Party) {
			for i := range perSender {
				value := number<<32 | i
				book.send(value)
				assert.True(t, send(party, channel, value))
			}
		})
		receiving := run(4, func(_ int, party *tasktest.Party) {
			var last [senders]int
			for {
				value, ok := recv(party, channel)
				if !ok {
					return
				}
				book.receive(value)
				from, number := value>>32, value&(1<<32-1)
				if number < last[from] {
					t.Errorf("%d of sender %d came behind %d", number, from, last[from])
				}
				last[from] = number
			}
		})
		sending.Wait()
		channel.Close()
		receiving.Wait()
		book.check(t)
		channel.Free()
	}
}

// TestSelectsMeetSelects has only selects on both sides, over the same channels in other
// orders, which would hang if their locks were not taken in one order.
func TestSelectsMeetSelects(t *testing.T) {
	var book ledger
	channels := []tasktest.Chan{tasktest.NewChan(0, tasktest.Int), tasktest.NewChan(1, tasktest.Int), tasktest.NewChan(0, tasktest.Int)}
	quit := tasktest.NewChan(0, tasktest.Int)
	sending := run(senders, func(number int, party *tasktest.Party) {
		random := rand.New(rand.NewPCG(1, uint64(number)))
		for i := range perSender {
			cases := make([]tasktest.Case, len(channels))
			value := number<<32 | i
			for at, from := range random.Perm(len(channels)) {
				cases[at] = tasktest.Case{Chan: channels[from], Send: true, Value: value}
			}
			book.send(value)
			index, ok, _ := party.Select(cases, false)
			if index == tasktest.Wait {
				_, ok, _ = party.Await()
			}
			assert.True(t, ok)
		}
	})
	receiving := run(4, func(number int, party *tasktest.Party) {
		random := rand.New(rand.NewPCG(2, uint64(number)))
		for {
			cases := []tasktest.Case{{Chan: quit}}
			for _, from := range random.Perm(len(channels)) {
				cases = append(cases, tasktest.Case{Chan: channels[from]})
			}
			index, ok, value := party.Select(cases, false)
			if index == tasktest.Wait {
				index, ok, value = party.Await()
			}
			if index == 0 {
				return
			}
			assert.True(t, ok)
			book.receive(value)
		}
	})
	sending.Wait()
	quit.Close()
	receiving.Wait()
	if value, done := channels[1].TryRecvInt(); done == tasktest.OK { // what the buffer still had
		book.receive(value)
	}
	book.check(t)
	for _, channel := range append(channels, quit) {
		channel.Free()
	}
}

// TestCancelsRaceWithWakes cancels waits while their peers fire them: each is done or
// cancelled, and never both.
func TestCancelsRaceWithWakes(t *testing.T) {
	var book ledger
	a, b := tasktest.NewChan(0, tasktest.Int), tasktest.NewChan(0, tasktest.Int)
	stopping := make(chan struct{})
	// A party waits for both channels and is cancelled by another goroutine.
	waiting := run(4, func(number int, party *tasktest.Party) {
		for i := range perSender {
			value := number<<32 | i
			cases := []tasktest.Case{{Chan: a, Send: true, Value: value}, {Chan: b}}
			index, ok, got := party.Select(cases, false)
			if index == tasktest.Wait {
				cancelled := make(chan bool)
				go func() { cancelled <- party.Cancel() }()
				if <-cancelled {
					continue
				}
				index, ok, got = party.Await()
			}
			assert.True(t, ok)
			if index == 0 {
				book.send(value)
			} else {
				book.receive(got)
			}
		}
	})
	partners := run(2, func(number int, _ *tasktest.Party) {
		for i := 0; ; i++ {
			select {
			case <-stopping:
				return
			default:
			}
			if value, done := a.TryRecvInt(); done == tasktest.OK {
				book.receive(value)
			}
			if value := (100+number)<<32 | i; b.TrySendInt(value) == tasktest.OK {
				book.send(value)
			}
		}
	})
	waiting.Wait()
	close(stopping)
	partners.Wait()
	book.check(t)
	a.Free()
	b.Free()
}

// TestCloseRacesWithAll closes a channel in the midst of sends, receives and selects.
func TestCloseRacesWithAll(t *testing.T) {
	for round := range 500 {
		var book ledger
		var closed atomic.Int64
		channel, never := tasktest.NewChan(round%3, tasktest.Int), tasktest.NewChan(0, tasktest.Int)
		parties := run(6, func(number int, party *tasktest.Party) {
			for i := range 20 {
				if number%2 == 0 {
					if value, ok := recv(party, channel); ok {
						book.receive(value)
					}
					continue
				}
				value := number<<32 | i
				index, ok, _ := party.Select([]tasktest.Case{{Chan: never}, {Chan: channel, Send: true, Value: value}}, false)
				if index == tasktest.Wait {
					_, ok, _ = party.Await()
				}
				if ok {
					book.send(value)
				}
			}
		})
		closing := run(2, func(int, *tasktest.Party) {
			for range round % 50 {
				runtime.Gosched()
			}
			if channel.Close() == tasktest.OK {
				closed.Add(1)
			}
		})
		closing.Wait()
		parties.Wait()
		for channel.Len() > 0 {
			value, _ := channel.TryRecvInt()
			book.receive(value)
		}
		assert.EqualValues(t, 1, closed.Load(), "one close wins")
		book.check(t)
		channel.Free()
		never.Free()
	}
}
