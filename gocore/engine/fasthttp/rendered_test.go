package fasthttp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// renderer answers /rendered with a block and /head with a head, both rendered at
// start, and other paths with what fasthttp composes; each with that body.
func renderer(t *testing.T, body string) gocore.HandlerFunc {
	var header gocore.Header
	require.NoError(t, header.Add("X-By", "start"))
	rendered, err := gocore.Render(gocore.StatusOK, header, []byte(body))
	require.NoError(t, err)
	head, err := gocore.RenderHead(gocore.StatusOK, header)
	require.NoError(t, err)
	return func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
		switch string(request.Path) {
		case "/rendered":
			response.SetRendered(rendered)
		case "/head":
			response.SetHead(head)
			response.SetBytes([]byte(body))
		default:
			response.SetBytes([]byte(body))
		}
		return gocore.Answered
	}
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n" }

func TestRenderedAndComposedAnswersLeaveInOneWrite(t *testing.T) {
	client := &scripted{pieces: []string{get("/rendered") + get("/composed") + get("/head") + get("/composed") + get("/rendered"), get("/head")}}
	runWith(client, renderer(t, "body"))
	require.Len(t, client.writes, 2, "one for each piece")
	answers := strings.SplitAfter(client.writes[0], "\r\n\r\nbody")
	require.Len(t, answers, 6)
	for i, rendered := range []bool{true, false, true, false, true} {
		assert.Equal(t, rendered, strings.Contains(answers[i], "X-By: start"), "answer %d", i)
		assert.Contains(t, answers[i], "Content-Length: 4\r\n")
	}
	assert.Empty(t, answers[5])
}

func TestLargeRenderedBodyIsNotCopied(t *testing.T) {
	body := strings.Repeat("x", copied+1)
	for _, path := range []string{"/rendered", "/head"} {
		client := &scripted{pieces: []string{get(path) + "HEAD" + get(path)[len("GET"):] + get(path)}}
		runWith(client, renderer(t, body))
		require.Len(t, client.writes, 4)
		assert.Equal(t, 1, strings.Count(client.writes[0], "HTTP/1.1 200 OK\r\n"))
		assert.Equal(t, body, client.writes[1])
		assert.Equal(t, 2, strings.Count(client.writes[2], "HTTP/1.1 200 OK\r\n"), "that to HEAD has no body")
		assert.Equal(t, body, client.writes[3])
	}
}

func TestHeldRenderedAnswersAreBounded(t *testing.T) {
	client := &scripted{pieces: []string{strings.Repeat(get("/rendered"), 70)}}
	runWith(client, renderer(t, strings.Repeat("x", 5000)))
	all := ""
	for _, written := range client.writes {
		assert.LessOrEqual(t, len(written), heldMost)
		all += written
	}
	assert.Equal(t, 70, strings.Count(all, "HTTP/1.1 200 OK\r\n"))
}

func TestNothingIsSentBehindAFailedWrite(t *testing.T) {
	for _, body := range []string{strings.Repeat("x", copied), strings.Repeat("x", copied+1)} {
		for written := 1; written <= 4; written++ {
			client := &scripted{pieces: []string{strings.Repeat(get("/rendered"), 70)}, broken: written}
			runWith(client, renderer(t, body))
			assert.Len(t, client.writes, written+1)
		}
	}
}
