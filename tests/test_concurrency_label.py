"""Messages of what is made of channels name that: what to await instead, and what is waited for."""

import gc
import re
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import nilchan, run
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.sync import Mutex, Once, RWMutex, Semaphore, WaitGroup
from tests.compilers import compile_c
from tests.programs import Program

LOCK = "`async with mutex` or `await mutex.alock()`"
ACQUIRE = "`async with semaphore` or `await semaphore.aacquire()`"
READ = "`async with mutex.reader` or `await mutex.arlock()`"
WAIT = "`await group` or `async with Group()`"


WAIT_FOR_EVER = """
#include <fastgo.h>
int wait(fastgo_task *task, void *never)
{
    int64_t number;
    int done = fastgo_task_recv_int(task, never, &number);
    return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}
"""


def enter(lock: Any) -> None:
    with lock:
        pass


def locked(lock: Any) -> Any:
    lock.lock()
    return lock


def taken() -> Semaphore:
    semaphore = Semaphore(1)
    semaphore.acquire()
    return semaphore


def counting() -> WaitGroup:
    group = WaitGroup()
    group.add()
    return group


def read() -> RWMutex:
    mutex = RWMutex()
    mutex.rlock()
    return mutex


async def stay() -> None:
    await nilchan.arecv()


def full() -> Group:
    group = Group(limit=1)
    group.go(stay)
    return group


def do_within(once: Once) -> None:
    once.do(lambda: once.do(print))


@pytest.mark.parametrize(
    ("make", "block", "instead"),
    [
        (lambda: locked(Mutex()), Mutex.lock, LOCK),
        (lambda: locked(Mutex()), enter, LOCK),
        (taken, Semaphore.acquire, ACQUIRE),
        (taken, enter, ACQUIRE),
        (lambda: locked(RWMutex()), RWMutex.lock, LOCK),
        (lambda: locked(RWMutex()), RWMutex.rlock, READ),
        (lambda: locked(RWMutex()).reader, enter, READ),
        (read, RWMutex.lock, LOCK),
        (counting, WaitGroup.wait, "`await group`"),
        (Once, do_within, "`await once.ado(f)`"),
        (full, Group.wait, WAIT),
        (full, enter, WAIT),
        (full, lambda group: group.go(print), "`await group.ago(f, ...)`"),
    ],
)
def test_what_would_block_a_coroutine_says_what_to_write(
    make: Callable[[], Any], block: Callable[[Any], None], instead: str
) -> None:
    async def main() -> None:
        block(make())

    with pytest.raises(RuntimeError, match="would block") as caught:
        run(main())
    assert instead in str(caught.value)
    assert "ch." not in str(caught.value)


# A process of its own: pytest's has handlers of signals, which might wake somebody.
DEADLOCKS = """
import ctypes
from fastgo.concurrency import Deadlock, chan, run, step
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.sync import *

async def enter(lock):
    async with lock:
        async with lock: pass

async def write():
    mutex = RWMutex()
    mutex.rlock()
    await mutex.alock()

async def call():
    await once.ado(call)

async def groups():
    group, done = Group(limit=1), WaitGroup()
    async def work():
        done.go(wait)
        await group.ago(wait)
    async def wait():
        await done
    await group.ago(work)
    await group

async def native():
    never = chan(of=int)
    async with Group() as group:
        group.go(step(ctypes.CDLL(LIBRARY), "wait", data=never.address, keep=never))

once = Once()
locks = [Mutex(), RWMutex(), Semaphore(1)]
for main in [*map(enter, locks), write(), call(), groups(), native()]:
    try:
        run(main)
    except Deadlock as error:
        print(*sorted(str(error).splitlines()[1:]), sep="\\n")
"""

REPORT = """
enter (async with lock: pass) waits to lock <Mutex at X: locked>
enter (async with lock: pass) waits to lock <RWMutex at X: locked by a writer>
enter (async with lock: pass) waits to acquire <Semaphore at X: 1 of 1 taken>
write (await mutex.alock()) waits to lock <RWMutex at X: locked by 1 to read>
call (await once.ado(call)) waits for <Once at X: called, and not done>
groups (await group) waits for <Group at X: 1 running>
groups.<locals>.wait (await done) waits for <WaitGroup at X: 1>
groups.<locals>.work (await group.ago(wait)) waits for a place in <Group at X: 1 running>
<fastgo.concurrency.Step wait> waits for <fastgo.concurrency.Task at X, running elsewhere>
native (async with Group() as group:) waits for <Group at X: 1 running>
"""


def test_a_deadlock_names_what_is_waited_for_and_the_line_of_the_user(tmp_path: Path) -> None:
    library = compile_c(tmp_path, WAIT_FOR_EVER)
    script = tmp_path / "program.py"
    script.write_text(DEADLOCKS.replace("LIBRARY", repr(str(library))))
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.err, outcome.status) == ("", 0)
    source = script.read_text().splitlines()

    def line(place: re.Match[str]) -> str:
        return f"({source[int(place[1]) - 1].strip()})"

    text = re.sub(rf"\({re.escape(str(script))}:(\d+)\)", line, outcome.out)
    lines = [each.strip() for each in re.sub(r"0x\w+", "X", text).splitlines()]
    assert lines == REPORT.strip().splitlines()


def test_what_waits_for_a_lock_that_is_gone_says_so() -> None:
    async def main() -> None:
        operation = locked(Mutex()).alock()
        assert "waits to lock what is gone" in repr(operation)
        operation.close()

    run(main())


def test_a_lock_goes_without_the_collector() -> None:
    gc.disable()
    try:
        for make in (Mutex, Once, WaitGroup, lambda: Semaphore(1)):
            lock = make()
            watched = weakref.ref(lock)
            del lock
            assert watched() is None
    finally:
        gc.enable()
