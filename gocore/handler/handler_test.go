package handler

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// newRequest returns a GET of "/" with these field lines.
func newRequest(lines ...string) *gocore.Request {
	request := &gocore.Request{Method: gocore.MethodGet, Path: []byte("/"), Conditional: len(lines) > 0}
	var block []byte
	for _, line := range lines {
		block = append(block, line+"\r\n"...)
	}
	request.Header.Borrow(block)
	return request
}

func serve(t *testing.T, handler gocore.Handler, request *gocore.Request) *gocore.Response {
	t.Helper()
	var response gocore.Response
	require.Equal(t, gocore.Answered, handler.Serve(request, &response))
	return &response
}

func assertNoAllocations(t *testing.T, handler gocore.Handler, request *gocore.Request) {
	t.Helper()
	var response gocore.Response
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		response.Reset()
		handler.Serve(request, &response)
	}))
}

// build returns the handler of a spec that is right.
func build[S any](t testing.TB, constructor func(S, []gocore.Param) (gocore.Handler, error), spec S, params ...gocore.Param) gocore.Handler {
	t.Helper()
	built, err := constructor(spec, params)
	require.NoError(t, err)
	return built
}

// withParams gives the request the values of its route's parameters.
func withParams(request *gocore.Request, values ...string) *gocore.Request {
	path := []byte(strings.Join(values, ""))
	request.Params.Begin(path)
	at := 0
	for _, value := range values {
		request.Params.Add(at, at+len(value))
		at += len(value)
	}
	return request
}
