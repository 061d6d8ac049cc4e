package queuetest

import (
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"fastgo/gocore/queue/layout"
)

// Call is a request that a worker has taken, and the answer that it gives.
type Call struct {
	Handler                      uint32
	Method, Path, Query, Header  string
	Names, Values                []string // of the parameters
	Body                         []byte
	HasPeer, PeerPort            uint16
	PeerAddress                  [16]byte
	Status                       uint32 // 0 means 200
	ContentType, Fields, Content string
	// Lend: the content is lent, however small it is.
	Lend bool
}

// Workers are goroutines that work for a queue. Make them by Start.
type Workers struct {
	queue *layout.Queue
	lane  uint32
	run   func(*Call)
	ended sync.WaitGroup
	// Taken counts requests, Freed what was lent and given up again.
	Taken, Lent, Freed atomic.Int64

	mu   sync.Mutex
	lent map[uint64]string // by address of the slot: kept alive
}

// Start starts workers for the queue at an address, in the lane of threads. They end when
// it is closed.
func Start(address uint64, count int, run func(*Call)) *Workers {
	return StartIn(layout.Threads, address, count, run)
}

// StartIn starts workers in a lane.
func StartIn(lane uint32, address uint64, count int, run func(*Call)) *Workers {
	w := &Workers{queue: at[layout.Queue](address), lane: lane, run: run, lent: map[uint64]string{}}
	if w.queue.Fingerprint != layout.Fingerprint() {
		panic("another layout")
	}
	for range count {
		record := w.enter()
		w.ended.Go(func() { w.work(record) })
	}
	return w
}

// Wait waits until all workers have gone.
func (w *Workers) Wait() { w.ended.Wait() }

func (w *Workers) enter() *layout.Worker {
	for i := range uint32(layout.MaxWorkers) {
		if atomic.CompareAndSwapUint32(&w.queue.Workers[i].State, layout.Gone, layout.Hunting) {
			atomic.StoreUint32(&w.queue.Workers[i].Lane, w.lane)
			atomic.StoreInt32(&w.queue.Workers[i].Event, -1)
			for count := atomic.LoadUint32(&w.queue.WorkerCount); count <= i; count = atomic.LoadUint32(&w.queue.WorkerCount) {
				atomic.CompareAndSwapUint32(&w.queue.WorkerCount, count, i+1)
			}
			return &w.queue.Workers[i]
		}
	}
	panic("too many workers")
}

func (w *Workers) work(me *layout.Worker) {
	for atomic.LoadUint32(&w.queue.Stopping) == 0 {
		w.freeReturned()
		slot := w.take()
		if slot == nil {
			w.flushAll()
			w.sleep(me)
			continue
		}
		atomic.StoreUint64(&me.Since, now())
		atomic.StoreUint32(&me.State, layout.Running)
		w.serve(slot)
		w.publish(slot, layout.Answered)
		atomic.StoreUint32(&me.State, layout.Hunting)
	}
	w.freeReturned()
	w.freeUntaken()
	atomic.StoreUint32(&me.State, layout.Gone)
}

func (w *Workers) ports(visit func(*layout.Port) bool) {
	for i := range atomic.LoadUint32(&w.queue.PortCount) {
		if !visit(at[layout.Port](w.queue.Ports[i])) {
			return
		}
	}
}

func (w *Workers) take() (taken *layout.Slot) {
	w.ports(func(p *layout.Port) bool {
		for {
			l := &p.Lanes[w.lane]
			tail := atomic.LoadUint64(&l.Tail)
			if tail >= atomic.LoadUint64(&l.Head) {
				return true
			}
			slot := atomic.LoadUint64(at[uint64](l.Ring + 8*(tail&l.Mask)))
			if atomic.CompareAndSwapUint64(&l.Tail, tail, tail+1) {
				taken = at[layout.Slot](slot)
				w.Taken.Add(1)
				return false
			}
		}
	})
	return taken
}

func (w *Workers) anyWork() (found bool) {
	w.ports(func(p *layout.Port) bool {
		l := &p.Lanes[w.lane]
		found = atomic.LoadUint64(&l.Head) != atomic.LoadUint64(&l.Tail) || atomic.LoadUint64(&p.Returned) != 0
		return !found
	})
	return found
}

