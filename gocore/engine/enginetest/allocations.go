package enginetest

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// rewound is a stream that is used for one request after the other.
type rewound struct{ bytes.Reader }

// allocations proves that a request on a warm connection allocates nothing. The
// client allocates nothing either, as AllocsPerRun counts the whole process.
func allocations(t *testing.T, make Make) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	content := pattern(2000)
	rendered, err := gocore.Render(gocore.StatusOK, gocore.Header{}, content)
	require.NoError(t, err)
	opened := file(t, content)
	stream := new(rewound)
	tokens := channel[gocore.Token](1)
	answered := newSignal()
	go func() {
		defer close(answered)
		for token := range tokens {
			response := gocore.AcquireResponse()
			response.Scratch = append(response.Scratch[:0], content...)
			response.SetBytes(response.Scratch)
			token.Answer(response)
		}
	}()
	defer func() {
		close(tokens)
		<-answered
	}()
	const get, post = "GET / HTTP/1.1\r\nHost: test\r\nUser-Agent: me\r\n\r\n", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2000\r\n\r\n"
	for _, test := range []struct {
		name, request string
		handler       gocore.HandlerFunc
	}{
		{"Rendered", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetRendered(rendered)
			return gocore.Answered
		}},
		{"Bytes", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Scratch = append(response.Scratch[:0], content...)
			response.SetBytes(response.Scratch)
			return gocore.Answered
		}},
		{"FieldsAndStatus", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Status = gocore.StatusNotFound
			_ = response.Header.Add("Content-Type", "text/plain")
			_ = response.Header.Add("X-Custom", "value")
			response.SetBytes(content)
			return gocore.Answered
		}},
		{"File", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetFile(gocore.FileSection{File: opened, Length: int64(len(content))})
			return gocore.Answered
		}},
		{"Stream", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			stream.Reset(content)
			response.SetStream(stream, int64(len(content)))
			return gocore.Answered
		}},
		{"StreamOfUnknownLength", get, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			stream.Reset(content)
			response.SetStream(stream, -1)
			return gocore.Answered
		}},
		{"RequestBody", post + string(content), func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
			if !bytes.Equal(request.Body, content) {
				response.Status = gocore.StatusBadRequest
			}
			response.SetBytes(content)
			return gocore.Answered
		}},
		{"ChunkedRequestBody", postChunked + chunked(string(content), 700), func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes(content)
			return gocore.Answered
		}},
		{"LargeChunkedRequestBody", postChunked + chunked(string(pattern(50_000)), 700), func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetBytes(content)
			return gocore.Answered
		}},
		{"Deferred", get, func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
			tokens <- request.Defer()
			return gocore.Deferred
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serve(t, make, test.handler).dial()
			c.sendBytes(test.request)
			require.True(t, string(content) == c.read().body)
			size := len(c.raw) // of every answer: all of them are alike
			request, answer := []byte(test.request), append([]byte(nil), c.raw...)
			exchange := func() {
				_, err := c.socket.Write(request)
				if err == nil {
					_, err = io.ReadFull(c.socket, answer[:size])
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for range 100 {
				exchange()
			}
			runtime.GC()
			assert.Zero(t, testing.AllocsPerRun(1000, exchange))
		})
	}
}
