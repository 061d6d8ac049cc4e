package epoll

import (
	"testing"

	"github.com/stretchr/testify/assert"

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
