// Package facade is the server as Python sees it: what gopy binds.
//
// gopy carries strings, numbers and one value beside an error, and aborts the
// process on a panic that crosses. So there is one type whose zero value works,
// its methods take and return JSON, every method recovers, and every error is
// the JSON of a server.Error, which Python turns into its own exceptions.
package facade

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"fastgo/gocore/server"
)

// Server is a server that can be started once. All methods are safe for
// concurrent use.
type Server struct {
	starting sync.Mutex
	running  atomic.Pointer[server.Server]
}

// Start starts the server. The configuration is a server.Options, the result a
// server.Info.
func (s *Server) Start(configuration string) (result string, err error) {
	defer guard(&err)
	var options server.Options
	if err := json.Unmarshal([]byte(configuration), &options); err != nil {
		return "", failure(err)
	}
	s.starting.Lock()
	defer s.starting.Unlock()
	if s.running.Load() != nil {
		return "", failure(stateError("the server has been started already; make another one"))
	}
	started, err := server.Start(options)
	if err != nil {
		return "", failure(err)
	}
	s.running.Store(started)
	return encode(started.Info())
}

// Update replaces the routes by those of a document and returns the number of
// the new table.
func (s *Server) Update(document string) (result string, err error) {
	defer guard(&err)
	running, err := s.started()
	if err != nil {
		return "", failure(err)
	}
	table, err := running.Update(document)
	if err != nil {
		return "", failure(err)
	}
	return encode(table)
}

// Stop begins to stop the server, with a drain of so many seconds, or as the
// limits say where it is negative. It does not wait: the event "stopped" tells
// the end, so that a Python thread that waits for it can be interrupted.
func (s *Server) Stop(drain float64) (result string, err error) {
	defer guard(&err)
	running, err := s.started()
	if err != nil {
		return "", failure(err)
	}
	span := time.Duration(math.Min(drain*float64(time.Second), math.MaxInt64/2))
	go running.Stop(span)
	return encode(true)
}

// Stats returns a server.Stats.
func (s *Server) Stats() (result string, err error) {
	defer guard(&err)
	running, err := s.started()
	if err != nil {
		return "", failure(err)
	}
	return encode(running.Stats())
}

// Events waits for news and returns a list of server.Event, null when there will
// be no more.
func (s *Server) Events() (result string, err error) {
	defer guard(&err)
	running, err := s.started()
	if err != nil {
		return "", failure(err)
	}
	return encode(running.NextEvents())
}

func (s *Server) started() (*server.Server, error) {
	if running := s.running.Load(); running != nil {
		return running, nil
	}
	return nil, stateError("the server has not been started; call Start first")
}

func stateError(message string) error {
	return &server.Error{Code: server.CodeState, Message: message}
}

func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", failure(err)
	}
	return string(text), nil
}

// failure returns err as an error whose text is JSON.
func failure(err error) error {
	reported, ok := errors.AsType[*server.Error](err)
	if !ok {
		reported = &server.Error{Code: server.CodeInternal, Message: err.Error()}
	}
	text, err := json.Marshal(reported)
	if err != nil {
		return err
	}
	return errors.New(string(text))
}

// guard turns a panic into an error.
func guard(err *error) {
	if reason := recover(); reason != nil {
		*err = failure(fmt.Errorf("%v\n%s", reason, debug.Stack()))
	}
}
