package enginetest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// chunked returns text as a chunked body, in pieces of size bytes.
func chunked(text string, size int) string {
	var body strings.Builder
	for len(text) > 0 {
		n := min(size, len(text))
		fmt.Fprintf(&body, "%x\r\n%s\r\n", n, text[:n])
		text = text[n:]
	}
	return body.String() + "0\r\n\r\n"
}

const (
	postLength  = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n"
	postChunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
)

// observeLimited is observe with a limit of body.
func observeLimited(t *testing.T, make Make, limit int64) (*server, chan seen) {
	requests := channel[seen](100)
	return serveRoute(t, make, gocore.Route{MaxBody: limit, Handler: gocore.HandlerFunc(
		func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			requests <- look(request)
			return gocore.Answered
		})}), requests
}

// findEcho finds a route that answers with its parameter, which is the whole path,
// and its body.
func findEcho() gocore.Find {
	route := gocore.Route{MaxBody: maxBody, Handler: gocore.HandlerFunc(
		func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Scratch = append(append(response.Scratch, request.Params.Value(0)...), request.Body...)
			response.SetBytes(response.Scratch)
			return gocore.Answered
		})}
	route.Find = func(request *gocore.Request) *gocore.Route {
		request.Params.Begin(request.Path)
		request.Params.Add(0, len(request.Path))
		return &route
	}
	return route.Find
}

