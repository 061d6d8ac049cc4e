"""Greenlets of gevent, with its unbuffered channels."""

from __future__ import annotations

import gc
import importlib
from typing import Any

from bench.concurrency.peers.figures import Figures, Memory, Stopwatch, main

# By name: what imports this module for its types need not have gevent.
gevent: Any = importlib.import_module("gevent")
queue: Any = importlib.import_module("gevent.queue")
RING = 1000


def empty() -> None:
    pass


def seeds(count: int) -> Figures:
    watch = Stopwatch()
    greenlets = [gevent.spawn(empty) for _ in range(count)]
    watch.spawned()
    greenlets[-1].join()
    figures = watch.seeds()
    assert all(greenlet.dead for greenlet in greenlets)
    return figures


def echo(there: Any, back: Any) -> None:
    while True:
        back.put(there.get())


def ping_pong(count: int) -> Figures:
    there, back = queue.Channel(), queue.Channel()
    greenlet = gevent.spawn(echo, there, back)
    watch = Stopwatch()
    for number in range(count):
        there.put(number)
        back.get()
    figures = watch.each(count)
    greenlet.kill()
    return figures


def take_turns(times: int) -> None:
    for _ in range(times):
        gevent.sleep(0)


def switch(count: int) -> Figures:
    greenlets = [gevent.spawn(take_turns, count // RING) for _ in range(RING)]
    watch = Stopwatch()
    gevent.joinall(greenlets)
    return watch.each(count)


def parked(count: int) -> Figures:
    gc.disable()
    channel = queue.Channel()
    memory = Memory()
    greenlets = [gevent.spawn(channel.get) for _ in range(count)]
    gevent.sleep(0)
    figures = memory.each(count)
    gevent.killall(greenlets)
    return figures


if __name__ == "__main__":
    main({"seeds": seeds, "ping-pong": ping_pong, "switch": switch, "parked": parked})
