"""Mutex, RWMutex, Semaphore, WaitGroup and Once, for coroutines, asyncio and threads at once."""

import asyncio
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, chan, go, run, sleep
from fastgo.concurrency.sync import Mutex, Once, RWMutex, Semaphore, SyncError, WaitGroup
from tests.programs import Program

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]
TURNS = 200


async def give_way(times: int = 3) -> None:
    for _ in range(times):
        await sleep(0)


class Room:
    """Knows how many are in it, and how many were at most."""

    def __init__(self, room: int) -> None:
        self.room, self.inside, self.most, self.visits = room, 0, 0, 0

    def enter(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        assert self.inside <= self.room

    def leave(self) -> None:
        self.inside -= 1
        self.visits += 1


def visit_by_all(lock: Any, room: Room) -> None:
    """Has threads, coroutines and tasks of asyncio enter the room, each under the lock."""

    def thread() -> None:
        for _ in range(TURNS):
            with lock:
                room.enter()
                room.leave()

    async def coroutine() -> None:
        for _ in range(TURNS):
            async with lock:
                room.enter()
                await sleep(0)
                room.leave()

    async def two() -> None:
        for task in [go(coroutine), go(coroutine)]:
            await task

    tasks = [go(thread), go(thread), go(coroutine), go(coroutine)]
    tasks += [go(lambda: asyncio.run(two())), go(lambda: run(two()))]
    for task in tasks:
        task.result()
    assert (room.inside, room.visits) == (0, 8 * TURNS)


# --- Mutex and Semaphore ---


def test_one_at_a_time_has_a_mutex() -> None:
    mutex = Mutex()
    visit_by_all(mutex, Room(1))
    assert not mutex.locked


def test_a_semaphore_lets_in_as_many_as_it_was_made_for() -> None:
    visit_by_all(Semaphore(3), Room(3))


@runners
def test_all_places_of_a_semaphore_are_used(runner: Runner) -> None:
    room, semaphore = Room(4), Semaphore(4)

    async def visit() -> None:
        async with semaphore:
            room.enter()
            await give_way()
            room.leave()

    async def main() -> None:
        for task in [go(visit) for _ in range(20)]:
            await task

    runner(main())
    assert room.most == 4


@pytest.mark.parametrize(
    ("lock", "undo"),
    [
        (Mutex(), "unlock"),
        (Semaphore(2), "release"),
        (RWMutex(), "unlock"),
        (RWMutex(), "runlock"),
        (RWMutex(), "downgrade"),
        (WaitGroup(), "done"),
    ],
)
def test_what_was_not_done_cannot_be_undone(lock: Any, undo: str) -> None:
    for _ in range(2):
        with pytest.raises(SyncError):
            getattr(lock, undo)()
    if isinstance(lock, RWMutex):
        assert lock.try_lock()


@pytest.mark.parametrize("count", [0, -1])
def test_a_semaphore_without_places_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Semaphore(count)


@pytest.mark.parametrize("count", ["a", 1.5, None])
def test_the_count_of_a_semaphore_is_an_int(count: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"is an int, and not {count!r}")):
        Semaphore(count)


def test_to_try_takes_what_is_free() -> None:
    mutex, semaphore = Mutex(), Semaphore(2)
    assert (mutex.try_lock(), mutex.try_lock()) == (True, False)
    assert [semaphore.try_acquire() for _ in range(3)] == [True, True, False]
    mutex.unlock()
    semaphore.release()
    assert mutex.try_lock()
    assert semaphore.try_acquire()
    assert re.fullmatch(r"<Mutex at 0x\w+: locked>", repr(mutex))
    assert re.fullmatch(r"<Semaphore at 0x\w+: 2 of 2 taken>", repr(semaphore))


@runners
def test_who_waits_first_is_first(runner: Runner) -> None:
    mutex, order = Mutex(), []

    async def wait(number: int) -> None:
        async with mutex:
            order.append(number)
            await sleep(0)

    async def main() -> None:
        await mutex.alock()
        tasks = []
        for number in range(10):
            tasks.append(go(wait, number))
            await give_way()
        mutex.unlock()
        for task in tasks:
            await task

    runner(main())
    assert order == list(range(10))


@runners
def test_a_lock_is_handed_over_and_not_snatched(runner: Runner) -> None:
    mutex, got = Mutex(), []

    async def wait() -> None:
        async with mutex:
            got.append("waiter")

    async def main() -> None:
        await mutex.alock()
        waiter = go(wait)
        await give_way()
        mutex.unlock()
        assert not mutex.try_lock()
        await waiter

    runner(main())
    assert got == ["waiter"]


