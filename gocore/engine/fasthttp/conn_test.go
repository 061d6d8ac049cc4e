package fasthttp

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

// scripted is a client that sends pieces, each when the one before has been read,
// and keeps what it gets.
type scripted struct {
	endless
	pieces []string
	writes []string
	// broken: the writes behind so many fail.
	broken int
	// conn is its other end; large tells at each read whether that had large memory.
	conn  *conn
	large []bool
}

func (s *scripted) Read(p []byte) (int, error) {
	s.large = append(s.large, s.conn.input.large != nil)
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *scripted) Write(p []byte) (int, error) {
	s.writes = append(s.writes, string(p))
	if s.broken > 0 && len(s.writes) > s.broken {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// run serves a client to its end, with a handler that echoes.
func run(client *scripted) {
	runWith(client, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
		response.Scratch = append(append(response.Scratch, request.Path...), request.Body...)
		response.SetBytes(response.Scratch)
		return gocore.Answered
	})
}

func runWith(client *scripted, handler gocore.HandlerFunc) {
	e := newEngine(handler)
	e.slots <- struct{}{}
	client.conn = newConn(e, client)
	e.open.Add(1)
	_ = e.server.ServeConn(client.conn)
}

func TestPipelinedAnswersLeaveInOneWrite(t *testing.T) {
	client := &scripted{pieces: []string{strings.Repeat(smallRequest, 24), smallRequest + "GET /half", " HTTP/1.1\r\nHost: a\r\n\r\n" + smallRequest}}
	run(client)
	assert.Len(t, client.writes, 3, "one for each piece")
	assert.Equal(t, 24, strings.Count(client.writes[0], "HTTP/1.1 200 OK\r\n"))
	assert.Equal(t, 1, strings.Count(client.writes[1], "HTTP/1.1 200 OK\r\n"))
	assert.Equal(t, 2, strings.Count(client.writes[2], "HTTP/1.1 200 OK\r\n"))
}

func TestRefusalLeavesWithTheAnswersBeforeIt(t *testing.T) {
	client := &scripted{pieces: []string{smallRequest + "nonsense\r\n\r\n"}}
	run(client)
	assert.Len(t, client.writes, 1)
	assert.Contains(t, client.writes[0], "HTTP/1.1 400 Bad Request\r\n")
}

func TestHeldAnswersAreBounded(t *testing.T) {
	client := &scripted{pieces: []string{strings.Repeat("GET /"+strings.Repeat("x", 5000)+" HTTP/1.1\r\nHost: a\r\n\r\n", 100)}}
	run(client)
	all := ""
	for _, written := range client.writes {
		assert.LessOrEqual(t, len(written), heldMost)
		all += written
	}
	assert.Equal(t, 100, strings.Count(all, "HTTP/1.1 200 OK\r\n"))
}

func TestIdleConnectionHasSmallMemory(t *testing.T) {
	large := "POST / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 30_000) + "\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" +
		strings.Repeat("y", 20_000) + "\r\n0\r\n\r\n"
	client := &scripted{pieces: []string{large + smallRequest, large, smallRequest, smallRequest + smallRequest}}
	run(client)
	assert.Equal(t, 6, strings.Count(strings.Join(client.writes, ""), "HTTP/1.1 200 OK\r\n"))
	assert.Contains(t, client.large, true)
	assert.Equal(t, []bool{false, false, false}, client.large[len(client.large)-3:], "when small requests, and the end, are waited for")
	assert.Nil(t, client.conn.room)
}
