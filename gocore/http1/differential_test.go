package http1_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// What this package accepts, net/http accepts too, and reads it in the same way:
// two independent readers that agree leave little room between them. Where they
// do not agree, the difference is in this list with the section that decides it.
var differences = []struct {
	name, section, example string

	// applies tells from the request whether net/http may refuse it.
	applies func(text string, request parsed) bool
}{
	{
		"net/http takes no empty line before the request", "RFC 9112, section 2.2",
		"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		func(text string, _ parsed) bool { return strings.HasPrefix(text, "\r\n") },
	},
	{
		"net/http takes no escape of an ASCII byte in a target's host", "RFC 3986, section 3.2.2",
		"GET http://%41/ HTTP/1.1\r\nHost: a\r\n\r\n",
		func(_ string, request parsed) bool {
			return !strings.HasPrefix(request.Target, "/") && strings.Contains(request.Host, "%")
		},
	},
	{
		"net/http takes no white space between a chunk's size and its extension", "RFC 9112, section 7.1.1",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 ;a\r\nb\r\n0\r\n\r\n",
		func(text string, request parsed) bool {
			return request.Framing.Chunked() && blankBeforeExtension.MatchString(text[request.N:])
		},
	},
	{
		"net/http refuses framing fields named in Trailer; here trailers are discarded", "RFC 9110, section 6.5.1",
		"POST / HTTP/1.1\r\nHost: a\r\nTrailer: Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		func(_ string, request parsed) bool {
			return request.Framing.Chunked() && strings.Contains(strings.ToLower(request.Header), "trailer:")
		},
	},
}

var blankBeforeExtension = regexp.MustCompile(`[0-9A-Fa-f][ \t]+;`)

func TestDifferencesToNetHTTPAreReal(t *testing.T) {
	for _, difference := range differences {
		t.Run(difference.name, func(t *testing.T) {
			got, body := parseMessage(t, difference.example)
			require.Nil(t, got.Refusal)
			require.True(t, body.Done)
			assert.True(t, difference.applies(difference.example, got))
			_, _, err := readNetHTTP(difference.example)
			assert.Error(t, err)
			assert.NotEmpty(t, difference.section)
		})
	}
}

// FuzzDifferential holds the parser and the decoder against net/http.
func FuzzDifferential(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) { compare(t, text) })
}

// Requests put together from likely and unlikely parts: most are well formed but
// for one thing, which mutation alone seldom reaches.
func TestAgreesWithNetHTTPOnGeneratedRequests(t *testing.T) {
	methods := []string{"GET", "POST", "HEAD", "OPTIONS", "CONNECT", "get", "X-Y", "G T", ""}
	targets := []string{
		"/", "/a?b", "//a", "/%2e%2E/", "/%zz", "/?%zz", "*", "http://h", "http://h:1?q", "http://[::1]/", "https://h/%00",
		"h:1", "[::1]:2", "http://u@h/", "/a#b", "/[]|^?`{}\\", "/:a", "/a:b//", "/;a=b", "ftp://h/", "/\x80", "?q", "/?a?b",
	}
	versions := []string{"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1"}
	fields := []string{
		"Host: a", "Host: a", "Host:b:80", "host: [::1]", "Host:", "Content-Length: 3", "Content-Length: 03", "content-length:3 ",
		"Content-Length: 3, 3", "Content-Length: +3", "Transfer-Encoding: chunked", "transfer-encoding:\tCHUNKED ",
		"Transfer-Encoding: gzip, chunked", "Transfer-Encoding: , chunked", "Connection: close", "Connection: a,, Keep-Alive",
		"Connection: keep-alive", "Connection: a , CLOSE ", "Expect: 100-continue", "X: y\t\xff", "X:", "x-Y_z: ,", "X : y", " X: y",
		"Pragma: no-cache", "Trailer: X", "Upgrade: h2c", "X: a\x00", "X: a\rb", "!#$%&'*+-.^_`|~: a",
	}
	bodies := []string{
		"", "abc", "abcd", "3\r\nabc\r\n0\r\n\r\n", "3;a=b;c\r\nabc\r\n0;d=\"e\"\r\nX: y\r\n\r\n", "3\nabc\n0\n\n",
		"0\r\nTrailer: x\r\n\r\n", "0000\r\n\r\n", "1 ;a\r\nb\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	accepted := 0
	for range 30_000 {
		text := pick(methods) + " " + pick(targets) + " " + pick(versions) + "\r\n"
		for range random.IntN(5) {
			text += pick(fields) + "\r\n"
		}
		if compare(t, text+"\r\n"+pick(bodies)) {
			accepted++
		}
	}
	assert.Greater(t, accepted, 1000, "enough requests were compared")
}

// compare requires that net/http reads a request that is accepted here in the
// same way, and reports whether it was accepted.
func compare(t *testing.T, text string) bool {
	t.Helper()
	got, body := parseMessage(t, text)
	if got.N == 0 || !body.Done {
		return false
	}
	want, content, err := readNetHTTP(text)
	if err != nil {
		for _, difference := range differences {
			if difference.applies(text, got) {
				return true
			}
		}
		require.NoError(t, err, "accepted here: %q", text)
	}
	require.Equal(t, want.Method, got.Name)
	require.Equal(t, want.RequestURI, got.Target)
	require.Equal(t, want.ProtoMinor, int(got.Minor))
	require.Equal(t, want.Close, !got.Framing.KeepAlive, "%q", text)
	require.Equal(t, want.ContentLength, got.Framing.ContentLength)
	require.Equal(t, want.URL.RawQuery, got.Query)
	if strings.HasPrefix(got.Target, "/") {
		path, err := url.PathUnescape(got.Path)
		require.NoError(t, err)
		require.Equal(t, want.URL.Path, path)
	}
	if !strings.Contains(got.Host, "%") {
		require.Equal(t, want.Host, got.Host)
	}
	require.Equal(t, want.Header, headerAsNetHTTP(got))
	require.Equal(t, content, body.Body)
	return true
}

// parseMessage parses a head and decodes the body behind it.
func parseMessage(t *testing.T, text string) (parsed, decoded) {
	t.Helper()
	got := parseWhole(http1.DefaultLimits(), text)
	if got.N == 0 {
		return got, decoded{}
	}
	rest := text[got.N:]
	if got.Framing.Chunked() {
		return got, decodePieces(rest, max(len(rest), 1))
	}
	length := got.Framing.ContentLength
	if length > int64(len(rest)) {
		return got, decoded{}
	}
	return got, decoded{Body: rest[:length], Done: true}
}

func readNetHTTP(text string) (request *http.Request, body string, err error) {
	request, err = http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		return nil, "", err
	}
	content, err := io.ReadAll(request.Body)
	return request, string(content), err
}

// headerAsNetHTTP returns the header as http.Request has it: Host,
// Transfer-Encoding and Trailer have their own places, and for old caches Pragma
// is turned into Cache-Control.
func headerAsNetHTTP(request parsed) http.Header {
	var block gocore.Header
	block.Borrow([]byte(request.Header))
	header := http.Header{}
	for name, value := range block.All() {
		header.Add(string(name), string(value))
	}
	header.Del("Host")
	header.Del("Transfer-Encoding")
	if request.Framing.Chunked() {
		header.Del("Trailer")
	}
	if pragma := header["Pragma"]; len(pragma) > 0 && pragma[0] == "no-cache" && header["Cache-Control"] == nil {
		header["Cache-Control"] = []string{"no-cache"}
	}
	return header
}
