package http1_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// decoded is all that the decoder says about a body.
type decoded struct {
	Body    string
	Used    int
	Done    bool
	Refusal *http1.Error
}

// decodePieces shows the decoder step bytes at a time, each time in other memory.
func decodePieces(text string, step int) (got decoded) {
	limits := http1.DefaultLimits()
	var chunked http1.Chunked
	for !chunked.Done() && got.Used < len(text) {
		piece := exact(text[got.Used:min(got.Used+step, len(text))])
		n, data, refusal := chunked.Next(&limits, piece)
		got.Used += n
		got.Body += string(data)
		if refusal != nil {
			got.Refusal = refusal
			return got
		}
	}
	got.Done = chunked.Done()
	return got
}

// decodeInPlace decodes in one buffer that is filled step bytes at a time.
func decodeInPlace(text string, step int) (got decoded) {
	limits := http1.DefaultLimits()
	var chunked http1.Chunked
	var buf []byte
	body := 0
	for read := 0; ; {
		next := min(read+step, len(text))
		buf = append(buf[:body], text[read:next]...)
		end, rest, refusal := chunked.Decode(&limits, buf, body)
		got = decoded{Body: string(buf[:end]), Used: read + rest - body, Done: chunked.Done(), Refusal: refusal}
		if refusal != nil || got.Done || next == len(text) {
			return got
		}
		read, body = next, end
	}
}

// decode checks that neither the pieces nor the way of decoding matter.
func decode(t testing.TB, text string) decoded {
	t.Helper()
	whole := decodePieces(text, max(len(text), 1))
	for _, step := range []int{1, 3} {
		require.Equal(t, whole, decodePieces(text, step), "in pieces of %d: %q", step, text)
	}
	for _, step := range []int{1, 3, max(len(text), 1)} {
		require.Equal(t, whole, decodeInPlace(text, step), "in place, %d at a time: %q", step, text)
	}
	return whole
}

func TestChunkedBodiesAreDecoded(t *testing.T) {
	tests := []struct{ name, text, body string }{
		{"empty", "0\r\n\r\n", ""},
		{"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
		{"hexadecimal sizes of any case", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
		{"leading zeros", "0000000000000005\r\nhello\r\n0000\r\n\r\n", "hello"},
		{"data that looks like framing", "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n"},
		{"extensions", "5;a;b=c; d\t=\t\"e;\\\"é\" ;f\r\nhello\r\n0;last\r\n\r\n", "hello"},
		{"white space before an extension", "5 \t;a\r\nhello\r\n0\r\n\r\n", "hello"},
		{"extension behind a quoted one", "5;a=\"\";b\r\nhello\r\n0\r\n\r\n", "hello"},
		{"trailers", "5\r\nhello\r\n0\r\nX: y\r\nEmpty:\r\n\r\n", "hello"},
		{"forbidden trailers are discarded", "0\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: b\r\n\r\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := decode(t, test.text+"GET / HTTP/1.1\r\n")
			assert.Equal(t, decoded{Body: test.body, Used: len(test.text), Done: true}, got)
		})
	}
}

func TestChunkedBodiesThatAreRefused(t *testing.T) {
	tests := []struct {
		name, text string
		status     gocore.Status
	}{
		{"size with 0x", "0x1\r\na\r\n0\r\n\r\n", 400},
		{"negative size", "-1\r\na\r\n", 400},
		{"size with a plus", "+1\r\na\r\n", 400},
		{"size with an underscore", "1_0\r\na\r\n", 400},
		{"size of 2^63", "8000000000000000\r\n", 400},
		{"size of 17 digits", "10000000000000000\r\n", 400},
		{"size of 17 zeros", "00000000000000000\r\n", 400},
		{"no size", "\r\nhello\r\n", 400},
		{"no size before an extension", ";a\r\nhello\r\n", 400},
		{"white space before a size", " 5\r\nhello\r\n", 400},
		{"white space behind a size", "5 \r\nhello\r\n", 400},
		{"size ended by bare LF", "5\nhello\r\n0\r\n\r\n", 400},
		{"size ended by bare CR", "5\rhello\r\n0\r\n\r\n", 400},
		{"data ended by bare LF", "5\r\nhello\n0\r\n\r\n", 400},
		{"data ended by nothing", "5\r\nhello0\r\n\r\n", 400},
		{"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n", 400},
		{"last chunk ended by bare LF", "0\n\r\n", 400},
		{"body ended by bare LF", "0\r\n\n", 400},
		{"bare LF in an extension", "5;a\nb\r\nhello\r\n", 400},
		{"bare CR in an extension", "5;a\rb\r\nhello\r\n", 400},
		{"extension without a name", "5;\r\nhello\r\n", 400},
		{"extension without a value", "5;a=\r\nhello\r\n", 400},
		{"extension with two values", "5;a=b=c\r\nhello\r\n", 400},
		{"extension with a gap", "5;a b\r\nhello\r\n", 400},
		{"extension with a space at its end", "5;a=b \r\nhello\r\n", 400},
		{"extension behind a quote", "5;a=\"b\"c\r\nhello\r\n", 400},
		{"quote without an end", "5;a=\"b\r\nhello\r\n", 400},
		{"NUL in a quote", "5;a=\"\x00\"\r\nhello\r\n", 400},
		{"LF escaped in a quote", "5;a=\"\\\n\"\r\nhello\r\n", 400},
		{"extension of 64 KB", "5;" + strings.Repeat("a", 64<<10) + "\r\nhello\r\n", 400},
		{"chunks of one byte with an extension each", strings.Repeat("1;abcdefgh\r\na\r\n", 10_000), 400},
		{"folded trailer", "0\r\nX: a\r\n b\r\n\r\n", 400},
		{"trailer without a colon", "0\r\nX\r\n\r\n", 400},
		{"trailer with a space before its colon", "0\r\nX : a\r\n\r\n", 400},
		{"trailer without a name", "0\r\n: a\r\n\r\n", 400},
		{"trailer with a NUL", "0\r\nX: \x00\r\n\r\n", 400},
		{"trailer with a bare CR", "0\r\nX: a\rb\r\n\r\n", 400},
		{"trailer ended by bare LF", "0\r\nX: a\n\r\n", 400},
		{"trailers of 100 KB", "0\r\nX: " + strings.Repeat("a", 100<<10) + "\r\n\r\n", 431},
		{"10,000 trailers", "0\r\n" + strings.Repeat("X: y\r\n", 10_000) + "\r\n", 431},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := decode(t, test.text)
			require.NotNil(t, got.Refusal)
			assert.Equal(t, test.status, got.Refusal.Status, got.Refusal.Reason)
			assert.False(t, got.Done)
		})
	}
}

