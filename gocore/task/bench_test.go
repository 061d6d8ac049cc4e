package task_test

import (
	"sync"
	"testing"

	"fastgo/gocore/task"
	"fastgo/gocore/task/tasktest"
)

// What is measured is told by the ratio to Go's own: goroutines, channels.

func BenchmarkSpawnTasks(b *testing.B) {
	task.Start()
	b.ResetTimer()
	tasktest.SpawnEmpty(b.N, false)
}

func BenchmarkSpawnTasksFromATask(b *testing.B) {
	task.Start()
	b.ResetTimer()
	tasktest.SpawnEmpty(b.N, true)
}

func BenchmarkSpawnGoroutines(b *testing.B) {
	var group sync.WaitGroup
	group.Add(b.N)
	for range b.N {
		go group.Done()
	}
	group.Wait()
}

func BenchmarkPingPongTasks(b *testing.B) {
	task.Start()
	b.ResetTimer()
	tasktest.PingPong(b.N)
}

func BenchmarkPingPongGoroutines(b *testing.B) {
	there, back := make(chan int), make(chan int)
	go func() {
		for value := range there {
			back <- value
		}
		close(back)
	}()
	for i := range b.N {
		there <- i
		<-back
	}
	close(there)
	<-back
}

func BenchmarkTryInt(b *testing.B)      { tasktest.Try(b.N, 0) }
func BenchmarkTry100Bytes(b *testing.B) { tasktest.Try(b.N, 100) }

func BenchmarkGoChannelTryInt(b *testing.B) {
	channel := make(chan int, 16)
	for i := range b.N {
		select {
		case channel <- i:
		default:
		}
		select {
		case <-channel:
		default:
		}
	}
}