@runners
@pytest.mark.parametrize("make", [Mutex, RWMutex, lambda: Semaphore(1)])
def test_a_storm_of_cancels_leaves_the_lock_free(runner: Runner, make: Callable[[], Any]) -> None:
    lock, room = make(), Room(1)

    async def visit() -> None:
        async with lock:
            room.enter()
            try:
                await sleep(0)
            finally:
                room.leave()

    async def main() -> int:
        stopped = 0
        for _ in range(20):
            tasks = [go(visit) for _ in range(20)]
            for turn, task in enumerate(tasks):
                if turn % 3 == 0:
                    await sleep(0)
                if turn % 2 == 0:
                    task.cancel()
            for task in tasks:
                try:
                    await task
                except Cancelled:
                    stopped += 1
        async with lock:
            assert room.inside == 0
        return stopped

    assert runner(main()) > 0


def test_a_coroutine_that_would_block_the_scheduler_is_told() -> None:
    mutex = Mutex()

    async def main() -> None:
        mutex.lock()
        mutex.lock()

    with pytest.raises(RuntimeError, match="would block"):
        run(main())


def test_a_mutex_locked_twice_is_a_deadlock(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("""
from fastgo.concurrency import Deadlock, run
from fastgo.concurrency.sync import Mutex, RWMutex, WaitGroup

async def lock_twice(lock):
    async with lock, lock:
        pass

async def wait():
    group = WaitGroup()
    group.add()
    await group

for coroutine in (lock_twice(Mutex()), lock_twice(RWMutex()), wait()):
    try:
        run(coroutine)
    except Deadlock as deadlock:
        print(coroutine.__name__ in str(deadlock), ".py:" in str(deadlock))
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "True True\n" * 3, "")


# --- WaitGroup ---


def test_all_kinds_wait_for_a_group() -> None:
    group, ready = WaitGroup(), chan(6)
    group.add(2)

    def thread() -> None:
        ready.send(None)
        group.wait()

    async def coroutine() -> None:
        await ready.asend(None)
        await group

    tasks = [go(thread), go(coroutine), go(lambda: asyncio.run(coroutine()))]
    for _ in tasks:
        ready.recv()
    group.done()
    assert not any(task.done() for task in tasks)
    group.done()
    for task in tasks:
        task.result()


@runners
def test_a_group_without_work_is_not_waited_for_and_may_be_used_again(runner: Runner) -> None:
    group, done = WaitGroup(), []

    async def work(number: int) -> None:
        await give_way()
        done.append(number)
        group.done()

    async def main() -> None:
        await group
        for round_ in range(3):
            group.add(2)
            go(work, round_)
            go(work, round_)
            await group
            assert done == [each for each in range(round_ + 1) for _ in range(2)]

    runner(main())
    group.wait()


def test_a_group_below_zero_stays_as_it_was() -> None:
    group = WaitGroup()
    group.add(2)
    with pytest.raises(SyncError, match="cannot be -1"):
        group.add(-3)
    assert group.count == 2
    group.add(-2)
    group.wait()
    assert re.fullmatch(r"<WaitGroup at 0x\w+: 0>", repr(group))


def test_threads_count_exactly() -> None:
    group, rounds = WaitGroup(), 2000

    def work() -> None:
        for _ in range(rounds):
            group.add(2)
            group.done()

    for task in [go(work) for _ in range(4)]:
        task.result()
    assert group.count == 4 * rounds


def test_the_handler_of_a_signal_may_use_a_group_that_the_thread_is_using() -> None:
    group, handled = WaitGroup(), []

    def handle(_number: int, _frame: object) -> None:
        group.add()
        group.done()
        handled.append(None)

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        while len(handled) < 200:
            group.add()
            group.done()
            group.wait()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert group.count == 0


# --- Once ---


def test_a_function_is_called_once_and_the_others_wait_for_it() -> None:
    once, calls, seen = Once(), [], []
    begun, end = chan(), chan()

    def call() -> None:
        begun.send(None)
        end.recv()
        calls.append(None)

    async def acall() -> None:
        call()

    def thread() -> None:
        once.do(call)
        seen.append(len(calls))

    async def coroutine() -> None:
        await once.ado(acall)
        seen.append(len(calls))

    first = go(thread)
    begun.recv()
    others = [go(thread), go(coroutine), go(lambda: asyncio.run(coroutine()))]
    end.close()
    for task in [first, *others]:
        task.result()
    assert seen == [1, 1, 1, 1]


@runners
def test_a_function_that_raises_was_called(runner: Runner) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def main() -> None:
        once = Once()
        with pytest.raises(ZeroDivisionError):
            await once.ado(fail)
        await once.ado(fail)
        once.do(lambda: 1 / 0)

    runner(main())
