package slab

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSlabsHaveRoomForWhatIsAsked(t *testing.T) {
	var p Pool
	defer p.Close()
	for _, size := range []int{0, 1, Smallest, Smallest + 1, mappedAtOnce, mappedAtOnce + 1, 5 << 20} {
		slab := p.Take(size)
		assert.GreaterOrEqual(t, len(slab), size)
		assert.GreaterOrEqual(t, len(slab), Smallest)
		assert.Less(t, len(slab), 2*max(size, Smallest), "sizes double")
		slab[0], slab[len(slab)-1] = 1, 1
		p.Give(slab)
	}
	p.Give(nil)
}

func TestSlabsAreUsedAgain(t *testing.T) {
	var p Pool
	defer p.Close()
	first := p.Take(10_000)
	p.Give(first[:3])
	second := p.Take(10_000)
	assert.Same(t, &first[0], &second[0])
	p.Give(second)
	assert.Zero(t, testing.AllocsPerRun(100, func() { p.Give(p.Take(10_000)) }))
}

func TestGrownSlabKeepsItsBytes(t *testing.T) {
	var p Pool
	defer p.Close()
	slab := p.Take(100)
	n := copy(slab, "unfinished")
	grown := p.Grow(slab, n, 100_000)
	assert.Equal(t, "unfinished", string(grown[:n]))
	assert.GreaterOrEqual(t, len(grown), 100_000)
	p.Give(grown)
}

func TestSlabsGiveMemoryBackToTheSystem(t *testing.T) {
	var p Pool
	defer p.Close()
	var taken [][]byte
	for range 20 {
		taken = append(taken, p.Take(1<<20))
	}
	for _, slab := range taken {
		p.Give(slab)
	}
	assert.Len(t, p.free[classOf(1<<20)], kept>>20)
}
