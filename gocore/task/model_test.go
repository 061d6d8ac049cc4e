package task_test

import (
	"slices"

	"fastgo/gocore/task/tasktest"
)

// model is what channels and select must agree with: the rules of Go's specification on
// lists, one operation after the other.
type model struct {
	channels []*modelChan // without the nil channel, which is -1
	parked   [][]modelCase
	woken    []*result // by party; what it has not read yet
}

type modelChan struct {
	capacity int
	closed   bool
	buffer   []int
	waiting  []modelCase // senders or receivers, first come
}

// modelCase is an operation of a party.
type modelCase struct {
	party, index, channel int
	send                  bool
	value                 int
}

// result is what an operation has come to: the index of its case.
type result struct {
	index int
	ok    bool
	value int
}

// isReady reports whether an operation can be done now.
func (m *model) isReady(c modelCase) bool {
	if c.channel < 0 {
		return false
	}
	channel := m.channels[c.channel]
	switch {
	case channel.closed:
		return true
	case c.send:
		return len(channel.buffer) < channel.capacity || channel.peer(c) >= 0
	default:
		return len(channel.buffer) > 0 || channel.peer(c) >= 0
	}
}

// peer returns the place of the first party that waits for such an operation, or -1.
func (c *modelChan) peer(operation modelCase) int {
	return slices.IndexFunc(c.waiting, func(other modelCase) bool { return other.send != operation.send })
}

// do does an operation that is ready.
func (m *model) do(c modelCase) result {
	channel := m.channels[c.channel]
	peer := channel.peer(c)
	switch {
	case c.send && channel.closed:
		return result{index: c.index}
	case c.send && peer >= 0:
		m.wake(channel.waiting[peer], true, c.value)
		return result{index: c.index, ok: true}
	case c.send:
		channel.buffer = append(channel.buffer, c.value)
		return result{index: c.index, ok: true}
	}
	if peer >= 0 {
		sender := channel.waiting[peer]
		channel.buffer = append(channel.buffer, sender.value)
		m.wake(sender, true, 0)
	}
	if len(channel.buffer) == 0 {
		return result{index: c.index} // closed
	}
	value := channel.buffer[0]
	channel.buffer = channel.buffer[1:]
	return result{index: c.index, ok: true, value: value}
}

// wake ends the wait of a party by one of its cases.
func (m *model) wake(c modelCase, ok bool, value int) {
	m.unpark(c.party)
	m.woken[c.party] = &result{index: c.index, ok: ok, value: value}
}

func (m *model) unpark(party int) {
	for _, channel := range m.channels {
		channel.waiting = slices.DeleteFunc(channel.waiting, func(c modelCase) bool { return c.party == party })
	}
	m.parked[party] = nil
}

func (m *model) park(party int, cases []modelCase) {
	m.parked[party] = cases
	for _, c := range cases {
		if c.channel >= 0 {
			m.channels[c.channel].waiting = append(m.channels[c.channel].waiting, c)
		}
	}
}

func (m *model) close(number int) int {
	channel := m.channels[number]
	if channel.closed {
		return tasktest.Closed
	}
	channel.closed = true
	for _, send := range []bool{false, true} { // one that does both is told by its receive
		for at := channel.peer(modelCase{send: !send}); at >= 0; at = channel.peer(modelCase{send: !send}) {
			m.wake(channel.waiting[at], false, 0)
		}
	}
	return tasktest.OK
}
