// Command goroutines does with goroutines and Go's channels what the other peers of
// bench.concurrency do: it takes the name of a work and how often to do it, and
// prints the figures as a line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

type figures map[string]float64

const (
	ring      = 1000 // goroutines that switch in turn
	computing = 64   // goroutines that compute
)

var works = map[string]func(int) figures{
	"seeds":     seeds,
	"ping-pong": pingPong,
	"switch":    switchAll,
	"scaling":   scaling,
	"parked":    parked,
	"try":       func(count int) figures { return try(count, 0) },
	"try-bytes": func(count int) figures { return try(count, [100]byte{}) },
}

func main() {
	work := works[os.Args[1]]
	count, err := strconv.Atoi(os.Args[2])
	if work == nil || err != nil {
		fmt.Fprintf(os.Stderr, "goroutines: no work %q\n", os.Args[1:])
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(work(count)); err != nil {
		os.Exit(1)
	}
}

// stopwatch has the wall-clock time and the CPU time of its start.
type stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

func start() stopwatch { return stopwatch{time.Now(), cpuTime()} }

func (s stopwatch) each(count int) figures {
	return figures{
		"ns_each":     float64(time.Since(s.wall)) / float64(count),
		"cpu_ns_each": float64(cpuTime()-s.cpu) / float64(count),
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func seeds(count int) figures {
	var group sync.WaitGroup
	watch := start()
	group.Add(count)
	for range count {
		go group.Done()
	}
	spawned := time.Since(watch.wall)
	group.Wait()
	total := time.Since(watch.wall)
	return figures{
		"spawn_seconds": spawned.Seconds(),
		"run_seconds":   (total - spawned).Seconds(),
		"total_seconds": total.Seconds(),
		"cpu_seconds":   (cpuTime() - watch.cpu).Seconds(),
	}
}

func pingPong(count int) figures {
	there, back := make(chan int), make(chan int)
	go func() {
		for value := range there {
			back <- value
		}
	}()
	watch := start()
	for i := range count {
		there <- i
		<-back
	}
	defer close(there)
	return watch.each(count)
}

func switchAll(count int) figures {
	var group sync.WaitGroup
	watch := start()
	for range ring {
		group.Go(func() {
			for range count / ring {
				runtime.Gosched()
			}
		})
	}
	group.Wait()
	return watch.each(count)
}

func scaling(count int) figures {
	var group sync.WaitGroup
	sums := make([]uint32, computing)
	watch := start()
	for i := range computing {
		group.Go(func() {
			word := uint32(1)
			for range count / computing {
				word = word*1664525 + 1013904223
			}
			sums[i] = word
		})
	}
	group.Wait()
	return figures{"per_second": float64(count) / time.Since(watch.wall).Seconds()}
}

func parked(count int) figures {
	var begun sync.WaitGroup
	never := make(chan int)
	before := residentBytes()
	begun.Add(count)
	for range count {
		go func() {
			begun.Done()
			<-never
		}()
	}
	begun.Wait()
	return figures{"bytes_each": (residentBytes() - before) / float64(count)}
}

func residentBytes() float64 {
	var all, resident int
	statm, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(statm), &all, &resident)
	}
	if err != nil {
		panic(err)
	}
	return float64(resident * os.Getpagesize())
}

// try measures sends and receives that never wait, of the value.
func try[T any](count int, value T) figures {
	const room = 1024
	channel := make(chan T, room)
	var sending, receiving time.Duration
	done := 0
	for ; done < count; done += room {
		first := time.Now()
		for range room {
			select {
			case channel <- value:
			default:
				panic("the channel is full")
			}
		}
		second := time.Now()
		for range room {
			select {
			case <-channel:
			default:
				panic("the channel is empty")
			}
		}
		receiving += time.Since(second)
		sending += second.Sub(first)
	}
	return figures{
		"send_ns":    float64(sending) / float64(done),
		"receive_ns": float64(receiving) / float64(done),
	}
}
