package server

import (
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// collect runs the garbage collector until the table is reported, and returns
// all that were.
func collect(t *testing.T, s *Server, table uint64) (retired []uint64) {
	t.Helper()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			runtime.GC()
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	for {
		for _, event := range within(t, s.NextEvents) {
			require.Equal(t, EventRetired, event.Kind, "%+v", event)
			retired = append(retired, event.Table)
			if event.Table == table {
				return retired
			}
		}
	}
}

func update(t *testing.T, s *Server, document string) (table uint64) {
	t.Helper()
	table, err := s.Update(document)
	require.NoError(t, err)
	return table
}

func TestAReplacedTableIsReportedWithoutOtherReasonToCollect(t *testing.T) {
	s := start(t, documentOf(getText("/", "1")))
	require.Equal(t, uint64(2), update(t, s, documentOf(getText("/", "2"))))
	assert.Equal(t, []Event{{Kind: EventRetired, Table: 1}}, within(t, s.NextEvents))
}

func TestEveryReplacedTableIsReportedOnce(t *testing.T) {
	s := start(t, documentOf(getText("/", "first")))
	for range 20 {
		update(t, s, documentOf(getText("/", "next")))
	}
	seen := map[uint64]bool{}
	for len(seen) < 20 {
		runtime.GC()
		for _, event := range within(t, s.NextEvents) {
			require.Equal(t, EventRetired, event.Kind)
			require.False(t, seen[event.Table], "table %d is told twice", event.Table)
			seen[event.Table] = true
		}
	}
	assert.NotContains(t, seen, uint64(21), "the current table")
}

func TestARouteInUseKeepsItsTable(t *testing.T) {
	s := start(t, documentOf(getText("/", "1")))
	held := s.find(&gocore.Request{Method: gocore.MethodGet, Path: []byte("/")})
	update(t, s, documentOf(getText("/", "2")))
	update(t, s, documentOf(getText("/", "3")))
	update(t, s, documentOf(getText("/", "4")))
	// Each of these tables is reported by a later collection than the one before,
	// so the first has had its chance.
	assert.NotContains(t, collect(t, s, 2), uint64(1))
	update(t, s, documentOf(getText("/", "5")))
	assert.NotContains(t, collect(t, s, 4), uint64(1))
	runtime.KeepAlive(held)
	collect(t, s, 1)
}

func TestARequestInFlightKeepsItsTable(t *testing.T) {
	s := start(t, documentOf())
	held := hold(s)
	inUse := update(t, s, documentOf(routeOf("GET", "/", `{"kind": "held"}`)))
	answered := make(chan string)
	go func() { answered <- get(t, s, "/") }()
	token := within(t, func() gocore.Token { return <-held })

	next := update(t, s, documentOf(getText("/", "new")))
	update(t, s, documentOf(getText("/", "newer")))
	assert.NotContains(t, collect(t, s, next), inUse)
	next = update(t, s, documentOf(getText("/", "newest")))
	assert.NotContains(t, collect(t, s, next-1), inUse)
	assert.Equal(t, "newest", get(t, s, "/"))

	answer(t, token, "old")
	assert.Equal(t, "old", within(t, func() string { return <-answered }))
	http.DefaultClient.CloseIdleConnections()
	collect(t, s, inUse)
}

func TestNoTableIsReportedWhenTheServerHasStopped(t *testing.T) {
	s := start(t, documentOf())
	held := s.find(&gocore.Request{Path: []byte("/")})
	update(t, s, documentOf())
	s.Stop(0)
	within(t, func() bool { s.retirement.sweeper.Wait(); return true }) // though a table is in use
	runtime.KeepAlive(held)
	runtime.GC()
	assert.Equal(t, []Event{{Kind: EventStopped}}, within(t, s.NextEvents))
	assert.Nil(t, within(t, s.NextEvents))
}
