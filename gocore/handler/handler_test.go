package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func serve(t *testing.T, handler gocore.Handler) *gocore.Response {
	t.Helper()
	var response gocore.Response
	require.Equal(t, gocore.Answered, handler.Serve(new(gocore.Request), &response))
	return &response
}

func TestTextIsRenderedOnce(t *testing.T) {
	handler, err := Text(TextSpec{Text: "Hello, World!"})
	require.NoError(t, err)
	response := serve(t, handler)
	rendered := response.Rendered()
	assert.Equal(t, gocore.RenderedBody, response.Kind())
	assert.Equal(t, gocore.StatusOK, rendered.Status)
	assert.Equal(t, "Content-Type: text/plain; charset=utf-8\r\n", string(rendered.Header.Block()))
	assert.Equal(t, "Hello, World!", string(rendered.Body))
	assert.Same(t, rendered, serve(t, handler).Rendered())
}

func TestTextRefusesWhatCannotBeServed(t *testing.T) {
	for _, test := range []struct {
		spec TextSpec
		want string
	}{
		{TextSpec{Text: "a\x00b"}, "text: has a NUL character at byte 1; remove it"},
		{TextSpec{Text: "\xff"}, "text: is not valid UTF-8"},
		{TextSpec{Text: "x", Status: 99}, "status: status 99 is not a final status (200 to 599)"},
		{TextSpec{Text: "x", Status: 204}, "status: status 204 allows no content (RFC 9110, section 6.4.1)"},
	} {
		_, err := Text(test.spec)
		assert.EqualError(t, err, test.want)
	}
}

func TestFibonacciCountsInUint32(t *testing.T) {
	assert.Equal(t, uint32(0), fibonacci(0))
	assert.Equal(t, uint32(1), fibonacci(1))
	assert.Equal(t, uint32(55), fibonacci(10))
	assert.Equal(t, uint32(2971215073), fibonacci(47), "the last one that fits")
	assert.Equal(t, uint32(4807526976%(1<<32)), fibonacci(48))

	response := serve(t, Fibonacci{})
	assert.Equal(t, "Fibonacci(10^6) = 1884755131 (with overflow)\n", string(response.Bytes()))
	assert.Equal(t, PlainText, string(response.Header.Get("content-type")))
}

func TestHandlersDoNotAllocate(t *testing.T) {
	text, err := Text(TextSpec{Text: "Hello, World!"})
	require.NoError(t, err)
	var request gocore.Request
	var response gocore.Response
	for name, handler := range map[string]gocore.Handler{"text": text, "fibonacci": Fibonacci{}} {
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			response.Reset()
			handler.Serve(&request, &response)
		}), name)
	}
}
