package enginetest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refused are requests that must not be served, each with the status and a part
// of the reason that it is answered with. Behind each of them the suite sends a
// request that would be served if the two ends could disagree about where the
// first one ends.
var refused = []struct{ name, request, status, reason string }{
	// Framing that could be read in two ways.
	{"LengthAndCoding", "POST / HTTP/1.1\nHost: a\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n", "400 Bad Request", "exclude each other"},
	{"CodingAndLength", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nContent-Length: 4\n\n0\n\n", "400 Bad Request", "exclude each other"},
	{"TwoLengths", "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\nxx", "400 Bad Request", "more than one Content-Length"},
	{"TwoEqualLengths", "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 1\n\nx", "400 Bad Request", "more than one Content-Length"},
	{"ListOfLengths", "POST / HTTP/1.1\nHost: a\nContent-Length: 1, 1\n\nx", "400 Bad Request", "Content-Length"},
	{"SignedLength", "POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\nx", "400 Bad Request", "Content-Length"},
	{"NegativeLength", "POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\nx", "400 Bad Request", "Content-Length"},
	{"HexadecimalLength", "POST / HTTP/1.1\nHost: a\nContent-Length: 0x1\n\nx", "400 Bad Request", "Content-Length"},
	{"EmptyLength", "POST / HTTP/1.1\nHost: a\nContent-Length:\n\nx", "400 Bad Request", "Content-Length"},
	{"HugeLength", "POST / HTTP/1.1\nHost: a\nContent-Length: 9223372036854775808\n\nx", "400 Bad Request", "Content-Length"},
	{"CodingIdentity", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: identity\n\n", "400 Bad Request", "transfer coding"},
	{"CodingBehindChunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, gzip\n\n0\n\n", "400 Bad Request", "transfer coding"},
	{"TwoCodings", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n", "400 Bad Request", "more than one Transfer-Encoding"},
	{"UnknownCoding", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n0\n\n", "501 Not Implemented", "transfer coding"},
	{"CodingOnHTTP10", "POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n0\n\n", "400 Bad Request", "HTTP/1.0"},

	// Lines.
	{"FoldedField", "GET / HTTP/1.1\nHost: a\nX: 1\n 2\n\n", "400 Bad Request", "folded"},
	{"SpaceBeforeTheFirstField", "GET / HTTP/1.1\n Host: a\n\n", "400 Bad Request", "white space"},
	{"SpaceBeforeColon", "POST / HTTP/1.1\nHost: a\nContent-Length : 1\n\nx", "400 Bad Request", "directly followed by a colon"},
	{"FieldWithoutColon", "GET / HTTP/1.1\nHost: a\nnonsense\n\n", "400 Bad Request", "field name"},
	{"BareLF", "GET / HTTP/1.1\r\nHost: a\x00", "400 Bad Request", "CRLF"},
	{"BareLFBehindTheRequestLine", "GET / HTTP/1.1\x00Host: a\n\n", "400 Bad Request", "CRLF"},
	{"BareCR", "GET / HTTP/1.1\nHost: a\nX: 1\r2\n\n", "400 Bad Request", "bare CR"},
	{"NUL", "GET / HTTP/1.1\nHost: a\nX: 1\x012\n\n", "400 Bad Request", "control character"},

	// Host and target.
	{"NoHost", "GET / HTTP/1.1\n\n", "400 Bad Request", "Host field is missing"},
	{"TwoHosts", "GET / HTTP/1.1\nHost: a\nHost: a\n\n", "400 Bad Request", "more than one Host"},
	{"InvalidHost", "GET / HTTP/1.1\nHost: a b\n\n", "400 Bad Request", "Host field"},
	{"RelativeTarget", "GET a HTTP/1.1\nHost: a\n\n", "400 Bad Request", "request target"},
	{"AsteriskForGET", "GET * HTTP/1.1\nHost: a\n\n", "400 Bad Request", "request target"},
	{"NotHTTP", "\x16\x03\x01\n\n", "400 Bad Request", "does not begin with"},

	// Versions and expectations.
	{"HTTP09", "GET /\n\n", "400 Bad Request", "HTTP-version"},
	{"HTTP2", "GET / HTTP/2.0\nHost: a\n\n", "505 HTTP Version Not Supported", "only HTTP/1.0 and HTTP/1.1"},
	{"HTTP2Preface", "PRI * HTTP/2.0\n\nSM\n\n", "505 HTTP Version Not Supported", "only HTTP/1.0 and HTTP/1.1"},
	{"VersionInSmallLetters", "GET / http/1.1\nHost: a\n\n", "400 Bad Request", "capitals"},
	{"VersionOfTwoDigits", "GET / HTTP/01.1\nHost: a\n\n", "400 Bad Request", "HTTP/1.0 or HTTP/1.1"},
	{"UnknownExpectation", "GET / HTTP/1.1\nHost: a\nExpect: the-unexpected\n\n", "417 Expectation Failed", "100-continue"},

	// Chunks.
	{"NoChunkSize", chunksOf + "\nx", "400 Bad Request", "chunk size"},
	{"PrefixedChunkSize", chunksOf + "0x1\nx\n0\n\n", "400 Bad Request", "chunk size"},
	{"NegativeChunkSize", chunksOf + "-1\nx\n0\n\n", "400 Bad Request", "chunk size"},
	{"UnderscoreInChunkSize", chunksOf + "1_0\nx\n0\n\n", "400 Bad Request", "chunk size"},
	{"HugeChunkSize", chunksOf + "10000000000000000\nx", "400 Bad Request", "chunk size"},
	{"ChunkLongerThanItsSize", chunksOf + "1\nxx\n0\n\n", "400 Bad Request", "followed by CRLF"},
	{"BareLFBehindTheChunkSize", chunksOf + "1\x00x\n0\n\n", "400 Bad Request", "chunk"},
	{"LongChunkExtension", chunksOf + "1;" + strings.Repeat("x", 5000) + "\nx\n0\n\n", "400 Bad Request", "extensions"},
	{"MalformedTrailer", chunksOf + "0\nnonsense\n\n", "400 Bad Request", "trailer"},
}

const chunksOf = "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n"

// requestBytes returns a request of the table as it travels: "\n" stands for CRLF,
// and "\x00" for a bare LF.
func requestBytes(text string) string {
	return strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n", "\x00", "\n", "\x01", "\x00").Replace(text)
}

// refusals covers requests that are refused whatever the route.
func refusals(t *testing.T, make Make) {
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			s, requests := observe(t, make)
			c := s.dial()
			c.sendBytes(requestBytes(test.request) + smuggled)
			a := c.read()
			assert.Equal(t, "HTTP/1.1 "+test.status, a.status)
			assert.Contains(t, a.body, test.reason)
			assert.Regexp(t, `\(RFC [0-9]+, section [0-9.]+\)\n$`, a.body, "the reason names its rule")
			assert.Equal(t, "text/plain; charset=utf-8", a.value("Content-Type"))
			assert.Equal(t, "close", a.value("Connection"))
			assert.Equal(t, "fastgo", a.value("Server"))
			date, err := time.Parse(http.TimeFormat, a.value("Date"))
			assert.NoError(t, err)
			assert.WithinDuration(t, time.Now(), date, time.Hour)
			c.closeWrite()
			c.requireEnd()
			assert.Empty(t, requests, "nothing was served")
			assert.EqualValues(t, 1, s.stats.Snapshot().Requests)
			assert.Equal(t, "200", s.dial().get("/").code(), "another connection")
		})
	}
	t.Run("ComeAlikeInAnyPieces", func(t *testing.T) {
		s, requests := observe(t, make)
		for _, test := range refused {
			if strings.HasPrefix(test.name, "Huge") || len(test.request) > 1000 {
				continue
			}
			c := s.dial()
			for _, piece := range strings.SplitAfter(requestBytes(test.request), "") {
				if _, err := c.socket.Write([]byte(piece)); err != nil {
					break // it was refused before its end
				}
			}
			require.Equal(t, "HTTP/1.1 "+test.status, c.read().status, test.name)
			c.close()
		}
		assert.Empty(t, requests)
	})
	t.Run("HaveNoBodyForHEAD", func(t *testing.T) {
		s, _ := observe(t, make)
		c := s.dial()
		c.send("HEAD / HTTP/1.1\n\n")
		a := c.readHead()
		assert.Equal(t, "400", a.code())
		assert.NotEqual(t, "0", a.value("Content-Length"), "the length that GET would get")
		c.closeWrite()
		c.requireEnd()
	})
	t.Run("OneEmptyLineBeforeARequestIsNone", func(t *testing.T) {
		s, _ := observe(t, make)
		c := s.dial()
		for range 2 {
			c.send("\nGET / HTTP/1.1\nHost: a\n\n")
			assert.Equal(t, "200", c.read().code())
		}
	})
	t.Run("TrailersAreDiscarded", func(t *testing.T) {
		s, requests := observe(t, make)
		c := s.dial()
		c.send(chunksOf + "1\nx\n0\nContent-Length: 100\nTransfer-Encoding: chunked\nHost: other\n\n")
		assert.Equal(t, "200", c.read().code())
		saw := receive(t, requests, "the request")
		assert.Equal(t, "x", saw.body)
		assert.Equal(t, []string{"Host: a", "Transfer-Encoding: chunked"}, saw.fields)
		assert.Equal(t, "200", c.get("/").code())
	})
}
