"""The eight properties that the study of 2018 asked of coroutine libraries, and what shows each.

PROPERTIES is the table: docs/concurrency.md has the same. A row names the tests that show the
property, of this file, of others and of Go's, and the comparison of bench.concurrency that has
it measured.
"""

import ast
import asyncio
import ctypes
import gc
import os
import re
import socket
import subprocess
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import chan, go, run, sleep, step
from fastgo.concurrency.sync import Mutex
from tests.compilers import compile_c

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Property:
    """One of the eight: the tests that show it, and where it is measured."""

    name: str
    tests: tuple[str, ...]
    measured: tuple[str, ...] = ()


PROPERTIES = [
    Property(
        "non-blocking I/O",
        (
            "tests/test_concurrency_properties.py::test_input_holds_up_no_coroutine",
            "tests/test_concurrency_properties.py::test_sockets_and_channels_share_a_loop",
            "tests/test_concurrency_native.py::test_native_handler_feeds_a_python_consumer",
        ),
        ("messages",),
    ),
    Property(
        "light switch",
        ("tests/test_concurrency_properties.py::test_switch_allocates_nothing",),
        ("switch", "ping-pong"),
    ),
    Property(
        "contained memory",
        (
            "tests/test_concurrency_stress.py::test_parked_coroutines_are_small_and_all_wake",
            "tests/test_concurrency_properties.py::test_parked_native_tasks_are_small_and_all_wake",
            "tests/test_concurrency_stress.py::test_nothing_is_left_behind",
        ),
        ("parked",),
    ),
    Property(
        "efficient scheduler",
        (
            "tests/test_concurrency_properties.py::test_waking_one_runs_none_of_the_others",
            "tests/test_concurrency_tasks.py::test_tasks_begin_in_their_order",
            "gocore/task/task_test.go::TestTasksAreIdleWhenAllOfThemWait",
        ),
        ("seeds",),
    ),
    Property(
        "thread-safe",
        (
            "tests/test_concurrency_stress.py"
            "::test_select_in_many_threads_and_coroutines_moves_each_value_once",
            "tests/test_concurrency_stress.py::test_cancel_from_threads_while_threads_send",
            "gocore/task/stress_test.go::TestEachValueIsReceivedOnceAndInOrder",
        ),
    ),
    Property(
        "multi-threaded",
        (
            "tests/test_concurrency_properties.py::test_native_tasks_run_at_the_same_time",
            "tests/test_concurrency_properties.py::test_native_tasks_run_while_python_computes",
        ),
        ("scaling",),
    ),
    Property(
        "mutex",
        ("tests/test_concurrency_properties.py::test_mutex_lets_one_in_at_a_time",),
    ),
    Property(
        "channels",
        (
            "tests/test_concurrency_model.py::test_programs_are_linearizable",
            "tests/test_concurrency_channels.py::test_one_channel_connects_all_kinds_of_parties",
            "gocore/task/chan_test.go::TestOperationsAgreeWithTheSpecification",
        ),
        ("try", "try-bytes"),
    ),
]


# --- the table ---


def test_there_are_eight() -> None:
    assert len({each.name for each in PROPERTIES}) == 8


@pytest.mark.parametrize("name", [test for each in PROPERTIES for test in each.tests])
def test_named_test_is_there(name: str) -> None:
    file, _, function = name.partition("::")
    source = (ROOT / file).read_text()
    if file.endswith(".go"):
        assert re.search(rf"^func {function}\(t \*testing\.T\)", source, re.M)
    else:
        assert function in {
            node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
        }


def test_measured_comparisons_are_there() -> None:
    comparisons = pytest.importorskip("bench.concurrency.comparisons").COMPARISONS
    assert {name for each in PROPERTIES for name in each.measured} <= set(comparisons)


def test_page_has_the_table() -> None:
    page = (ROOT / "docs" / "concurrency.md").read_text()
    section = page.partition("## The eight properties")[2].partition("\n## ")[0]
    shown = {}
    for name, tests, measured in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", section, re.M)[1:]:
        shown[name] = (re.findall(r"`(\w+)`", tests), re.findall(r"`([\w-]+)`", measured))
    assert shown == {
        each.name: ([test.rpartition("::")[2] for test in each.tests], list(each.measured))
        for each in PROPERTIES
    }


# --- non-blocking I/O ---


def test_input_holds_up_no_coroutine() -> None:
    """A thread reads from a socket, to which the coroutines that go on meanwhile write at last."""
    reading, writing = socket.socketpair()

    async def pong(channel: Any) -> None:
        async for number in channel:
            await channel.asend(number)

    async def main() -> bytes:
        task = go(reading.recv, 16)
        channel = chan()
        go(pong, channel)
        for number in range(1000):
            await channel.asend(number)
            assert await channel.arecv() == number
        assert not task.done()
        writing.send(b"at last")
        return await task

    with reading, writing:
        assert run(main()) == b"at last"


def test_sockets_and_channels_share_a_loop() -> None:
    reading, writing = socket.socketpair()

    async def read(lines: Any) -> None:
        reader, writer = await asyncio.open_connection(sock=reading)
        async for line in reader:
            await lines.asend(line)
        lines.close()
        writer.close()

    async def main() -> list[bytes]:
        lines = chan()
        go(read, lines)
        writing.sendall(b"".join(b"%d\n" % number for number in range(100)))
        writing.close()
        return [line async for line in lines]

    assert asyncio.run(main()) == [b"%d\n" % number for number in range(100)]


