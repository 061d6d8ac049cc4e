package http1_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

func TestFramingOfRequests(t *testing.T) {
	body := func(length int64) http1.Framing {
		return http1.Framing{ContentLength: length, KeepAlive: true}
	}
	closing := http1.Framing{}
	tests := []struct {
		name, text string
		want       http1.Framing
	}{
		{"no body", get(), body(0)},
		{"length", get("Content-Length: 42"), body(42)},
		{"length in other case", get("CONTENT-length:42\t "), body(42)},
		{"length with leading zeros", get("Content-Length: 00042"), body(42)},
		{"greatest length", get("Content-Length: 9223372036854775807"), body(1<<63 - 1)},
		{"chunked", get("Transfer-Encoding: chunked"), body(-1)},
		{"chunked in other case", get("transfer-encoding:\tChunKED "), body(-1)},
		{"close", get("Connection: close"), closing},
		{"close in a list", get("Connection: upgrade , CLOSE,x"), closing},
		{"close in a second field", get("Connection: keep-alive", "Connection: close"), closing},
		{"options that are not known", get("Connection: closed, te"), body(0)},
		{"empty list elements", get("Connection: ,, keep-alive,"), body(0)},
		{"Expect with a body", get("Expect: 100-continue", "Content-Length: 1"), http1.Framing{ContentLength: 1, KeepAlive: true, Expect100: true}},
		{"Expect with chunks", get("Expect: 100-Continue", "Transfer-Encoding: chunked"), http1.Framing{ContentLength: -1, KeepAlive: true, Expect100: true}},
		{"Expect without a body", get("Expect: 100-continue"), body(0)},
		{"Expect nothing", get("Expect:", "Content-Length: 1"), body(1)},
		{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", closing},
		{"HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", body(0)},
		{"HTTP/1.0 with keep-alive and close", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", closing},
		{"HTTP/1.0 gets no 100", "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", http1.Framing{ContentLength: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(t, test.text)
			require.Nil(t, got.Refusal)
			assert.Equal(t, test.want, got.Framing)
			assert.Equal(t, test.want.ContentLength < 0, got.Framing.Chunked())
		})
	}
}

func TestFramingThatIsRefused(t *testing.T) {
	const bad, unknown, expectation = 400, 501, 417
	tests := []struct {
		name, text string
		status     gocore.Status
	}{
		{"both framings", get("Content-Length: 5", "Transfer-Encoding: chunked"), bad},
		{"both framings, other order", get("Transfer-Encoding: chunked", "Content-Length: 5"), bad},
		{"two lengths that differ", get("Content-Length: 5", "Content-Length: 6"), bad},
		{"two lengths that agree", get("Content-Length: 5", "Content-Length: 5"), bad},
		{"list of lengths", get("Content-Length: 5, 5"), bad},
		{"length with a plus", get("Content-Length: +5"), bad},
		{"negative length", get("Content-Length: -1"), bad},
		{"hexadecimal length", get("Content-Length: 0x5"), bad},
		{"length with an underscore", get("Content-Length: 5_0"), bad},
		{"length with a space", get("Content-Length: 5 0"), bad},
		{"empty length", get("Content-Length:"), bad},
		{"length of 2^63", get("Content-Length: 9223372036854775808"), bad},
		{"length beyond 64 bits", get("Content-Length: 18446744073709551621"), bad},
		{"length of many digits", get("Content-Length: " + strings.Repeat("9", 100)), bad},
		{"last coding not chunked", get("Transfer-Encoding: chunked, gzip"), bad},
		{"gzip alone", get("Transfer-Encoding: gzip"), bad},
		{"identity", get("Transfer-Encoding: identity"), bad},
		{"identity before chunked", get("Transfer-Encoding: identity, chunked"), bad},
		{"chunked twice", get("Transfer-Encoding: chunked, chunked"), bad},
		{"two coding fields", get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), bad},
		{"codings over two fields", get("Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked"), unknown},
		{"empty coding", get("Transfer-Encoding:"), bad},
		{"empty element before chunked", get("Transfer-Encoding: , chunked"), bad},
		{"empty element behind chunked", get("Transfer-Encoding: chunked,"), bad},
		{"chunked with a parameter", get("Transfer-Encoding: chunked;q=1"), bad},
		{"quoted chunked", get(`Transfer-Encoding: "chunked"`), bad},
		{"chunked with a vertical tab", get("Transfer-Encoding: \x0bchunked"), bad},
		{"xchunked", get("Transfer-Encoding: xchunked"), bad},
		{"known coding before chunked", get("Transfer-Encoding: gzip, chunked"), unknown},
		{"unknown coding before chunked", get("Transfer-Encoding: foo , Chunked"), unknown},
		{"coding on HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", bad},
		{"no Host with an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", bad},
		{"two Hosts", get("Host: a"), bad},
		{"two Hosts on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", bad},
		{"invalid Host beside an absolute target", "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n", bad},
		{"unknown expectation", get("Expect: 200-ok"), expectation},
		{"unknown expectation behind a known one", get("Expect: 100-continue, x=y"), expectation},
		{"Connection that is no list of tokens", get("Connection: close; now"), bad},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(t, test.text)
			require.NotNil(t, got.Refusal)
			assert.Equal(t, test.status, got.Refusal.Status, got.Refusal.Reason)
		})
	}
}

func TestAbsoluteTargetWinsOverHost(t *testing.T) {
	got := parse(t, "GET http://target:81/ HTTP/1.1\r\nHost: field\r\n\r\n")
	require.Nil(t, got.Refusal)
	assert.Equal(t, "target:81", got.Host)
	assert.Equal(t, "Host: field\r\n", got.Header)
}

// A body that looks like a request is never one: the length decides alone.
func TestSmuggledRequestStaysInTheBody(t *testing.T) {
	smuggled := "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
	got := parse(t, get("Content-Length: "+strconv.Itoa(len(smuggled)))+smuggled)
	require.Nil(t, got.Refusal)
	assert.Equal(t, int64(len(smuggled)), got.Framing.ContentLength)
	got = parse(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n"+smuggled)
	require.NotNil(t, got.Refusal)
}
