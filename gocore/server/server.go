// Package server turns a route document into a running server: it compiles the
// document's handlers into a table, listens, drives an engine, swaps tables
// while requests are being served, drains, counts and reports.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/native"
	"fastgo/gocore/queue"
)

// Options say what to serve, where and how.
type Options struct {
	Address
	// Document is the route document.
	Document string `json:"document"`
	// Engine is the name of an engine, or "auto" for the best one.
	Engine string `json:"engine"`
	// Loops is how many cores to serve on; 0 means all that the process may use.
	Loops int `json:"loops"`
	// Debug: a crash in a native handler is reported before the process dies of it.
	Debug bool `json:"debug"`
}

// Server is a running server. Make it by Start. All methods are safe for
// concurrent use.
type Server struct {
	info       Info
	limits     limits
	kinds      kinds
	native     *native.Environment
	queue      *queue.Queue
	table      atomic.Pointer[table]
	stats      engine.Stats
	events     *events
	logger     *slog.Logger
	retirement *retirement
	engine     engine.Engine
	served     sync.WaitGroup
	release    func() // gives the processors back

	mu       sync.Mutex
	tables   uint64 // how many were compiled
	stopping bool

	stop     sync.Once
	cut      int
	draining context.Context // done when the drain must end
	endDrain context.CancelFunc
}

// Info describes a running server.
type Info struct {
	URL    string `json:"url"`
	Port   int    `json:"port"`
	Engine string `json:"engine"`
	Loops  int    `json:"loops"`
	// Table is the number of the first table.
	Table uint64 `json:"table"`
	// Queue is the address of the memory by which workers get the requests of handlers of
	// the kind "python".
	Queue uint64 `json:"queue"`
}

// maxLoops is far above any machine; it catches a slip of the keyboard.
const maxLoops = 4096

// Start compiles the document, listens and serves. Errors are of type *Error.
func Start(options Options) (*Server, error) {
	source, failure := parseDocument(options.Document)
	if failure != nil {
		return nil, failure
	}
	kind, failure := findEngine(options.Engine)
	if failure != nil {
		return nil, failure
	}
	if options.Loops < 0 || options.Loops > maxLoops {
		return nil, configError("loops", "%d is out of range; choose 1 to %d", options.Loops, maxLoops)
	}
	s := newServer(source.Limits)
	if failure := s.start(source, kind, options); failure != nil {
		s.queue.Close(true, 0)
		s.queue.Release()
		return nil, failure
	}
	return s, nil
}

// newServer returns a server that has no table and no engine. Its queue must be closed.
func newServer(bounds limits) *Server {
	s := &Server{limits: bounds, events: newEvents()}
	s.logger = slog.New(logHandler{events: s.events})
	s.native = native.NewEnvironment(s.limits.native(s.logger))
	s.queue = queue.New(queue.Options{Limit: s.limits.PythonQueue, Busy: busy, Full: func(refused uint64) {
		s.logger.Warn("requests are refused: too many wait for Python functions, see Limits.python_queue", "refused", refused)
	}})
	s.kinds = newKinds(s.native, s.queue)
	s.retirement = newRetirement(s.events)
	s.draining, s.endDrain = context.WithCancel(context.Background())
	return s
}

// start makes the first table, listens and serves.
func (s *Server) start(source *document, kind engineKind, options Options) *Error {
	if _, failure := s.install(source); failure != nil {
		return failure
	}
	listener, failure := options.listen()
	if failure != nil {
		return failure
	}
	loops := options.Loops
	if loops == 0 {
		loops = defaultLoops()
	}
	if options.Debug {
		if err := native.ReportCrashes(); err != nil {
			s.logger.Warn("debug: " + err.Error())
		}
	}
	built, err := kind.build(engine.Config{
		Find:   s.find,
		Limits: s.limits.engine(),
		Stats:  &s.stats,
		Logger: s.logger,
		Shared: options.FD != nil, // with whoever passed it on
		Ports:  s.queue,
	}, loops)
	if err != nil {
		_ = listener.Close()
		return &Error{Code: CodeInternal, Message: fmt.Sprintf("the %s engine cannot start: %v", kind.name, err)}
	}
	s.engine = built
	s.release = reserveProcessors(loops + kind.spare)
	s.info = Info{
		URL: url(listener), Port: port(listener), Engine: kind.name, Loops: loops,
		Table: s.tables, Queue: s.queue.Address(),
	}
	s.served.Go(func() { s.serve(listener) })
	return nil
}

// serve runs the engine and closes the listener behind it, also when the engine
// failed: clients learn that nobody serves.
func (s *Server) serve(listener net.Listener) {
	defer func() { _ = listener.Close() }() // fails where the engine has closed it
	defer s.survive()
	s.engine.Serve(listener)
}

// survive, deferred, keeps a panic of the engine from ending the process. The
// owner is asked to stop the server.
func (s *Server) survive() {
	if reason := recover(); reason != nil {
		s.events.put(Event{
			Kind:       EventStop,
			Message:    fmt.Sprintf("the %s engine failed: %v", s.info.Engine, reason),
			Attributes: map[string]string{"stack": string(debug.Stack())},
		})
	}
}

