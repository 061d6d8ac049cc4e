//go:build cgo

package server

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	require.NoError(t, client.Close()) // nobody waits for the answer any more
	update(t, s, documentOf(getText("/", "2")))
	update(t, s, documentOf(getText("/", "3")))
	assert.Equal(t, []uint64{2}, collect(t, s, 2), "the first is still in use")
	nativetest.Release(1)
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
