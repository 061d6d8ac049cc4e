"""Many coroutines, many cancels, many closes at once: nothing is lost, kept or broken."""

import asyncio
import contextlib
import gc
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import (
    Cancelled,
    ChannelError,
    Task,
    aselect,
    chan,
    default,
    go,
    nilchan,
    run,
    select,
    sleep,
)

runners = pytest.mark.parametrize("runner", [run, asyncio.run])


async def receive(channel: Any) -> Any:
    return await channel.arecv()


async def settle(turns: int = 3) -> None:
    for _ in range(turns):
        await sleep(0)


PARKED = """
import gc, itertools, os, sys
from fastgo.concurrency import chan, go, run, sleep

kind, count = sys.argv[1], int(sys.argv[2])

def held():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

class Park:  # nothing of its own for each that waits
    def __await__(self, forever=itertools.repeat(None)):
        return forever

async def receive(channel):
    return await channel.arecv()

async def bare(park):
    await park

async def main():
    channel, park = chan(), Park()
    before = held()
    if kind == "bare":  # what the interpreter itself needs
        parked = [bare(park) for _ in range(count)]
        for each in parked:
            each.send(None)
        print(held() - before)
        for each in parked:
            each.close()
        return
    parked = [go(receive, channel) for _ in range(count)]
    await sleep(0)
    print(held() - before)
    channel.close()
    for each in parked:
        assert await each is None

gc.disable()
run(main())
"""


def test_parked_coroutines_are_small_and_all_wake(tmp_path: Path, soak: bool) -> None:
    count = 1_000_000 if soak else 100_000
    script = tmp_path / "parked.py"
    script.write_text(PARKED)

    def measure(kind: str) -> float:
        command = [sys.executable, str(script), kind, str(count)]
        out = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=600
        ).stdout
        return int(out) / count

    assert measure("ours") - measure("bare") <= 200


@runners
def test_cancel_storm_leaves_every_value_with_somebody(runner: Callable[..., Any]) -> None:
    """Each of the values that a send has delivered is received once, whoever is cancelled."""
    rounds, chance = 200, random.Random(8)

    async def send(channel: Any, value: int, sent: list[int]) -> None:
        await channel.asend(value)
        sent.append(value)

    async def take(channel: Any, other: Any, got: list[int]) -> None:
        _index, value = await aselect(channel.recv, other.recv, (nilchan.send, 0))
        got.append(value)

    async def main() -> None:
        sent: list[int] = []
        got: list[int] = []
        channels = [chan(), chan(2)]
        for number in range(rounds):
            tasks: list[Task[Any]] = []
            for value in range(10):
                a, b = chance.sample(channels, 2)
                tasks.append(go(send, a, 10 * number + value, sent))
                tasks.append(go(take, a, b, got))
            chance.shuffle(tasks)
            for task in tasks[::2]:
                task.cancel()
            await settle()
            for task in tasks[1::2]:
                task.cancel()
            for task in tasks:
                try:
                    await task
                except Cancelled:
                    assert task.cancelled()
        while (left := select(*(each.recv for each in channels), default))[0] < len(channels):
            got.append(left[1])
        assert sorted(got) == sorted(sent)

    runner(main())


def test_cancel_from_threads_while_threads_send() -> None:
    async def loop(channel: Any, got: list[int]) -> None:
        while True:
            got.append(await channel.arecv())

    def send(channel: Any, numbers: range) -> None:
        for number in numbers:
            channel.send(number)

    def cancel(tasks: list[Task[Any]]) -> None:
        for task in tasks:
            task.cancel()

    async def main() -> None:
        channel, got = chan(), []  # type: ignore[var-annotated]
        senders = [go(send, channel, range(k * 1000, (k + 1) * 1000)) for k in range(3)]
        survivor = go(loop, channel, got)
        while not all(task.done() for task in senders):
            tasks = [go(loop, channel, got) for _ in range(10)]
            await sleep(0)
            cancellers = [go(cancel, tasks[::2]), go(cancel, tasks)]
            for task in cancellers + tasks:
                with contextlib.suppress(Cancelled):
                    await task
        survivor.cancel()
        with pytest.raises(Cancelled):
            await survivor
        assert sorted(got) == list(range(3000))

    run(main())


def test_close_races_with_senders_and_receivers() -> None:
    def send(channel: Any, number: int) -> int:
        count = 0
        try:
            while True:
                channel.send(number)
                count += 1
        except ChannelError:
            return count

    async def asend(channel: Any, number: int) -> int:
        count = 0
        try:
            while True:
                await aselect((channel.send, number), nilchan.recv)
                count += 1
        except ChannelError:
            return count

    def count(channel: Any) -> int:
        return sum(1 for _ in channel)

    async def acount(channel: Any) -> int:
        return sum([1 async for _ in channel])

    async def main() -> None:
        for capacity in (0, 1, 7) * 5:
            channel = chan(capacity)
            senders = [go(each, channel, 1) for each in (send, asend, send, asend)]
            receivers = [go(each, channel) for each in (count, acount)]
            for _ in range(20):
                await sleep(0)
                await channel.arecv()
                await channel.asend(0)
            closed = [go(close, channel) for _ in range(3)]
            assert sorted([await task for task in closed]) == [False, False, True]
            sent = sum([await task for task in senders])
            assert sum([await task for task in receivers]) == sent

    def close(channel: Any) -> bool:
        try:
            channel.close()
        except ChannelError:
            return False
        return True

    run(main())


def test_select_in_many_threads_and_coroutines_moves_each_value_once() -> None:
    channels = [chan() for _ in range(4)]

    def move(numbers: range) -> list[int]:
        got = []
        for number in numbers:
            cases = [(each.send, number) for each in channels[:2]]
            index, value = select(*cases, channels[2].recv)
            while index == 2:
                got.append(value)
                index, value = select(*cases, channels[2].recv)
        return got

    async def amove(numbers: range) -> list[int]:
        got = []
        for number in numbers:
            while True:
                index, value = await aselect(
                    channels[0].recv, (channels[2].send, number), channels[1].recv
                )
                if index == 1:
                    break
                got.append(value)
        return got

    async def drain(stop: Any) -> list[int]:
        got = []
        while True:
            index, value = await aselect(*(each.recv for each in channels), stop.recv)
            if index == len(channels):
                return got
            got.append(value)

    async def main() -> None:
        stop = chan()
        drains = [go(drain, stop) for _ in range(2)]
        movers = [go(move, range(0, 500)), go(move, range(500, 1000))]
        movers += [go(amove, range(1000, 1500)), go(amove, range(1500, 2000))]
        got = [value for task in movers for value in await task]
        stop.close()
        got += [value for task in drains for value in await task]
        assert sorted(got) == list(range(2000))

    run(main())


@runners
def test_nothing_is_left_behind(runner: Callable[..., Any]) -> None:
    async def fail() -> None:
        raise ValueError

    async def work() -> None:
        channel, other = chan(1), chan()
        tasks = [go(receive, channel), go(receive, other), go(fail), go(receive, nilchan)]
        await channel.asend([])
        await settle()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(Cancelled, ValueError):
                await task
        await aselect((channel.send, []), other.recv)
        await go(list)
        await sleep(0)

    async def main() -> None:
        for _ in range(20):
            await work()

    def blocks() -> int:
        gc.collect()
        return sys.getallocatedblocks()

    for _ in range(20):
        runner(main())
    before = blocks()
    for _ in range(50):
        runner(main())
    assert blocks() - before < 1000  # of 4,000 tasks
