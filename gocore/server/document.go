package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"time"
)

// version is the version of the route document that this package reads.
const version = 1

// document is the route document: all that a server is told about its routes.
type document struct {
	Version int               `json:"version"`
	Routes  []json.RawMessage `json:"routes"`
	Limits  limits            `json:"limits"`
}

// limits bound what clients may ask. Sizes are in bytes, times in seconds.
type limits struct {
	RequestLine  int     `json:"request_line"`
	Header       int     `json:"header"`
	HeaderFields int     `json:"header_fields"`
	Body         int64   `json:"body"`
	HeaderTime   float64 `json:"header_time"`
	BodyTime     float64 `json:"body_time"`
	WriteTime    float64 `json:"write_time"`
	IdleTime     float64 `json:"idle_time"`
	DrainTime    float64 `json:"drain_time"`
	InFlight     int     `json:"in_flight"`
	// Connections 0 means as many as the process may have files, less 64.
	Connections int `json:"connections"`
	// What native handlers may use; BlockingThreads 0 means four more than the cores,
	// and 32 at most.
	NativeMemory    int     `json:"native_memory"`
	InlineBudget    float64 `json:"inline_budget"`
	BlockingThreads int     `json:"blocking_threads"`
	BlockingQueue   int     `json:"blocking_queue"`
	// PythonQueue is how many requests may wait for a thread of Python's.
	PythonQueue int `json:"python_queue"`
	// CoroutineTime is how long a coroutine may take, 0 for as long as it likes. Python
	// holds it.
	CoroutineTime float64 `json:"coroutine_time"`
}

var defaultLimits = limits{
	RequestLine: 8 << 10, Header: 32 << 10, HeaderFields: 100, Body: 1 << 20,
	HeaderTime: 10, BodyTime: 30, WriteTime: 30, IdleTime: 75, DrainTime: 30,
	InFlight: 32, NativeMemory: 64 << 20, InlineBudget: 0.01, BlockingQueue: 1024, PythonQueue: 1024,
}

// parseDocument reads the document's frame; routes are read by compile.
func parseDocument(text string) (*document, *Error) {
	parsed := &document{Limits: defaultLimits}
	if err := decode([]byte(text), "document", parsed); err != nil {
		return nil, err
	}
	if parsed.Version != version {
		return nil, configError("document.version", "%d is not known; write %d", parsed.Version, version)
	}
	if err := parsed.Limits.check(); err != nil {
		return nil, err
	}
	// The document, its limits and the list of its routes; compileRoute checks these.
	if err := checkExact([]byte(text), "document", 2); err != nil {
		return nil, err
	}
	return parsed, nil
}

// longest is the longest time that a limit may be, in seconds: about a century,
// far below where a Duration overflows.
const longest = 3e9

func (l limits) check() *Error {
	for _, size := range []struct {
		name       string
		value, min int64
		max        int64
	}{
		{"request_line", int64(l.RequestLine), 64, 1 << 24},
		{"header", int64(l.Header), 64, 1 << 24},
		{"header_fields", int64(l.HeaderFields), 1, 1 << 16},
		{"body", l.Body, 0, math.MaxInt64 - 1},
		{"in_flight", int64(l.InFlight), 1, 1 << 16},
		{"connections", int64(l.Connections), 0, 1 << 24},
		{"native_memory", int64(l.NativeMemory), 1 << 16, 1 << 40},
		{"blocking_threads", int64(l.BlockingThreads), 0, 1 << 12},
		{"blocking_queue", int64(l.BlockingQueue), 0, 1 << 20},
		{"python_queue", int64(l.PythonQueue), 1, 1 << 20},
	} {
		if size.value < size.min || size.value > size.max {
			return configError("limits."+size.name, "%d is out of range; choose %d to %d", size.value, size.min, size.max)
		}
	}
	for _, span := range []struct {
		name       string
		value, min float64
	}{
		{"header_time", l.HeaderTime, 0.001},
		{"body_time", l.BodyTime, 0.001},
		{"write_time", l.WriteTime, 0.001},
		{"idle_time", l.IdleTime, 0.001},
		{"drain_time", l.DrainTime, 0},
		{"inline_budget", l.InlineBudget, 0.001},
		{"coroutine_time", l.CoroutineTime, 0},
	} {
		if !(span.value >= span.min && span.value <= longest) {
			return configError("limits."+span.name, "%v is out of range; choose %v to %d seconds", span.value, span.min, int64(longest))
		}
	}
	return nil
}

func seconds(value float64) time.Duration {
	return time.Duration(value * float64(time.Second))
}

// decode reads JSON strictly: an unknown field is an error, as is anything
// behind the value. Errors name the place.
func decode(text []byte, place string, into any) *Error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			return nil
		}
		return configError(place, "has more than one value; remove what follows the first")
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if mismatch.Field != "" {
			place += "." + mismatch.Field
		}
		return configError(place, "is %s; write %s", mismatch.Value, kindName(mismatch.Type.Kind().String()))
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return configError(place, "has an unknown field %s; remove it", field)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return configError(place, "is not JSON: %s", err)
}

// kindName says in the document's words what a Go kind is.
func kindName(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number in range"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "slice":
		return "a list"
	case kind == "string":
		return "a string"
	case kind == "bool":
		return "true or false"
	default:
		return "an object"
	}
}
