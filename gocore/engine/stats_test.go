package engine

import (
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestSnapshotAddsTheShardsUp(t *testing.T) {
	var stats Stats
	for i := range 40 { // more than there are shards
		shard := accept(&stats)
		shard.Received(10)
		shard.Sent(100)
		shard.Answered(gocore.StatusOK)
		shard.Answered(gocore.StatusNotFound)
		if i%4 == 0 {
			shard.Closed()
		}
	}
	assert.Equal(t, Snapshot{
		ConnectionsOpen:     30,
		ConnectionsAccepted: 40,
		Requests:            80,
		Classes:             [6]uint64{2: 40, 4: 40},
		BytesIn:             400,
		BytesOut:            4000,
	}, stats.Snapshot())
}

func TestSnapshotIsExactWhenManyCount(t *testing.T) {
	var stats Stats
	var connections sync.WaitGroup
	for range 8 {
		connections.Go(func() {
			for range 1000 {
				shard := accept(&stats)
				shard.Received(1)
				shard.Closed()
				now := stats.Snapshot()
				assert.LessOrEqual(t, now.ConnectionsOpen, now.ConnectionsAccepted, "never closed before it was accepted")
			}
		})
	}
	connections.Wait()
	assert.Equal(t, Snapshot{ConnectionsAccepted: 8000, BytesIn: 8000}, stats.Snapshot())
}

func TestStatusOutOfRangeIsNotCounted(t *testing.T) {
	var stats Stats
	accept(&stats).Answered(999)
	assert.Zero(t, stats.Snapshot().Requests)
}

func TestShardsShareNoCacheLine(t *testing.T) {
	assert.Zero(t, unsafe.Sizeof(Shard{})%128, "size of a shard")
}

func accept(stats *Stats) *Shard {
	shard := stats.Shard()
	shard.Accepted()
	return shard
}
