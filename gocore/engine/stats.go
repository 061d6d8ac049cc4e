package engine

import (
	"sync/atomic"

	"fastgo/gocore"
)

// Stats counts what engines do. Counters are spread over shards, each on cache
// lines of its own, so that connections on different cores do not contend. The
// zero value is ready; all methods are safe for concurrent use.
type Stats struct {
	next   atomic.Uint32
	shards [16]Shard
}

// Shard is the set of counters that one connection uses for its whole life.
type Shard struct {
	accepted, closed  atomic.Uint64
	bytesIn, bytesOut atomic.Uint64
	classes           [6]atomic.Uint64
	_                 [128 - 10*8]byte
}

// Snapshot is the state of all counters. Each is exact; together they are not
// from one instant.
type Snapshot struct {
	ConnectionsOpen     uint64 `json:"connections_open"`
	ConnectionsAccepted uint64 `json:"connections_accepted"`
	Requests            uint64 `json:"requests"`
	// Classes counts answers by the first digit of their status.
	Classes  [6]uint64 `json:"classes"`
	BytesIn  uint64    `json:"bytes_in"`
	BytesOut uint64    `json:"bytes_out"`
}

// Shard returns the shard for one more user of the counters.
func (s *Stats) Shard() *Shard {
	return &s.shards[s.next.Add(1)%uint32(len(s.shards))]
}

// Accepted counts a new connection.
func (s *Shard) Accepted() { s.accepted.Add(1) }

// Closed counts the end of a connection.
func (s *Shard) Closed() { s.closed.Add(1) }

// Received counts bytes read from a connection.
func (s *Shard) Received(n int) { s.bytesIn.Add(uint64(n)) }

// Sent counts bytes written to a connection.
func (s *Shard) Sent(n int64) { s.bytesOut.Add(uint64(n)) }

// Add counts what an event loop has summed up: answers by class, bytes in and out.
func (s *Shard) Add(classes *[6]uint64, in, out uint64) {
	for class, answers := range classes {
		if answers > 0 {
			s.classes[class].Add(answers)
		}
	}
	s.bytesIn.Add(in)
	s.bytesOut.Add(out)
}

// Answered counts an answer.
func (s *Shard) Answered(status gocore.Status) {
	if class := status.Class(); class < len(s.classes) {
		s.classes[class].Add(1)
	}
}

// Snapshot adds the shards up.
func (s *Stats) Snapshot() Snapshot {
	var sum Snapshot
	for i := range s.shards {
		shard := &s.shards[i]
		// Closed is read first: a connection is never counted as closed only.
		closed := shard.closed.Load()
		accepted := shard.accepted.Load()
		sum.ConnectionsOpen += accepted - closed
		sum.ConnectionsAccepted += accepted
		sum.BytesIn += shard.bytesIn.Load()
		sum.BytesOut += shard.bytesOut.Load()
		for class := range shard.classes {
			answers := shard.classes[class].Load()
			sum.Classes[class] += answers
			sum.Requests += answers
		}
	}
	return sum
}