func (w *Workers) serve(slot *layout.Slot) {
	span := func(s layout.Span) string {
		return string(unsafe.Slice(at[byte](slot.Request.Address+uint64(s.Offset)), int(s.Size)))
	}
	call := &Call{
		Handler: slot.Handler, Method: span(slot.Method), Path: span(slot.Path), Query: span(slot.Query), Header: span(slot.Header),
		Body:    append([]byte(nil), unsafe.Slice(at[byte](slot.Request.Address+uint64(slot.BodyOffset)), int(slot.BodySize))...),
		HasPeer: slot.HasPeer, PeerPort: slot.PeerPort, PeerAddress: slot.PeerAddress,
	}
	for _, param := range slot.Params[:slot.ParamCount] {
		call.Names = append(call.Names, span(param.Name))
		call.Values = append(call.Values, span(param.Value))
	}
	w.run(call)
	if slot.Status = call.Status; call.Status == 0 {
		slot.Status = 200
	}
	room := slot.AnswerBytes[:]
	put := func(text string) layout.Text {
		place := layout.Text{Address: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(room)))), Size: uint64(len(text))}
		room = room[copy(room, text):]
		return place
	}
	slot.Owners = [2]uint64{}
	slot.ContentType, slot.Fields = put(call.ContentType), put(call.Fields)
	if len(call.Content) <= len(room) && !call.Lend {
		slot.Body = put(call.Content)
		return
	}
	place := uint64(uintptr(unsafe.Pointer(slot)))
	w.mu.Lock()
	w.lent[place] = call.Content
	w.mu.Unlock()
	w.Lent.Add(1)
	slot.Body = layout.Text{Address: uint64(uintptr(unsafe.Pointer(unsafe.StringData(call.Content)))), Size: uint64(len(call.Content))}
	slot.Owners[0] = place
}

// publish puts a slot into the chain of answers.
func (w *Workers) publish(slot *layout.Slot, state uint32) {
	slot.State = state
	port := at[layout.Port](slot.Port)
	atomic.StoreUint32(&port.Unflushed, 1)
	read := now()
	for {
		newest := atomic.LoadUint64(&port.Answers)
		slot.Next = newest
		if atomic.CompareAndSwapUint64(&port.Answers, newest, uint64(uintptr(unsafe.Pointer(slot)))) {
			break
		}
	}
	if read-atomic.LoadUint64(&port.Flushed) >= layout.Quick {
		flush(port, read)
	} else {
		atomic.StoreUint32(&port.Unflushed, 1)
	}
}

func flush(port *layout.Port, at uint64) {
	atomic.StoreUint32(&port.Unflushed, 0)
	atomic.StoreUint64(&port.Flushed, at)
	if atomic.CompareAndSwapUint32(&port.Sleeping, 1, 0) {
		one := uint64(1)
		syscall.RawSyscall(syscall.SYS_WRITE, uintptr(port.Event), uintptr(unsafe.Pointer(&one)), 8)
	}
}

func (w *Workers) flushAll() {
	w.ports(func(p *layout.Port) bool {
		if atomic.LoadUint32(&p.Unflushed) != 0 {
			flush(p, now())
		}
		return true
	})
}

func (w *Workers) freeReturned() {
	w.ports(func(p *layout.Port) bool {
		for newest := atomic.SwapUint64(&p.Returned, 0); newest != 0; {
			slot := at[layout.Slot](newest)
			w.mu.Lock()
			delete(w.lent, slot.Owners[0])
			w.mu.Unlock()
			w.Freed.Add(1)
			slot.Owners = [2]uint64{}
			newest = slot.Next
			w.publish(slot, layout.Emptied)
		}
		return true
	})
}

// freeUntaken frees what answers hold that no loop has taken.
func (w *Workers) freeUntaken() {
	w.ports(func(p *layout.Port) bool {
		for newest := atomic.SwapUint64(&p.Answers, 0); newest != 0; {
			slot := at[layout.Slot](newest)
			if newest = slot.Next; slot.Owners[0] != 0 {
				w.mu.Lock()
				delete(w.lent, slot.Owners[0])
				w.mu.Unlock()
				w.Freed.Add(1)
			}
		}
		return true
	})
}

func (w *Workers) sleep(me *layout.Worker) {
	atomic.StoreUint32(&me.State, layout.Asleep)
	if w.anyWork() || atomic.LoadUint32(&w.queue.Stopping) != 0 {
		atomic.StoreUint32(&me.State, layout.Hunting)
		return
	}
	const futexWaitPrivate = 0 | 128
	for atomic.LoadUint32(&me.State) == layout.Asleep {
		_, _, _ = syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&me.State)), futexWaitPrivate, uintptr(layout.Asleep), 0, 0, 0)
	}
}

func now() uint64 {
	var read syscall.Timespec
	const monotonic = 1
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&read)), 0)
	return uint64(read.Nano())
}

func at[T any](address uint64) *T { return *(**T)(unsafe.Pointer(&address)) }
