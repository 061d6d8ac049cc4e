package enginetest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// client is one connection, in bytes. It fails its test when it has to wait for
// too long.
type client struct {
	t      *testing.T
	socket net.Conn
	reader *bufio.Reader
	// raw is all that came from the server.
	raw []byte
}

func (s *server) dial() *client {
	return dial(s.t, s.address)
}

func dial(t *testing.T, address net.Addr) *client {
	socket, err := net.DialTimeout(address.Network(), address.String(), patience)
	require.NoError(t, err)
	require.NoError(t, socket.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = socket.Close() })
	c := &client{t: t, socket: socket}
	c.reader = bufio.NewReader(io.TeeReader(socket, (*recorder)(c)))
	return c
}

// recorder is the client as the writer of what came.
type recorder client

func (r *recorder) Write(p []byte) (int, error) {
	r.raw = append(r.raw, p...)
	return len(p), nil
}

// send sends text, in which each line ends by CRLF: "\n" is written as "\r\n".
func (c *client) send(text string) {
	c.t.Helper()
	c.sendBytes(strings.ReplaceAll(text, "\n", "\r\n"))
}

func (c *client) sendBytes(text string) {
	c.t.Helper()
	_, err := io.WriteString(c.socket, text)
	require.NoError(c.t, err)
}

// get sends a GET request and returns its answer.
func (c *client) get(target string) answer {
	c.t.Helper()
	c.send("GET " + target + " HTTP/1.1\nHost: test\n\n")
	return c.read()
}

// head sends a HEAD request and returns its answer.
func (c *client) head() answer {
	c.t.Helper()
	c.send("HEAD / HTTP/1.1\nHost: test\n\n")
	return c.readHead()
}

// answer is a response as it came.
type answer struct {
	status string // "HTTP/1.1 200 OK"
	fields []string
	body   string
	// cut: the connection ended before the body did.
	cut bool
}

// code is the number in the status line.
func (a answer) code() string {
	return strings.SplitN(a.status, " ", 3)[1]
}

// field returns the value of a field, whose name is compared with regard to case:
// it is to travel unchanged.
func (a answer) field(name string) (value string, found bool) {
	for _, field := range a.fields {
		if rest, ok := strings.CutPrefix(field, name+": "); ok {
			return rest, true
		}
	}
	return "", false
}

// value returns the value of a field, empty where there is none.
func (a answer) value(name string) string {
	value, _ := a.field(name)
	return value
}

// read reads an answer with its body.
func (c *client) read() answer {
	c.t.Helper()
	a := c.readHead()
	var body io.Reader = c.reader
	if length, found := a.field("Content-Length"); found {
		n, err := strconv.ParseInt(length, 10, 64)
		require.NoError(c.t, err)
		body = &exactly{c.reader, n}
	} else if a.value("Transfer-Encoding") == "chunked" {
		body = io.MultiReader(httputil.NewChunkedReader(c.reader), &crlf{c.reader})
	} else if a.code() == "204" || a.code() == "304" || strings.HasPrefix(a.code(), "1") {
		return a
	}
	read, err := io.ReadAll(body)
	a.body = string(read)
	c.noTimeout(err)
	a.cut = err != nil
	return a
}

// readHead reads an answer that has no body.
func (c *client) readHead() answer {
	c.t.Helper()
	a := answer{status: c.readLine()}
	require.Regexp(c.t, `^HTTP/1\.1 [1-5][0-9][0-9] `, a.status, "the first line of an answer")
	for {
		line := c.readLine()
		if line == "" {
			return a
		}
		a.fields = append(a.fields, line)
	}
}

func (c *client) readLine() string {
	c.t.Helper()
	line, err := c.reader.ReadString('\n')
	require.NoError(c.t, err, "read of the head, after %q", line)
	line, found := strings.CutSuffix(line, "\r\n")
	require.True(c.t, found, "line %q ends with CRLF", line)
	return line
}

// readToEnd returns what comes until the server ends the connection.
func (c *client) readToEnd() string {
	c.t.Helper()
	rest, err := io.ReadAll(c.reader)
	c.noTimeout(err)
	return string(rest)
}

// requireEnd fails unless the server ends the connection without a further byte.
func (c *client) requireEnd() {
	c.t.Helper()
	require.Empty(c.t, c.readToEnd(), "bytes before the end of the connection")
}

// noTimeout fails when the connection is still open at the deadline. How else it
// ended is not told apart: a cut connection may bring EOF or a reset.
func (c *client) noTimeout(err error) {
	c.t.Helper()
	require.False(c.t, errors.Is(err, os.ErrDeadlineExceeded), "the connection was still open: %v", err)
}

func (c *client) close() {
	_ = c.socket.Close()
}

// closeWrite ends the client's side.
func (c *client) closeWrite() {
	require.NoError(c.t, c.socket.(interface{ CloseWrite() error }).CloseWrite())
}

// exactly reads n bytes; unlike io.LimitedReader it fails when there are less.
type exactly struct {
	from io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.from.Read(p[:min(int64(len(p)), e.left)])
	if e.left -= int64(n); err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// crlf reads the empty line behind the last chunk, and yields nothing.
type crlf struct{ from *bufio.Reader }

func (c *crlf) Read([]byte) (int, error) {
	line, err := c.from.ReadString('\n')
	if err == nil && line != "\r\n" {
		err = errors.New("no CRLF behind the last chunk")
	}
	if err == nil {
		err = io.EOF
	}
	return 0, err
}
