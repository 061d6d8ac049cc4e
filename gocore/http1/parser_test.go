package http1_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

func TestParseFillsRequestAndFraming(t *testing.T) {
	text := "POST /a%20b/c?x=1&y=%zz HTTP/1.1\r\nhOsT:\t example.com:8080 \r\nX-Empty:\r\n" +
		"Content-Length: 5\r\nExpect: 100-Continue\r\nX-Bytes: \t\xff caf\xc3\xa9\t \r\n\r\nhello"
	assert.Equal(t, parsed{
		N:      len(text) - len("hello"),
		Method: gocore.MethodPost, Name: "POST",
		Target: "/a%20b/c?x=1&y=%zz", Path: "/a%20b/c", Query: "x=1&y=%zz",
		Host: "example.com:8080", Minor: 1,
		Header: "hOsT:\t example.com:8080 \r\nX-Empty:\r\nContent-Length: 5\r\n" +
			"Expect: 100-Continue\r\nX-Bytes: \t\xff caf\xc3\xa9\t \r\n",
		Framing: http1.Framing{ContentLength: 5, KeepAlive: true, Expect100: true},
	}, parse(t, text))
}

func TestParseHeaderOfRequestCanBeRead(t *testing.T) {
	limits := http1.DefaultLimits()
	var parser http1.Parser
	var request gocore.Request
	_, _, refusal := parser.Parse(&limits, exact(get("Accept: */*", "X-One: \t two ")), &request)
	require.Nil(t, refusal)
	assert.Equal(t, "*/*", string(request.Header.Get("accept")))
	assert.Equal(t, "two", string(request.Header.Get("x-one")))
}

func TestParseAcceptsOneEmptyLineBeforeRequest(t *testing.T) {
	got := parse(t, "\r\n"+get())
	require.Nil(t, got.Refusal)
	assert.Equal(t, len(get())+2, got.N)
	assert.Equal(t, "/", got.Target)
}

