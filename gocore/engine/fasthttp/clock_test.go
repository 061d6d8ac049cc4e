package fasthttp

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClockTellsTimeAndDate(t *testing.T) {
	var c clock
	started := time.Date(1994, time.November, 6, 8, 49, 37, 0, time.UTC)
	c.start(started)
	assert.Zero(t, c.now())
	assert.Equal(t, "Sun, 06 Nov 1994 08:49:37 GMT", string(c.date()[:]))
	c.set(started.Add(90 * time.Second))
	assert.Equal(t, 90*time.Second, c.now())
	assert.Equal(t, "Sun, 06 Nov 1994 08:51:07 GMT", string(c.date()[:]))
}

func TestClockTicks(t *testing.T) {
	var c clock
	c.start(time.Now().Add(-time.Hour))
	stop := make(chan struct{})
	defer close(stop)
	go c.run(time.Millisecond, stop)
	assert.Eventually(t, func() bool { return c.now() >= time.Hour }, 10*time.Second, time.Millisecond)
}
