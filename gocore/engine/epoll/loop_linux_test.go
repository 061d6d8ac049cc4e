package epoll

import (
	"log/slog"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/engine"
)

// A deferred answer is counted before it is sent, so that its client finds it counted.
func TestLoopPublishesAnswersThatAreNotSentYet(t *testing.T) {
	var stats engine.Stats
	l := loop{shard: stats.Shard()}
	l.answers[2] = 1
	l.publish()
	l.publish()
	assert.Equal(t, engine.Snapshot{Requests: 1, Classes: [6]uint64{2: 1}}, stats.Snapshot())
}

// Between fork and exec a child has a copy of every descriptor: the system goes on telling
// what happens to a closed connection, under a number that may be another's.
func TestEventsOfAClosedConnectionAreNotThoseOfItsDescriptorsNext(t *testing.T) {
	l := newIdleLoop(t)
	mine, first := socketPair(t)
	other, second := socketPair(t)
	held, err := syscall.Dup(mine)
	require.NoError(t, err)
	defer closeFD(held)
	l.close(connect(l, mine))
	next := connect(l, renumber(t, other, mine))

	closeFD(first)
	events := l.poller.poll()
	require.NotEmpty(t, events, "what the first client has done is told")
	for i := range events {
		require.EqualValues(t, mine, events[i].Fd)
		l.handle(&events[i])
	}
	assert.False(t, next.closed || next.ended || next.hungUp, "the first client's end is not the second's")

	closeFD(second)
	for _, event := range l.poller.poll() {
		l.handle(&event)
	}
	assert.True(t, next.closed, "the second client's end is told as well")
}

// newIdleLoop returns a loop that nobody runs.
func newIdleLoop(t *testing.T) *loop {
	config := engine.Config{
		Limits: engine.Limits{
			RequestLine: 1024, HeaderBytes: 1024, HeaderCount: 10, HeaderTime: time.Hour,
			Idle: time.Hour, Body: time.Hour, Write: time.Hour, InFlight: 1, Connections: 2,
		},
		Logger: slog.New(slog.DiscardHandler),
		Stats:  new(engine.Stats),
	}
	e, err := New(config, 1)
	require.NoError(t, err)
	t.Cleanup(e.loops[0].shut)
	return e.loops[0]
}

// connect gives a loop a socket, and has it handle the events that each begins with.
func connect(l *loop, fd int) *conn {
	l.engine.tryAcquire()
	l.open(fd, netip.AddrPort{})
	for _, event := range l.poller.poll() {
		l.handle(&event)
	}
	return l.conns[fd]
}

// socketPair returns the two ends of a connection; the caller closes them.
func socketPair(t *testing.T) (server, client int) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|acceptFlags, 0)
	require.NoError(t, err)
	return pair[0], pair[1]
}

// renumber moves a descriptor to a number that is free.
func renumber(t *testing.T, fd, number int) int {
	moved, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, uintptr(number))
	require.Zero(t, errno)
	require.EqualValues(t, number, moved)
	closeFD(fd)
	return number
}
