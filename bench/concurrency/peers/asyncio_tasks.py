"""Tasks of asyncio, with its queues."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from bench.concurrency.peers.figures import Figures, Memory, Stopwatch, main

Runner = Callable[[Coroutine[Any, Any, Figures]], Figures]
# Coroutines that switch in turn.
RING = 1000


async def empty() -> None:
    pass


async def seeds(count: int) -> Figures:
    watch = Stopwatch()
    tasks = [asyncio.create_task(empty()) for _ in range(count)]
    watch.spawned()
    await tasks[-1]
    figures = watch.seeds()
    assert all(task.done() for task in tasks)
    return figures


async def echo(there: asyncio.Queue[int], back: asyncio.Queue[int]) -> None:
    while True:
        await back.put(await there.get())


async def ping_pong(count: int) -> Figures:
    there: asyncio.Queue[int] = asyncio.Queue(1)
    back: asyncio.Queue[int] = asyncio.Queue(1)
    task = asyncio.create_task(echo(there, back))
    watch = Stopwatch()
    for number in range(count):
        await there.put(number)
        await back.get()
    figures = watch.each(count)
    task.cancel()
    return figures


async def take_turns(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def switch(count: int) -> Figures:
    tasks = [asyncio.create_task(take_turns(count // RING)) for _ in range(RING)]
    watch = Stopwatch()
    await asyncio.gather(*tasks)
    return watch.each(count)


async def parked(count: int) -> Figures:
    gc.disable()
    queue: asyncio.Queue[None] = asyncio.Queue()
    await asyncio.sleep(0)
    memory = Memory()
    tasks = [asyncio.create_task(queue.get()) for _ in range(count)]
    await asyncio.sleep(0)
    figures = memory.each(count)
    for task in tasks:
        task.cancel()
    return figures


def works(run: Runner) -> dict[str, Callable[[int], Figures]]:
    """What tasks do, on the loop that `run` makes."""
    coroutines = {"seeds": seeds, "ping-pong": ping_pong, "switch": switch, "parked": parked}
    return {name: partial(_on, run, function) for name, function in coroutines.items()}


def _on(
    run: Runner, function: Callable[[int], Coroutine[Any, Any, Figures]], count: int
) -> Figures:
    return run(function(count))


if __name__ == "__main__":
    main(works(asyncio.run))
