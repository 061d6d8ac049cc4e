package http1_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// parsed is all that the parser says about a head, in values that can be compared.
type parsed struct {
	N                         int
	Method                    gocore.Method
	Name, Target, Path, Query string
	Host                      string
	Minor                     uint8
	Header                    string
	Framing                   http1.Framing
	Refusal                   *http1.Error
}

func newParsed(n int, request *gocore.Request, framing http1.Framing, refusal *http1.Error) parsed {
	if refusal != nil || n == 0 {
		return parsed{Refusal: refusal}
	}
	return parsed{
		N: n, Method: request.Method, Name: string(request.MethodName),
		Target: string(request.Target), Path: string(request.Path), Query: string(request.Query),
		Host: string(request.Host), Minor: request.Minor, Header: string(request.Header.Block()),
		Framing: framing,
	}
}

// exact returns text in memory that ends where text ends, so that reading beyond
// it panics.
func exact(text string) []byte {
	buf := make([]byte, len(text))
	copy(buf, text)
	return buf[:len(text):len(text)]
}

// parseWhole shows the parser all bytes at once.
func parseWhole(limits http1.Limits, text string) parsed {
	var parser http1.Parser
	var request gocore.Request
	n, framing, refusal := parser.Parse(&limits, exact(text), &request)
	return newParsed(n, &request, framing, refusal)
}

// parsePieces shows the parser step bytes more at a time, each time in other
// memory, until it has a verdict.
func parsePieces(limits http1.Limits, text string, step int) parsed {
	var parser http1.Parser
	for end := 0; ; end = min(end+step, len(text)) {
		var request gocore.Request
		n, framing, refusal := parser.Parse(&limits, exact(text[:end]), &request)
		if n > 0 || refusal != nil || end == len(text) {
			return newParsed(n, &request, framing, refusal)
		}
	}
}

// parse checks that the pieces do not matter, and returns the verdict.
func parse(t testing.TB, text string) parsed {
	t.Helper()
	whole := parseWhole(http1.DefaultLimits(), text)
	require.Equal(t, whole, parsePieces(http1.DefaultLimits(), text, 1), "byte by byte: %q", text)
	require.Equal(t, whole, parsePieces(http1.DefaultLimits(), text, 7), "in pieces of 7: %q", text)
	return whole
}

// get returns a GET request with these field lines behind its Host.
func get(lines ...string) string {
	text := "GET / HTTP/1.1\r\nHost: a\r\n"
	for _, line := range lines {
		text += line + "\r\n"
	}
	return text + "\r\n"
}
