package queue

import (
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/queue/queuetest"
)

const patience = 20 * time.Second

func newQueue(t testing.TB, limit int) *Queue {
	header := gocore.Header{}
	busy, err := gocore.Render(gocore.StatusServiceUnavailable, header, nil)
	require.NoError(t, err)
	return New(Options{Limit: limit, Busy: busy, Full: func(uint64) {}})
}

// loop is an event loop that does nothing but to send requests into the queue, each
// with its number in the token.
type loop struct {
	t        testing.TB
	queue    *Queue
	port     *Port
	event    *os.File
	handler  gocore.Handler
	request  gocore.Request
	sequence uint32
	watched  map[uint32]gocore.Watcher
	answers  []got
	keep     bool // does not release
	kept     []*gocore.Response
	take     func(gocore.Token, gocore.Answer)
}

// got is an answer as it came.
type got struct {
	sequence uint32
	status   gocore.Status
	header   string
	body     string
}

func newLoop(t testing.TB, q *Queue) *loop {
	event, err := newEvent()
	require.NoError(t, err)
	l := &loop{t: t, queue: q, event: os.NewFile(uintptr(event), "event"), watched: map[uint32]gocore.Watcher{}}
	t.Cleanup(func() { _ = l.event.Close() })
	port, err := q.Loop(event)
	require.NoError(t, err)
	l.port = port.(*Port)
	l.handler, err = q.New(Spec{Number: 7}, Route{})
	require.NoError(t, err)
	l.request.Bind(l)
	l.request.Port = l.port
	l.request.MethodName = []byte("GET")
	l.request.Path = []byte("/")
	l.take = l.got
	return l
}

func (l *loop) Defer() gocore.Token {
	l.sequence++
	return gocore.NewToken(l, 1, 2, l.sequence)
}

func (l *loop) Watch(watcher gocore.Watcher) { l.watched[l.sequence] = watcher }

// leave has the client of a request go.
func (l *loop) leave(sequence uint32) {
	l.watched[sequence].Left(gocore.NewToken(l, 1, 2, sequence))
}

func (l *loop) Complete(_ gocore.Token, response *gocore.Response) bool {
	response.Recycle()
	return false
}

func (l *loop) got(token gocore.Token, answer gocore.Answer) {
	response := gocore.AcquireResponse()
	answer.Fill(response)
	require.Len(l.t, response.Bytes(), answer.Size())
	l.answers = append(l.answers, got{
		sequence: token.Sequence, status: response.Status,
		header: string(response.Header.Block()), body: string(response.Bytes()),
	})
	if l.keep {
		l.kept = append(l.kept, response)
	} else {
		response.Recycle()
	}
}

// ask sends a request; false where the queue is full.
func (l *loop) ask() bool {
	response := gocore.AcquireResponse()
	defer response.Recycle()
	return l.handler.Serve(&l.request, response) == gocore.Deferred
}

// turn is one turn of an event loop, which may sleep where nothing has come.
func (l *loop) turn() {
	before := len(l.answers)
	l.port.Collect(l.take)
	l.port.Flush()
	if l.port.Ready() || len(l.answers) > before {
		return
	}
	if patience := l.port.Sleep(100); patience != 0 {
		_ = l.event.SetReadDeadline(time.Now().Add(time.Duration(patience) * time.Millisecond))
		var count [8]byte
		_, _ = l.event.Read(count[:])
	}
	l.port.Awake()
}

// await turns until there are so many answers.
func (l *loop) await(count int) []got {
	l.t.Helper()
	for begun := time.Now(); len(l.answers) < count; l.turn() {
		require.Less(l.t, time.Since(begun), patience, "waited in vain for answer %d", count)
	}
	return l.answers
}

func stop(t testing.TB, q *Queue, workers *queuetest.Workers) {
	require.Zero(t, q.Close(true, patience))
	workers.Wait()
}

func echo(call *queuetest.Call) {
	call.ContentType = "text/plain"
	call.Content = call.Path
}

// askers are goroutines that ask through a shared port.
type asker struct {
	answer  chan string
	pending atomic.Bool
	watcher gocore.Watcher
	request gocore.Request
}

func newAsker(port gocore.Port) *asker {
	a := &asker{answer: make(chan string, 1)}
	a.request.Bind(a)
	a.request.Port = port
	a.request.Peer = netip.MustParseAddrPort("[2001:db8::1]:80")
	return a
}

func (a *asker) Defer() gocore.Token {
	a.pending.Store(true)
	return gocore.NewToken(a, 0, 0, 0)
}

func (a *asker) Watch(watcher gocore.Watcher) { a.watcher = watcher }

func (a *asker) Complete(_ gocore.Token, response *gocore.Response) bool {
	waited := a.pending.CompareAndSwap(true, false)
	if waited {
		a.answer <- string(response.Bytes())
	}
	response.Recycle()
	return waited
}

func (a *asker) ask(h gocore.Handler, path string) string {
	a.request.Path = []byte(path)
	response := gocore.AcquireResponse()
	defer response.Recycle()
	if h.Serve(&a.request, response) == gocore.Answered {
		return "busy"
	}
	select {
	case body := <-a.answer:
		return body
	case <-time.After(patience):
		return "no answer"
	}
}
