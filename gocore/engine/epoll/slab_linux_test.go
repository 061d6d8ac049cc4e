package epoll

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSlabsHaveRoomForWhatIsAsked(t *testing.T) {
	var s slabs
	defer s.close()
	for _, size := range []int{0, 1, smallestSlab, smallestSlab + 1, mappedAtOnce, mappedAtOnce + 1, 5 << 20} {
		slab := s.take(size)
		assert.GreaterOrEqual(t, len(slab), size)
		assert.GreaterOrEqual(t, len(slab), smallestSlab)
		assert.Less(t, len(slab), 2*max(size, smallestSlab), "sizes double")
		slab[0], slab[len(slab)-1] = 1, 1
		s.give(slab)
	}
	s.give(nil)
}

func TestSlabsAreUsedAgain(t *testing.T) {
	var s slabs
	defer s.close()
	first := s.take(10_000)
	s.give(first[:3])
	second := s.take(10_000)
	assert.Same(t, &first[0], &second[0])
	s.give(second)
	assert.Zero(t, testing.AllocsPerRun(100, func() { s.give(s.take(10_000)) }))
}

func TestGrownSlabKeepsItsBytes(t *testing.T) {
	var s slabs
	defer s.close()
	slab := s.take(100)
	n := copy(slab, "unfinished")
	grown := s.grow(slab, n, 100_000)
	assert.Equal(t, "unfinished", string(grown[:n]))
	assert.GreaterOrEqual(t, len(grown), 100_000)
	s.give(grown)
}

func TestSlabsGiveMemoryBackToTheSystem(t *testing.T) {
	var s slabs
	defer s.close()
	var taken [][]byte
	for range 20 {
		taken = append(taken, s.take(1<<20))
	}
	for _, slab := range taken {
		s.give(slab)
	}
	assert.Len(t, s.free[slabClass(1<<20)], keptSlabs>>20)
}
