package enginetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// testPorts makes ports for an engine, and knows whom to answer.
type testPorts struct {
	mu    sync.Mutex
	ports []*testPort
	// waiting brings each request that a handler has left at its port.
	waiting chan left
}

// left is a request that waits for its answer.
type left struct {
	port   *testPort
	token  gocore.Token
	path   string
	answer string
}

func (p *testPorts) Loop(eventfd int) (gocore.Port, error) {
	return p.add(&testPort{ports: p, wake: func() { tell(eventfd) }}), nil
}

func (p *testPorts) Shared() (gocore.Port, error) {
	return p.add(&testPort{ports: p}), nil
}

func (p *testPorts) add(made *testPort) *testPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ports = append(p.ports, made)
	return made
}

// next returns the next request.
func (p *testPorts) next(t *testing.T) left {
	return receive(t, p.waiting, "a request at a port")
}

// testPort is a port with a lock. It wakes its loop where that sleeps, and never
// else: a loop that does not look before, or does not say that it sleeps, stops.
type testPort struct {
	ports *testPorts
	wake  func() // nil for a shared one

	mu       sync.Mutex
	requests []left // not flushed
	answers  []left
	sleeping bool
	// patience is the longest that the loop may sleep, 0 for any.
	patience int
	sleeps   int
	looks    int
}

// Serve leaves the request at its port.
func (p *testPorts) Serve(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
	port := request.Port.(*testPort)
	port.mu.Lock()
	defer port.mu.Unlock()
	port.requests = append(port.requests, left{port: port, token: request.Defer(), path: string(request.Path)})
	if port.wake == nil {
		port.flush()
	}
	return gocore.Deferred
}

func (p *testPort) flush() {
	for _, request := range p.requests {
		p.ports.waiting <- request
	}
	p.requests = p.requests[:0]
}

func (p *testPort) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

func (p *testPort) Collect(take func(gocore.Token, gocore.Answer)) {
	p.mu.Lock()
	answers := p.answers
	p.answers = nil
	p.mu.Unlock()
	for _, each := range answers {
		take(each.token, testAnswer(each.answer))
	}
}

// testAnswer is a text that a worker has answered.
type testAnswer string

func (a testAnswer) Size() int                      { return len(a) }
func (a testAnswer) Fill(response *gocore.Response) { response.SetBytes([]byte(a)) }
func (a testAnswer) Drop()                          {}

func responseOf(body string) *gocore.Response {
	response := gocore.AcquireResponse()
	response.SetBytes([]byte(body))
	return response
}

// Crowded says so at every third request.
func (p *testPort) Crowded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks++
	return p.looks%3 == 0
}

func (p *testPort) Ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.answers) > 0
}

func (p *testPort) Sleep(patience int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.answers) > 0 {
		return 0
	}
	p.sleeping = true
	p.sleeps++
	if p.patience != 0 {
		return p.patience
	}
	return patience
}

func (p *testPort) Awake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sleeping = false
}

// give answers from any goroutine, as a worker would.
func (l left) give(body string) {
	if l.port.wake == nil {
		l.token.Answer(responseOf(body))
		return
	}
	l.port.mu.Lock()
	l.answer = body
	l.port.answers = append(l.port.answers, l)
	wake := l.port.sleeping
	l.port.sleeping = false
	l.port.mu.Unlock()
	if wake {
		l.port.wake()
	}
}

func servePorts(t *testing.T, make Make) (*server, *testPorts) {
	left := &testPorts{waiting: channel[left](1000)}
	config := config()
	config.Ports = left
	return serveConfig(t, make, gocore.Route{Handler: left, MaxBody: maxBody}, config), left
}

