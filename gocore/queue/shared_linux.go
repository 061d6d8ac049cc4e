package queue

import (
	"os"
	"sync"
	"time"

	"fastgo/gocore"
)

// collector is a goroutine that takes the answers of a shared port to their tokens. It
// waits in Go's own poller.
type collector struct {
	port  *Port
	event *os.File
	quit  chan struct{}
	ended sync.WaitGroup
}

func startCollector(p *Port, event int) *collector {
	c := &collector{port: p, event: os.NewFile(uintptr(event), "eventfd"), quit: make(chan struct{})}
	c.ended.Go(c.run)
	return c
}

func (c *collector) run() {
	for {
		c.port.Collect(answer)
		c.port.Flush()
		switch patience := c.port.Sleep(-1); {
		case patience < 0:
			_ = c.event.SetReadDeadline(time.Time{})
		case patience > 0:
			_ = c.event.SetReadDeadline(time.Now().Add(time.Duration(patience) * time.Millisecond))
		default:
			continue
		}
		select {
		case <-c.quit: // the event that goes with it may have been read
			return
		default:
		}
		var count [8]byte
		_, _ = c.event.Read(count[:]) // or the time is up
		c.port.Awake()
	}
}

// answer gives a token its answer, if anybody waits for it.
func answer(token gocore.Token, answer gocore.Answer) {
	response := gocore.AcquireResponse()
	answer.Fill(response)
	token.Answer(response)
}

func (c *collector) close() {
	close(c.quit)
	tell(int(c.port.c.Event))
	c.ended.Wait()
	_ = c.event.Close()
}
