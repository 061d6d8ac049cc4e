package http1_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

var date = func() (date [gocore.DateLength]byte) {
	copy(date[:], "Sun, 06 Nov 1994 08:49:37 GMT")
	return date
}()

// exchange returns a GET on a persistent connection of that minor version.
func exchange(minor uint8) *http1.Exchange {
	return &http1.Exchange{Method: gocore.MethodGet, Minor: minor, KeepAlive: true, Date: &date}
}

// lines joins the lines of a head, with the fields that every head begins with.
func lines(status string, fields ...string) string {
	all := append([]string{"HTTP/1.1 " + status, "Server: fastgo", "Date: " + string(date[:])}, fields...)
	return strings.Join(all, "\r\n") + "\r\n\r\n"
}

func render(t *testing.T, status gocore.Status, body string, fields ...string) *gocore.Rendered {
	t.Helper()
	var header gocore.Header
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, header.Add(fields[i], fields[i+1]))
	}
	rendered, err := gocore.Render(status, header, []byte(body))
	require.NoError(t, err)
	return rendered
}

func TestAppendResponse(t *testing.T) {
	ok := render(t, 200, "hello", "X-One", "1")
	file := gocore.FileSection{Length: 7}
	head := func(e *http1.Exchange) { e.Method = gocore.MethodHead }
	closing := func(e *http1.Exchange) { e.KeepAlive = false }
	old := func(e *http1.Exchange) { e.Minor = 0 }
	asBytes := func(status gocore.Status, body string) func(*gocore.Response) {
		return func(r *gocore.Response) { r.Status = status; r.SetBytes([]byte(body)) }
	}
	stream := func(length int64) func(*gocore.Response) {
		return func(r *gocore.Response) { r.SetStream(strings.NewReader(""), length) }
	}
	rendered := func(r *gocore.Response) { r.SetRendered(ok) }
	const none, sized, chunked, untilClose = http1.TransferNone, http1.TransferSized, http1.TransferChunked, http1.TransferUntilClose
	tests := []struct {
		name     string
		fill     func(*gocore.Response)
		exchange []func(*http1.Exchange)
		want     string
		transfer http1.Transfer
	}{
		{"empty", func(*gocore.Response) {}, nil, lines("200 OK", "Content-Length: 0"), none},
		{"bytes", asBytes(201, "hi"), nil, lines("201 Created", "Content-Length: 2") + "hi", none},
		{"bytes for HEAD", asBytes(0, "hi"), each(head), lines("200 OK", "Content-Length: 2"), none},
		{"bytes, closing", asBytes(0, "hi"), each(closing), lines("200 OK", "Content-Length: 2", "Connection: close") + "hi", none},
		{"bytes for HTTP/1.0", asBytes(0, "hi"), each(old), lines("200 OK", "Content-Length: 2", "Connection: keep-alive") + "hi", none},
		{"bytes for HTTP/1.0, closing", asBytes(0, "hi"), each(old, closing), lines("200 OK", "Content-Length: 2", "Connection: close") + "hi", none},
		{"204 has no content and no length", asBytes(204, "hi"), nil, lines("204 No Content"), none},
		{"304 has no content and no length", asBytes(304, "hi"), nil, lines("304 Not Modified"), none},
		{"205 has no content and says so", asBytes(205, "hi"), nil, lines("205 Reset Content", "Content-Length: 0"), none},
		{"a status without a phrase", asBytes(299, ""), nil, lines("299 Unknown", "Content-Length: 0"), none},
		{"an interim status is none of a response", asBytes(100, ""), nil, lines("500 Internal Server Error", "Content-Length: 0"), none},
		{"a status of four digits", asBytes(2000, ""), nil, lines("500 Internal Server Error", "Content-Length: 0"), none},
		{"file", func(r *gocore.Response) { r.SetFile(file) }, nil, lines("200 OK", "Content-Length: 7"), sized},
		{"file for HEAD", func(r *gocore.Response) { r.SetFile(file) }, each(head), lines("200 OK", "Content-Length: 7"), none},
		{"stream of known length", stream(9), nil, lines("200 OK", "Content-Length: 9"), sized},
		{"empty stream", stream(0), nil, lines("200 OK", "Content-Length: 0"), none},
		{"stream", stream(-1), nil, lines("200 OK", "Transfer-Encoding: chunked"), chunked},
		{"stream for HEAD", stream(-1), each(head), lines("200 OK", "Transfer-Encoding: chunked"), none},
		{"stream, closing", stream(-1), each(closing), lines("200 OK", "Transfer-Encoding: chunked", "Connection: close"), chunked},
		{"stream for HTTP/1.0", stream(-1), each(old), lines("200 OK", "Connection: close"), untilClose},
		{"stream for HEAD of HTTP/1.0", stream(-1), each(old, head), lines("200 OK", "Connection: keep-alive"), none},
		{"stream with 204", func(r *gocore.Response) { stream(-1)(r); r.Status = 204 }, nil, lines("204 No Content"), none},
		{"rendered", rendered, nil, lines("200 OK", "X-One: 1", "Content-Length: 5") + "hello", none},
		{"rendered for HEAD", rendered, each(head), lines("200 OK", "X-One: 1", "Content-Length: 5"), none},
		{"rendered, closing", rendered, each(closing), lines("200 OK", "X-One: 1", "Content-Length: 5", "Connection: close") + "hello", none},
		{"rendered for HTTP/1.0", rendered, each(old), lines("200 OK", "X-One: 1", "Content-Length: 5", "Connection: keep-alive") + "hello", none},
		{"rendered for HEAD, closing", rendered, each(head, closing), lines("200 OK", "X-One: 1", "Content-Length: 5", "Connection: close"), none},
		{"rendered 204", func(r *gocore.Response) { r.SetRendered(render(t, 204, "")) }, nil, lines("204 No Content"), none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var response gocore.Response
			test.fill(&response)
			e := exchange(1)
			for _, change := range test.exchange {
				change(e)
			}
			got, transfer := http1.AppendResponse([]byte("before"), &response, e)
			assert.Equal(t, "before"+test.want, string(got))
			assert.Equal(t, test.transfer, transfer)
		})
	}
}

