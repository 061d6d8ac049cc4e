package queue

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// Queue is what the event loops of a server and its workers share. Make it by New, and
// close it. It implements gocore.Ports. All methods are safe for concurrent use.
type Queue struct {
	options Options
	memory  []byte
	c       *layout.Queue
	clock   clock
	refused atomic.Uint64
	told    atomic.Uint64 // when that was told last

	mu         sync.Mutex // of what is made
	ports      atomic.Pointer[[]*Port]
	collectors []*collector
	closed     bool // and nothing of it is used any more
}

// New returns a queue.
func New(options Options) *Queue {
	q := &Queue{options: options, memory: take(int(unsafe.Sizeof(layout.Queue{}))), clock: newClock()}
	q.c = (*layout.Queue)(unsafe.Pointer(unsafe.SliceData(q.memory)))
	q.c.Fingerprint = layout.Fingerprint()
	q.ports.Store(new([]*Port))
	return q
}

// Address is where the memory that workers share begins.
func (q *Queue) Address() uint64 { return addressOf(q.c) }

// Refused counts the requests that found the queue full.
func (q *Queue) Refused() uint64 { return q.refused.Load() }

// quiet is how long nothing more is said of refused requests.
const quiet = 10 * time.Second

// refuse counts a request that found the queue full, and has that told now and then.
func (q *Queue) refuse() {
	total, now := q.refused.Add(1), q.clock.now()
	last := q.told.Load()
	if (total == 1 || now-last >= uint64(quiet)) && q.told.CompareAndSwap(last, now) {
		q.options.Full(total)
	}
}

// Loop implements gocore.Ports.
func (q *Queue) Loop(eventfd int) (gocore.Port, error) {
	event, err := duplicate(eventfd) // workers may write to it when the loop has ended
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.add(newPort(q, event, false)), nil
}

// Shared implements gocore.Ports.
func (q *Queue) Shared() (gocore.Port, error) {
	event, err := newEvent()
	if err != nil {
		return nil, err
	}
	waited, err := duplicate(event)
	if err != nil {
		closeFD(event)
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	p := q.add(newPort(q, event, true))
	q.collectors = append(q.collectors, startCollector(p, waited))
	return p, nil
}

func (q *Queue) add(p *Port) *Port {
	known := *q.ports.Load()
	more := append(known[:len(known):len(known)], p)
	q.ports.Store(&more)
	q.c.Ports[len(known)] = addressOf(p.c)
	atomic.StoreUint32(&q.c.PortCount, uint32(len(more)))
	return p
}

// waiting returns how many requests of a lane none has taken, of those that workers see.
func (q *Queue) waiting(lane uint32) (sum uint64) {
	for _, p := range *q.ports.Load() {
		sum += p.lanes[lane].waiting()
	}
	return sum
}

// Close ends the workers. The engine must have been drained; where one of its loops has
// not ended all the same, ended is false. Workers in a handler are waited for as long as
// given; it returns how many still run: their memory, and what they use, is left behind.
func (q *Queue) Close(ended bool, wait time.Duration) (running int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, each := range q.collectors {
		each.close()
	}
	q.collectors = nil
	ports := *q.ports.Load()
	if ended {
		for _, p := range ports { // answers that came too late, which may hold something
			p.Collect(answer)
		}
	}
	atomic.StoreUint32(&q.c.Stopping, 1)
	for deadline := time.Now().Add(wait); ; time.Sleep(pause) {
		if running = q.wakeAll(); running == 0 || time.Now().After(deadline) {
			break
		}
	}
	if running == 0 && ended {
		for _, p := range ports {
			p.close()
		}
		for i := range q.c.WorkerCount {
			if event := q.c.Workers[i].Event; event >= 0 {
				closeFD(int(event))
			}
		}
		q.closed = true
	}
	return running
}

// Release unmaps the part that all ports share, where the queue was closed with no worker
// left. Until then workers may still ask for a place, and are told that there is none.
func (q *Queue) Release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed && q.memory != nil {
		give(q.memory)
		q.memory, q.c = nil, nil
	}
}

// pause is how often Close looks whether workers have gone: they tell nobody.
const pause = time.Millisecond

// wakeAll wakes all workers that sleep, and returns how many there are.
func (q *Queue) wakeAll() (count int) {
	for i := range atomic.LoadUint32(&q.c.WorkerCount) {
		worker := &q.c.Workers[i]
		if atomic.LoadUint32(&worker.State) != layout.Gone {
			count++
		}
		rouse(worker)
	}
	return count
}

func closeFD(fd int) {
	_ = syscall.Close(fd) // it is open
}
