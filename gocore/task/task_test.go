package task_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore/task"
	"fastgo/gocore/task/tasktest"
)

// newChans returns channels of integers that are freed behind the test.
func newChans(t testing.TB, kind uint32, capacities ...int) []tasktest.Chan {
	made := make([]tasktest.Chan, len(capacities))
	for i, capacity := range capacities {
		made[i] = tasktest.NewChan(capacity, kind)
		t.Cleanup(made[i].Free)
	}
	return made
}

func returned(t testing.TB, native tasktest.Task) int {
	t.Helper()
	outcome, value, text := native.Await()
	require.Equal(t, tasktest.ReturnedInt, outcome, text)
	return value
}

func TestTasksMeetOnChannels(t *testing.T) {
	task.Start()
	const count = 100_000
	for _, capacity := range []int{0, 1, 100} {
		channels := newChans(t, tasktest.Int, capacity, capacity)
		sum := tasktest.Sum(channels[1])
		relay := tasktest.Relay(channels[0], channels[1])
		counter := tasktest.Count(channels[0], count)
		assert.Equal(t, count*(count-1)/2, returned(t, sum))
		relay.Await()
		counter.Await()
	}
	assert.Zero(t, tasktest.States(), "what tasks own is released")
}

func TestThreadsAndTasksMeetOnChannels(t *testing.T) {
	task.Start()
	channels := newChans(t, tasktest.Int, 0, 3)
	relay := tasktest.Relay(channels[0], channels[1])
	sending := run(1, func(_ int, party *tasktest.Party) {
		for i := range 10_000 {
			assert.True(t, send(party, channels[0], i))
		}
		channels[0].Close()
	})
	receiving := run(1, func(_ int, party *tasktest.Party) {
		for i := range 10_000 {
			value, ok := recv(party, channels[1])
			assert.True(t, ok)
			assert.Equal(t, i, value)
		}
		_, ok := recv(party, channels[1])
		assert.False(t, ok)
	})
	sending.Wait()
	receiving.Wait()
	relay.Await()
}

func TestTasksSendAndReceiveBytes(t *testing.T) {
	task.Start()
	channels := newChans(t, tasktest.Bytes, 0, 2)
	relay, join := tasktest.Relay(channels[0], channels[1]), tasktest.Join(channels[1])
	words := []string{"", "a", strings.Repeat("b", 100), strings.Repeat("c", 1000), "d"}
	for _, word := range words {
		for channels[0].TrySend([]byte(word)) == tasktest.Wait { // until the relay receives
		}
	}
	channels[0].Close()
	outcome, _, text := join.Await()
	assert.Equal(t, tasktest.ReturnedBytes, outcome)
	assert.Equal(t, strings.Join(words, ",")[1:], text)
	relay.Await()
}

func TestTasksSelect(t *testing.T) {
	task.Start()
	const count = 20_000
	channels := newChans(t, tasktest.Int, 0, 4, 0)
	merge := tasktest.Merge(channels[0], channels[1], channels[2])
	sum := tasktest.Sum(channels[2])
	a, b := tasktest.Count(channels[0], count), tasktest.Count(channels[1], count)
	assert.Equal(t, count*(count-1), returned(t, sum))
	for _, each := range []tasktest.Task{merge, a, b} {
		each.Await()
	}
}

// TestTasksSelectWithBytes has pairs of selects that could each send to the other.
func TestTasksSelectWithBytes(t *testing.T) {
	task.Start()
	const count = 5_000
	channels := newChans(t, tasktest.Bytes, 0, 0)
	a, b := tasktest.Either(channels[0], channels[1], count), tasktest.Either(channels[1], channels[0], count)
	assert.Equal(t, count, returned(t, a)+returned(t, b), "what one sends the other receives")
	c := tasktest.Either(channels[0], channels[1], count)
	channels[0].Close()
	outcome, _, reason := c.Await()
	assert.Equal(t, tasktest.Failed, outcome)
	assert.Equal(t, "nothing to receive", reason)
}

