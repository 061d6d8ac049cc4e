package enginetest

import (
	"log/slog"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/engine"
)

// accepting covers the listener.
func accepting(t *testing.T, make Make) {
	listen := func(t *testing.T) net.Listener {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		return listener
	}
	empty := gocore.Route{Handler: gocore.HandlerFunc(func(*gocore.Request, *gocore.Response) gocore.Outcome { return gocore.Answered })}
	t.Run("GoesOnWhenDescriptorsRunOut", func(t *testing.T) {
		s := serveListener(t, make, listen(t), empty, config())
		s.dial().get("/")                   // now it has all descriptors that it needs itself
		restore := exhaustDescriptors(t, 1) // the one that the client takes
		c := s.dial()
		eventually(t, "a failure", func() bool { return len(s.logs.errors()) > 0 })
		restore()
		assert.Equal(t, "200", c.get("/").code())
		records := s.logs.errors()
		require.Len(t, records, 1, "one record for all failures")
		assert.Contains(t, records[0]["error"], "too many open files")
	})
	t.Run("FailuresDoNotHoldUpDrain", func(t *testing.T) {
		s := serveListener(t, make, listen(t), empty, config())
		s.dial().get("/")
		defer exhaustDescriptors(t, 1)()
		s.dial()
		eventually(t, "a failure", func() bool { return len(s.logs.errors()) > 0 })
		assert.Zero(t, s.drain(patience))
		await(t, s.served, "Serve to return")
	})
	t.Run("DrainBeforeServeClosesTheListener", func(t *testing.T) {
		listener := &held{Listener: listen(t), closed: newSignal()}
		quiet := config()
		quiet.Find = func(*gocore.Request) *gocore.Route { return &empty }
		quiet.Stats, quiet.Logger = new(engine.Stats), slog.New(slog.DiscardHandler)
		drained := make(quiet)
		assert.Zero(t, drainEngine(drained, patience))
		served := newSignal()
		go func() {
			defer close(served)
			drained.Serve(listener)
		}()
		await(t, served, "Serve to return")
		await(t, listener.closed, "the listener to be closed")
	})
	t.Run("DrainWhileClientsConnect", func(t *testing.T) {
		for range 20 {
			s := serveListener(t, make, listen(t), empty, config())
			started, stop, stopped := newSignal(), newSignal(), newSignal()
			go func() {
				defer close(stopped)
				for i := 0; ; i++ {
					socket, err := net.Dial("tcp", s.address.String())
					if err == nil {
						_ = socket.Close()
					}
					if i == 3 {
						close(started)
					}
					select {
					case <-stop:
						if i > 3 {
							return
						}
					default:
					}
				}
			}()
			await(t, started, "clients")
			assert.Zero(t, s.drain(patience))
			await(t, s.served, "Serve to return")
			close(stop)
			await(t, stopped, "clients to end")
			assert.Zero(t, s.stats.Snapshot().ConnectionsOpen)
		}
	})
}

// held is a listener that tells when it is closed.
type held struct {
	net.Listener
	closed chan struct{}
}

func (l *held) Close() error {
	close(l.closed)
	return l.Listener.Close()
}
