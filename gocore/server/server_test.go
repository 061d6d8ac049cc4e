package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/native"
)

// --- start

func TestStartServesAndDescribesItself(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	s, err := Start(Options{Address: Address{Host: "127.0.0.1"}, Document: documentOf(getText("/", "hello")),
		Engine: "fasthttp", Loops: before + 3})
	require.NoError(t, err)
	t.Cleanup(func() { s.Stop(0) })
	info := s.Info()
	assert.Equal(t, Info{URL: fmt.Sprintf("http://127.0.0.1:%d", info.Port), Port: info.Port,
		Engine: "fasthttp", Loops: before + 3, Table: 1}, info)
	assert.Equal(t, before+3, runtime.GOMAXPROCS(0))
	assert.Equal(t, "hello", get(t, s, "/"))
	s.Stop(0)
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestStartChoosesEngineAndLoops(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	s, err := Start(Options{Address: Address{Host: "127.0.0.1"}, Document: documentOf(), Engine: "auto"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Stop(0) })
	assert.Equal(t, engineKinds[0].name, s.Info().Engine)
	assert.Equal(t, before, s.Info().Loops)
	assert.Equal(t, before+engineKinds[0].spare, runtime.GOMAXPROCS(0))
}

func TestStartServesOnAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, err := Start(Options{Address: Address{UDS: path}, Document: documentOf(getText("/", "hello")), Engine: "auto"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Stop(0) })
	assert.Equal(t, "unix:"+path, s.Info().URL)
	client := http.Client{Timeout: deadline, Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", path) },
	}}
	response, err := client.Get("http://socket/")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
	client.CloseIdleConnections()
	s.Stop(0)
	assert.NoFileExists(t, path)
}

func TestStartErrorsSayWhatToWrite(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	fine := Options{Address: Address{Host: "127.0.0.1"}, Document: documentOf(), Engine: "auto"}
	for _, test := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.Document = "" }, `document: is not JSON: unexpected EOF`},
		{func(o *Options) { o.Document = documentOf(getText("x", "")) },
			`routes[0].path: "x" does not begin with "/"; write "/x" (GET x, registered at app.py:1)`},
		{func(o *Options) { o.Engine = "" }, `engine: "" is not known; choose "auto", "epoll" or "fasthttp"`},
		{func(o *Options) { o.Engine = "nginx" }, `engine: "nginx" is not known; choose "auto", "epoll" or "fasthttp"`},
		{func(o *Options) { o.Loops = -1 }, `loops: -1 is out of range; choose 1 to 4096`},
		{func(o *Options) { o.Loops = 4097 }, `loops: 4097 is out of range; choose 1 to 4096`},
		{func(o *Options) { o.Port = -1 }, `port: -1 is out of range; choose 0 to 65535 (0 takes a free port)`},
	} {
		options := fine
		test.change(&options)
		s, err := Start(options)
		assert.Nil(t, s)
		assert.Equal(t, &Error{Code: CodeConfig, Message: test.want}, err)
		assert.EqualError(t, err, test.want)
	}
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

// --- update

