package epoll

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPromiseIsSettledOnce(t *testing.T) {
	var p promises
	place, generation := p.take(&conn{}, 1)
	assert.True(t, p.settle(place, generation))
	assert.False(t, p.settle(place, generation))
	p.release(place)
	assert.False(t, p.settle(place, generation))

	again, later := p.take(&conn{}, 2)
	assert.Equal(t, place, again)
	assert.NotEqual(t, generation, later)
	assert.False(t, p.settle(place, generation), "a token of an earlier request")
	assert.True(t, p.settle(again, later))
}

func TestPromiseThatNeverWasIsNotSettled(t *testing.T) {
	var p promises
	assert.False(t, p.settle(0, 0))
	assert.False(t, p.settle(1<<31, 7))
}

func TestPromisesOutgrowABlock(t *testing.T) {
	var p promises
	seen := map[uint32]bool{}
	for range 3 * promisesInBlock {
		place, generation := p.take(&conn{}, 0)
		assert.False(t, seen[place])
		seen[place] = true
		assert.Zero(t, generation)
	}
	assert.EqualValues(t, 3*promisesInBlock, p.count)
}

func TestPromiseIsSettledByOneOfMany(t *testing.T) {
	var p promises
	for range 200 {
		place, generation := p.take(&conn{}, 0)
		var settled atomic.Int32
		var tries sync.WaitGroup
		for range 4 {
			tries.Go(func() {
				if p.settle(place, generation) {
					settled.Add(1)
				}
			})
		}
		tries.Wait()
		assert.EqualValues(t, 1, settled.Load())
		p.release(place)
	}
}
