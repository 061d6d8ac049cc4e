package enginetest

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

// read is what a goroutine got out of a request's stream.
type read struct {
	body string
	err  error
}

func readAll(stream io.Reader) read {
	body, err := io.ReadAll(stream)
	return read{string(body), err}
}

// serveStream starts a server with a route of streams.
func serveStream(t *testing.T, make Make, limit int64, handler gocore.HandlerFunc) *server {
	return serveRoute(t, make, gocore.Route{Handler: handler, Body: gocore.BodyStream, MaxBody: limit})
}

// requestStreams covers bodies that a goroutine reads after the handler deferred.
func requestStreams(t *testing.T, make Make) {
	// reading reads the stream to its end, tells, and answers.
	reading := func(t *testing.T, limit int64) (*server, chan read) {
		reads := channel[read](10)
		return serveStream(t, make, limit, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token, stream := request.Defer(), request.Stream
			go func() {
				reads <- readAll(stream)
				token.Answer(gocore.AcquireResponse())
			}()
			return gocore.Deferred
		}), reads
	}
	t.Run("IsReadWhole", func(t *testing.T) {
		s, reads := reading(t, maxBody)
		c := s.dial()
		for _, size := range []int{0, 1, 500, 70_000, maxBody} {
			body := string(pattern(size))
			for _, request := range []string{fmt.Sprintf(postLength, size) + body, postChunked + chunked(body, 1000)} {
				c.sendBytes(request)
				got := receive(t, reads, "the body")
				assert.NoError(t, got.err)
				assert.True(t, body == got.body, "body of %d bytes came as %d", size, len(got.body))
				assert.Equal(t, "200", c.read().code())
			}
		}
	})
	t.Run("IsEmptyWhereThereIsNoBody", func(t *testing.T) {
		s, reads := reading(t, maxBody)
		c := s.dial()
		for range 2 {
			assert.Equal(t, "200", c.get("/").code())
			assert.Equal(t, read{}, receive(t, reads, "the body"))
		}
	})
	t.Run("HandlerIsCalledBeforeTheBodyHasCome", func(t *testing.T) {
		called := newSignal()
		s := serveStream(t, make, maxBody, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			close(called)
			token, stream := request.Defer(), request.Stream
			go func() {
				assert.Equal(t, read{body: "body"}, readAll(stream))
				token.Answer(gocore.AcquireResponse())
			}()
			return gocore.Deferred
		})
		c := s.dial()
		c.sendBytes(fmt.Sprintf(postLength, 4) + "b") // an engine may want to see that a body begins
		await(t, called, "the handler to be called")
		c.sendBytes("ody")
		assert.Equal(t, "200", c.read().code())
	})
	t.Run("TooLarge", func(t *testing.T) {
		s, reads := reading(t, 100)
		for _, size := range []int{30, 101, 5000} {
			c := s.dial()
			c.sendBytes(postChunked + chunked(string(pattern(101)), size))
			got := receive(t, reads, "the body")
			assert.ErrorIs(t, got.err, gocore.ErrBodyTooLarge)
			assert.LessOrEqual(t, len(got.body), 100, "no more than the limit is handed out")
			assert.Equal(t, "200", c.read().code(), "the handler's answer")
			c.closeWrite()
			c.requireEnd()
		}
		c := s.dial()
		c.sendBytes(postChunked + chunked(string(pattern(100)), 30))
		assert.Equal(t, read{body: string(pattern(100))}, receive(t, reads, "the body"))
		c = s.dial()
		c.sendBytes(fmt.Sprintf(postLength, 101) + "b")
		assertTooLarge(t, c) // known before: not for the handler
		assert.Empty(t, reads)
	})
	t.Run("ClientLeavesEarly", func(t *testing.T) {
		for _, request := range []string{
			fmt.Sprintf(postLength, 100) + "begun", fmt.Sprintf(postLength, 100_000) + string(pattern(50_000)),
			postChunked, postChunked + "5", postChunked + "5\r\nhel", postChunked + "5\r\nhello\r\n",
		} {
			s, reads := reading(t, maxBody)
			c := s.dial()
			c.sendBytes(request)
			c.close()
			assert.ErrorIs(t, receive(t, reads, "the body").err, io.ErrUnexpectedEOF, "%.80q", request)
		}
	})
	t.Run("AnswerBeforeTheEndClosesTheConnection", func(t *testing.T) {
		smuggled := "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
		for _, deferred := range []bool{false, true} {
			for _, request := range []string{
				fmt.Sprintf(postLength, maxBody) + "0123456789" + smuggled,
				postChunked + "a\r\n0123456789\r\n" + smuggled,
			} {
				paths := channel[string](10)
				s := serveStream(t, make, maxBody, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
					paths <- string(request.Path)
					if !deferred {
						return gocore.Answered
					}
					token, stream := request.Defer(), request.Stream
					go func() {
						_, err := io.ReadFull(stream, pattern(10))
						assert.NoError(t, err)
						token.Answer(gocore.AcquireResponse())
					}()
					return gocore.Deferred
				})
				c := s.dial()
				c.sendBytes(request)
				a := c.read()
				assert.Equal(t, "200", a.code())
				assert.Equal(t, "close", a.value("Connection"))
				c.closeWrite()
				c.requireEnd()
				assert.Len(t, paths, 1, "the unread rest is no request")
			}
		}
	})
	t.Run("CannotBeReadAfterTheAnswer", func(t *testing.T) {
		for _, request := range []string{fmt.Sprintf(postLength, 4) + "body", fmt.Sprintf(postLength, 100) + "begun", postChunked + chunked("body", 4)} {
			answered := newSignal()
			reads := channel[read](1)
			s := serveStream(t, make, maxBody, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
				token, stream := request.Defer(), request.Stream
				go func() {
					token.Answer(gocore.AcquireResponse())
					<-answered
					reads <- readAll(stream)
				}()
				return gocore.Deferred
			})
			c := s.dial()
			c.sendBytes(request)
			c.read()
			c.closeWrite()
			c.requireEnd()
			close(answered)
			assert.Error(t, receive(t, reads, "the read").err)
		}
	})
	t.Run("WaitingReadEndsWithTheAnswer", func(t *testing.T) {
		reads := channel[read](1)
		s := serveStream(t, make, maxBody, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			token, stream := request.Defer(), request.Stream
			go func() { reads <- readAll(stream) }()
			// Most likely the read waits by then; it ends in any case.
			time.AfterFunc(soon, func() { token.Answer(gocore.AcquireResponse()) })
			return gocore.Deferred
		})
		c := s.dial()
		c.sendBytes(fmt.Sprintf(postLength, 100) + "begun")
		assert.Equal(t, "200", c.read().code())
		assert.Error(t, receive(t, reads, "the read").err)
		c.closeWrite()
		c.requireEnd()
	})
	t.Run("ContinueIsSentForIt", func(t *testing.T) {
		s, reads := reading(t, maxBody)
		c := s.dial()
		c.send("POST / HTTP/1.1\nHost: test\nContent-Length: 4\nExpect: 100-continue\n\n")
		assert.Equal(t, "100", c.readHead().code())
		c.sendBytes("body")
		assert.Equal(t, read{body: "body"}, receive(t, reads, "the body"))
		assert.Equal(t, "200", c.read().code())
	})
}