// requestBodies covers bodies that come whole.
func requestBodies(t *testing.T, make Make) {
	t.Run("ParametersStayThoseOfTheRequest", func(t *testing.T) {
		s := serveRoute(t, make, gocore.Route{Find: findEcho()})
		slow, other := s.dial(), s.dial()
		for _, framing := range []string{"Content-Length: 2\n\na", "Transfer-Encoding: chunked\n\n1\na\n"} {
			slow.send("POST /slow HTTP/1.1\nHost: test\n" + framing)
			assert.Equal(t, "/another", other.get("/another").body)
			if strings.HasPrefix(framing, "Content") {
				slow.send("b")
			} else {
				slow.send("1\nb\n0\n\n")
			}
			assert.Equal(t, "/slowab", slow.read().body)
		}
	})
	t.Run("BothFramingsLookTheSame", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for _, size := range []int{0, 1, 500, 70_000, maxBody} {
			body := string(pattern(size))
			for _, request := range []string{
				fmt.Sprintf(postLength, size) + body,
				postChunked + chunked(body, 1000),
				postChunked + chunked(body, 100_000),
			} {
				c.sendBytes(request)
				require.Equal(t, "200", c.read().code(), "size %d", size)
				saw := receive(t, requests, "the request")
				assert.True(t, body == saw.body, "body of %d bytes came as %d", size, len(saw.body))
				assert.False(t, saw.stream, "a whole body is no stream")
			}
		}
		assert.Empty(t, c.get("/").body, "a request without a body comes after")
		assert.Empty(t, receive(t, requests, "the request").body)
	})
	t.Run("AnyMethodMayHaveOne", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for _, method := range []string{"GET", "DELETE", "OPTIONS", "BREW"} {
			smuggled := "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
			c.sendBytes(method + " / HTTP/1.1\r\nHost: test\r\nContent-Length: " + strconv.Itoa(len(smuggled)) + "\r\n\r\n" + smuggled)
			require.Equal(t, "200", c.read().code(), method)
			saw := receive(t, requests, "the request")
			assert.Equal(t, method, saw.name)
			assert.Equal(t, smuggled, saw.body)
		}
	})
	t.Run("BodyMayComeInPieces", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		for _, request := range []string{
			fmt.Sprintf(postLength, 11) + "hello there",
			postChunked + "5;extension=1\r\nhello\r\n6\r\n there\r\n0\r\nX-Trailer: ignored\r\n\r\n",
		} {
			for _, piece := range strings.SplitAfter(request, "") {
				c.sendBytes(piece)
			}
			c.read()
			assert.Equal(t, "hello there", receive(t, requests, "the request").body)
		}
	})
	t.Run("LimitIsExact", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		exact, more := string(pattern(100)), string(pattern(101))
		for _, request := range []string{fmt.Sprintf(postLength, 100) + exact, postChunked + chunked(exact, 30), postChunked + chunked(exact, 100)} {
			c := s.dial()
			c.sendBytes(request)
			assert.Equal(t, "200", c.read().code())
			assert.Equal(t, exact, receive(t, requests, "the request").body)
		}
		for _, request := range []string{fmt.Sprintf(postLength, 101) + more, postChunked + chunked(more, 30), postChunked + chunked(more, 101)} {
			c := s.dial()
			c.sendBytes(request)
			assertTooLarge(t, c)
			assert.Empty(t, requests, "the handler is not called")
		}
	})
	t.Run("TooLargeIsAnsweredBeforeTheBodyIsRead", func(t *testing.T) {
		s, _ := observeLimited(t, make, 100)
		c := s.dial()
		c.sendBytes(fmt.Sprintf(postLength, 1<<40) + "b") // an engine may want to see that a body begins
		assertTooLarge(t, c)
	})
	t.Run("TooLargeIsReadableWhileTheClientSends", func(t *testing.T) {
		s, _ := observeLimited(t, make, 100)
		body := string(pattern(1 << 20))
		for _, request := range []string{fmt.Sprintf(postLength, len(body)) + body, postChunked + chunked(body, 10_000)} {
			c := s.dial()
			sent := newSignal()
			go func() {
				defer close(sent)
				_, _ = io.WriteString(c.socket, request) // fails when the server stops reading
			}()
			a := c.read()
			assert.Equal(t, "413", a.code())
			assert.False(t, a.cut)
			c.close()
			await(t, sent, "the client to end")
		}
	})
	t.Run("TooLargeIsReadableForNetHTTP", func(t *testing.T) {
		s, _ := observeLimited(t, make, 100)
		client := http.Client{Transport: &http.Transport{}, Timeout: patience}
		defer client.CloseIdleConnections()
		answer, err := client.Post("http://"+s.address.String(), "text/plain", strings.NewReader(string(pattern(50_000))))
		require.NoError(t, err)
		defer func() { _ = answer.Body.Close() }()
		assert.Equal(t, http.StatusRequestEntityTooLarge, answer.StatusCode)
	})
	t.Run("UnreadBodyIsNeverTakenForARequest", func(t *testing.T) {
		s, requests := observeLimited(t, make, 10)
		smuggled := "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
		for _, request := range []string{
			fmt.Sprintf(postLength, len(smuggled)) + smuggled,
			postChunked + strconv.FormatInt(int64(len(smuggled)), 16) + "\r\n" + smuggled + "\r\n0\r\n\r\n" + smuggled,
		} {
			c := s.dial()
			c.sendBytes(request)
			assertTooLarge(t, c)
		}
		assert.Empty(t, requests)
	})
	t.Run("TruncatedBodyIsNotServed", func(t *testing.T) {
		s, requests := observe(t, make)
		for _, request := range []string{
			fmt.Sprintf(postLength, 100), fmt.Sprintf(postLength, 100) + "begun",
			postChunked, postChunked + "5\r\nhel", postChunked + "5\r\nhello\r\n", postChunked + "5\r\nhello\r\n0\r\n",
		} {
			c := s.dial()
			c.sendBytes(request)
			c.closeWrite()
			assert.NotContains(t, c.readToEnd(), "HTTP/1.1 200", "%q", request)
		}
		assert.Empty(t, requests)
	})
	t.Run("CompleteBodyIsServedAfterTheClientHasEndedItsSide", func(t *testing.T) {
		s, requests := observe(t, make)
		for _, request := range []string{fmt.Sprintf(postLength, 5) + "hello", postChunked + chunked("hello", 5)} {
			c := s.dial()
			c.sendBytes(request)
			c.closeWrite()
			assert.Equal(t, "200", c.read().code())
			assert.Equal(t, "hello", receive(t, requests, "the request").body)
			c.requireEnd()
		}
	})
	t.Run("MalformedChunksAreRefused", func(t *testing.T) {
		s, requests := observe(t, make)
		for _, body := range []string{"x\r\n", "-1\r\n", "5\r\nhello!\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"} {
			c := s.dial()
			c.sendBytes(postChunked + body)
			c.closeWrite()
			assert.Equal(t, "400", c.read().code(), "%q", body)
		}
		assert.Empty(t, requests)
	})
}

