package enginetest

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// server is an engine that serves, and what it says while it does.
type server struct {
	t       *testing.T
	engine  engine.Engine
	stats   *engine.Stats
	logs    *logs
	address net.Addr

	served  chan struct{} // closed when Serve has returned
	drained bool
	loans   []*loan
}

// maxBody is the largest body that the routes of these tests allow, unless they
// say otherwise.
const maxBody = 1 << 20

// config returns limits that no test reaches by chance.
func config() engine.Config {
	return engine.Config{
		Limits: engine.Limits{
			RequestLine: 1024, HeaderBytes: 3072, HeaderCount: 100, HeaderTime: patience,
			Idle: patience, Body: patience, Write: patience, InFlight: 32, Connections: 200,
		},
	}
}

// serve starts a server of one handler on a free TCP port. It is stopped when the
// test ends.
func serve(t *testing.T, make Make, handler gocore.HandlerFunc) *server {
	return serveRoute(t, make, gocore.Route{Handler: handler, MaxBody: maxBody})
}

func serveRoute(t *testing.T, make Make, route gocore.Route) *server {
	return serveConfig(t, make, route, config())
}

func serveConfig(t *testing.T, make Make, route gocore.Route, config engine.Config) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveListener(t, make, listener, route, config)
}

func serveListener(t *testing.T, make Make, listener net.Listener, route gocore.Route, config engine.Config) *server {
	s := &server{
		t:       t,
		stats:   new(engine.Stats),
		logs:    new(logs),
		address: listener.Addr(),
		served:  newSignal(),
	}
	config.Find = route.Find
	if config.Find == nil {
		config.Find = func(*gocore.Request) *gocore.Route { return &route }
	}
	config.Stats = s.stats
	config.Logger = slog.New(s.logs)
	s.engine = make(config)
	go func() {
		defer close(s.served)
		s.engine.Serve(listener)
	}()
	t.Cleanup(s.stop)
	return s
}

// channel and newSignal make channels where make is the name of an engine's
// constructor.
func channel[T any](size int) chan T { return make(chan T, size) }
func newSignal() chan struct{}       { return make(chan struct{}) }

// stop drains the server, unless the test has done so, and looks whether all has
// been given back.
func (s *server) stop() {
	if !s.drained {
		s.drain(patience)
	}
	await(s.t, s.served, "Serve to return")
	for _, loan := range s.loans {
		assert.EqualValues(s.t, 1, loan.released.Load(), "times that %s was released", loan.name)
	}
}

// drain drains the server and returns how many connections it cut.
func (s *server) drain(timeout time.Duration) (cut int) {
	s.drained = true
	return drainEngine(s.engine, timeout)
}

func drainEngine(e engine.Engine, timeout time.Duration) (cut int) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return e.Drain(ctx)
}

// startDrain drains in the background, and returns when draining has begun: new
// connections are refused. The channel brings the number of connections cut.
func (s *server) startDrain(timeout time.Duration) <-chan int {
	result := make(chan int, 1)
	s.drained = true
	go func() { result <- drainEngine(s.engine, timeout) }()
	eventually(s.t, "new connections to be refused", func() bool {
		socket, err := net.DialTimeout(s.address.Network(), s.address.String(), patience)
		if err == nil {
			_ = socket.Close()
		}
		return err != nil
	})
	return result
}

// loan is something lent to a response. The zero value is not registered with a
// server: see lend.
type loan struct {
	name     string
	released atomic.Int32
	signal   chan struct{} // closed at the first release
	memory   []byte        // spoiled when it is given back
}

// lend returns a loan that must have been released once when the server stops.
// Handlers that lend call it before the server gets requests.
func (s *server) lend(name string, memory []byte) *loan {
	l := &loan{name: name, signal: newSignal(), memory: memory}
	s.loans = append(s.loans, l)
	return l
}

// Release implements gocore.Releaser.
func (l *loan) Release() {
	if l.released.Add(1) == 1 {
		clear(l.memory)
		close(l.signal)
	}
}

// logs keeps the records that an engine logs.
type logs struct {
	mu      sync.Mutex
	records []slog.Record
}

func (*logs) Enabled(context.Context, slog.Level) bool { return true }
func (l *logs) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l *logs) WithGroup(string) slog.Handler          { return l }

func (l *logs) Handle(_ context.Context, record slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, record.Clone())
	return nil
}

// errors returns the records of errors, each as its attributes.
func (l *logs) errors() []map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []map[string]string
	for _, record := range l.records {
		if record.Level < slog.LevelError {
			continue
		}
		attributes := map[string]string{"": record.Message}
		record.Attrs(func(attribute slog.Attr) bool {
			attributes[attribute.Key] = attribute.Value.String()
			return true
		})
		found = append(found, attributes)
	}
	return found
}

// await waits for a signal.
func await(t *testing.T, signal <-chan struct{}, what string) {
	t.Helper()
	receive(t, signal, what)
}

// receive waits for a value; a closed channel brings the zero value.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// eventually waits for a condition that nothing signals.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
