package gocore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type countingReleaser int

func (c *countingReleaser) Release() { *c++ }

func TestResetReleasesOnceAndKeepsMemory(t *testing.T) {
	var released countingReleaser
	var response Response
	response.Status = 201
	response.Scratch = append(response.Scratch, "rendered here"...)
	require.NoError(t, response.Header.Add("X", "1"))
	response.SetStream(strings.NewReader("body"), -1)
	response.OnRelease(&released)

	response.Reset()
	response.Reset()
	assert.EqualValues(t, 1, released)
	assert.Zero(t, response.Status)
	assert.Equal(t, BytesBody, response.Kind())
	assert.Empty(t, response.Bytes())
	assert.Empty(t, response.Header.Block())
	assert.NotZero(t, cap(response.Scratch))
}

func TestResetKeepsNoMoreMemoryThanMostAnswersNeed(t *testing.T) {
	var response Response
	for _, size := range []int{keptMemory / 2, 2 * keptMemory} {
		response.Scratch = make([]byte, size)
		require.NoError(t, response.Header.Add("X", strings.Repeat("x", size)))
		response.Reset()
		assert.Equal(t, size < keptMemory, cap(response.Scratch) > 0)
		assert.Equal(t, size < keptMemory, cap(response.Header.own) > 0)
		assert.LessOrEqual(t, cap(response.Header.Block()), keptMemory)
	}
}

func TestRenderMakesTheWholeAnswer(t *testing.T) {
	var header Header
	require.NoError(t, header.Add("Content-Type", "text/plain"))
	rendered, err := Render(StatusOK, header, []byte("Hello"))
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 200 OK\r\nServer: fastgo\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"+
		"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello", string(rendered.Block))
	assert.Equal(t, "Thu, 01 Jan 1970 00:00:00 GMT", string(rendered.Block[rendered.Date:][:DateLength]))
	assert.Equal(t, "Hello", string(rendered.Block[rendered.Head:]))
	assert.Equal(t, "Hello", string(rendered.Body))
}

func TestRenderWithoutContent(t *testing.T) {
	rendered, err := Render(StatusNoContent, Header{}, nil)
	require.NoError(t, err)
	assert.NotContains(t, string(rendered.Block), "Content-Length")
	assert.Len(t, rendered.Block, rendered.Head)

	_, err = Render(StatusNotModified, Header{}, []byte("x"))
	assert.ErrorContains(t, err, "allows no content")
	_, err = Render(205, Header{}, []byte("x"))
	assert.ErrorContains(t, err, "allows no content")
	_, err = Render(StatusContinue, Header{}, nil)
	assert.ErrorContains(t, err, "not a final status")
}

func TestMethodsAreKnownByName(t *testing.T) {
	for method := MethodGet; method <= MethodPatch; method++ {
		assert.Equal(t, method, ParseMethod(method.String()))
	}
	for _, other := range []string{"", "get", "GETS", "PROPFIND"} {
		assert.Equal(t, MethodOther, ParseMethod([]byte(other)))
	}
}

func TestStatusKnowsItsReasonAndContent(t *testing.T) {
	assert.Equal(t, "Not Found", StatusNotFound.Reason())
	assert.Equal(t, "Unknown", Status(299).Reason())
	assert.Equal(t, 4, StatusNotFound.Class())
	assert.True(t, StatusOK.HasBody())
	assert.False(t, StatusNoContent.HasBody())
	assert.False(t, StatusContinue.HasBody())
	assert.True(t, StatusResetContent.HasBody())
	assert.False(t, StatusResetContent.AllowsContent())
	assert.False(t, StatusNoContent.AllowsContent())
	assert.True(t, StatusNotFound.AllowsContent())
	assert.Equal(t, StatusOK, Status(0).Final())
	assert.Equal(t, Status(599), Status(599).Final())
	for _, status := range []Status{1, StatusContinue, 199, 600, 65535} {
		assert.Equal(t, StatusInternalServerError, status.Final())
	}
}

func TestRenderRefusesFieldsOfTheServer(t *testing.T) {
	for _, name := range []string{
		"date", "Server", "Connection", "CONTENT-LENGTH", "Transfer-Encoding",
		"Keep-Alive", "Proxy-connection", "te", "TRAILER", "Upgrade",
	} {
		var header Header
		require.NoError(t, header.Add(name, "x"))
		_, err := Render(StatusOK, header, nil)
		assert.ErrorContains(t, err, "is written by the server; remove it", name)
	}
}

func TestFieldsOfTheServerAreToldFromOthers(t *testing.T) {
	for _, name := range []string{"", "t", "dat", "dates", "X-Date", "Content-Type", "Trailers", "Upgrade-Insecure-Requests", "Keep_Alive"} {
		assert.False(t, IsServerField(name), name)
		assert.False(t, IsServerField([]byte(name)), name)
	}
	assert.True(t, IsServerField([]byte("Te")))
	name := []byte("Transfer-Encoding")
	assert.Zero(t, testing.AllocsPerRun(10, func() { IsServerField(name) }))
}

func TestRenderHeadLeavesRoomForTheLength(t *testing.T) {
	var header Header
	require.NoError(t, header.Add("Content-Type", "text/plain"))
	head, err := RenderHead(404, header)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 404 Not Found\r\nServer: fastgo\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"+
		"Content-Type: text/plain\r\nContent-Length: ", string(head.Block))
	assert.Equal(t, "Thu, 01 Jan 1970 00:00:00 GMT", string(head.Block[head.Date:][:DateLength]))
	for _, status := range []Status{StatusContinue, 205, StatusNoContent, StatusNotModified} {
		_, err := RenderHead(status, Header{})
		assert.Error(t, err)
	}
}

func TestAResponseHasItsHeadUntilSomethingOfItChanges(t *testing.T) {
	var header Header
	require.NoError(t, header.Add("X", "y"))
	head, err := RenderHead(404, header)
	require.NoError(t, err)
	for name, change := range map[string]func(*Response){
		"status": func(r *Response) { r.Status = 200 },
		"add":    func(r *Response) { require.NoError(t, r.Header.Add("Z", "z")) },
		"borrow": func(r *Response) { r.Header.Borrow(nil) },
		"empty":  func(r *Response) { r.Header.Reset() },
		"reset":  func(r *Response) { r.Reset(); r.Status = 404 },
	} {
		var response Response
		response.SetHead(head)
		assert.Same(t, head, response.Head())
		assert.Equal(t, Status(404), response.Status)
		assert.Equal(t, "X: y\r\n", string(response.Header.Block()))
		change(&response)
		assert.Nil(t, response.Head(), name)
	}
	assert.Equal(t, "X: y\r\n", string(head.Header.Block()))
}