func TestTasksEndAsTheirStepsSay(t *testing.T) {
	task.Start()
	for what, want := range map[string]struct {
		outcome uint32
		value   int
		text    string
	}{
		"wait for nothing":        {tasktest.Failed, 0, "its step returned FASTGO_WAIT, and no operation had told it to"},
		"return 7":                {tasktest.Failed, 0, "its step returned 7, which is neither FASTGO_DONE nor FASTGO_WAIT"},
		"return 7 while it waits": {tasktest.Failed, 0, "its step returned 7, which is neither FASTGO_DONE nor FASTGO_WAIT"},
		"end while it waits":      {tasktest.ReturnedInt, tasktest.Wait, ""},
		"return FASTGO_CLOSED":    {tasktest.Failed, 0, "its step returned FASTGO_CLOSED, -2, which is neither FASTGO_DONE nor FASTGO_WAIT"},
		"return too much":         {tasktest.Failed, 0, "there was no memory for what it was to return"},
		"fail":                    {tasktest.Failed, 0, "it was asked to fail"},
		"return twice":            {tasktest.ReturnedBytes, 0, "second"},
		"return no bytes":         {tasktest.ReturnedBytes, 0, ""},
		"yield":                   {tasktest.ReturnedInt, 10, ""},
		"ask only once":           {tasktest.Failed, 0, "its step returned FASTGO_WAIT, and no operation had told it to"},
	} {
		t.Run(what, func(t *testing.T) {
			outcome, value, text := tasktest.Do(what).Await()
			assert.Equal(t, want.outcome, outcome)
			assert.Equal(t, want.value, value)
			assert.Equal(t, want.text, text)
		})
	}
	assert.Equal(t, 42, returned(t, tasktest.Plain(42)))
	assert.Zero(t, tasktest.States())
}

func TestStepThatAsksForAnotherOperationIsTold(t *testing.T) {
	task.Start()
	channels := newChans(t, tasktest.Int, 0)
	native := tasktest.ChangeMind(channels[0])
	for {
		if value, done := channels[0].TryRecvInt(); done == tasktest.OK {
			assert.Equal(t, 1, value)
			break
		}
	}
	assert.Equal(t, tasktest.WrongCall, returned(t, native))
}

func TestCancelEndsATaskThatWaits(t *testing.T) {
	task.Start()
	native := tasktest.Do("wait for ever")
	native.Cancel()
	native.Cancel()
	outcome, _, _ := native.Await()
	assert.Equal(t, tasktest.WasCancelled, outcome)
	assert.Zero(t, tasktest.States())
}

// TestCancelStorm cancels tasks while they run, wait and are woken.
func TestCancelStorm(t *testing.T) {
	task.Start()
	for round := range 300 {
		channels := newChans(t, tasktest.Int, 0, round%3, 0)
		tasks := []tasktest.Task{
			tasktest.Sum(channels[2]),
			tasktest.Merge(channels[0], channels[1], channels[2]),
			tasktest.Count(channels[0], 1_000_000), tasktest.Count(channels[1], 1_000_000),
			tasktest.Do("wait for ever"),
		}
		for i := range tasks {
			victim := tasks[(i+round)%len(tasks)]
			for range round {
				channels[2].TryRecvInt()
			}
			victim.Cancel()
		}
		for _, each := range tasks {
			outcome, _, _ := each.Await()
			assert.Equal(t, tasktest.WasCancelled, outcome)
		}
	}
	assert.Zero(t, tasktest.States())
}

// TestNothingIsLeft counts the blocks of memory that C code has, before and after.
func TestNothingIsLeft(t *testing.T) {
	task.Start()
	for what, use := range map[string]func(a, b tasktest.Chan){
		"cancelled": func(a, b tasktest.Chan) {
			tasks := []tasktest.Task{tasktest.Either(a, b, 9), tasktest.Relay(b, a)}
			for _, each := range tasks {
				each.Cancel()
			}
			for _, each := range tasks {
				each.Await()
			}
		},
		"selected": func(a, b tasktest.Chan) {
			tasks := []tasktest.Task{tasktest.Either(a, b, 9), tasktest.Either(b, a, 9)}
			for _, each := range tasks {
				each.Await()
			}
		},
		"left while it waits": func(a, _ tasktest.Chan) {
			left := tasktest.Leave(a) // sends, and ends without having been told
			for a.TrySend(nil) == tasktest.Wait && !left.IsDone() {
				a.TryRecv(make([]byte, 7))
			}
			left.Await()
		},
		"buffered": func(_, b tasktest.Chan) {
			for b.TrySend([]byte("message")) == tasktest.OK {
			}
			for room := make([]byte, 7); b.Len() > 2; {
				b.TryRecv(room)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			work := func() {
				for range 1000 {
					a, b := tasktest.NewChan(0, tasktest.Bytes), tasktest.NewChan(5, tasktest.Bytes)
					use(a, b)
					a.Free()
					b.Free()
				}
			}
			work()
			before := tasktest.Blocks()
			work()
			assert.Less(t, tasktest.Blocks()-before, 100, "of some thousands")
		})
	}
}

