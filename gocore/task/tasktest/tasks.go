package tasktest

/*
#include <stdlib.h>
#include "steps.h"
*/
import "C"

import "unsafe"

// How a task has ended.
const (
	ReturnedNothing = uint32(C.FASTGO_RETURNED_NOTHING)
	ReturnedInt     = uint32(C.FASTGO_RETURNED_INT)
	ReturnedBytes   = uint32(C.FASTGO_RETURNED_BYTES)
	Failed          = uint32(C.FASTGO_FAILED)
	WasCancelled    = uint32(C.FASTGO_WAS_CANCELLED)
)

// Task is a native task.
type Task struct{ c *C.struct_tasktest_done }

// The tasks; steps.h says what each does.
func Sum(numbers Chan) Task              { return Task{C.tasktest_sum(numbers.c)} }
func Count(numbers Chan, count int) Task { return Task{C.tasktest_count(numbers.c, C.int64_t(count))} }
func Relay(in, out Chan) Task            { return Task{C.tasktest_relay(in.c, out.c)} }
func Join(in Chan) Task                  { return Task{C.tasktest_join(in.c)} }
func Merge(a, b, out Chan) Task          { return Task{C.tasktest_merge(a.c, b.c, out.c)} }
func Either(in, out Chan, count int) Task {
	return Task{C.tasktest_either(in.c, out.c, C.int64_t(count))}
}
func Plain(value int) Task     { return Task{C.tasktest_plain(C.int64_t(value))} }
func ChangeMind(out Chan) Task { return Task{C.tasktest_change_mind(out.c)} }
func Leave(out Chan) Task      { return Task{C.tasktest_leave(out.c)} }
func Meet(count int) Task      { return Task{C.tasktest_meet(C.uint(count))} }
func WaitForAnother() Task     { return Task{C.tasktest_wait_for_another()} }
func Blocking() Task           { return Task{C.tasktest_blocking()} }

// Do returns a task that does what the name says.
func Do(what string) Task {
	name := C.CString(what)
	defer C.free(unsafe.Pointer(name))
	return Task{C.tasktest_do(name)}
}

// AwaitBlocked waits until Blocking runs, and Unblock has it return.
func AwaitBlocked() { C.tasktest_await_blocked() }
func Unblock()      { C.tasktest_unblock() }

// CanSpawn reports whether a task can be spawned.
func CanSpawn() bool { return bool(C.tasktest_can_spawn()) }

// AreIdle reports whether all tasks wait.
func AreIdle() bool { return bool(C.fastgo_tasks_are_idle()) }

// IsDone reports whether the task is done.
func (t Task) IsDone() bool { return bool(C.tasktest_is_done(t.c)) }

// Cancel cancels the task.
func (t Task) Cancel() { C.fastgo_task_cancel(t.c.task) }

// Await waits until the task is done and returns how it has ended. The task is gone then.
func (t Task) Await() (outcome uint32, integer int, bytes string) {
	var got C.int64_t
	var text C.fastgo_string
	C.tasktest_await(t.c)
	outcome = C.fastgo_task_outcome(t.c.task, &got, &text)
	bytes = C.GoStringN(text.data, C.int(text.size))
	C.fastgo_task_unref(t.c.task)
	C.free(unsafe.Pointer(t.c))
	return outcome, int(got), bytes
}

// States returns how many states of tasks were not released.
func States() int { return int(C.tasktest_states()) }

// What follows is measured by benchmarks.

// SpawnEmpty spawns so many tasks that end at once, and waits for them.
func SpawnEmpty(count int, fromATask bool) {
	C.tasktest_spawn_empty(C.int64_t(count), C.bool(fromATask))
}

// PingPong has two tasks send a number to and fro.
func PingPong(count int) { C.tasktest_ping_pong(C.int64_t(count)) }

// Try sends and receives so many bytes, or integers for 0, without waiting.
func Try(count, size int) { C.tasktest_try(C.int64_t(count), C.size_t(size)) }

// TaskSize and WaitSize are the bytes of a task, and of what a waiting party leaves.
const (
	TaskSize = int(C.sizeof_struct_fastgo_task)
	WaitSize = int(C.sizeof_struct_fastgo_wait)
)
