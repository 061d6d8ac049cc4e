"""Coroutines on fastgo's scheduler, with its channels."""

from __future__ import annotations

import gc
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from bench.concurrency.peers.figures import Figures, Memory, Stopwatch, main
from fastgo.concurrency import Chan, chan, go, run, sleep

RING = 1000


async def empty() -> None:
    pass


async def seeds(count: int) -> Figures:
    watch = Stopwatch()
    tasks = [go(empty) for _ in range(count)]
    watch.spawned()
    await tasks[-1]
    figures = watch.seeds()
    assert all(task.done() for task in tasks)
    return figures


async def echo(there: Chan[int], back: Chan[int]) -> None:
    async for number in there:
        await back.asend(number)


async def ping_pong(count: int) -> Figures:
    there, back = chan(), chan()
    go(echo, there, back)
    watch = Stopwatch()
    for number in range(count):
        await there.asend(number)
        await back.arecv()
    figures = watch.each(count)
    there.close()
    return figures


async def take_turns(times: int) -> None:
    for _ in range(times):
        await sleep(0)


async def switch(count: int) -> Figures:
    tasks = [go(take_turns, count // RING) for _ in range(RING)]
    watch = Stopwatch()
    for task in tasks:
        await task
    return watch.each(count)


async def receive(channel: Chan[None]) -> None:
    await channel.arecv()


async def parked(count: int) -> Figures:
    gc.disable()
    channel = chan()
    memory = Memory()
    tasks = [go(receive, channel) for _ in range(count)]
    await sleep(0)
    figures = memory.each(count)
    channel.close()
    await tasks[-1]
    return figures


WORKS = {"seeds": seeds, "ping-pong": ping_pong, "switch": switch, "parked": parked}


def _run(work: Callable[[int], Coroutine[Any, Any, Figures]], count: int) -> Figures:
    return run(work(count))


if __name__ == "__main__":
    main({name: partial(_run, work) for name, work in WORKS.items()})
