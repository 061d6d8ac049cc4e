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

// limits covers what an engine does not let a client do; times.go has those of time.
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
			assertRefused(t, s.dial(), sized(size), "HTTP/1.1 431 Request Header Fields Too Large")
		}
	})
	t.Run("RequestLineIsLimitedExactly", func(t *testing.T) {
		const limit = 500
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.RequestLine = limit }))
		sized := func(size int) string {
			const begin, end = "GET /", " HTTP/1.1"
			return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
		}
		c := s.dial()
		for range 2 {
			c.send(sized(limit) + "\nHost: test\n\n")
			require.Equal(t, "200", c.read().code())
		}
		for _, line := range []string{sized(limit+1) + "\nHost: test\n\n", sized(100_000), strings.Repeat("G", limit+3)} {
			c = s.dial()
			assertRefused(t, c, strings.ReplaceAll(line, "\n", "\r\n"), "HTTP/1.1 414 URI Too Long")
		}
	})
	t.Run("FieldsAreLimitedExactly", func(t *testing.T) {
		const limit = 7
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.HeaderCount = limit }))
		counted := func(count int) string {
			return "GET / HTTP/1.1\r\nHost: test\r\n" + strings.Repeat("X: 1\r\n", count-1) + "\r\n"
		}
		c := s.dial()
		c.sendBytes(counted(limit) + counted(limit)) // each by itself
		require.Equal(t, "200", c.read().code())
		require.Equal(t, "200", c.read().code())
		for _, count := range []int{limit + 1, 400} {
			assertRefused(t, s.dial(), counted(count), "HTTP/1.1 431 Request Header Fields Too Large")
		}
	})
	t.Run("TrailersAreLimited", func(t *testing.T) {
		s := serveConfig(t, make, empty, with(func(l *engine.Limits) { l.HeaderCount = 7 }))
		body := postChunked + "0\r\n" + strings.Repeat("X: 1\r\n", 8) + "\r\n"
		assertRefused(t, s.dial(), body, "HTTP/1.1 431 Request Header Fields Too Large")
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
				with(func(l *engine.Limits) { l.Write = 60 * soon }))
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
			var all strings.Builder
			// 32 pieces, which take longer than Limits.Write and what it may last longer.
			// Less would not do: systems tell of room only when there is much.
			for {
				n, err := io.CopyN(&all, c.reader, 512<<10)
				if n == 0 || err != nil {
					break
				}
				time.Sleep(5 * soon / 2)
			}
			assert.True(t, strings.Contains(all.String(), string(content[len(content)-1000:])), "the end has come")
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

// assertRefused sends a request that the engine may refuse before its end.
func assertRefused(t *testing.T, c *client, request, status string) {
	t.Helper()
	sent := newSignal()
	go func() {
		defer close(sent)
		_, _ = io.WriteString(c.socket, request)
	}()
	a := c.read()
	assert.Equal(t, status, a.status)
	assert.Equal(t, "close", a.value("Connection"))
	await(t, sent, "the request to be sent")
	c.closeWrite()
	c.readToEnd()
}
