package server

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Event is news for whoever owns the server.
type Event struct {
	Kind EventKind `json:"kind"`
	// Level, Message and Attributes are a log record's. Level is that of package slog.
	Level      slog.Level        `json:"level,omitempty"`
	Message    string            `json:"message,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Table is the number of a retired table.
	Table uint64 `json:"table,omitempty"`
	// Cut is how many connections the end of the drain has cut.
	Cut int `json:"cut,omitempty"`
}

// EventKind tells what an Event is about.
type EventKind string

// The kinds of event.
const (
	// EventLog: a log record.
	EventLog EventKind = "log"
	// EventRetired: no request uses this table or its handlers any more.
	EventRetired EventKind = "retired"
	// EventStop: the server asks to be stopped; Message says why.
	EventStop EventKind = "stop"
	// EventStopped: the server has stopped. It is the last event.
	EventStopped EventKind = "stopped"
)

const (
	eventsHeld  = 1024
	eventsBatch = 64
)

// events is a bounded ring between the server and one reader. Putting an event
// in never waits: when the ring is full the event is dropped and counted. What
// must not be lost waits beside the ring: the numbers of retired tables, which
// the tables alive bound, and the last event.
type events struct {
	ring    chan Event
	dropped atomic.Uint64

	mu      sync.Mutex
	closed  bool
	last    []Event
	retired []uint64
	// news holds one element when retired has some.
	news chan struct{}
}

func newEvents() *events {
	return &events{ring: make(chan Event, eventsHeld), news: make(chan struct{}, 1)}
}

func (e *events) put(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	select {
	case e.ring <- event:
	default:
		e.dropped.Add(1)
	}
}

func (e *events) retire(table uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.retired = append(e.retired, table)
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// close ends the ring: next returns what is left, then the last event, then
// nothing. It is called once.
func (e *events) close(last Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed, e.last = true, []Event{last}
	close(e.ring)
}

// next waits for news and returns it; empty when the ring is closed and drained.
func (e *events) next() []Event {
	var batch []Event
	select {
	case event, ok := <-e.ring:
		if !ok {
			return e.takeLast()
		}
		batch = append(batch, event)
	case <-e.news:
	}
	for len(batch) < eventsBatch {
		select {
		case event, ok := <-e.ring:
			if ok {
				batch = append(batch, event)
				continue
			}
		default:
		}
		break
	}
	return e.takeRetired(batch)
}

func (e *events) takeLast() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := e.last
	e.last = nil
	return last
}

func (e *events) takeRetired(batch []Event) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range e.retired {
		batch = append(batch, Event{Kind: EventRetired, Table: id})
	}
	e.retired = nil
	return batch
}

// logHandler puts log records into the ring. It implements slog.Handler.
type logHandler struct {
	events     *events
	attributes []slog.Attr
}

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	event := Event{Kind: EventLog, Level: record.Level, Message: record.Message, Attributes: map[string]string{}}
	add := func(attribute slog.Attr) bool {
		event.Attributes[attribute.Key] = attribute.Value.String()
		return true
	}
	for _, attribute := range h.attributes {
		add(attribute)
	}
	record.Attrs(add)
	h.events.put(event)
	return nil
}

func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	h.attributes = append(h.attributes[:len(h.attributes):len(h.attributes)], attributes...)
	return h
}

// WithGroup is not used by this module: groups have no place in an Event.
func (h logHandler) WithGroup(string) slog.Handler { return h }