func TestChunkExtensionsAreBoundedToTheByte(t *testing.T) {
	line := func(n int) string { return "5;" + strings.Repeat("a", n-1) + "\r\nhello\r\n" }
	assert.Nil(t, decode(t, line(1<<10)).Refusal)
	assert.NotNil(t, decode(t, line(1<<10+1)).Refusal)

	// Four full lines are 20 bytes below the bound of the body, for each has
	// brought 5 bytes of data.
	full := strings.Repeat(line(1<<10), 4)
	assert.Nil(t, decode(t, full+line(20)).Refusal)
	assert.NotNil(t, decode(t, full+line(21)).Refusal)

	data := strings.Repeat("a", 4<<10)
	assert.Nil(t, decode(t, strings.Repeat("1000;"+data[:1<<10-1]+"\r\n"+data+"\r\n", 8)).Refusal, "data makes room")
}

func TestTrailersAreBoundedToTheByte(t *testing.T) {
	limits := http1.DefaultLimits()
	field := "X: " + strings.Repeat("a", limits.HeaderBytes-5) + "\r\n"
	assert.True(t, decode(t, "0\r\n"+field+"\r\n").Done)
	assert.NotNil(t, decode(t, "0\r\na"+field+"\r\n").Refusal)
	fields := strings.Repeat("X: y\r\n", limits.HeaderCount)
	assert.True(t, decode(t, "0\r\n"+fields+"\r\n").Done)
	assert.NotNil(t, decode(t, "0\r\n"+fields+"X: y\r\n\r\n").Refusal)
}

func TestChunkOfGreatestSizeIsCounted(t *testing.T) {
	limits := http1.DefaultLimits()
	var chunked http1.Chunked
	buf := exact("7fffffffffffffff\r\nabc")
	n, data, refusal := chunked.Next(&limits, buf)
	require.Nil(t, refusal)
	assert.Equal(t, len(buf), n)
	assert.Equal(t, "abc", string(data))
	assert.False(t, chunked.Done())
}

func TestChunkedAllocatesNothing(t *testing.T) {
	limits := http1.DefaultLimits()
	text := "5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n"
	buf := make([]byte, len(text))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		copy(buf, text)
		var chunked http1.Chunked
		_, _, _ = chunked.Decode(&limits, buf, 0)
	}))
}