func TestParseRefusesWhatIsNoRequest(t *testing.T) {
	const bad, version, uri = 400, 505, 414
	tests := []struct {
		name, text string
		status     gocore.Status
	}{
		{"two empty lines first", "\r\n\r\n" + get(), bad},
		{"bare LF first", "\n" + get(), bad},
		{"bare CR first", "\rG", bad},
		{"space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"TLS handshake, without waiting for a line", "\x16\x03\x01\x02\x00\x01", bad},
		{"HTTP/0.9", "GET /\r\n", bad},
		{"HTTP/0.9 with a trailing space", "GET / \r\n", bad},
		{"no target", "GET HTTP/1.1\r\n\r\n", bad},
		{"empty target", "GET  HTTP/1.1\r\n\r\n", bad},
		{"two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", bad},
		{"tabs for spaces", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"method is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"method with a high byte", "G\xc3T / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"only spaces behind the method", "GET         \r\n\r\n", bad},
		{"version with a leading zero", "GET / HTTP/01.1\r\nHost: a\r\n\r\n", bad},
		{"version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", bad},
		{"version with two digits behind the point", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", bad},
		{"version with a comma", "GET / HTTP/1,1\r\nHost: a\r\n\r\n", bad},
		{"version with a letter", "GET / HTTP/1.x\r\nHost: a\r\n\r\n", bad},
		{"version of another protocol", "GET / ICAP/1.0\r\nHost: a\r\n\r\n", bad},
		{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", version},
		{"HTTP/0.9 in the line", "GET / HTTP/0.9\r\n\r\n", version},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", version},
		{"request line ended by bare LF", "GET / HTTP/1.1\nHost: a\n\n", bad},
		{"CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"NUL in the request line", "GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", bad},
		{"URI of 100 KB", "GET /" + strings.Repeat("a", 100<<10) + " HTTP/1.1\r\nHost: a\r\n\r\n", uri},
		{"method of 100 KB", strings.Repeat("A", 100<<10) + " / HTTP/1.1\r\nHost: a\r\n\r\n", uri},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(t, test.text)
			require.NotNil(t, got.Refusal)
			assert.Equal(t, test.status, got.Refusal.Status, got.Refusal.Reason)
			assert.NotEmpty(t, got.Refusal.Reason)
		})
	}
}

func TestParseTakesMethodsAsTokens(t *testing.T) {
	for name, method := range map[string]gocore.Method{
		"GET": gocore.MethodGet, "HEAD": gocore.MethodHead, "TRACE": gocore.MethodTrace,
		"PATCH": gocore.MethodPatch, "get": gocore.MethodOther, "PROPFIND": gocore.MethodOther,
		"!#$%&'*+-.^_`|~09az": gocore.MethodOther,
	} {
		got := parse(t, name+" / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.Nil(t, got.Refusal, name)
		assert.Equal(t, method, got.Method)
		assert.Equal(t, name, got.Name)
	}
}

func TestParseTakesHigherMinorVersionsLike11(t *testing.T) {
	got := parse(t, "GET / HTTP/1.7\r\nHost: a\r\n\r\n")
	require.Nil(t, got.Refusal)
	assert.Equal(t, uint8(7), got.Minor)
	assert.True(t, got.Framing.KeepAlive)
	got = parse(t, "GET / HTTP/1.7\r\n\r\n")
	require.NotNil(t, got.Refusal, "Host is needed")
}

func TestParseLimitsHoldToTheByte(t *testing.T) {
	line, field := "GET /abc HTTP/1.1", "Host: a\r\n"
	text := line + "\r\n" + field + "\r\n"
	fits := http1.Limits{RequestLine: len(line), HeaderBytes: len(field), HeaderCount: 1}
	tests := []struct {
		name   string
		change func(*http1.Limits)
		status gocore.Status
	}{
		{"all fit", func(*http1.Limits) {}, 0},
		{"request line one too long", func(l *http1.Limits) { l.RequestLine-- }, 414},
		{"header one byte too long", func(l *http1.Limits) { l.HeaderBytes-- }, 431},
		{"one field too many", func(l *http1.Limits) { l.HeaderCount-- }, 431},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			limits := fits
			test.change(&limits)
			for _, before := range []string{"", "\r\n"} {
				got := parseWhole(limits, before+text)
				require.Equal(t, got, parsePieces(limits, before+text, 1))
				if test.status == 0 {
					require.Nil(t, got.Refusal)
					continue
				}
				require.NotNil(t, got.Refusal)
				assert.Equal(t, test.status, got.Refusal.Status)
			}
		})
	}
}

func TestParseRefusesHeadersBeyondTheLimits(t *testing.T) {
	for name, text := range map[string]string{
		"one field of 100 KB":        get("X: " + strings.Repeat("a", 100<<10)),
		"one name of 100 KB":         get(strings.Repeat("a", 100<<10) + ": x"),
		"10,000 fields":              get(strings.Repeat("X: y\r\n", 10_000) + "X: y"),
		"many fields, then one more": get(strings.Repeat("X: y\r\n", 90) + "X: " + strings.Repeat("a", 33<<10)),
		"junk without end of a line": "GET / HTTP/1.1\r\n" + strings.Repeat("\x00", 33<<10),
	} {
		got := parse(t, text)
		require.NotNil(t, got.Refusal, name)
		assert.Equal(t, gocore.StatusHeaderTooLarge, got.Refusal.Status, name)
	}
}

func TestParseWaitsForWholeLines(t *testing.T) {
	text := get("Accept: */*", "X-Long: "+strings.Repeat("long ", 50))
	for end := range len(text) {
		got := parseWhole(http1.DefaultLimits(), text[:end])
		require.Equal(t, parsed{}, got, "after %q", text[:end])
	}
}

func TestParseReadsPipelinedRequestsInOrder(t *testing.T) {
	const requests = 10_000
	buf := []byte(strings.Repeat(get("Accept: */*"), requests))
	limits := http1.DefaultLimits()
	var parser http1.Parser
	var request gocore.Request
	count := 0
	for ; len(buf) > 0; count++ {
		n, _, refusal := parser.Parse(&limits, buf, &request)
		require.Nil(t, refusal)
		require.NotZero(t, n)
		buf = buf[n:]
	}
	assert.Equal(t, requests, count)
}

func TestParseTellsMethodOfRefusedRequest(t *testing.T) {
	for _, step := range []int{1, 1000} {
		limits := http1.DefaultLimits()
		text := "HEAD / HTTP/1.1\r\nBad Name: x\r\n\r\n"
		var parser http1.Parser
		for end := step; ; end += step {
			var request gocore.Request
			_, _, refusal := parser.Parse(&limits, exact(text[:min(end, len(text))]), &request)
			if refusal != nil {
				assert.Equal(t, gocore.MethodHead, request.Method)
				break
			}
			require.Less(t, end, len(text))
		}
	}
}

func TestParserIsUsableAfterReset(t *testing.T) {
	limits := http1.DefaultLimits()
	var parser http1.Parser
	var request gocore.Request
	_, _, refusal := parser.Parse(&limits, []byte("GET / HTTP/1.1\r\nBad Name: x\r\n"), &request)
	require.NotNil(t, refusal)
	parser.Reset()
	n, _, refusal := parser.Parse(&limits, []byte(get()), &request)
	require.Nil(t, refusal)
	assert.Equal(t, len(get()), n)
}

// A megabyte in one-byte pieces is 5·10^11 steps for a parser that begins anew at
// each, and 10^6 for one that goes on.
func TestParseByteByByteIsLinear(t *testing.T) {
	const size = 1 << 20
	limits := http1.Limits{RequestLine: size, HeaderBytes: size, HeaderCount: size}
	for name, text := range map[string]string{
		"long target": "GET /" + strings.Repeat("a", size-100) + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"long value":  get("X: " + strings.Repeat("a", size-100)),
		"many fields": get(strings.Repeat("X: y\r\n", size/8) + "X: y"),
	} {
		var parser http1.Parser
		var request gocore.Request
		buf := exact(text)
		start := time.Now()
		for end := 0; end < len(buf); end++ {
			if n, _, refusal := parser.Parse(&limits, buf[:end], &request); n > 0 || refusal != nil {
				require.FailNow(t, "verdict before the end", "%s: %d %v", name, n, refusal)
			}
		}
		n, _, refusal := parser.Parse(&limits, buf, &request)
		require.Nil(t, refusal, name)
		assert.Equal(t, len(buf), n)
		assert.Less(t, time.Since(start), 20*time.Second, name)
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	limits := http1.DefaultLimits()
	texts := []string{
		heads[0].text, heads[1].text, "\r\n" + get(),
		"OPTIONS http://[::1]:80 HTTP/1.1\r\nHost: a%20b\r\nTransfer-Encoding: chunked\r\nConnection: a, close\r\n\r\n",
		get("Bad Name: x"), get("Transfer-Encoding: gzip, chunked"), get("Host: b"), "GET / HTTP/2.0\r\n",
	}
	var parser http1.Parser
	var request gocore.Request
	for _, text := range texts {
		buf := []byte(text)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			parser.Reset()
			for _, end := range []int{len(buf) / 2, len(buf)} {
				if n, _, refusal := parser.Parse(&limits, buf[:end], &request); n > 0 || refusal != nil {
					break
				}
			}
		}), "%q", text)
	}
}
