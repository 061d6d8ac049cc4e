package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const writeLimit = 16 * time.Second

// watch looks whenever a Progress asks for it, until it finds the client late or
// the time is up. It returns when that was, and how many looks it took.
func watch(taken func(now time.Duration) int64, until time.Duration) (ended time.Duration, count int) {
	var progress Progress
	for now := time.Duration(0); now < until; {
		count++
		next, late := progress.Look(taken(now), now, writeLimit)
		if late {
			return now, count
		}
		now = next
	}
	return until, count
}

func TestClientThatTakesNothingIsLateAtTheLimit(t *testing.T) {
	ended, count := watch(func(time.Duration) int64 { return 0 }, time.Hour)
	assert.Equal(t, writeLimit, ended)
	assert.LessOrEqual(t, count, looks+1)
}

func TestClientIsLateTheLimitAfterWhatItTookLast(t *testing.T) {
	for last := time.Duration(1); last < 3*writeLimit; last += writeLimit / 7 {
		ended, _ := watch(func(now time.Duration) int64 { return int64(min(now, last)) }, time.Hour)
		assert.GreaterOrEqual(t, ended, last+writeLimit)
		assert.LessOrEqual(t, ended, last+writeLimit+writeLimit/looks)
	}
}

func TestClientThatTakesAByteInEachLimitIsNeverLate(t *testing.T) {
	ended, _ := watch(func(now time.Duration) int64 { return int64(now / (writeLimit - writeLimit/looks)) }, time.Hour)
	assert.Equal(t, time.Hour, ended)
}

func TestTakenMayFall(t *testing.T) {
	const step = writeLimit / 4
	taken := []int64{100, 90, 95, 80}
	ended, _ := watch(func(now time.Duration) int64 { return taken[min(now/step, 3)] }, time.Hour)
	assert.GreaterOrEqual(t, ended, 2*step+writeLimit, "from 90 to 95 is progress")
	assert.LessOrEqual(t, ended, 2*step+writeLimit+writeLimit/looks, "nothing else is")
}

func TestProgressBeginsWithTheFirstLook(t *testing.T) {
	var progress Progress
	assert.False(t, progress.Begun())
	next, late := progress.Look(1000, time.Hour, writeLimit)
	assert.True(t, progress.Begun())
	assert.False(t, late)
	assert.Equal(t, time.Hour+writeLimit/looks, next)
}
