package enginetest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// pipelines covers requests that are sent before the answers to those before
// them have come.
func pipelines(t *testing.T, make Make) {
	t.Run("MixedAnswersComeInOrder", func(t *testing.T) {
		const requests = 60
		var fills []func(*gocore.Response)
		for i := range requests {
			fills = append(fills, forms[i%len(forms)].prepare(t, []byte("answer "+strconv.Itoa(i))))
		}
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			number, err := strconv.Atoi(string(request.Path[1:]))
			assert.NoError(t, err)
			assert.Len(t, request.Body, number)
			fill := fills[number]
			if number%3 == 0 {
				fill(response)
				return gocore.Answered
			}
			token := request.Defer()
			go func() {
				response := gocore.AcquireResponse()
				fill(response)
				assert.True(t, token.Answer(response))
			}()
			return gocore.Deferred
		})
		var all strings.Builder
		for i := range requests {
			body := strings.Repeat("x", i)
			all.WriteString("POST /" + strconv.Itoa(i) + " HTTP/1.1\r\nHost: test\r\n")
			if i%2 == 0 {
				all.WriteString("Content-Length: " + strconv.Itoa(i) + "\r\n\r\n" + body)
			} else {
				all.WriteString("Transfer-Encoding: chunked\r\n\r\n" + chunked(body, 7))
			}
		}
		for _, pieces := range []int{1, 7, 1000, all.Len()} { // the last: byte by byte
			c := s.dial()
			text := all.String()
			go func() {
				for size := (len(text) + pieces - 1) / pieces; text != ""; text = text[min(size, len(text)):] {
					_, _ = c.socket.Write([]byte(text[:min(size, len(text))]))
				}
			}()
			for i := range requests {
				require.Equal(t, "answer "+strconv.Itoa(i), c.read().body)
			}
		}
	})
	t.Run("NothingIsServedBehindClose", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		c.send("GET /1 HTTP/1.1\nHost: test\n\nGET /2 HTTP/1.1\nHost: test\nConnection: close\n\nGET /3 HTTP/1.1\nHost: test\n\n")
		assert.Equal(t, "200", c.read().code())
		assert.Equal(t, "close", c.read().value("Connection"))
		c.readToEnd()
		assert.Len(t, requests, 2)
	})
	t.Run("RefusalComesBehindTheAnswersBefore", func(t *testing.T) {
		s, _ := observe(t, make)
		c := s.dial()
		c.send("GET /1 HTTP/1.1\nHost: test\n\nGET /2 HTTP/1.1\nHost: test\n\nnonsense\n\n")
		assert.Equal(t, "200", c.read().code())
		assert.Equal(t, "200", c.read().code())
		assert.Equal(t, "400", c.read().code())
		c.closeWrite()
		c.requireEnd()
	})
	t.Run("HeadsAndBodiesOfAllSizesAlternate", func(t *testing.T) {
		const requests = 200
		large := config()
		large.Limits.HeaderBytes = 32 << 10
		s := serveConfig(t, make, gocore.Route{MaxBody: maxBody, Handler: gocore.HandlerFunc(func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			// The head is untouched when the body has come.
			number, err := strconv.Atoi(string(request.Header.Get("X-Number")))
			assert.NoError(t, err)
			head, body := sizesOf(number)
			assert.True(t, string(pattern(head)) == string(request.Header.Get("X-Filler"))+" ", "filler of %d bytes", head)
			assert.True(t, string(pattern(body)) == string(request.Body), "body of %d bytes", body)
			response.Scratch = append(response.Scratch, request.Path...)
			response.SetBytes(response.Scratch)
			return gocore.Answered
		})}, large)
		var all strings.Builder
		for i := range requests {
			head, body := sizesOf(i)
			fmt.Fprintf(&all, "POST /%d HTTP/1.1\r\nHost: test\r\nX-Filler: %s\r\nX-Number: %d\r\n", i, pattern(head), i)
			if i%3 == 0 {
				fmt.Fprintf(&all, "Content-Length: %d\r\n\r\n%s", body, pattern(body))
			} else {
				all.WriteString("Transfer-Encoding: chunked\r\n\r\n" + chunked(string(pattern(body)), 1+i*i))
			}
		}
		for _, size := range []int{all.Len(), 10_000, 4096, 777} {
			c := s.dial()
			go func() {
				for text := all.String(); text != ""; text = text[min(size, len(text)):] {
					_, _ = c.socket.Write([]byte(text[:min(size, len(text))]))
				}
			}()
			for i := range requests {
				require.Equal(t, "/"+strconv.Itoa(i), c.read().body)
			}
		}
	})
	t.Run("TenThousandRequestsAreAnsweredInOrder", func(t *testing.T) {
		const requests = 10_000
		s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Scratch = append(response.Scratch, request.Path...)
			response.SetBytes(response.Scratch)
			return gocore.Answered
		})
		c := s.dial()
		go func() {
			var all strings.Builder
			for i := range requests {
				all.WriteString("GET /" + strconv.Itoa(i) + " HTTP/1.1\r\nHost: test\r\n\r\n")
			}
			_, _ = c.socket.Write([]byte(all.String()))
		}()
		for i := range requests {
			require.Equal(t, "/"+strconv.Itoa(i), c.read().body)
		}
		assert.Equal(t, "/", c.get("/").body)
	})
	t.Run("AnswersDoNotWaitForTheRestOfARequest", func(t *testing.T) {
		s, _ := observe(t, make)
		for _, begun := range []string{"G", "GET / HTTP/1.1\nHo", "POST / HTTP/1.1\nHost: test\nContent-Length: 10\n\n01234"} {
			c := s.dial()
			c.send("GET / HTTP/1.1\nHost: test\n\nGET / HTTP/1.1\nHost: test\n\n" + begun)
			assert.Equal(t, "200", c.read().code())
			assert.Equal(t, "200", c.read().code())
		}
	})
	t.Run("AnswersDoNotWaitForADeferredOne", func(t *testing.T) {
		s, tokens := holding(t, make)
		c := s.dial()
		c.send("GET /inline HTTP/1.1\nHost: test\n\nGET / HTTP/1.1\nHost: test\n\nGET /inline HTTP/1.1\nHost: test\n\n")
		assert.Equal(t, "inline", c.read().body)
		assert.True(t, answerWith(receive(t, tokens, "the token"), "deferred"))
		assert.Equal(t, "deferred", c.read().body)
		assert.Equal(t, "inline", c.read().body)
	})
	t.Run("ClientThatReadsNothingIsNotReadFrom", func(t *testing.T) {
		content := pattern(1000)
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes(content)
			return gocore.Answered
		})
		c := s.dial()
		const requests = 2 << 20
		all := bytes.Repeat([]byte("GET / HTTP/1.1\r\nHost: test\r\n\r\n"), requests)
		// The time to write begins when all is there to write: it takes a while to make.
		require.NoError(t, c.socket.SetWriteDeadline(time.Now().Add(10*soon)))
		written, err := c.socket.Write(all)
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "60 MiB of requests are not taken in")
		now := s.stats.Snapshot()
		assert.Positive(t, now.Requests, "of %d bytes written", written)
		assert.Less(t, now.Requests, uint64(100_000), "answers made for a client that reads none")
		for range 1000 {
			require.True(t, string(content) == c.read().body)
		}
	})
	t.Run("LargeAnswersWaitForTheClient", func(t *testing.T) {
		content := pattern(200_000)
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes(content)
			return gocore.Answered
		})
		c := s.dial()
		const requests = 50
		go func() {
			_, _ = c.socket.Write([]byte(strings.Repeat("GET / HTTP/1.1\r\nHost: test\r\n\r\n", requests)))
		}()
		for range requests {
			require.True(t, string(content) == c.read().body)
		}
	})
}

