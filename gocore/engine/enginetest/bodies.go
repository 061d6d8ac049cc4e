package enginetest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// form is one of the ways in which a response may carry its body.
type form struct {
	name string
	// prepare returns what makes content the body of responses. A test calls it
	// before it starts its server, which then stops before the rest is cleaned up.
	prepare func(t *testing.T, content []byte) func(*gocore.Response)
	// chunked: the length is not known before the end.
	chunked bool
}

// forms are all of them.
var forms = []form{
	{name: "Rendered", prepare: func(t *testing.T, content []byte) func(*gocore.Response) {
		rendered, err := gocore.Render(gocore.StatusOK, gocore.Header{}, content)
		require.NoError(t, err)
		return func(response *gocore.Response) { response.SetRendered(rendered) }
	}},
	{name: "Bytes", prepare: func(_ *testing.T, content []byte) func(*gocore.Response) {
		return func(response *gocore.Response) { response.SetBytes(content) }
	}},
	{name: "File", prepare: func(t *testing.T, content []byte) func(*gocore.Response) {
		section := gocore.FileSection{File: file(t, content), Length: int64(len(content))}
		return func(response *gocore.Response) { response.SetFile(section) }
	}},
	{name: "Stream", prepare: func(_ *testing.T, content []byte) func(*gocore.Response) {
		return func(response *gocore.Response) { response.SetStream(bytes.NewReader(content), int64(len(content))) }
	}},
	{name: "StreamOfUnknownLength", chunked: true, prepare: func(_ *testing.T, content []byte) func(*gocore.Response) {
		return func(response *gocore.Response) { response.SetStream(bytes.NewReader(content), -1) }
	}},
}

// file returns an open file with content.
func file(t *testing.T, content []byte) *os.File {
	path := filepath.Join(t.TempDir(), "content")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// pattern returns n bytes in which no place looks like another nearby.
func pattern(n int) []byte {
	content := make([]byte, 0, n+8)
	for i := 0; len(content) < n; i++ {
		content = append(strconv.AppendInt(content, int64(i), 36), ' ')
	}
	return content[:n]
}

// sizes of bodies: none, small, beyond every buffer on the way.
var sizes = []int{0, 1, 1000, 3 << 20}

func responseBodies(t *testing.T, make Make) {
	for _, form := range forms {
		for _, size := range sizes {
			t.Run(form.name+"/"+strconv.Itoa(size), func(t *testing.T) {
				content := pattern(size)
				fill := form.prepare(t, content)
				s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
					fill(response)
					return gocore.Answered
				})
				t.Run("ArrivesWhole", func(t *testing.T) {
					c := s.dial()
					for range 2 {
						a := c.get("/")
						assert.Equal(t, "HTTP/1.1 200 OK", a.status)
						assert.True(t, string(content) == a.body, "body of %d bytes is the content of %d", len(a.body), size)
						assertFraming(t, form, size, a)
					}
				})
				t.Run("IsLeftOutForHEAD", func(t *testing.T) {
					c := s.dial()
					for range 2 {
						assertFraming(t, form, size, c.head())
					}
				})
			})
		}
	}
	t.Run("FileSectionBeginsAtItsOffset", func(t *testing.T) {
		content := pattern(100_000)
		f := file(t, content)
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetFile(gocore.FileSection{File: f, Offset: 12_345, Length: 54_321})
			return gocore.Answered
		})
		assert.True(t, string(content[12_345:12_345+54_321]) == s.dial().get("/").body)
	})
	t.Run("OneFileServesRequestsAtOnce", func(t *testing.T) { oneFileAtOnce(t, make) })
	t.Run("FileShorterThanItsSectionCutsTheConnection", func(t *testing.T) {
		f := file(t, pattern(1000))
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetFile(gocore.FileSection{File: f, Offset: 100, Length: 1000})
			return gocore.Answered
		})
		a := s.dial().get("/")
		assert.Equal(t, "1000", a.value("Content-Length"))
		assert.True(t, a.cut, "the connection was cut")
		assert.LessOrEqual(t, len(a.body), 900)
	})
	t.Run("ClosedFileCutsTheConnection", func(t *testing.T) {
		f := file(t, pattern(1000))
		require.NoError(t, f.Close())
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.SetFile(gocore.FileSection{File: f, Length: 1000})
			return gocore.Answered
		})
		c := s.dial()
		c.send("GET / HTTP/1.1\nHost: test\n\n")
		assert.NotContains(t, c.readToEnd(), string(pattern(10)))
	})
}

// assertFraming looks at the fields that say how long the body is.
func assertFraming(t *testing.T, form form, size int, a answer) {
	t.Helper()
	length, hasLength := a.field("Content-Length")
	encoding, hasEncoding := a.field("Transfer-Encoding")
	if form.chunked {
		assert.Equal(t, "chunked", encoding)
		assert.False(t, hasLength, "Content-Length beside Transfer-Encoding")
	} else {
		assert.Equal(t, strconv.Itoa(size), length)
		assert.False(t, hasEncoding, "Transfer-Encoding beside Content-Length")
	}
}

func oneFileAtOnce(t *testing.T, make Make) {
	content := pattern(2 << 20)
	f := file(t, content)
	s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
		offset, err := strconv.ParseInt(string(request.Query), 10, 64)
		assert.NoError(t, err)
		response.SetFile(gocore.FileSection{File: f, Offset: offset, Length: 1 << 20})
		return gocore.Answered
	})
	var clients sync.WaitGroup
	for i := range 8 {
		c, offset := s.dial(), i*100_000
		clients.Go(func() {
			_, _ = io.WriteString(c.socket, "GET /?"+strconv.Itoa(offset)+" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
			all, err := io.ReadAll(c.socket)
			assert.NoError(t, err)
			assert.True(t, strings.HasSuffix(string(all), "\r\n\r\n"+string(content[offset:offset+1<<20])), "section at %d", offset)
		})
	}
	clients.Wait()
}

var errBroken = errors.New("the source of this stream is broken")

// failing yields content and then fails.
func failing(content string) io.Reader {
	return io.MultiReader(strings.NewReader(content), brokenReader{})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }
