package enginetest

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// releases covers the Releaser: called once, and not before the body is needed no
// more. That it is called once is looked at when the server stops.
func releases(t *testing.T, make Make) {
	for _, form := range forms {
		// one serves a single loan to every request, of which there is one.
		one := func(t *testing.T, content []byte, outcome func(*gocore.Request, *gocore.Response, func(*gocore.Response)) gocore.Outcome) (*server, *loan) {
			var lent *loan
			fill := form.prepare(t, content)
			s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
				return outcome(request, response, func(response *gocore.Response) {
					fill(response)
					if response.Kind() == gocore.RenderedBody {
						lent.memory = response.Rendered().Block // which Render has copied
					}
					response.OnRelease(lent)
				})
			})
			lent = s.lend(form.name, content)
			return s, lent
		}
		inline := func(_ *gocore.Request, response *gocore.Response, fill func(*gocore.Response)) gocore.Outcome {
			fill(response)
			return gocore.Answered
		}
		deferred := func(request *gocore.Request, _ *gocore.Response, fill func(*gocore.Response)) gocore.Outcome {
			token := request.Defer()
			go func() {
				response := gocore.AcquireResponse()
				fill(response)
				assert.True(t, token.Answer(response))
			}()
			return gocore.Deferred
		}
		for _, size := range []int{10, 100_000} {
			for name, outcome := range map[string]func(*gocore.Request, *gocore.Response, func(*gocore.Response)) gocore.Outcome{"Inline": inline, "Deferred": deferred} {
				name := form.name + "/" + strconv.Itoa(size) + "/" + name
				t.Run(name+"/OnceSent", func(t *testing.T) {
					content := pattern(size)
					s, lent := one(t, content, outcome)
					a := s.dial().get("/")
					assert.True(t, string(pattern(size)) == a.body, "sent before it was given back")
					await(t, lent.signal, "the release")
				})
				t.Run(name+"/AfterHEAD", func(t *testing.T) {
					s, lent := one(t, pattern(size), outcome)
					assert.Equal(t, "200", s.dial().head().code())
					await(t, lent.signal, "the release")
				})
			}
		}
		t.Run(form.name+"/WhenTheClientHasGone", func(t *testing.T) {
			answerNow := newSignal()
			s, lent := one(t, pattern(8<<20), func(request *gocore.Request, _ *gocore.Response, fill func(*gocore.Response)) gocore.Outcome {
				token := request.Defer()
				go func() {
					<-answerNow
					response := gocore.AcquireResponse()
					fill(response)
					token.Answer(response) // whether anybody still waits is not sure
				}()
				return gocore.Deferred
			})
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\n")
			c.close()
			close(answerNow)
			await(t, lent.signal, "the release")
		})
		t.Run(form.name+"/AfterAPanic", func(t *testing.T) {
			s, lent := one(t, pattern(10), func(_ *gocore.Request, response *gocore.Response, fill func(*gocore.Response)) gocore.Outcome {
				fill(response)
				panic("after the response was filled")
			})
			assert.Equal(t, "500", s.dial().get("/").code())
			await(t, lent.signal, "the release")
		})
		t.Run(form.name+"/WhenTheAnswerCameTwice", func(t *testing.T) {
			results := channel[bool](2)
			s, second := one(t, pattern(10), func(request *gocore.Request, _ *gocore.Response, fill func(*gocore.Response)) gocore.Outcome {
				token := request.Defer()
				go func() {
					results <- token.Answer(gocore.AcquireResponse())
					response := gocore.AcquireResponse()
					fill(response)
					results <- token.Answer(response)
				}()
				return gocore.Deferred
			})
			assert.Empty(t, s.dial().get("/").body)
			assert.True(t, receive(t, results, "the first answer"))
			assert.False(t, receive(t, results, "the second answer"))
			await(t, second.signal, "the release")
		})
	}
	t.Run("OnceForEachOfManyRequests", func(t *testing.T) {
		const requests = 20
		next := channel[*loan](requests)
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes([]byte("lent"))
			response.OnRelease(<-next)
			return gocore.Answered
		})
		for range requests {
			next <- s.lend("bytes", nil)
		}
		c := s.dial()
		for range requests {
			assert.Equal(t, "lent", c.get("/").body)
		}
	})
	t.Run("WhenAStreamFails", func(t *testing.T) {
		for _, stream := range []io.Reader{failing("begun"), panickingReader{}, strings.NewReader("short")} {
			for _, version := range []string{"HTTP/1.0", "HTTP/1.1"} {
				for _, length := range []int64{1000, -1} {
					var lent *loan
					s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
						response.SetStream(stream, length)
						response.OnRelease(lent)
						return gocore.Answered
					})
					lent = s.lend("stream", nil)
					c := s.dial()
					c.send("GET / " + version + "\nHost: test\nConnection: close\n\n")
					c.readToEnd()
					await(t, lent.signal, "the release")
				}
			}
		}
	})
	t.Run("WhenInlineAnswerIsReplacedByADeferredOne", func(t *testing.T) {
		var lent *loan
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes([]byte("ignored"))
			response.OnRelease(lent)
			assert.True(t, request.Defer().Answer(gocore.AcquireResponse()))
			return gocore.Deferred
		})
		lent = s.lend("ignored response", nil)
		require.Empty(t, s.dial().get("/").body)
	})
}
