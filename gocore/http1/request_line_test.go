package http1_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

func TestParseRequestLineFillsItsParts(t *testing.T) {
	var request gocore.Request
	require.Nil(t, http1.ParseRequestLine(exact("GET /a?b HTTP/1.0"), &request))
	assert.Equal(t, gocore.MethodGet, request.Method)
	assert.Equal(t, "GET", string(request.MethodName))
	assert.Equal(t, "/a?b", string(request.Target))
	assert.Equal(t, "/a", string(request.Path))
	assert.Equal(t, "b", string(request.Query))
	assert.Equal(t, uint8(0), request.Minor)
	assert.Empty(t, request.Host)
}

func TestParseRequestLineNamesTheReason(t *testing.T) {
	for line, reason := range map[string]string{
		"":                 "method is not a token",
		"GET":              "method SP request-target",
		"GET /":            "method SP request-target",
		"GET / http/1.1":   "in capitals",
		"GET / HTTP/1.10":  "in capitals",
		"G(T / HTTP/1.1":   "method is not a token",
		"GET / HTTP/3.0":   "only HTTP/1.0 and HTTP/1.1",
		"GET a HTTP/1.1":   "none of the forms",
		"GET /\" HTTP/1.1": "percent-encoded",
	} {
		var request gocore.Request
		refusal := http1.ParseRequestLine(exact(line), &request)
		require.NotNil(t, refusal, line)
		assert.Contains(t, refusal.Reason, reason, line)
	}
}