# --- light switch ---


def test_switch_allocates_nothing() -> None:
    async def turn(times: int) -> None:
        for _ in range(times):
            await sleep(0)

    async def exchange(there: Any, back: Any, times: int) -> None:
        for _ in range(times):
            await there.asend(None)
            await back.arecv()

    async def blocks_while(times: int) -> int:
        there, back = chan(), chan()
        go(answer, there, back)
        tasks = [go(turn, times), go(turn, times), go(exchange, there, back, times)]
        gc.collect()
        before = sys.getallocatedblocks()
        for task in tasks:
            await task
        grown = sys.getallocatedblocks() - before
        there.close()
        return grown

    async def answer(there: Any, back: Any) -> None:
        async for value in there:
            await back.asend(value)

    run(blocks_while(100))  # fills the free lists
    assert run(blocks_while(10_000)) - run(blocks_while(100)) < 100


# --- native tasks: contained memory, multi-threaded ---

SOURCE = r"""
#define _GNU_SOURCE
#include <fastgo.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t begun, woken;

static int park(fastgo_task *task, void *chan)
{
    int64_t value;
    atomic_fetch_add(&begun, 1);
    int done = fastgo_task_recv_int(task, chan, &value);
    if (done == FASTGO_WAIT) {
        return FASTGO_WAIT;
    }
    atomic_fetch_add(&woken, 1);
    return FASTGO_DONE;
}

int64_t park_many(fastgo_chan *chan, int64_t count)
{
    atomic_store(&begun, 0);
    atomic_store(&woken, 0);
    for (int64_t i = 0; i < count; i++) {
        if (fastgo_go(fastgo_concurrency_of(chan), park, chan, 0) != FASTGO_OK) {
            return i;
        }
    }
    while (atomic_load(&begun) < count) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, 0);
    }
    return count;
}

void await_woken(int64_t count)
{
    while (atomic_load(&woken) < count) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, 0);
    }
}

struct meeting {
    _Atomic int64_t present;
    int64_t wanted;
};

/* Holds its thread until as many have come as are wanted. */
void await_meeting(struct meeting *meeting)
{
    while (atomic_load(&meeting->present) < meeting->wanted) {
        nanosleep(&(struct timespec){.tv_nsec = 1000}, 0);
    }
}

int meet(fastgo_task *task, void *state)
{
    struct meeting *meeting = state;
    atomic_fetch_add(&meeting->present, 1);
    await_meeting(meeting);
    return fastgo_task_return_int(task, meeting->present);
}
"""

PARKED = """
import ctypes, os, sys
from fastgo.concurrency import chan
library, count = ctypes.CDLL(sys.argv[1]), int(sys.argv[2])
channel = chan(of=int)
place = ctypes.c_void_p(channel.address)

def held():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

before = held()
assert library.park_many(place, ctypes.c_int64(count)) == count
print(held() - before)
channel.close()
library.await_woken(ctypes.c_int64(count))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(tmp_path_factory.mktemp("properties"), SOURCE)


def test_parked_native_tasks_are_small_and_all_wake(path: Path, soak: bool) -> None:
    count = 1_000_000 if soak else 100_000
    command = [sys.executable, "-c", PARKED, str(path), str(count)]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    assert int(out) / count <= 256


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")
def test_native_tasks_run_at_the_same_time(path: Path) -> None:
    """Neither task ends before both have begun."""
    meeting = array("q", [0, 2])
    meet = step(ctypes.CDLL(str(path)), "meet", data=meeting)
    assert [task.result() for task in [go(meet), go(meet)]] == [2, 2]


def test_native_tasks_run_while_python_computes(path: Path) -> None:
    """A call by PyDLL keeps the GIL until the task has run."""
    meeting = array("q", [0, 1])
    task = go(step(ctypes.CDLL(str(path)), "meet", data=meeting))
    ctypes.PyDLL(str(path)).await_meeting(ctypes.c_void_p(meeting.buffer_info()[0]))
    assert task.result() == 1


# --- mutex ---


def test_mutex_lets_one_in_at_a_time() -> None:
    mutex, inside, most = Mutex(), 0, 0

    def enter() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)

    def leave() -> None:
        nonlocal inside
        inside -= 1

    def in_thread() -> None:
        for _ in range(200):
            with mutex:
                enter()
                os.sched_yield()
                leave()

    async def in_coroutine() -> None:
        for _ in range(200):
            async with mutex:
                enter()
                await sleep(0)
                leave()

    async def main() -> None:
        for task in [go(each) for each in [in_thread, in_coroutine] * 3]:
            await task

    run(main())
    assert (inside, most) == (0, 1)


# --- efficient scheduler ---


def test_waking_one_runs_none_of_the_others() -> None:
    steps = []

    async def wait(channel: Any, number: int) -> None:
        await channel.arecv()
        steps.append(number)

    async def main() -> None:
        channels = [chan() for _ in range(10_000)]
        for number, channel in enumerate(channels):
            go(wait, channel, number)
        await sleep(0)
        await channels[7000].asend(None)
        await sleep(0)
        assert steps == [7000]

    run(main())
