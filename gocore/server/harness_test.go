package server

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/native"
)

// deadline is far longer than anything here takes: it ends what hangs.
const deadline = 30 * time.Second

// within runs a function that must return.
func within[T any](t testing.TB, wait func() T) T {
	t.Helper()
	done := make(chan T, 1)
	go func() { done <- wait() }()
	select {
	case result := <-done:
		return result
	case <-time.After(deadline):
		require.FailNow(t, "it hangs")
		panic("not reached")
	}
}

// --- documents

func documentOf(routes ...string) string {
	return `{"version": 1, "routes": [` + strings.Join(routes, ", ") + `]}`
}

func routeOf(method, path, handler string) string {
	return fmt.Sprintf(`{"method": %q, "path": %q, "handler": %s, "source": "app.py:1"}`, method, path, handler)
}

func textHandler(text string) string {
	return fmt.Sprintf(`{"kind": "constant", "spec": {"text": %q}}`, text)
}

func getText(path, text string) string { return routeOf("GET", path, textHandler(text)) }

func testKinds() kinds {
	return newKinds(native.NewEnvironment(defaultLimits.native(slog.New(slog.DiscardHandler))))
}

// --- servers and clients

// start serves a document until the test ends.
func start(t *testing.T, document string) *Server {
	t.Helper()
	s, err := Start(Options{Address: Address{Host: "127.0.0.1"}, Document: document, Engine: "auto", Loops: 2})
	require.NoError(t, err)
	t.Cleanup(func() { s.Stop(0) })
	return s
}

func address(s *Server) string { return strings.TrimPrefix(s.Info().URL, "http://") }

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	client, err := net.Dial("tcp", address(s))
	require.NoError(t, err)
	require.NoError(t, client.SetDeadline(time.Now().Add(deadline)))
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// get returns the body of an answer 200. It may be called by any goroutine.
func get(t *testing.T, s *Server, path string) string {
	t.Helper()
	client := http.Client{Timeout: deadline}
	response, err := client.Get(s.Info().URL + path)
	if !assert.NoError(t, err) {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	assert.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	return string(body)
}

// awaitRefusal returns when the server accepts no more connections.
func awaitRefusal(t *testing.T, s *Server) {
	t.Helper()
	require.Eventually(t, func() bool {
		client, err := net.Dial("tcp", address(s))
		if err == nil {
			_ = client.Close()
		}
		return err != nil
	}, deadline, time.Millisecond)
}

// --- requests in flight

// holder defers the answers of all requests to it.
type holder chan gocore.Token

func (h holder) Serve(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
	h <- request.Defer()
	return gocore.Deferred
}

// hold teaches the server the kind "held", which waits for the test.
func hold(s *Server) holder {
	held := make(holder)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds["held"] = kind(func(struct{}, []gocore.Param) (gocore.Handler, error) { return held, nil })
	return held
}

func answer(t *testing.T, token gocore.Token, text string) {
	t.Helper()
	response := gocore.AcquireResponse()
	response.SetBytes([]byte(text))
	assert.True(t, token.Answer(response))
}

// begin sends a request whose answer waits for the test.
func begin(t *testing.T, s *Server, held holder) (net.Conn, gocore.Token) {
	t.Helper()
	client := dial(t, s)
	_, err := io.WriteString(client, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	return client, within(t, func() gocore.Token { return <-held })
}

// withoutRetired leaves out what depends on the garbage collector.
func withoutRetired(batch []Event) (rest []Event) {
	for _, event := range batch {
		if event.Kind != EventRetired {
			rest = append(rest, event)
		}
	}
	return rest
}
