"""Groups that are cancelled: nothing of them is left."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import (
    Cancelled,
    TaskError,
    chan,
    go,
    nilchan,
    run,
    sleep,
    step,
)
from fastgo.concurrency.context import Canceled
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.sync import WaitGroup
from tests.compilers import compile_c

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]


class WrongError(Exception):
    pass


async def stay() -> None:
    await nilchan.arecv()


async def fail(text: str = "wrong") -> None:
    raise WrongError(text)


@runners
def test_a_block_that_is_cancelled_ends_cancelled(runner: Runner) -> None:
    ended = []

    async def note() -> None:
        try:
            await stay()
        finally:
            ended.append(None)

    async def block() -> None:
        async with Group() as group:
            group.go(note)
            await stay()

    async def main() -> None:
        task = go(block)
        await sleep(0)
        await sleep(0)
        task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert ended == [None]

    runner(main())


@pytest.mark.parametrize("wait", ["block", "await", "error"])
@runners
def test_nothing_outlives_a_wait_that_is_cancelled(runner: Runner, wait: str) -> None:
    ended, release = [], chan()

    async def linger() -> None:
        try:
            await stay()
        finally:
            await release.arecv()
            ended.append("coroutine")

    def thread(group: Group) -> None:
        group.context.done().recv()
        release.recv()
        ended.append("thread")

    async def block() -> None:
        try:
            if wait == "await":
                group = Group()
                group.go(linger)
                group.go(thread, group)
                await group
            else:
                async with Group() as group:
                    group.go(linger)
                    group.go(thread, group)
                    if wait == "error":
                        await sleep(0.001)
                        raise WrongError
        finally:
            ended.append("block")

    async def main() -> None:
        task = go(block)
        for _ in range(3):  # to cancel the wait more than once changes nothing
            await sleep(0.01)
            assert task.cancel()
        assert ended == []
        await release.asend(None)
        await release.asend(None)
        with pytest.raises(Cancelled):
            await task

    runner(main())
    assert (sorted(ended[:2]), ended[2:]) == (["coroutine", "thread"], ["block"])


@runners
def test_a_group_ends_at_the_end_of_a_run_in_which_it_has_not_begun(runner: Runner) -> None:
    ended = []

    async def block() -> None:
        try:
            async with Group(limit=2) as group:
                await group.ago(stay)
                await sleep(0)
                await group.ago(stay)  # which does not begin
                begun.close()
        except Cancelled:
            assert group._running.count == 0
            ended.append("block")
            raise

    async def main() -> None:
        go(block)
        await begun.arecv()

    begun = chan()
    runner(main())
    assert ended == ["block"]


def test_nothing_outlives_the_wait_of_a_thread_that_is_interrupted() -> None:
    ended = []

    async def linger() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await stay()
        finally:
            await sleep(0.01)
            ended.append("coroutine")

    with pytest.raises(KeyboardInterrupt), Group() as group:
        group.go(linger)
    assert ended == ["coroutine"]


@runners
def test_a_wait_that_is_cancelled_cancels_the_group(runner: Runner) -> None:
    async def main() -> None:
        group = Group()
        group.go(stay)

        async def wait() -> None:
            await group

        waiter = go(wait)
        await sleep(0)
        await sleep(0)
        waiter.cancel()
        with pytest.raises(Cancelled):
            await waiter
        with pytest.raises(Canceled):
            await group

    runner(main())


def test_native_tasks_are_cancelled_too(tmp_path: Path) -> None:
    import ctypes

    source = """
    #include <fastgo.h>
    int spin(fastgo_task *task, void *data)
    {
        (void)data;
        return fastgo_task_yield(task) == FASTGO_WAIT ? FASTGO_WAIT
             : fastgo_task_cancelled(task)            ? FASTGO_DONE
                                                      : spin(task, data);
    }
    int fail(fastgo_task *task, void *data)
    {
        (void)data;
        return fastgo_task_fail(task, "native");
    }
    """
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))
    group = Group()
    group.go(step(library, "spin"))
    group.go(step(library, "fail"))
    with pytest.raises(TaskError, match="native"):
        group.wait()


@runners
def test_native_tasks_do_not_outlive_the_group_either(runner: Runner, tmp_path: Path) -> None:
    import ctypes

    source = """
    #include <fastgo.h>
    volatile int begun, go_on;
    int linger(fastgo_task *task, void *data)
    {
        (void)task, (void)data;
        begun = 1;
        while (!go_on) {
        }
        return FASTGO_DONE;
    }
    """
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))
    begun, go_on = (ctypes.c_int.in_dll(library, name) for name in ("begun", "go_on"))

    async def block() -> None:
        async with Group() as group:
            group.go(step(library, "linger"))

    async def main() -> None:
        task = go(block)
        while not begun.value:
            await sleep(0.001)
        task.cancel()
        await sleep(0.01)
        ended = task.done()
        go_on.value = 1
        with pytest.raises(Cancelled):
            await task
        assert not ended

    runner(main())


@pytest.mark.parametrize("kind", [Group, WaitGroup])
def test_coroutines_that_never_began_are_not_waited_for(kind: Any) -> None:
    group = kind()

    async def start() -> None:
        group.go(sleep, 0)

    run(start())
    group.wait()

    async def cancel() -> None:
        group.go(sleep, 0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        async with asyncio.timeout(30):
            await group

    asyncio.run(cancel())


def test_member_that_waits_for_its_own_group_can_be_cancelled() -> None:
    async def main() -> None:
        group = Group()

        async def wait() -> None:
            await group

        group.go(wait)
        await asyncio.sleep(0)
        group.cancel()
        with pytest.raises(Canceled):
            await group

    asyncio.run(main())
