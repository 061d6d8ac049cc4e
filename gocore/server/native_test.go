//go:build cgo

package server

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/native"
	"fastgo/gocore/native/nativetest"
)

// nativeHandler is the handler object of a function of nativetest.
func nativeHandler(address uint64, more string) string {
	return fmt.Sprintf(`{"kind": "native", "spec": {"address": %d%s}}`, address, more)
}

func TestNativeHandlersServe(t *testing.T) {
	s := start(t, documentOf(
		routeOf("GET", "/", nativeHandler(nativetest.Hello, "")),
		routeOf("GET", "/show/{name}", nativeHandler(nativetest.Show, "")),
		routeOf("GET", "/blocking", nativeHandler(nativetest.Hello, `, "blocking": true`)),
	))
	assert.Equal(t, "Hello, World!", get(t, s, "/"))
	assert.Equal(t, "Hello, World!", get(t, s, "/blocking"))
}

func TestNativeHandlersAreCheckedAndTheOldTableServesOn(t *testing.T) {
	s := start(t, documentOf(routeOf("GET", "/", nativeHandler(nativetest.Hello, ""))))
	_, err := s.Update(documentOf(routeOf("GET", "/", nativeHandler(4096, ""))))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "routes[0].handler.spec.address: has no code at 0x1000")
	assert.Contains(t, err.Error(), "(GET /, registered at app.py:1)")
	assert.Equal(t, "Hello, World!", get(t, s, "/"))
}

// repeatHandler is the handler object of nativetest.Repeat.
func repeatHandler(more string) string {
	return fmt.Sprintf(`{"kind": "compiled", "spec": {"address": %d, "name": "repeat", "result": {"type": "uint8", "dimensions": 1},
		"parameters": [{"name": "body", "type": "bytes"}, {"name": "n", "type": "int8", "default": "2"}]%s}}`, nativetest.Repeat, more)
}

func TestCompiledHandlersServe(t *testing.T) {
	s := start(t, documentOf(
		routeOf("*", "/{n}", repeatHandler(`, "template": "{n}: {result}"`)),
		routeOf("*", "/", repeatHandler(`, "template": "{{\"a\": {result}}}", "format": "json", "blocking": true`)),
	))
	assert.Equal(t, "3: []", get(t, s, "/3"))
	assert.Equal(t, `{"a": []}`, get(t, s, "/?n=100"))
	_, err := s.Update(documentOf(routeOf("GET", "/", repeatHandler(`, "template": "{m}"`))))
	assert.ErrorContains(t, err, "routes[0].handler.spec.template: {m} at byte 0 is not known; choose one of {result}, {query.NAME}")
	_, err = s.Update(documentOf(routeOf("GET", "/", `{"kind": "compiled", "spec": {"address": 4096, "result": {"type": "bool"}}}`)))
	assert.ErrorContains(t, err, "routes[0].handler.spec.address: has no code at 0x1000")
}

// compiledHandler returns a handler that repeats a body, and a request for it.
func compiledHandler(t testing.TB) (gocore.Handler, *gocore.Request) {
	environment := native.NewEnvironment(limits{NativeMemory: 1 << 20}.native(slog.New(slog.DiscardHandler)))
	t.Cleanup(func() { environment.Close(deadline) })
	at := site{params: []gocore.Param{{Name: "n"}}, route: new(route)}
	built, failure := newKinds(environment, nil).build([]byte(repeatHandler(`, "template": "{n}: {result}"`)), at)
	require.Nil(t, failure)
	request := &gocore.Request{Body: []byte("ab"), Path: []byte("/3")}
	request.Params.Begin(request.Path)
	request.Params.Add(1, 2)
	return built, request
}

func TestServingCompiledAllocatesNothing(t *testing.T) {
	built, request := compiledHandler(t)
	var response gocore.Response
	serveOnce := func() {
		response.Reset()
		built.Serve(request, &response)
	}
	serveOnce()
	assert.Equal(t, "3: [97,98,97,98,97,98]", string(response.Bytes()))
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, serveOnce), 0.5) // the race detector drops some of a pool
}

// BenchmarkServeCompiled is from a request to a response, of which the body is
// repeated as an array of six numbers.
func BenchmarkServeCompiled(b *testing.B) {
	built, request := compiledHandler(b)
	var response gocore.Response
	b.ReportAllocs()
	for b.Loop() {
		built.Serve(request, &response)
		response.Reset()
	}
}

func TestTableOfNativeHandlersIsRetired(t *testing.T) {
	s := start(t, documentOf(routeOf("GET", "/", nativeHandler(nativetest.Hello, ""))))
	assert.Equal(t, "Hello, World!", get(t, s, "/"))
	update(t, s, documentOf(getText("/", "2")))
	assert.Equal(t, []uint64{1}, collect(t, s, 1))
}

// askForever asks for what nativetest.Wait answers, and returns when that is waiting.
func askForever(t *testing.T, client net.Conn) {
	_, err := fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return nativetest.Waiting() == 1 }, deadline, time.Millisecond)
}

func TestTableStaysWhileABlockingHandlerOfItRuns(t *testing.T) {
	s := start(t, documentOf(routeOf("GET", "/", nativeHandler(nativetest.Wait, `, "blocking": true`))))
	client := dial(t, s)
	askForever(t, client)
	require.NoError(t, client.(*net.TCPConn).SetLinger(0)) // resets: nobody waits for the answer
	require.NoError(t, client.Close())
	require.Eventually(t, func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 }, deadline, time.Millisecond)
	update(t, s, documentOf(getText("/", "2")))
	update(t, s, documentOf(getText("/", "3")))
	assert.Equal(t, []uint64{2}, collect(t, s, 2), "the first is still in use")
	nativetest.Release(1)
	assert.Equal(t, []uint64{1}, collect(t, s, 1))
}

func TestTableStaysWhileMemoryOfItsHandlersIsSent(t *testing.T) {
	const size = 16 << 20 // far more than sockets take
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Munmap(memory) })
	lent := fmt.Sprintf(`, "data": %d, "data_size": %d`, uintptr(unsafe.Pointer(&memory[0])), size)
	s := start(t, documentOf(routeOf("GET", "/", nativeHandler(nativetest.Lend, lent))))
	client := dial(t, s)
	_, err = fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1000)) // it is being sent
	require.NoError(t, err)
	update(t, s, documentOf(getText("/", "2")))
	update(t, s, documentOf(getText("/", "3")))
	assert.Equal(t, []uint64{2}, collect(t, s, 2), "the first is still in use")
	_, err = io.Copy(io.Discard, client)
	require.NoError(t, err)
	assert.Equal(t, []uint64{1}, collect(t, s, 1))
}

func TestStopDoesNotWaitForHandlersForEver(t *testing.T) {
	for _, more := range []string{"", `, "blocking": true`} {
		s := start(t, documentOf(routeOf("GET", "/", nativeHandler(nativetest.Wait, more))))
		askForever(t, dial(t, s))
		within(t, func() int { return s.Stop(0) })
		var kinds []string
		var last Event
		for _, event := range within(t, s.NextEvents) {
			kinds = append(kinds, string(event.Kind)+" "+event.Message)
			last = event
		}
		assert.Equal(t, EventStopped, last.Kind)
		assert.Equal(t, 1, last.Running, "%s: %s", more, strings.Join(kinds, "\n"))
		assert.Equal(t, 1, last.Cut, more)
		nativetest.Release(1)
		require.Eventually(t, func() bool { return nativetest.Waiting() == 0 }, deadline, time.Millisecond)
	}
}