// sizesOf returns the sizes of a field and of the body of the request of that
// number: from nothing to what fills any buffer, in no order.
func sizesOf(number int) (head, body int) {
	head = 1 + number*number*997%(1000+30_000*(number%3/2))
	for pattern(head)[head-1] != ' ' { // white space around a value is not its own
		head++
	}
	return head, number * number * 7919 % 20_000
}

// panics covers handlers that panic.
func panics(t *testing.T, make Make) {
	s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
		switch string(request.Path) {
		case "/panic":
			assert.NoError(t, response.Header.Add("X-Half", "done"))
			panic("broken handler")
		case "/deferred-panic":
			token := request.Defer()
			defer func() {
				go func() { answerWith(token, "late") }()
			}()
			panic("broken handler")
		}
		response.SetBytes([]byte("well"))
		return gocore.Answered
	})
	c := s.dial()
	for _, path := range []string{"/panic", "/deferred-panic"} {
		for range 2 {
			a := c.get(path)
			assert.Equal(t, "HTTP/1.1 500 Internal Server Error", a.status)
			assert.Empty(t, a.value("X-Half"))
			assert.Equal(t, "well", c.get("/").body, "the connection goes on")
			assert.Equal(t, "well", s.dial().get("/").body, "the server goes on")
		}
	}
	records := s.logs.errors()
	require.Len(t, records, 4)
	assert.Equal(t, "/panic", records[0]["path"])
	assert.Equal(t, "broken handler", records[0]["panic"])
	assert.Equal(t, "/deferred-panic", records[3]["path"])
}
