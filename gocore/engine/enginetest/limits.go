package enginetest

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// limits covers what an engine does not let a client do.
func limits(t *testing.T, make Make) {
	answering := func(fill func(*gocore.Response)) gocore.Route {
		return gocore.Route{MaxBody: maxBody, Handler: gocore.HandlerFunc(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			fill(response)
			return gocore.Answered
		})}
	}
	empty := answering(func(*gocore.Response) {})
	with := func(adjust func(*engine.Limits)) engine.Config {
		limited := config()
		adjust(&limited.Limits)
		return limited
	}
	t.Run("HeadIsLimitedExactly", func(t *testing.T) {
		const limit = 1000
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.HeaderBytes = limit }))
		sized := func(size int) string {
			const begin, end = "Host: test\r\nX-Filler: ", "\r\n"
			return "GET / HTTP/1.1\r\n" + begin + strings.Repeat("x", size-len(begin)-len(end)) + end + "\r\n"
		}
		c := s.dial()
		for range 2 {
			c.sendBytes(sized(limit))
			require.Equal(t, "200", c.read().code())
		}
		c.sendBytes(sized(limit) + sized(limit)) // each by itself, however they come
		require.Equal(t, "200", c.read().code())
		require.Equal(t, "200", c.read().code())
		for _, size := range []int{limit + 1, 10 * limit} {
			c = s.dial()
			c.sendBytes(sized(size))
			a := c.read()
			assert.Equal(t, "HTTP/1.1 431 Request Header Fields Too Large", a.status)
			assert.Equal(t, "close", a.value("Connection"))
			c.closeWrite()
			c.requireEnd()
		}
	})
	t.Run("IdleConnectionIsClosedWithoutAWord", func(t *testing.T) {
		t.Parallel() // like all that take their time
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.Idle = 5 * soon }))
		s.dial().requireEnd()
		c := s.dial()
		assert.Equal(t, "200", c.get("/").code())
		c.requireEnd()
		eventually(t, "the connections to be closed", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
		assert.EqualValues(t, 1, s.stats.Snapshot().Requests)
	})
	t.Run("StalledRequestIsEnded", func(t *testing.T) {
		t.Parallel()
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.HeaderTime, l.Body = 5*soon, 5*soon }))
		for _, begun := range []string{"GET / HTTP/1.1\nHo", "POST / HTTP/1.1\nHost: test\nContent-Length: 10\n\n01234"} {
			c := s.dial()
			c.send(begun)
			if rest := c.readToEnd(); rest != "" { // or nothing
				assert.Contains(t, rest, "HTTP/1.1 408 Request Timeout\r\n")
			}
		}
	})
	t.Run("WaitingForAnAnswerIsNotIdle", func(t *testing.T) {
		t.Parallel()
		s := serveConfig(t, make, gocore.Route{Handler: gocore.HandlerFunc(func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token := request.Defer()
			time.AfterFunc(15*soon, func() { answerWith(token, "slow") })
			return gocore.Deferred
		})}, with(func(l *engine.Limits) { l.Idle = 5 * soon }))
		assert.Equal(t, "slow", s.dial().get("/").body)
	})
	for _, form := range forms {
		content := pattern(16 << 20)
		t.Run("ClientThatReadsNothingIsCut/"+form.name, func(t *testing.T) {
			var lent *loan
			fill := form.prepare(t, content)
			s := serveConfig(t, make, answering(func(response *gocore.Response) {
				fill(response)
				response.OnRelease(lent)
			}), with(func(l *engine.Limits) { l.Write = 2 * soon }))
			lent = s.lend(form.name, nil)
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\n")
			eventually(t, "the connection to be cut", func() bool {
				now := s.stats.Snapshot()
				return now.ConnectionsAccepted == 1 && now.ConnectionsOpen == 0
			})
			await(t, lent.signal, "the release")
		})
		t.Run("ClientThatReadsSlowlyIsNotCut/"+form.name, func(t *testing.T) {
			t.Parallel()
			s := serveConfig(t, make, answering(form.prepare(t, content)),
				with(func(l *engine.Limits) { l.Write = 10 * soon }))
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
			var all strings.Builder
			for { // 32 pieces: more than three times Limits.Write
				n, err := io.CopyN(&all, c.reader, 512<<10)
				if n == 0 || err != nil {
					break
				}
				time.Sleep(soon)
			}
			assert.Contains(t, all.String(), string(content[len(content)-1000:]))
			assert.Greater(t, all.Len(), len(content))
		})
	}
	t.Run("ConnectionsBeyondTheLimitWait", func(t *testing.T) {
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.Connections = 2 }))
		first, second := s.dial(), s.dial()
		assert.Equal(t, "200", first.get("/").code())
		assert.Equal(t, "200", second.get("/").code())
		third := s.dial()
		third.send("GET / HTTP/1.1\nHost: test\n\n")
		for range 10 {
			assert.Equal(t, "200", first.get("/").code())
			assert.Equal(t, "200", second.get("/").code())
		}
		assert.EqualValues(t, 2, s.stats.Snapshot().ConnectionsAccepted)
		second.close()
		assert.Equal(t, "200", third.read().code())
		assert.Equal(t, "200", first.get("/").code())
	})
	t.Run("ConnectionsAtTheLimitAreAllServed", func(t *testing.T) {
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.Connections = 1 }))
		for range 300 {
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
			require.Equal(t, "200", c.read().code())
			c.close()
		}
	})
}
