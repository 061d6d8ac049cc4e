package enginetest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// watcher collects the tokens of requests whose clients have gone.
type watcher chan gocore.Token

func (w watcher) Left(token gocore.Token) { w <- token }

// watching starts a server whose handler defers and watches, and hands its tokens out.
func watching(t *testing.T, make Make) (s *server, tokens chan gocore.Token, left watcher) {
	tokens, left = channel[gocore.Token](10), watcher(channel[gocore.Token](10))
	return serve(t, make, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
		token := request.Defer()
		request.Watch(left)
		tokens <- token
		return gocore.Deferred
	}), tokens, left
}

// reset closes a connection as a client that crashes does.
func (c *client) reset() {
	require.NoError(c.t, c.socket.(*net.TCPConn).SetLinger(0))
	c.close()
}

// watchers covers who is told when a client goes that waits.
func watchers(t *testing.T, make Make) {
	for name, fields := range map[string]string{"": "", "BehindItsLastRequest": "Connection: close\n"} {
		t.Run("ClientThatResets"+name, func(t *testing.T) {
			s, tokens, left := watching(t, make)
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n" + fields + "\n")
			token := receive(t, tokens, "the token")
			c.reset()
			assert.Equal(t, token, receive(t, left, "the watcher to be told"))
			eventually(t, "the connection to end", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
			assert.False(t, answerWith(token, "nobody waits"))
		})
	}
	t.Run("ClientThatClosesAUnixSocket", func(t *testing.T) {
		listener, err := net.Listen("unix", t.TempDir()+"/s")
		require.NoError(t, err)
		tokens, left := channel[gocore.Token](1), watcher(channel[gocore.Token](1))
		s := serveListener(t, make, listener, gocore.Route{Handler: gocore.HandlerFunc(
			func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
				token := request.Defer()
				request.Watch(left)
				tokens <- token
				return gocore.Deferred
			})}, config())
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		token := receive(t, tokens, "the token")
		c.close()
		assert.Equal(t, token, receive(t, left, "the watcher to be told"))
	})
	t.Run("ClientThatEndsItsSideMayBeAnsweredStill", func(t *testing.T) {
		s, tokens, left := watching(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		c.closeWrite()
		token := receive(t, tokens, "the token")
		assert.Equal(t, token, receive(t, left, "the watcher to be told"))
		assert.True(t, answerWith(token, "answered"))
		assert.Equal(t, "answered", c.read().body)
		assert.Empty(t, left, "it is told once")
	})
	t.Run("ClientThatIsCut", func(t *testing.T) {
		s, tokens, left := watching(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		token := receive(t, tokens, "the token")
		assert.Equal(t, 1, s.drain(soon))
		assert.Equal(t, token, receive(t, left, "the watcher to be told"))
		c.requireEnd()
	})
	t.Run("ClientThatHasItsAnswer", func(t *testing.T) {
		s, tokens, left := watching(t, make)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		assert.True(t, answerWith(receive(t, tokens, "the token"), "answered"))
		assert.Equal(t, "answered", c.read().body)
		c.reset()
		eventually(t, "the connection to end", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
		assert.Empty(t, left)
	})
}
