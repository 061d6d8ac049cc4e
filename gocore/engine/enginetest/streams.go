package enginetest

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

// responseStreams covers streams that do not simply end, and what is left of them
// for a client that knows no chunks.
func responseStreams(t *testing.T, make Make) {
	answer := func(t *testing.T, stream func() io.Reader, length int64) *server {
		return serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetStream(stream(), length)
			return gocore.Answered
		})
	}
	for _, length := range []struct {
		name  string
		value int64
	}{{"KnownLength", 1000}, {"UnknownLength", -1}} {
		t.Run(length.name+"/FailureCutsTheConnection", func(t *testing.T) {
			s := answer(t, func() io.Reader { return failing("begun") }, length.value)
			a := s.dial().get("/")
			assert.True(t, a.cut, "the client can notice")
		})
		t.Run(length.name+"/PanicCutsTheConnection", func(t *testing.T) {
			s := answer(t, func() io.Reader { return panickingReader{} }, length.value)
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\n")
			assert.NotContains(t, c.readToEnd(), "\r\n0\r\n")
		})
		t.Run(length.name+"/FailureSparesTheAnswersBefore", func(t *testing.T) {
			s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
				if string(request.Path) == "/first" {
					response.SetBytes([]byte("first"))
				} else {
					response.SetStream(brokenReader{}, length.value)
				}
				return gocore.Answered
			})
			c := s.dial()
			c.send("GET /first HTTP/1.1\nHost: test\n\nGET / HTTP/1.1\nHost: test\n\n")
			assert.Equal(t, "first", c.read().body)
			c.readToEnd()
		})
	}
	t.Run("StreamShorterThanItsLengthCutsTheConnection", func(t *testing.T) {
		s := answer(t, func() io.Reader { return strings.NewReader("short") }, 1000)
		assert.True(t, s.dial().get("/").cut)
	})
	t.Run("StreamLongerThanItsLengthSendsNoMore", func(t *testing.T) {
		s := answer(t, func() io.Reader { return strings.NewReader("12345HTTP/1.1 200 OK\r\n\r\n") }, 5)
		c := s.dial()
		assert.Equal(t, "12345", c.get("/").body)
		c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
		assert.Equal(t, "12345", c.read().body)
		c.requireEnd()
	})
	t.Run("PiecesLeaveAsTheyCome", func(t *testing.T) {
		reader, writer := io.Pipe()
		s := answer(t, func() io.Reader { return reader }, -1)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		c.readHead() // before the first piece
		for _, piece := range []string{"one", "three"} {
			_, err := io.WriteString(writer, piece)
			assert.NoError(t, err)
			c.readLine()
			assert.Equal(t, piece, c.readLine())
		}
		assert.NoError(t, writer.Close())
		assert.Equal(t, "0", c.readLine())
		assert.Empty(t, c.readLine())
	})
	t.Run("UnknownLengthEndsWithTheConnectionOnHTTP10", func(t *testing.T) {
		content := string(pattern(300_000))
		s := answer(t, func() io.Reader { return strings.NewReader(content) }, -1)
		for _, connection := range []string{"", "Connection: keep-alive\n"} {
			c := s.dial()
			c.send("GET / HTTP/1.0\n" + connection + "\n")
			a := c.read()
			assert.Equal(t, "200", a.code())
			assert.Equal(t, "close", a.value("Connection"))
			assert.Empty(t, a.value("Transfer-Encoding"))
			assert.True(t, content == a.body, "body of %d bytes came as %d: %.50q", len(content), len(a.body), a.body)
			c.requireEnd()

			c = s.dial()
			c.send("HEAD / HTTP/1.0\n" + connection + "\n")
			assert.Equal(t, "200", c.readHead().code())
		}
	})
	t.Run("FailureOfUnknownLengthOnHTTP10EndsTheConnection", func(t *testing.T) {
		for _, broken := range []io.Reader{failing("begun"), panickingReader{}} {
			s := answer(t, func() io.Reader { return broken }, -1)
			c := s.dial()
			c.send("GET / HTTP/1.0\n\n")
			c.readToEnd()
			assert.Equal(t, "200", s.dial().head().code(), "another connection")
		}
	})
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("the source of this stream panics") }
