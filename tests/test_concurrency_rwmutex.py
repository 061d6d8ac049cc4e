"""RWMutex: many readers or one writer, each in its turn."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, go, run, sleep
from fastgo.concurrency.sync import Mutex, RWMutex

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]
TURNS = 200


async def give_way(times: int = 3) -> None:
    for _ in range(times):
        await sleep(0)


def test_readers_together_and_writers_alone() -> None:
    mutex, shared = RWMutex(), {"readers": 0, "writers": 0, "writes": 0}

    def begin(reads: bool) -> None:
        shared["readers" if reads else "writers"] += 1
        assert shared["writers"] == 0 if reads else (shared["readers"], shared["writers"]) == (0, 1)

    def end(reads: bool) -> None:
        shared["readers" if reads else "writers"] -= 1
        shared["writes"] += not reads

    readers_count = Mutex()  # as += of readers in several threads is not atomic

    async def coroutine(reads: bool) -> None:
        for _ in range(TURNS):
            async with mutex.reader if reads else mutex:
                async with readers_count:
                    begin(reads)
                await sleep(0)
                async with readers_count:
                    end(reads)

    def thread(reads: bool) -> None:
        for _ in range(TURNS):
            with mutex.reader if reads else mutex:
                with readers_count:
                    begin(reads)
                with readers_count:
                    end(reads)

    async def both() -> None:
        for task in [go(coroutine, True), go(coroutine, False)]:
            await task

    tasks = [go(each, reads) for each in (coroutine, thread) for reads in (True, False)]
    tasks += [go(lambda: asyncio.run(both())), go(lambda: run(both()))]
    for task in tasks:
        task.result()
    assert shared == {"readers": 0, "writers": 0, "writes": 4 * TURNS}


@runners
def test_many_readers_have_it_at_once(runner: Runner) -> None:
    mutex, room = RWMutex(), {"inside": 0, "most": 0}

    async def read() -> None:
        async with mutex.reader:
            room["inside"] += 1
            room["most"] = max(room["most"], room["inside"])
            await give_way()
            room["inside"] -= 1

    async def main() -> None:
        for task in [go(read) for _ in range(10)]:
            await task

    runner(main())
    assert room == {"inside": 0, "most": 10}


@runners
def test_readers_and_writers_have_it_in_their_order(runner: Runner) -> None:
    mutex, order = RWMutex(), []

    async def read(name: str) -> None:
        async with mutex.reader:
            order.append(name)

    async def write(name: str) -> None:
        async with mutex:
            order.append(name)

    async def main() -> None:
        await mutex.arlock()
        tasks = []
        for do, name in [(write, "w1"), (read, "r1"), (read, "r2"), (write, "w2"), (read, "r3")]:
            tasks.append(go(do, name))
            await give_way()
        assert not mutex.try_rlock()  # as a writer waits
        assert not mutex.try_lock()
        assert order == []
        mutex.runlock()
        for task in tasks:
            await task

    runner(main())
    assert order == ["w1", "r1", "r2", "w2", "r3"]


@runners
def test_a_cancelled_writer_lets_the_readers_behind_it_in(runner: Runner) -> None:
    mutex = RWMutex()

    async def main() -> None:
        await mutex.arlock()
        writer = go(mutex.alock)
        await give_way()
        assert not mutex.try_rlock()
        writer.cancel()
        with pytest.raises(Cancelled):
            await writer
        assert mutex.try_rlock()
        mutex.runlock()
        mutex.runlock()
        assert mutex.try_lock()

    runner(main())


def test_a_writer_becomes_a_reader() -> None:
    mutex = RWMutex()
    mutex.lock()
    assert not mutex.try_rlock()
    mutex.downgrade()
    assert mutex.try_rlock()
    assert not mutex.try_lock()
    mutex.runlock()
    mutex.runlock()
    assert mutex.try_lock()
    mutex.unlock()
