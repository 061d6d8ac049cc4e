"""WaitGroup.go: what it starts is counted until it has ended, in whatever way."""

import asyncio
import ctypes
import gc
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import chan, run, sleep, step
from fastgo.concurrency.sync import WaitGroup
from tests.compilers import compile_c

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]


@runners
def test_a_group_waits_for_what_it_has_started(runner: Runner, tmp_path: Path) -> None:
    source = """
    #include <fastgo.h>
    int add(fastgo_task *task, void *numbers)
    {
        int done = fastgo_task_send_int(task, numbers, 3);
        return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
    }
    """
    numbers = chan(3, of=int)
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))

    async def coroutine(*, number: int) -> None:
        await sleep(0)
        await numbers.asend(number)

    async def main() -> None:
        group = WaitGroup()
        group.go(numbers.send, 1)
        group.go(coroutine, number=2)
        group.go(step(library, "add", data=numbers.address, keep=numbers))
        assert group.count <= 3
        await group
        assert group.count == 0

    runner(main())
    numbers.close()
    assert sorted(numbers) == [1, 2, 3]


def test_a_thread_waits_for_what_it_has_started() -> None:
    group, seen = WaitGroup(), []
    for number in range(10):
        group.go(seen.append, number)
    group.wait()
    assert sorted(seen) == list(range(10))


@runners
def test_what_fails_is_not_waited_for_and_is_reported(
    runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("thread")

    async def afail() -> None:
        raise ValueError("coroutine")

    async def main() -> None:
        group = WaitGroup()
        group.go(fail)
        group.go(afail)
        await group
        await sleep(0)  # the task ends a little after the group was told

    with caplog.at_level(logging.ERROR, "fastgo"):
        runner(main())
        gc.collect()  # a task of asyncio and its exception hold each other
    causes = {str(record.exc_info[1]) for record in caplog.records if record.exc_info}
    assert "coroutine" in causes


def test_what_is_no_function_is_not_counted() -> None:
    async def call() -> None:
        """Is never called."""

    group, called = WaitGroup(), call()
    for wrong in (5, None, called):
        with pytest.raises(TypeError, match="go takes a function"):
            group.go(wrong)  # type: ignore[arg-type]
    called.close()
    group.wait()


def test_a_call_with_wrong_arguments_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async def call() -> None:
        """Takes none."""

    group = WaitGroup()
    group.go(call, 1)
    group.wait()
    assert group.count == 0