func TestUpdateReplacesAllRoutes(t *testing.T) {
	s := start(t, documentOf(getText("/old", "old")))
	table, err := s.Update(documentOf(getText("/new", "new")))
	require.NoError(t, err)
	assert.Equal(t, uint64(2), table)
	assert.Equal(t, "new", get(t, s, "/new"))
	response, err := http.Get(s.Info().URL + "/old")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestABrokenUpdateChangesNothing(t *testing.T) {
	s := start(t, documentOf(getText("/", "old")))
	current := s.table.Load()
	for _, test := range []struct{ document, want string }{
		{"{", "document: is not JSON: unexpected EOF"},
		{documentOf(getText("/", "new"), getText("/", "twice")),
			"routes[1]: GET / is registered twice, at app.py:1 and at app.py:1; remove one"},
		{`{"version": 1, "limits": {"body": 5}}`,
			"limits: cannot change while the server runs; stop it and start it with the new ones"},
	} {
		_, err := s.Update(test.document)
		assert.Equal(t, &Error{Code: CodeConfig, Message: test.want}, err)
		assert.Same(t, current, s.table.Load())
	}
	assert.Equal(t, "old", get(t, s, "/"))
	assert.Equal(t, uint64(2), update(t, s, documentOf()), "a broken document takes no number")
}

func TestUpdateIsAtomicUnderLoad(t *testing.T) {
	// "/both" tells which table answered; each of the others is in one table only.
	tables := []string{
		documentOf(getText("/both", "one"), getText("/one", "one")),
		documentOf(getText("/both", "two"), getText("/two", "two")),
	}
	s := start(t, tables[0])
	var served atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		client := dial(t, s)
		clients.Go(func() {
			reader := bufio.NewReader(client)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				path := []string{"/both", "/one", "/two"}[i%3]
				_, err := io.WriteString(client, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
				if !assert.NoError(t, err) {
					return
				}
				response, err := http.ReadResponse(reader, nil)
				if !assert.NoError(t, err) {
					return
				}
				body, err := io.ReadAll(response.Body)
				assert.NoError(t, err)
				got := fmt.Sprint(response.StatusCode, " ", string(body))
				assert.Contains(t, map[string][]string{
					"/both": {"200 one", "200 two"},
					"/one":  {"200 one", "404 404 Not Found\n"},
					"/two":  {"200 two", "404 404 Not Found\n"},
				}[path], got)
				served.Add(1)
			}
		})
	}
	for i := range 200 {
		update(t, s, tables[(i+1)%2])
		want := served.Load() + 2
		require.Eventually(t, func() bool { return served.Load() >= want || t.Failed() }, deadline, 100*time.Microsecond)
	}
	close(stop)
	clients.Wait()
	assert.Equal(t, "one", get(t, s, "/both"))
}

func TestUpdatesMayBeConcurrent(t *testing.T) {
	s := start(t, documentOf())
	numbers := make(chan uint64, 20)
	var updating sync.WaitGroup
	for range cap(numbers) {
		updating.Go(func() {
			table, err := s.Update(documentOf(getText("/", "x")))
			assert.NoError(t, err)
			numbers <- table
		})
	}
	updating.Wait()
	close(numbers)
	seen := map[uint64]bool{1: true}
	for number := range numbers {
		assert.False(t, seen[number])
		seen[number] = true
	}
	assert.Contains(t, seen, s.table.Load().id)
}

// --- stop

func TestStopWaitsForRequestsInFlight(t *testing.T) {
	s := start(t, documentOf())
	held := hold(s)
	update(t, s, documentOf(routeOf("GET", "/held", `{"kind": "held"}`)))
	client, token := begin(t, s, held)
	idle := dial(t, s)

	cut := make(chan int)
	go func() { cut <- s.Stop(-1) }() // the drain of the limits
	awaitRefusal(t, s)
	_, err := idle.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF, "idle connections are closed at once")
	_, err = s.Update(documentOf())
	assert.Equal(t, &Error{Code: CodeState, Message: "the server is stopped; start a new one"}, err)

	answer(t, token, "finished")
	response, err := http.ReadResponse(bufio.NewReader(client), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "finished", string(body))
	assert.True(t, response.Close)
	assert.Zero(t, within(t, func() int { return <-cut }))
	assert.Equal(t, []Event{{Kind: EventStopped}}, withoutRetired(within(t, s.NextEvents)))
}

func TestAShorterStopEndsTheDrainOfALongerOne(t *testing.T) {
	s := start(t, documentOf())
	held := hold(s)
	update(t, s, documentOf(routeOf("GET", "/held", `{"kind": "held"}`)))
	client, token := begin(t, s, held)

	cut := make(chan int)
	go func() { cut <- s.Stop(time.Hour) }()
	awaitRefusal(t, s)
	assert.Equal(t, 1, within(t, func() int { return s.Stop(0) }))
	assert.Equal(t, 1, within(t, func() int { return <-cut }))
	_, err := client.Read(make([]byte, 1))
	assert.Error(t, err)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	assert.False(t, token.Answer(gocore.AcquireResponse()), "nobody waits for it")
	assert.Equal(t, []Event{
		{Kind: EventLog, Level: 4, Message: "the drain has ended: connections were cut",
			Attributes: map[string]string{"connections": "1"}},
		{Kind: EventStopped, Cut: 1},
	}, withoutRetired(within(t, s.NextEvents)))
}

