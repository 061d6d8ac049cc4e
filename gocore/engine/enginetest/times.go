package enginetest

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// times covers the limits of how long a client may take. They are tested at some
// distance: engines may take a coarse clock.
func times(t *testing.T, make Make) {
	served := gocore.Route{MaxBody: maxBody, Handler: gocore.HandlerFunc(func(*gocore.Request, *gocore.Response) gocore.Outcome {
		return gocore.Answered
	})}
	with := func(t *testing.T, adjust func(*engine.Limits)) *server {
		t.Parallel() // all of them take their time
		limited := config()
		adjust(&limited.Limits)
		return serveConfig(t, make, served, limited)
	}
	const limit = 5 * soon
	// assertLate reads a 408, which must not come before its time.
	assertLate := func(t *testing.T, c *client, since time.Time) {
		t.Helper()
		a := c.read()
		assert.GreaterOrEqual(t, time.Since(since), limit)
		assert.Equal(t, "HTTP/1.1 408 Request Timeout", a.status)
		assert.Equal(t, "the request did not come in time (RFC 9110, section 15.5.9)\n", a.body)
		assert.Equal(t, "close", a.value("Connection"))
		c.closeWrite()
		c.requireEnd()
	}
	t.Run("IdleConnectionIsClosedWithoutAWord", func(t *testing.T) {
		s := with(t, func(l *engine.Limits) { l.Idle = limit })
		since := time.Now()
		s.dial().requireEnd()
		assert.GreaterOrEqual(t, time.Since(since), limit)
		c := s.dial()
		assert.Equal(t, "200", c.get("/").code())
		c.requireEnd()
		eventually(t, "the connections to be closed", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
		assert.EqualValues(t, 1, s.stats.Snapshot().Requests)
	})
	for name, begun := range map[string]string{
		"RequestLine": "GET /", "Fields": "GET / HTTP/1.1\nHo", "LastLine": "GET / HTTP/1.1\nHost: test\n",
		"BehindAnother": "GET / HTTP/1.1\nHost: test\n\nGET / HT",
	} {
		t.Run("StalledHeadIsRefused/"+name, func(t *testing.T) {
			s := with(t, func(l *engine.Limits) { l.HeaderTime = limit })
			c := s.dial()
			since := time.Now()
			c.send(begun)
			if name == "BehindAnother" {
				assert.Equal(t, "200", c.read().code())
			}
			assertLate(t, c, since)
		})
	}
	t.Run("HeadThatComesByDropsIsRefused", func(t *testing.T) {
		s := with(t, func(l *engine.Limits) { l.HeaderTime = limit })
		c := s.dial()
		since := time.Now()
		stop, stopped := newSignal(), newSignal()
		go func() {
			defer close(stopped)
			_, err := io.WriteString(c.socket, "GET / HTTP/1.1\r\nHost: ")
			for err == nil {
				select {
				case <-stop:
					return
				case <-time.After(soon / 5):
					_, err = io.WriteString(c.socket, "x")
				}
			}
		}()
		a := c.read()
		assert.GreaterOrEqual(t, time.Since(since), limit)
		assert.Equal(t, "HTTP/1.1 408 Request Timeout", a.status)
		close(stop)
		await(t, stopped, "the client to end")
	})
	// The times of tests that must stay within a limit are long: a busy machine may
	// keep a client from what it would do.
	t.Run("HeaderTimeIsForEachHead", func(t *testing.T) {
		const limit = 40 * soon
		s := with(t, func(l *engine.Limits) { l.HeaderTime = limit })
		c := s.dial()
		for range 5 { // beyond the limit in all
			c.send("GET / HTTP/1.1\nHo")
			time.Sleep(limit / 4)
			c.send("st: test\n\n")
			assert.Equal(t, "200", c.read().code())
		}
		time.Sleep(limit * 3 / 2)
		assert.Equal(t, "200", c.get("/").code(), "an idle connection has no head that takes time")
	})
	for name, framing := range map[string][2]string{
		"Length":  {"Content-Length: 100\n\n", "01234"},
		"Chunked": {"Transfer-Encoding: chunked\n\n", "5\n01"},
		"Nothing": {"Content-Length: 100\n\n", ""},
	} {
		t.Run("StalledBodyIsRefused/"+name, func(t *testing.T) {
			s := with(t, func(l *engine.Limits) { l.Body = limit })
			c := s.dial()
			since := time.Now()
			c.send("POST / HTTP/1.1\nHost: test\n" + framing[0] + framing[1])
			assertLate(t, c, since)
		})
	}
	t.Run("BodyMayComeByDrops", func(t *testing.T) {
		const limit = 40 * soon
		s := with(t, func(l *engine.Limits) { l.Body, l.HeaderTime, l.Idle = limit, limit, limit })
		for _, framing := range []string{"Content-Length: 12\n\n", "Transfer-Encoding: chunked\n\n"} {
			c := s.dial()
			c.send("POST / HTTP/1.1\nHost: test\n" + framing)
			drops := strings.SplitAfter("0123456789ab", "")
			if strings.Contains(framing, "chunked") {
				drops = strings.SplitAfter("5\r\nhello\r\n0\r\n\r\n", "")
			}
			for _, drop := range drops { // beyond the limit in all
				time.Sleep(4 * soon)
				c.sendBytes(drop)
			}
			assert.Equal(t, "200", c.read().code())
		}
	})
	t.Run("StalledStreamFails", func(t *testing.T) {
		t.Parallel()
		limited := config()
		limited.Limits.Body = limit
		reads := channel[read](1)
		s := serveConfig(t, make, gocore.Route{Body: gocore.BodyStream, MaxBody: maxBody, Handler: gocore.HandlerFunc(
			func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
				token, stream := request.Defer(), request.Stream
				go func() {
					reads <- readAll(stream)
					token.Answer(gocore.AcquireResponse()) // which may be too late
				}()
				return gocore.Deferred
			})}, limited)
		c := s.dial()
		c.send("POST / HTTP/1.1\nHost: test\nContent-Length: 100\n\n01234")
		got := receive(t, reads, "the body")
		assert.Equal(t, "01234", got.body)
		assert.Error(t, got.err)
		c.closeWrite()
		c.readToEnd()
	})
	t.Run("WaitingForAnAnswerIsNotIdle", func(t *testing.T) {
		t.Parallel()
		limited := config()
		limited.Limits.Idle, limited.Limits.HeaderTime, limited.Limits.Body = limit, limit, limit
		s := serveConfig(t, make, gocore.Route{Handler: gocore.HandlerFunc(func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token := request.Defer()
			time.AfterFunc(3*limit, func() { answerWith(token, "slow") })
			return gocore.Deferred
		})}, limited)
		assert.Equal(t, "slow", s.dial().get("/").body)
	})
}