// assertTooLarge reads a 413 behind which the connection ends.
func assertTooLarge(t *testing.T, c *client) {
	t.Helper()
	a := c.read()
	assert.Equal(t, "HTTP/1.1 413 Content Too Large", a.status)
	assert.Equal(t, "the body is larger than this resource takes (RFC 9110, section 15.5.14)\n", a.body)
	assert.Equal(t, "close", a.value("Connection"))
	c.closeWrite()
	c.requireEnd()
}

// expectations covers clients that ask before they send a body.
func expectations(t *testing.T, make Make) {
	const expect = "Expect: 100-continue\n"
	post := func(framing string) string { return "POST / HTTP/1.1\nHost: test\n" + framing + "\n" + expect + "\n" }
	t.Run("BodyWithinTheLimitIsAskedFor", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		c := s.dial()
		for range 2 {
			for _, form := range [][2]string{{"Content-Length: 5", "hello"}, {"Transfer-Encoding: chunked", chunked("hello", 5)}} {
				c.send(post(form[0]))
				assert.Equal(t, "100", c.readHead().code())
				c.sendBytes(form[1])
				assert.Equal(t, "200", c.read().code())
				assert.Equal(t, "hello", receive(t, requests, "the request").body)
			}
		}
	})
	t.Run("BodyBeyondTheLimitIsRefusedAtOnce", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		c := s.dial()
		c.send(post("Content-Length: 101"))
		assertTooLarge(t, c)
		c = s.dial() // sends without waiting
		c.sendBytes(strings.ReplaceAll(post("Content-Length: 101"), "\n", "\r\n") + string(pattern(101)))
		assertTooLarge(t, c)
		assert.Empty(t, requests)
	})
	t.Run("ChunkedBodyBeyondTheLimitIsRefused", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		c := s.dial()
		c.send(post("Transfer-Encoding: chunked"))
		assert.Equal(t, "100", c.readHead().code())
		c.sendBytes(chunked(string(pattern(101)), 50))
		assertTooLarge(t, c)
		assert.Empty(t, requests)
	})
	t.Run("AnswersBeforeItLeaveFirst", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n" + post("Content-Length: 5"))
		assert.Equal(t, "200", c.read().code())
		assert.Equal(t, "100", c.readHead().code())
		c.sendBytes("hello")
		assert.Equal(t, "200", c.read().code())
		assert.Empty(t, receive(t, requests, "the first request").body)
		assert.Equal(t, "hello", receive(t, requests, "the second request").body)
	})
	t.Run("NetHTTPIsServed", func(t *testing.T) {
		s, requests := observeLimited(t, make, 100)
		client := http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}, Timeout: patience}
		defer client.CloseIdleConnections()
		request, err := http.NewRequest(http.MethodPost, "http://"+s.address.String(), strings.NewReader("hello"))
		require.NoError(t, err)
		request.Header.Set("Expect", "100-continue")
		answer, err := client.Do(request)
		require.NoError(t, err)
		_ = answer.Body.Close()
		assert.Equal(t, 200, answer.StatusCode)
		assert.Equal(t, "hello", receive(t, requests, "the request").body)
	})
}