// ports covers requests that leave by a port, and answers that come back by it.
func ports(t *testing.T, make Make) {
	t.Run("OneAfterTheOther", func(t *testing.T) {
		s, ports := servePorts(t, make)
		c := s.dial()
		for i := range 200 {
			c.send("GET /x HTTP/1.1\nHost: test\n\n")
			request := ports.next(t)
			assert.Equal(t, "/x", request.path)
			if i%50 == 0 {
				time.Sleep(10 * time.Millisecond) // so that the loop sleeps for sure
			}
			request.give(fmt.Sprint("answer ", i))
			require.Equal(t, fmt.Sprint("answer ", i), c.read().body)
			require.EqualValues(t, i+1, s.stats.Snapshot().Requests, "counted before the client can know")
		}
	})
	t.Run("ManyConnections", func(t *testing.T) {
		s, ports := servePorts(t, make)
		answering := newSignal()
		go func() {
			defer close(answering)
			for request := range ports.waiting {
				request.give(request.path)
			}
		}()
		var clients sync.WaitGroup
		for i := range 20 {
			c := s.dial()
			clients.Go(func() {
				for j := range 100 {
					path := fmt.Sprintf("/%d/%d", i, j)
					if body := c.get(path).body; body != path {
						t.Errorf("%s was answered by %s", path, body)
						return
					}
				}
			})
		}
		clients.Wait()
		s.stop()
		close(ports.waiting)
		<-answering
	})
	t.Run("PipelinedAnswersKeepTheirOrder", func(t *testing.T) {
		s, ports := servePorts(t, make)
		c := s.dial()
		c.send(strings.Repeat("GET / HTTP/1.1\nHost: test\n\n", 3))
		first := ports.next(t)
		if first.port.wake == nil { // one request of a connection at a time
			first.give("1")
			ports.next(t).give("2")
			ports.next(t).give("3")
		} else {
			second, third := ports.next(t), ports.next(t)
			third.give("3")
			second.give("2")
			first.give("1")
		}
		for _, want := range []string{"1", "2", "3"} {
			assert.Equal(t, want, c.read().body)
		}
	})
	t.Run("ClientThatHasGoneIsNotAnswered", func(t *testing.T) {
		s, ports := servePorts(t, make)
		gone, stays := s.dial(), s.dial()
		gone.send("GET / HTTP/1.1\nHost: test\n\n")
		first := ports.next(t)
		gone.close()
		stays.send("GET / HTTP/1.1\nHost: test\n\n")
		second := ports.next(t)
		first.give("nobody's")
		second.give("mine")
		assert.Equal(t, "mine", stays.read().body)
	})
	t.Run("DrainWaitsForTheAnswer", func(t *testing.T) {
		s, ports := servePorts(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		request := ports.next(t)
		cut := s.startDrain(patience)
		request.give("finished")
		assert.Equal(t, "finished", c.read().body)
		assert.Zero(t, receive(t, cut, "the end of the drain"))
	})
	t.Run("AnswerBehindTheCutIsDropped", func(t *testing.T) {
		s, ports := servePorts(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		request := ports.next(t)
		assert.Equal(t, 1, s.drain(time.Millisecond))
		await(t, s.served, "Serve to return")
		if request.port.wake == nil {
			request.give("late")
		} else { // nobody wakes a loop that has ended
			request.port.Collect(func(gocore.Token, gocore.Answer) { t.Error("answered") })
			assert.False(t, request.token.Answer(responseOf("late")))
		}
		c.requireEnd()
	})
	t.Run("LoopSleepsNoLongerThanThePortAllows", func(t *testing.T) {
		s, ports := servePorts(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		request := ports.next(t)
		if request.port.wake != nil {
			request.port.mu.Lock()
			request.port.patience = 1
			before := request.port.sleeps
			request.port.mu.Unlock()
			eventuallyLooks(t, request.port, before+3)
		}
		request.give("")
		c.read()
	})
}

// eventuallyLooks waits until the loop of a port has slept so many times.
func eventuallyLooks(t *testing.T, port *testPort, times int) {
	port.mu.Lock()
	if port.sleeping { // since before it was told for how long it may
		port.sleeping = false
		port.wake()
	}
	port.mu.Unlock()
	eventually(t, "the loop to look again", func() bool {
		port.mu.Lock()
		defer port.mu.Unlock()
		return port.sleeps >= times
	})
}