func each(changes ...func(*http1.Exchange)) []func(*http1.Exchange) { return changes }

// A head that was made ready changes nothing but the time it takes.
func TestAppendResponseWithAHead(t *testing.T) {
	var header gocore.Header
	require.NoError(t, header.Add("X-One", "1"))
	ready, err := gocore.RenderHead(404, header)
	require.NoError(t, err)
	body := []byte(strings.Repeat("body ", 300))
	for _, change := range []func(*http1.Exchange){
		func(*http1.Exchange) {},
		func(e *http1.Exchange) { e.Method = gocore.MethodHead },
		func(e *http1.Exchange) { e.KeepAlive = false },
		func(e *http1.Exchange) { e.Minor = 0 },
	} {
		e := exchange(1)
		change(e)
		for _, size := range []int{0, 1, 9, 10, 99, 100, 999, 1000, 1001, 1500} {
			plain := gocore.Response{Status: 404, Header: header}
			plain.SetBytes(body[:size])
			var headed gocore.Response
			headed.SetHead(ready)
			headed.SetBytes(body[:size])
			want, _ := http1.AppendResponse(nil, &plain, e)
			for _, before := range []string{"", "an answer before it"} {
				got, transfer := http1.AppendResponse([]byte(before), &headed, e)
				assert.Equal(t, before+string(want), string(got))
				assert.Equal(t, http1.TransferNone, transfer)
			}
		}
	}
}

func TestAppendHeadLeavesBodyToTheEngine(t *testing.T) {
	var response gocore.Response
	response.SetBytes([]byte("hi"))
	got, transfer := http1.AppendHead(nil, &response, exchange(1))
	assert.Equal(t, lines("200 OK", "Content-Length: 2"), string(got))
	assert.Equal(t, http1.TransferSized, transfer)

	response.SetRendered(render(t, 200, "hello"))
	got, transfer = http1.AppendHead(nil, &response, exchange(1))
	assert.Equal(t, lines("200 OK", "Content-Length: 5"), string(got))
	assert.Equal(t, http1.TransferSized, transfer)
}

func TestHandlersCannotContradictTheWriter(t *testing.T) {
	var response gocore.Response
	for _, field := range [][2]string{
		{"X-First", "1"}, {"content-length", "99"}, {"Transfer-Encoding", "chunked"}, {"Content-Type", "text/plain"},
		{"Connection", "keep-alive"}, {"SERVER", "other"}, {"Date", "never"}, {"Dates", "kept"}, {"X-Last", "2"},
	} {
		require.NoError(t, response.Header.Add(field[0], field[1]))
	}
	got, _ := http1.AppendResponse(nil, &response, exchange(1))
	assert.Equal(t, lines("200 OK", "X-First: 1", "Content-Type: text/plain", "Dates: kept", "X-Last: 2", "Content-Length: 0"), string(got))
}

func TestAppendErrorClosesWithTheReason(t *testing.T) {
	refusal := &http1.Error{Status: 431, Reason: "too much"}
	head := lines("431 Request Header Fields Too Large",
		"Content-Type: text/plain; charset=utf-8", "Content-Length: 9", "Connection: close")
	assert.Equal(t, head+"too much\n", string(http1.AppendError(nil, refusal, exchange(1))))
	e := exchange(1)
	e.Method = gocore.MethodHead
	assert.Equal(t, head, string(http1.AppendError(nil, refusal, e)))
	assert.Equal(t, "431 Request Header Fields Too Large: too much", refusal.Error())
}

func TestContinueIsAnInterimResponse(t *testing.T) {
	assert.Equal(t, "HTTP/1.1 100 Continue\r\n\r\n", http1.Continue)
}

func TestChunkedWriterIsReadByTheDecoder(t *testing.T) {
	assert.Equal(t, "ff\r\n", string(http1.AppendChunkHeader(nil, 255)))
	var text []byte
	text = http1.AppendChunk(text, []byte("hello, "))
	text = http1.AppendChunk(text, nil)
	text = http1.AppendChunk(text, []byte(strings.Repeat("world", 10)))
	text = append(text, http1.LastChunk...)
	got := decode(t, string(text))
	assert.True(t, got.Done)
	assert.Equal(t, "hello, "+strings.Repeat("world", 10), got.Body)
}

func TestAppendResponseAllocatesNothing(t *testing.T) {
	var asBytes, rendered, stream gocore.Response
	require.NoError(t, asBytes.Header.Add("Content-Type", "text/plain"))
	asBytes.SetBytes([]byte("hello"))
	rendered.SetRendered(render(t, 200, "hello"))
	stream.SetStream(strings.NewReader(""), -1)
	head, err := gocore.RenderHead(200, gocore.Header{})
	require.NoError(t, err)
	var headed gocore.Response
	headed.SetHead(head)
	headed.SetBytes([]byte("hello"))
	dst := make([]byte, 0, 1<<10)
	refusal := &http1.Error{Status: 400, Reason: "no"}
	e, closing := exchange(1), exchange(1)
	closing.KeepAlive = false
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, response := range []*gocore.Response{&asBytes, &rendered, &headed, &stream} {
			_, _ = http1.AppendResponse(dst, response, e)
			_, _ = http1.AppendResponse(dst, response, closing)
		}
		_ = http1.AppendError(dst, refusal, e)
		_ = http1.AppendChunk(dst, dst[:100])
	}))
}
