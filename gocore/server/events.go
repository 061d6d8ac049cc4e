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
	// Level, Message and Attributes are a log record's. Level is the number that
	// package slog gives it: a slog.Level would be its name in JSON.
	Level      int               `json:"level,omitempty"`
	Message    string            `json:"message,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Table is the number of a retired table.
	Table uint64 `json:"table,omitempty"`
	// Cut is how many connections the end of the drain has cut.
	Cut int `json:"cut,omitempty"`
	// Running is how many handlers, at least, have not returned when the server has
	// stopped: what they use must stay.
	Running int `json:"running,omitempty"`
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

// logsHeld is how many log records wait for the reader at most.
const logsHeld = 1024

// events is the queue between the server and its reader, in order. Putting an
// event in never waits: a log record that finds logsHeld others is dropped and
// counted. The other kinds are never dropped; their number is bounded by the
// tables alive and the failures of one engine.
type events struct {
	dropped atomic.Uint64

	mu     sync.Mutex
	news   sync.Cond // of a change of queue or closed
	queue  []Event
	logs   int // log records in queue
	closed bool
}

func newEvents() *events {
	e := new(events)
	e.news.L = &e.mu
	return e
}

// put appends an event. Once the queue is closed it does nothing.
func (e *events) put(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	if event.Kind == EventLog {
		if e.logs == logsHeld {
			e.dropped.Add(1)
			return
		}
		e.logs++
	}
	e.queue = append(e.queue, event)
	e.news.Signal()
}

// close ends the queue with a last event.
func (e *events) close(last Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.queue, e.closed = append(e.queue, last), true
	}
	e.news.Broadcast()
}

// next waits for news and returns all there is; nothing when the queue is closed
// and its last event has been returned.
func (e *events) next() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) == 0 && !e.closed {
		e.news.Wait()
	}
	batch := e.queue
	e.queue, e.logs = nil, 0
	return batch
}

// logHandler makes events of log records. It implements slog.Handler.
type logHandler struct {
	events     *events
	attributes []slog.Attr
}

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	event := Event{Kind: EventLog, Level: int(record.Level), Message: record.Message, Attributes: map[string]string{}}
	add := func(attribute slog.Attr) bool {
		event.Attributes[attribute.Key] = attribute.Value.Resolve().String()
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
