package http1_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

func TestFieldLinesThatAreRefused(t *testing.T) {
	tests := []struct{ name, text, reason string }{
		{"folded line", get("X: a", " b"), "folded"},
		{"folded with a tab", get("X: a", "\tb"), "folded"},
		{"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "white space"},
		{"space before the colon", get("X : a"), "directly followed by a colon"},
		{"tab before the colon", get("X\t: a"), "directly followed by a colon"},
		{"no name", get(": a"), "name"},
		{"no colon", get("X"), "colon"},
		{"name with a space", get("X Y: a"), "name"},
		{"name with a high byte", get("X\xe9: a"), "name"},
		{"name with a slash", get("X/Y: a"), "name"},
		{"NUL in a value", get("X: a\x00b"), "control character"},
		{"NUL in a long value", get("X: " + strings.Repeat("a", 50) + "\x00" + strings.Repeat("a", 50)), "control character"},
		{"DEL in a value", get("X: a\x7fb"), "control character"},
		{"escape in a value", get("X: a\x1bb"), "control character"},
		{"bare CR in a value", get("X: a\rb"), "bare CR"},
		{"bare CR at the end of a value", get("X: a\r"), "bare CR"},
		{"bare LF as line end", get("X: a\nY: b"), "bare"},
		{"bare LF as empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", "bare"},
		{"bare CR as empty line", "GET / HTTP/1.1\r\nHost: a\r\n\rX: a\r\n\r\n", "bare CR"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(t, test.text)
			require.NotNil(t, got.Refusal)
			assert.Equal(t, gocore.StatusBadRequest, got.Refusal.Status)
			assert.Contains(t, got.Refusal.Reason, test.reason)
		})
	}
}

// Every byte, at every place of a step and behind it, is judged as the RFC does.
func TestEveryByteOfNamesAndValuesIsChecked(t *testing.T) {
	for c := range 256 {
		token := gocore.IsToken([]byte{byte(c)})
		value := c >= ' ' && c != 0x7f || c == '\t'
		for before := range 18 {
			for _, after := range []int{0, 1, 9} {
				around := strings.Repeat("-", before) + string([]byte{byte(c)}) + strings.Repeat("-", after)
				got := parseWhole(http1.DefaultLimits(), get("x"+around+": y"))
				if c != ':' {
					require.Equal(t, token, got.Refusal == nil, "name %q", around)
				}
				got = parseWhole(http1.DefaultLimits(), get("X: \t\t"+around))
				require.Equal(t, value, got.Refusal == nil, "value %q", around)
			}
		}
	}
}

func TestParseHeaderOfRequestLineReadElsewhere(t *testing.T) {
	limits := http1.DefaultLimits()
	block := "Host: a\r\nContent-Length: 3\r\n"
	for _, end := range []string{"", "\r\n"} {
		request := gocore.Request{Minor: 1}
		framing, refusal := http1.ParseHeader(&limits, exact(block+end), &request)
		require.Nil(t, refusal)
		assert.Equal(t, http1.Framing{ContentLength: 3, KeepAlive: true}, framing)
		assert.Equal(t, "a", string(request.Host))
		assert.Equal(t, block, string(request.Header.Block()))
	}
	request := gocore.Request{Minor: 1, Host: []byte("target")}
	_, refusal := http1.ParseHeader(&limits, exact(block), &request)
	require.Nil(t, refusal)
	assert.Equal(t, "target", string(request.Host))
}

func TestParseHeaderRefusals(t *testing.T) {
	limits := http1.DefaultLimits()
	tests := []struct {
		name, block string
		status      gocore.Status
	}{
		{"empty, without the Host it needs", "", 400},
		{"cut line", "Host: a\r\nX: b", 400},
		{"cut CRLF", "Host: a\r\nX: b\r", 400},
		{"bytes behind the empty line", "Host: a\r\n\r\nX: b\r\n", 400},
		{"bare LF", "Host: a\n", 400},
		{"identity", "Host: a\r\nTransfer-Encoding: identity\r\n", 400},
		{"too large", "Host: a\r\nX: " + strings.Repeat("a", 32<<10) + "\r\n", 431},
		{"too large by one byte", "Host: a\r\nX: " + strings.Repeat("a", 32<<10-13) + "\r\n", 431},
		{"too many", "Host: a\r\n" + strings.Repeat("X: b\r\n", 100), 431},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request := gocore.Request{Minor: 1}
			_, refusal := http1.ParseHeader(&limits, exact(test.block), &request)
			require.NotNil(t, refusal)
			assert.Equal(t, test.status, refusal.Status)
		})
	}
}

func TestParseHeaderAllocatesNothing(t *testing.T) {
	limits := http1.DefaultLimits()
	block := []byte("Host: a\r\nConnection: close, x\r\nTransfer-Encoding: chunked\r\n")
	request := gocore.Request{Minor: 1}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = http1.ParseHeader(&limits, block, &request)
	}))
}

func TestPreconditionsAreNoted(t *testing.T) {
	for _, test := range []struct {
		field string
		want  bool
	}{
		{`If-None-Match: "a"`, true},
		{`if-match: *`, true},
		{`IF-RANGE: "a"`, true},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", true},
		{"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", true},
		{"If-None-Watch: a", false},
		{"Accept: a", false},
	} {
		limits := http1.DefaultLimits()
		var parser http1.Parser
		request := gocore.Request{Conditional: !test.want}
		_, _, refusal := parser.Parse(&limits, []byte(get(test.field)), &request)
		require.Nil(t, refusal)
		assert.Equal(t, test.want, request.Conditional, test.field)
	}
}