func TestStopMayBeCalledAgain(t *testing.T) {
	s := start(t, documentOf())
	var stopping sync.WaitGroup
	for i := range 8 {
		stopping.Go(func() { assert.Zero(t, s.Stop(time.Duration(i)*time.Second)) })
	}
	stopping.Wait()
	assert.Zero(t, s.Stop(-1))
	assert.Equal(t, []Event{{Kind: EventStopped}}, within(t, s.NextEvents))
	assert.Nil(t, within(t, s.NextEvents))
}

func TestStopFreesThePortHoweverEarlyItComes(t *testing.T) {
	for range 50 {
		s := start(t, documentOf())
		s.Stop(0)
		again, failure := Address{Host: "127.0.0.1", Port: s.Info().Port}.listen()
		require.Nil(t, failure)
		require.NoError(t, again.Close())
	}
}

func TestStatsStayReadable(t *testing.T) {
	s := start(t, documentOf(getText("/", "hello")))
	assert.Zero(t, s.Stats().Requests)
	get(t, s, "/")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	s.Stop(-1)
	stats := s.Stats()
	assert.Equal(t, uint64(1), stats.Requests)
	assert.Equal(t, [6]uint64{2: 1}, stats.Classes)
	assert.Equal(t, uint64(1), stats.ConnectionsAccepted)
	assert.Zero(t, stats.ConnectionsOpen)
	assert.Zero(t, stats.EventsDropped)
	assert.Positive(t, stats.BytesIn)
	assert.Positive(t, stats.BytesOut)
}

// --- failures

type failing struct{}

func (failing) Serve(net.Listener)            { panic("serve is broken") }
func (failing) Drain(context.Context) (n int) { panic("drain is broken") }

// over returns a server over an engine of the test, which nobody runs yet.
func over(driven engine.Engine) *Server {
	s := &Server{events: newEvents(), engine: driven, info: Info{Engine: "test"}, release: func() {}}
	s.native = native.NewEnvironment(defaultLimits.native(slog.New(logHandler{events: s.events})))
	s.retirement = newRetirement(s.events)
	s.draining, s.endDrain = context.WithCancel(context.Background())
	return s
}

func TestAFailingEngineAsksToBeStopped(t *testing.T) {
	s := over(failing{})
	listener := listenOn(t, Address{Host: "127.0.0.1"})
	s.serve(listener)
	again, failure := Address{Host: "127.0.0.1", Port: port(listener)}.listen()
	require.Nil(t, failure, "nobody can connect to what nobody serves")
	require.NoError(t, again.Close())
	batch := within(t, s.NextEvents)
	require.Len(t, batch, 1)
	assert.Equal(t, EventStop, batch[0].Kind)
	assert.Equal(t, "the test engine failed: serve is broken", batch[0].Message)
	assert.Contains(t, batch[0].Attributes["stack"], "failing")

	s.Stop(0)
	batch = within(t, s.NextEvents)
	require.Len(t, batch, 2)
	assert.Equal(t, "the test engine failed: drain is broken", batch[0].Message)
	assert.Equal(t, Event{Kind: EventStopped}, batch[1])
}

// lagging serves on for a while after it has been drained.
type lagging struct {
	drained chan struct{}
	ended   bool
}

func (l *lagging) Serve(net.Listener) {
	<-l.drained
	for range 1000 {
		runtime.Gosched()
	}
	l.ended = true
}

func (l *lagging) Drain(context.Context) (cut int) {
	close(l.drained)
	return 0
}

func TestStopReturnsWhenTheEngineHas(t *testing.T) {
	driven := &lagging{drained: make(chan struct{})}
	s := over(driven)
	listener := listenOn(t, Address{Host: "127.0.0.1"})
	s.served.Go(func() { s.serve(listener) })
	s.Stop(0)
	assert.True(t, driven.ended)
}

func TestConnectionsDefaultToTheFileLimit(t *testing.T) {
	assert.Equal(t, max(fileLimit()-64, 64), defaultLimits.engine().Connections)
	assert.Equal(t, 7, limits{Connections: 7}.engine().Connections)
}
