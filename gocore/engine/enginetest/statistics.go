package enginetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

// statistics covers what an engine counts.
func statistics(t *testing.T, make Make) {
	t.Run("BytesAndClassesAreExact", func(t *testing.T) {
		content := pattern(50_000)
		for _, form := range forms {
			fill := form.prepare(t, content)
			s := serve(t, make, func(request *gocore.Request, response *gocore.Response) gocore.Outcome {
				if string(request.Path) == "/missing" {
					response.Status = gocore.StatusNotFound
				} else {
					fill(response)
				}
				return gocore.Answered
			})
			c := s.dial()
			requests := strings.Join([]string{
				"GET / HTTP/1.1", "Host: test", "", "GET /missing HTTP/1.1", "Host: test", "",
				"POST / HTTP/1.1", "Host: test", "Content-Length: 4", "Connection: close", "", "body",
			}, "\r\n")
			c.sendBytes(requests)
			for range 3 {
				c.read()
			}
			c.requireEnd()
			eventually(t, "the connection to be closed", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
			now := s.stats.Snapshot()
			assert.EqualValues(t, 1, now.ConnectionsAccepted)
			assert.EqualValues(t, 3, now.Requests)
			assert.Equal(t, [6]uint64{2: 2, 4: 1}, now.Classes)
			assert.EqualValues(t, len(requests), now.BytesIn)
			assert.EqualValues(t, len(c.raw), now.BytesOut, form.name)
		}
	})
	t.Run("StatusesAreCountedAsTheyAreSent", func(t *testing.T) {
		statuses := channel[gocore.Status](1)
		s := serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			response.Status = <-statuses
			return gocore.Answered
		})
		c := s.dial()
		for _, status := range []gocore.Status{0, 100, 201, 600, 999} {
			statuses <- status
			c.get("/")
		}
		c.close()
		eventually(t, "the connection to be closed", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
		assert.Equal(t, [6]uint64{2: 2, 5: 3}, s.stats.Snapshot().Classes)
	})
	t.Run("RefusalsAreCounted", func(t *testing.T) {
		s, _ := observeLimited(t, make, 10)
		for _, request := range []string{
			"nonsense\n\n",
			"POST / HTTP/1.1\nHost: test\nContent-Length: 11\n\n01234567890",
			"POST / HTTP/1.1\nHost: test\nContent-Length: 11\nExpect: 100-continue\n\n",
		} {
			c := s.dial()
			c.send(request)
			c.read()
			c.closeWrite()
			c.requireEnd()
		}
		assert.Equal(t, [6]uint64{4: 3}, s.stats.Snapshot().Classes)
	})
	t.Run("OpenConnectionsAreCounted", func(t *testing.T) {
		s, _ := observe(t, make)
		var clients []*client
		for range 5 {
			c := s.dial()
			c.get("/")
			clients = append(clients, c)
		}
		assert.EqualValues(t, 5, s.stats.Snapshot().ConnectionsOpen)
		for _, c := range clients {
			c.close()
		}
		eventually(t, "the connections to be closed", func() bool { return s.stats.Snapshot().ConnectionsOpen == 0 })
		now := s.stats.Snapshot()
		assert.EqualValues(t, 5, now.ConnectionsAccepted)
		assert.Equal(t, [6]uint64{2: 5}, now.Classes, "clients that leave are no errors")
	})
	t.Run("ClientsThatLeaveSilentlyAreNoRequests", func(t *testing.T) {
		s, _ := observe(t, make)
		for range 5 {
			s.dial().close()
		}
		eventually(t, "the connections to be closed", func() bool {
			now := s.stats.Snapshot()
			return now.ConnectionsAccepted == 5 && now.ConnectionsOpen == 0
		})
		assert.Zero(t, s.stats.Snapshot().Requests)
	})
}
