package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEventsComeInOrder(t *testing.T) {
	e := newEvents()
	e.put(Event{Kind: EventLog, Message: "1"})
	e.put(Event{Kind: EventRetired, Table: 2})
	e.put(Event{Kind: EventLog, Message: "3"})
	e.put(Event{Kind: EventStop, Message: "4"})
	assert.Equal(t, []Event{
		{Kind: EventLog, Message: "1"},
		{Kind: EventRetired, Table: 2},
		{Kind: EventLog, Message: "3"},
		{Kind: EventStop, Message: "4"},
	}, within(t, e.next))
}

func TestNextWaitsForNews(t *testing.T) {
	e := newEvents()
	batches := make(chan []Event)
	go func() {
		for range 100 {
			batches <- e.next()
		}
	}()
	for i := range 100 {
		e.put(Event{Kind: EventRetired, Table: uint64(i)})
		assert.Equal(t, []Event{{Kind: EventRetired, Table: uint64(i)}}, within(t, func() []Event { return <-batches }))
	}
}

func TestLogRecordsBeyondTheBoundAreDroppedAndCounted(t *testing.T) {
	e := newEvents()
	for i := range logsHeld + 3 {
		e.put(Event{Kind: EventLog, Message: strconv.Itoa(i)})
	}
	batch := within(t, e.next)
	require.Len(t, batch, logsHeld)
	for i, event := range batch {
		assert.Equal(t, strconv.Itoa(i), event.Message)
	}
	assert.Equal(t, uint64(3), e.dropped.Load())

	e.put(Event{Kind: EventLog, Message: "there is room again"})
	assert.Len(t, within(t, e.next), 1)
	assert.Equal(t, uint64(3), e.dropped.Load())
}

func TestOnlyLogRecordsAreDropped(t *testing.T) {
	e := newEvents()
	for range logsHeld {
		e.put(Event{Kind: EventLog})
	}
	const retired = 2 * logsHeld
	for i := range uint64(retired) {
		e.put(Event{Kind: EventRetired, Table: i})
	}
	e.put(Event{Kind: EventStop})
	e.close(Event{Kind: EventStopped, Cut: 5})
	batch := within(t, e.next)
	require.Len(t, batch, logsHeld+retired+2)
	assert.Equal(t, Event{Kind: EventRetired, Table: retired - 1}, batch[logsHeld+retired-1])
	assert.Equal(t, Event{Kind: EventStop}, batch[logsHeld+retired])
	assert.Equal(t, Event{Kind: EventStopped, Cut: 5}, batch[logsHeld+retired+1])
	assert.Zero(t, e.dropped.Load())
}

func TestNothingFollowsTheLastEvent(t *testing.T) {
	e := newEvents()
	e.put(Event{Kind: EventLog})
	e.close(Event{Kind: EventStopped})
	e.put(Event{Kind: EventLog})
	e.put(Event{Kind: EventRetired})
	e.close(Event{Kind: EventStopped, Cut: 1})
	assert.Equal(t, []Event{{Kind: EventLog}, {Kind: EventStopped}}, within(t, e.next))
	e.put(Event{Kind: EventRetired})
	for range 3 {
		assert.Nil(t, within(t, e.next))
	}
}

func TestCloseWakesEveryReader(t *testing.T) {
	for range 500 { // as nobody can tell when a reader waits
		e := newEvents()
		batches := make(chan []Event)
		for range 4 {
			go func() { batches <- e.next() }()
		}
		runtime.Gosched()
		e.close(Event{Kind: EventStopped})
		var seen []Event
		for range 4 {
			seen = append(seen, within(t, func() []Event { return <-batches })...)
		}
		require.Equal(t, []Event{{Kind: EventStopped}}, seen)
	}
}

func TestProducersAreConcurrent(t *testing.T) {
	e := newEvents()
	const producers, each = 8, 2000
	var running sync.WaitGroup
	for producer := range producers {
		running.Go(func() {
			for i := range each {
				e.put(Event{Kind: EventLog, Level: producer, Cut: i})
				e.put(Event{Kind: EventRetired, Table: uint64(producer*each + i)})
			}
		})
	}
	go func() {
		running.Wait()
		e.close(Event{Kind: EventStopped})
	}()

	var logs uint64
	var last Event
	retired := map[uint64]bool{}
	latest := map[int]int{}
	for batch := within(t, e.next); batch != nil; batch = within(t, e.next) {
		for _, event := range batch {
			switch last = event; event.Kind {
			case EventRetired:
				require.False(t, retired[event.Table], "told twice")
				retired[event.Table] = true
			case EventLog:
				logs++
				require.LessOrEqual(t, latest[event.Level], event.Cut, "the order of a producer")
				latest[event.Level] = event.Cut
			}
		}
	}
	assert.Equal(t, EventStopped, last.Kind)
	assert.Len(t, retired, producers*each)
	assert.Equal(t, uint64(producers*each), logs+e.dropped.Load(), "each record is read or counted")
}

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.StringValue("resolved") }

func TestLogRecordsBecomeEvents(t *testing.T) {
	e := newEvents()
	logger := slog.New(logHandler{events: e})
	logger.Error("failed", "error", assert.AnError, "count", 3, "value", valuer{})
	logger.Info("fine")
	assert.Equal(t, []Event{
		{Kind: EventLog, Level: 8, Message: "failed", Attributes: map[string]string{
			"error": assert.AnError.Error(), "count": "3", "value": "resolved",
		}},
		{Kind: EventLog, Message: "fine", Attributes: map[string]string{}},
	}, within(t, e.next))
}

func TestLogRecordsBelowInfoAreNoEvents(t *testing.T) {
	e := newEvents()
	logger := slog.New(logHandler{events: e})
	assert.False(t, logger.Enabled(context.Background(), slog.LevelDebug))
	logger.Debug("quiet")
	logger.Log(context.Background(), slog.LevelInfo-1, "quiet")
	logger.Log(context.Background(), slog.LevelInfo+1, "told")
	batch := within(t, e.next)
	require.Len(t, batch, 1)
	assert.Equal(t, "told", batch[0].Message)
}

func TestLoggersAddTheirAttributesToTheirOwnRecordsOnly(t *testing.T) {
	e := newEvents()
	base := slog.New(logHandler{events: e}).With("a", 1).With("x", 0).With("y", 0)
	one, two := base.With("b", 2), base.With("c", 3) // both behind the same three
	one.Info("one")
	two.WithGroup("group").Info("two", "a", "overwritten")
	base.Info("base")
	var got []string
	for _, event := range within(t, e.next) {
		got = append(got, fmt.Sprint(event.Message, event.Attributes))
	}
	assert.Equal(t, []string{"onemap[a:1 b:2 x:0 y:0]", "twomap[a:overwritten c:3 x:0 y:0]", "basemap[a:1 x:0 y:0]"}, got)
}

func TestEventsHaveTheFormThatOwnersRead(t *testing.T) {
	text, err := json.Marshal([]Event{
		{Kind: EventLog, Level: 8, Message: "m", Attributes: map[string]string{"a": "b"}},
		{Kind: EventLog, Message: "information"},
		{Kind: EventRetired, Table: 7},
		{Kind: EventStopped, Cut: 3},
	})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"kind": "log", "level": 8, "message": "m", "attributes": {"a": "b"}},
		{"kind": "log", "message": "information"}, {"kind": "retired", "table": 7}, {"kind": "stopped", "cut": 3}]`, string(text))
}
