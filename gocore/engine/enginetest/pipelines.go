package enginetest

import (
	"strconv"
	"strings"
	"testing"

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
		for _, pieces := range []int{1, 7, 1000} {
			c := s.dial()
			text := all.String()
			go func() {
				for size := len(text)/pieces + 1; text != ""; text = text[min(size, len(text)):] {
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