func (s *Server) find(request *gocore.Request) *gocore.Route {
	return s.table.Load().find(request)
}

// install compiles a document and makes its table the current one.
func (s *Server) install(source *document) (id uint64, failure *Error) {
	compiled, failure := s.kinds.compile(source, s.tables+1)
	if failure != nil {
		return 0, failure
	}
	s.tables++
	s.retirement.watch(compiled)
	if s.table.Swap(compiled) != nil {
		s.retirement.replaced()
	}
	return compiled.id, nil
}

// Info describes the server.
func (s *Server) Info() Info { return s.info }

// Update replaces all routes at once and returns the number of the new table. On
// an error nothing has changed. Requests that have begun end with the routes
// they began with; an EventRetired tells when the last of them has.
func (s *Server) Update(text string) (table uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return 0, stateError("the server is stopped; start a new one")
	}
	source, failure := parseDocument(text)
	if failure != nil {
		return 0, failure
	}
	if source.Limits != s.limits {
		return 0, configError("limits", "cannot change while the server runs; stop it and start it with the new ones")
	}
	table, failure = s.install(source)
	if failure != nil {
		return 0, failure
	}
	return table, nil
}

// Stop stops accepting, lets requests in flight finish for up to drain, cuts
// what is left and returns how many connections that were. A negative drain
// means the one of the document's limits. It may be called again, also while a
// first call drains: the shortest drain counts, and all calls return when the
// server has stopped.
func (s *Server) Stop(drain time.Duration) (cut int) {
	if drain < 0 {
		drain = seconds(s.limits.DrainTime)
	}
	timer := time.AfterFunc(drain, s.endDrain)
	defer timer.Stop()
	s.stop.Do(func() {
		s.mu.Lock()
		s.stopping = true
		s.mu.Unlock()
		s.drainEngine()
		running := s.native.Close(afterDrain)
		ended := s.ended()
		if !ended {
			running++
		}
		running += s.queue.Close(ended, afterDrain)
		if running > 0 {
			s.logger.Error("handlers do not return: their threads and what they use are left behind", "handlers", running)
		}
		s.retirement.close()
		s.release()
		s.events.close(Event{Kind: EventStopped, Cut: s.cut, Running: running})
	})
	return s.cut
}

func (s *Server) drainEngine() {
	defer s.survive()
	if s.cut = s.engine.Drain(s.draining); s.cut > 0 {
		s.logger.Warn("the drain has ended: connections were cut", "connections", s.cut)
	}
}

// afterDrain bounds how long handlers that do not return are waited for when there is
// nobody any more whom they could answer.
const afterDrain = time.Second

// ended reports whether the engine has returned: one of its handlers may not have.
func (s *Server) ended() bool {
	ended := make(chan struct{})
	go func() {
		s.served.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-time.After(afterDrain):
		return false
	}
}

// Stats returns the counters. They stay readable after Stop.
func (s *Server) Stats() Stats {
	return Stats{
		Snapshot:      s.stats.Snapshot(),
		EventsDropped: s.events.dropped.Load(),
		PythonRefused: s.queue.Refused(),
	}
}

// Stats are the counters of a server.
type Stats struct {
	engine.Snapshot
	EventsDropped uint64 `json:"events_dropped"`
	// PythonRefused counts requests that were answered 503 as too many waited for a worker.
	PythonRefused uint64 `json:"python_refused"`
}

// NextEvents waits for news and returns it, oldest first. After the batch with
// EventStopped it returns nothing; whoever asks for that knows that the server has
// stopped, and uses none of its memory any more.
func (s *Server) NextEvents() []Event {
	news := s.events.next()
	if news == nil {
		s.queue.Release()
	}
	return news
}

// native returns the options of native handlers.
func (l limits) native(logger *slog.Logger) native.Options {
	threads := l.BlockingThreads
	if threads == 0 {
		threads = min(32, defaultLoops()+4)
	}
	return native.Options{
		Logger:  logger,
		Memory:  l.NativeMemory,
		Budget:  seconds(l.InlineBudget),
		Threads: threads,
		Queue:   l.BlockingQueue,
		Failed:  engine.Refusal(gocore.StatusInternalServerError),
		Busy:    busy,
	}
}

// busy is the answer where those that run handlers, and the queue before them, are taken.
var busy = func() *gocore.Rendered {
	var header gocore.Header
	header.Borrow([]byte("Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n"))
	rendered, err := gocore.Render(gocore.StatusServiceUnavailable, header, []byte("503 Service Unavailable\n"))
	if err != nil {
		panic(err) // all of it is above
	}
	return rendered
}()

// engine returns the limits that engines enforce.
func (l limits) engine() engine.Limits {
	connections := l.Connections
	if connections == 0 {
		connections = max(fileLimit()-64, 64)
	}
	return engine.Limits{
		RequestLine: l.RequestLine,
		HeaderBytes: l.Header,
		HeaderCount: l.HeaderFields,
		HeaderTime:  seconds(l.HeaderTime),
		Idle:        seconds(l.IdleTime),
		Body:        seconds(l.BodyTime),
		Write:       seconds(l.WriteTime),
		InFlight:    l.InFlight,
		Connections: connections,
	}
}