func TestChannelKeepsNoMoreBlocksThanItNeeds(t *testing.T) {
	task.Start()
	channels := newChans(t, tasktest.Bytes, 0, 0)
	before := tasktest.Blocks()
	var relays []tasktest.Task
	for range 300 {
		relays = append(relays, tasktest.Relay(channels[0], channels[1]))
		for channels[0].TrySend([]byte("message")) == tasktest.Wait {
		}
	}
	for !tasktest.AreIdle() { // until each of them waits with a block
		runtime.Gosched()
	}
	for range relays {
		_, done := channels[1].TryRecv(make([]byte, 7))
		assert.Equal(t, tasktest.OK, done)
	}
	channels[0].Close()
	for _, each := range relays {
		each.Await()
	}
	assert.Less(t, tasktest.Blocks()-before, 100)
}

// TestEachSpawnedTaskRuns spawns from threads and from tasks at once: through the common
// list, full rings and thieves. A task that is lost has it hang.
func TestEachSpawnedTaskRuns(t *testing.T) {
	task.Start()
	for range 5 {
		spawning := run(4, func(number int, _ *tasktest.Party) {
			tasktest.SpawnEmpty(50_000, number%2 == 0)
		})
		spawning.Wait()
	}
}

func TestManyTasksWaitInLittleMemory(t *testing.T) {
	task.Start()
	assert.LessOrEqual(t, tasktest.TaskSize, 200)
	assert.LessOrEqual(t, tasktest.WaitSize, 80, "what any party leaves with a channel")
	const count = 100_000
	channels := newChans(t, tasktest.Int, 0, 0)
	before := tasktest.Allocations()
	relays := make([]tasktest.Task, count)
	for i := range relays {
		relays[i] = tasktest.Relay(channels[0], channels[1])
	}
	for !tasktest.AreIdle() {
		runtime.Gosched()
	}
	assert.Less(t, tasktest.Allocations()-before, count*2+count/32, "beside the state and the handle, a part of a chunk each")
	channels[0].Close()
	for _, each := range relays {
		each.Await()
	}
	assert.Zero(t, tasktest.States())
}

func TestLongStepsHoldUpNobody(t *testing.T) {
	task.Start()
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("there is one worker only")
	}
	assert.Equal(t, 1, returned(t, tasktest.WaitForAnother()), "another worker has run what it has spawned")
}

// TestTasksRunAsSoonAsThereIsAWorker runs this test's binary again, with more workers than
// there may be cores: none may sleep while a task is ready, however long the others compute.
func TestTasksRunAsSoonAsThereIsAWorker(t *testing.T) {
	if os.Getenv("TASK_TEST_MEET") == "" {
		command := exec.Command(os.Args[0], "-test.run=^TestTasksRunAsSoonAsThereIsAWorker$", "-test.v")
		command.Env = append(os.Environ(), "TASK_TEST_MEET=1", "GOMAXPROCS=4")
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return
	}
	task.Start()
	for round := range 200 {
		require.Equal(t, 4, returned(t, tasktest.Meet(4)), "round %d", round)
		for round%2 == 0 && !tasktest.AreIdle() { // until all workers sleep
			runtime.Gosched()
		}
	}
}

func TestTasksAreIdleWhenAllOfThemWait(t *testing.T) {
	task.Start()
	channels := newChans(t, tasktest.Int, 0)
	sum := tasktest.Sum(channels[0])
	for !tasktest.AreIdle() {
		runtime.Gosched()
	}
	channels[0].Close()
	assert.Zero(t, returned(t, sum))
}

// TestStop runs this test's binary again, as a stop is for good.
func TestStop(t *testing.T) {
	if os.Getenv("TASK_TEST_STOP") == "" {
		command := exec.Command(os.Args[0], "-test.run=^TestStop$", "-test.v")
		command.Env = append(os.Environ(), "TASK_TEST_STOP=1")
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return
	}
	task.Start()
	task.Start()
	channels := newChans(t, tasktest.Int, 0, 0)
	for i := range 1000 {
		tasktest.Do("wait for ever")
		tasktest.Relay(channels[i%2], channels[1-i%2])
	}
	tasktest.Count(channels[0], 1<<60) // goes round for ever
	blocking := tasktest.Blocking()
	tasktest.AwaitBlocked()
	assert.False(t, task.Stop(time.Millisecond), "a step has not returned")
	tasktest.Unblock()
	assert.True(t, task.Stop(time.Minute))
	blocking.Await()
	assert.False(t, tasktest.CanSpawn())
	assert.True(t, task.Stop(time.Minute))
	channels[0].Close() // whose parties are not run any more
}
