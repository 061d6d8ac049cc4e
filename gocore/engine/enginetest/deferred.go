package enginetest

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// answerWith answers a token with bytes.
func answerWith(token gocore.Token, body string) bool {
	response := gocore.AcquireResponse()
	response.SetBytes([]byte(body))
	return token.Answer(response)
}

// deferredAnswers covers answers that come after Serve has returned.
func deferredAnswers(t *testing.T, make Make) {
	for _, form := range forms {
		t.Run("WithBody/"+form.name, func(t *testing.T) {
			for _, size := range sizes {
				content := pattern(size)
				fill := form.prepare(t, content)
				s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
					token := request.Defer()
					response := gocore.AcquireResponse()
					fill(response)
					go func() { assert.True(t, token.Answer(response)) }()
					return gocore.Deferred
				})
				c := s.dial()
				for range 2 {
					a := c.get("/")
					assert.Equal(t, "200", a.code())
					assert.True(t, string(content) == a.body, "body of %d bytes came as %d", size, len(a.body))
					assertFraming(t, form, size, a)
				}
				assertFraming(t, form, size, c.head())
				assert.True(t, string(content) == c.get("/").body)
			}
		})
	}
	t.Run("WithStatusAndFields", func(t *testing.T) {
		s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token := request.Defer()
			go func() {
				response := gocore.AcquireResponse()
				response.Status = gocore.StatusNotFound
				assert.NoError(t, response.Header.Add("X-Deferred", "yes"))
				token.Answer(response)
			}()
			return gocore.Deferred
		})
		a := s.dial().get("/")
		assert.Equal(t, "HTTP/1.1 404 Not Found", a.status)
		assert.Equal(t, "yes", a.value("X-Deferred"))
	})
	t.Run("BeforeServeReturns", func(t *testing.T) {
		s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			assert.True(t, answerWith(request.Defer(), "early"))
			return gocore.Deferred
		})
		c := s.dial()
		for range 3 {
			assert.Equal(t, "early", c.get("/").body)
		}
	})
	t.Run("OnlyTheFirstCounts", func(t *testing.T) {
		const copies = 20
		s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token := request.Defer()
			go func() {
				var answers sync.WaitGroup
				taken := channel[bool](copies)
				for range copies {
					answers.Go(func() { taken <- answerWith(token, "once") })
				}
				answers.Wait()
				close(taken)
				count := 0
				for was := range taken {
					if was {
						count++
					}
				}
				assert.Equal(t, 1, count)
			}()
			return gocore.Deferred
		})
		c := s.dial()
		for range 5 {
			assert.Equal(t, "once", c.get("/").body)
		}
	})
	t.Run("TokenOfAnAnsweredRequestDoesNotAnswerTheNext", func(t *testing.T) {
		tokens := channel[gocore.Token](2)
		s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			tokens <- request.Defer()
			return gocore.Deferred
		})
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		first := receive(t, tokens, "the first token")
		assert.True(t, answerWith(first, "first"))
		assert.Equal(t, "first", c.read().body)
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		second := receive(t, tokens, "the second token")
		assert.False(t, answerWith(first, "stale"))
		assert.True(t, answerWith(second, "second"))
		assert.Equal(t, "second", c.read().body)
		assert.False(t, answerWith(second, "stale"))
	})
	t.Run("TokenOfAClosedConnectionDoesNotAnswerAnother", func(t *testing.T) {
		tokens := channel[gocore.Token](2)
		s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			tokens <- request.Defer()
			return gocore.Deferred
		})
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
		first := receive(t, tokens, "the first token")
		assert.True(t, answerWith(first, "first"))
		c.read()
		c.requireEnd()
		c = s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		second := receive(t, tokens, "the second token")
		assert.False(t, answerWith(first, "stale"))
		assert.True(t, answerWith(second, "second"))
		assert.Equal(t, "second", c.read().body)
	})
	t.Run("WithoutTokenIsAnError", func(t *testing.T) {
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			if string(request.Path) == "/good" {
				return gocore.Answered
			}
			response.SetBytes([]byte("ignored"))
			return gocore.Deferred
		})
		c := s.dial()
		for range 2 {
			assert.Equal(t, "HTTP/1.1 500 Internal Server Error", c.get("/forgetful").status)
			assert.Equal(t, "200", c.get("/good").code())
		}
		require.Len(t, s.logs.errors(), 2)
		assert.Equal(t, "/forgetful", s.logs.errors()[0]["path"])
	})
	t.Run("InlineAnswerRevokesTheToken", func(t *testing.T) {
		tokens := channel[gocore.Token](2)
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			tokens <- request.Defer()
			response.SetBytes([]byte("inline"))
			return gocore.Answered
		})
		c := s.dial()
		for range 2 {
			assert.Equal(t, "inline", c.get("/").body)
			assert.False(t, answerWith(receive(t, tokens, "the token"), "late"))
		}
	})
	t.Run("InlineAnswerWinsOverAnEarlyOne", func(t *testing.T) {
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			answerWith(request.Defer(), "early")
			response.SetBytes([]byte("inline"))
			return gocore.Answered
		})
		c := s.dial()
		for range 2 {
			assert.Equal(t, "inline", c.get("/").body)
		}
	})
	t.Run("ManyConnectionsAtOnce", func(t *testing.T) { manyDeferred(t, make) })
}

// manyDeferred has a hundred requests wait at the same time, and answers them in
// the opposite order.
func manyDeferred(t *testing.T, make Make) {
	const connections = 100
	type waiting struct {
		token gocore.Token
		query string
	}
	arrived := channel[waiting](connections)
	s := serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
		arrived <- waiting{request.Defer(), string(request.Query)}
		return gocore.Deferred
	})
	var clients []*client
	for range connections {
		clients = append(clients, s.dial())
	}
	for round := range 3 {
		for i, c := range clients {
			c.send("GET /?" + strconv.Itoa(round*connections+i) + " HTTP/1.1\nHost: test\n\n")
		}
		var all []waiting
		for range connections {
			all = append(all, receive(t, arrived, "all requests to wait"))
		}
		for i := range all {
			last := all[len(all)-1-i]
			go func() { assert.True(t, answerWith(last.token, last.query)) }()
		}
		for i, c := range clients {
			assert.Equal(t, strconv.Itoa(round*connections+i), c.read().body)
		}
	}
}
