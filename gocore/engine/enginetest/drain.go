package enginetest

import (
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// soon is a time to drain in which what waits does not end.
const soon = 50 * time.Millisecond

// holding starts a server whose handler defers, and hands its tokens out.
func holding(t *testing.T, make Make) (*server, chan gocore.Token) {
	tokens := channel[gocore.Token](10)
	return serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
		if string(request.Path) == "/inline" {
			response.SetBytes([]byte("inline"))
			return gocore.Answered
		}
		tokens <- request.Defer()
		return gocore.Deferred
	}), tokens
}

// drain covers the end of a server.
func drain(t *testing.T, make Make) {
	t.Run("IdleConnectionsCloseAtOnce", func(t *testing.T) {
		s, _ := holding(t, make)
		fresh, used := s.dial(), s.dial()
		assert.Equal(t, "inline", used.get("/inline").body)
		eventually(t, "both connections to be open", func() bool { return s.stats.Snapshot().ConnectionsOpen == 2 })
		assert.Zero(t, s.drain(patience))
		fresh.requireEnd()
		used.requireEnd()
		await(t, s.served, "Serve to return")
		assert.Zero(t, s.stats.Snapshot().ConnectionsOpen)
	})
	t.Run("WithoutConnectionsIsDone", func(t *testing.T) {
		s, _ := holding(t, make)
		assert.Zero(t, s.drain(patience))
		await(t, s.served, "Serve to return")
	})
	t.Run("RequestInFlightIsAnswered", func(t *testing.T) {
		s, tokens := holding(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		token := receive(t, tokens, "the token")
		cut := s.startDrain(patience)
		assert.True(t, answerWith(token, "finished"))
		a := c.read()
		assert.Equal(t, "finished", a.body)
		assert.Equal(t, "close", a.value("Connection"))
		c.requireEnd()
		assert.Zero(t, receive(t, cut, "the end of the drain"))
		await(t, s.served, "Serve to return")
	})
	// many is more than an engine gets round to before the drain begins.
	const many = 100
	const request = "GET /inline HTTP/1.1\nHost: test\n\n"
	requireAnswers := func(t *testing.T, s *server, clients []*client, requests int) {
		t.Helper()
		assert.Zero(t, s.drain(patience))
		for _, c := range clients {
			require.Equal(t, "inline", c.read().body)
			c.requireEnd()
		}
		await(t, s.served, "Serve to return")
		now := s.stats.Snapshot()
		assert.EqualValues(t, len(clients), now.ConnectionsAccepted)
		assert.EqualValues(t, requests, now.Requests)
	}
	t.Run("RequestsAlreadySentAreAnswered/OnUsedConnections", func(t *testing.T) {
		s, _ := holding(t, make)
		var clients []*client
		for range many {
			c := s.dial()
			require.Equal(t, "inline", c.get("/inline").body)
			clients = append(clients, c)
		}
		for _, c := range clients {
			c.send(request)
		}
		requireAnswers(t, s, clients, 2*many)
	})
	t.Run("RequestsAlreadySentAreAnswered/OnNewConnections", func(t *testing.T) {
		s, _ := holding(t, make)
		var clients []*client
		for range many {
			clients = append(clients, s.dial())
		}
		eventually(t, "all to be accepted", func() bool { return s.stats.Snapshot().ConnectionsAccepted == many })
		for _, c := range clients {
			c.send(request)
		}
		requireAnswers(t, s, clients, many)
	})
	// queue has many clients send a request to a listener that nobody serves yet.
	queue := func(t *testing.T) (net.Listener, []*client) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		var clients []*client
		for range many {
			c := dial(t, listener.Addr())
			c.send(request)
			clients = append(clients, c)
		}
		return listener, clients
	}
	inline := gocore.Route{Handler: gocore.HandlerFunc(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
		response.SetBytes([]byte("inline"))
		return gocore.Answered
	})}
	t.Run("RequestsAlreadySentAreAnswered/OnConnectionsThatWaitForTheListener", func(t *testing.T) {
		for range 5 {
			listener, clients := queue(t)
			s := serveListener(t, make, listener, inline, config())
			eventually(t, "the first connection", func() bool { return s.stats.Snapshot().ConnectionsAccepted > 0 })
			requireAnswers(t, s, clients, many)
		}
	})
	t.Run("ConnectionsThatWaitForASharedListenerAreLeftToOthers", func(t *testing.T) {
		listener, clients := queue(t)
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			t.Skip("listeners cannot be shared here: ", err)
		}
		defer file.Close()
		others, err := net.FileListener(file)
		require.NoError(t, err)
		shared := config()
		shared.Shared = true
		s := serveListener(t, make, listener, inline, shared)
		eventually(t, "the first connection", func() bool { return s.stats.Snapshot().ConnectionsAccepted > 0 })
		assert.Zero(t, s.drain(patience))
		heir := serveListener(t, make, others, inline, config())
		for _, c := range clients {
			require.Equal(t, "inline", c.read().body)
		}
		assert.EqualValues(t, many, s.stats.Snapshot().Requests+heir.stats.Snapshot().Requests)
	})
	for name, half := range map[string][2]string{
		"Head":         {"GET /inline HTTP/1.1\nHo", "st: test\n\n"},
		"Body":         {"POST /inline HTTP/1.1\nHost: test\nContent-Length: 10\n\n01234", "56789"},
		"ChunkedBody":  {"POST /inline HTTP/1.1\nHost: test\nTransfer-Encoding: chunked\n\n5\n01", "234\n0\n\n"},
		"BehindOthers": {"GET /inline HTTP/1.1\nHost: test\n\nGET /inline HTTP/1.1\nHo", "st: test\n\n"},
	} {
		t.Run("HalfReceivedRequestIsServed/"+name, func(t *testing.T) {
			s, _ := holding(t, make)
			c := s.dial()
			c.send(half[0])
			if name == "BehindOthers" {
				assert.Equal(t, "inline", c.read().body)
			}
			sent := uint64(len(strings.ReplaceAll(half[0], "\n", "\r\n")))
			eventually(t, "the half to be received", func() bool { return s.stats.Snapshot().BytesIn == sent })
			cut := s.startDrain(patience)
			c.send(half[1])
			a := c.read()
			assert.Equal(t, "inline", a.body)
			assert.Equal(t, "close", a.value("Connection"))
			c.requireEnd()
			assert.Zero(t, receive(t, cut, "the end of the drain"))
		})
	}
	t.Run("BodyAskedForIsServed", func(t *testing.T) {
		s, _ := holding(t, make)
		c := s.dial()
		c.send("POST /inline HTTP/1.1\nHost: test\nContent-Length: 5\nExpect: 100-continue\n\n")
		assert.Equal(t, "100", c.readHead().code())
		cut := s.startDrain(patience)
		c.sendBytes("hello")
		assert.Equal(t, "inline", c.read().body)
		c.requireEnd()
		assert.Zero(t, receive(t, cut, "the end of the drain"))
	})
	t.Run("LargeAnswerIsSentWhole", func(t *testing.T) {
		for _, form := range forms {
			content := pattern(8 << 20)
			fill := form.prepare(t, content)
			started := newSignal()
			s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
				fill(response)
				close(started)
				return gocore.Answered
			})
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\n")
			await(t, started, "the answer")
			cut := s.startDrain(patience)
			assert.True(t, string(content) == c.read().body, form.name)
			c.requireEnd()
			assert.Zero(t, receive(t, cut, "the end of the drain"))
		}
	})
	t.Run("DeadlineCutsAndCounts", func(t *testing.T) {
		s, tokens := holding(t, make)
		waiting, half, idle := s.dial(), s.dial(), s.dial()
		waiting.send("GET / HTTP/1.1\nHost: test\n\n")
		token := receive(t, tokens, "the token")
		half.send("GET / HT")
		assert.Equal(t, "inline", idle.get("/inline").body)
		eventually(t, "all to be received", func() bool {
			return s.stats.Snapshot().BytesIn == uint64(len("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTGET /inline HTTP/1.1\r\nHost: test\r\n\r\n"))
		})
		assert.Equal(t, 2, s.drain(soon))
		await(t, s.served, "Serve to return")
		assert.False(t, answerWith(token, "too late"), "nobody waits for the answer any more")
		waiting.requireEnd() // no answer that no handler gave
		half.requireEnd()
		idle.requireEnd()
		assert.Zero(t, s.stats.Snapshot().ConnectionsOpen)
	})
	t.Run("DeadlineCutsClientsThatDoNotRead", func(t *testing.T) {
		for _, form := range forms {
			fill := form.prepare(t, pattern(32<<20))
			s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
				fill(response)
				return gocore.Answered
			})
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\n")
			_, err := c.reader.Peek(1)
			require.NoError(t, err)
			assert.Equal(t, 1, s.drain(soon), form.name)
			await(t, s.served, "Serve to return")
		}
	})
	t.Run("DeadlineEndsReadsOfRequestBodies", func(t *testing.T) {
		reads := channel[read](1)
		s := serveStream(t, make, maxBody, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token, stream := request.Defer(), request.Stream
			go func() {
				got := readAll(stream)
				token.Answer(gocore.AcquireResponse())
				reads <- got
			}()
			return gocore.Deferred
		})
		c := s.dial()
		c.sendBytes("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nbegun")
		eventually(t, "the request", func() bool { return s.stats.Snapshot().BytesIn > 0 })
		assert.Equal(t, 1, s.drain(soon))
		await(t, s.served, "Serve to return")
		assert.Error(t, receive(t, reads, "the read").err)
	})
	t.Run("LeavesNoGoroutine", func(t *testing.T) {
		exchange := func() {
			s, tokens := holding(t, make)
			var waiting []*client
			for range 10 {
				c := s.dial()
				assert.Equal(t, "inline", c.get("/inline").body)
				c.send("GET / HTTP/1.1\nHost: test\n\n")
				waiting = append(waiting, c)
			}
			for i := range 10 {
				if token := receive(t, tokens, "the token"); i%2 == 0 {
					assert.True(t, answerWith(token, "answered"))
				}
			}
			assert.Equal(t, 5, s.drain(soon))
			await(t, s.served, "Serve to return")
			for _, c := range waiting {
				c.readToEnd()
			}
		}
		exchange() // starts what lives as long as the process
		before := runtime.NumGoroutine()
		exchange()
		eventually(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	})
}
