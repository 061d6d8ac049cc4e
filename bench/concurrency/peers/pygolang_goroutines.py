"""Goroutines of PyGolang: greenlets of gevent where gpython runs this, and else threads."""

from __future__ import annotations

import importlib
from typing import Any

from bench.concurrency.peers.figures import Figures, Stopwatch, main

golang: Any = importlib.import_module("golang")
sync: Any = importlib.import_module("golang.sync")


def seeds(count: int) -> Figures:
    group = sync.WaitGroup()
    watch = Stopwatch()
    group.add(count)
    for _ in range(count):
        golang.go(group.done)
    watch.spawned()
    group.wait()
    return watch.seeds()


def echo(there: Any, back: Any) -> None:
    while True:
        number, ok = there.recv_()
        if not ok:
            break
        back.send(number)
    back.close()


def ping_pong(count: int) -> Figures:
    there, back = golang.chan(), golang.chan()
    golang.go(echo, there, back)
    watch = Stopwatch()
    for number in range(count):
        there.send(number)
        back.recv()
    figures = watch.each(count)
    there.close()
    back.recv()
    return figures


if __name__ == "__main__":
    main({"seeds": seeds, "ping-pong": ping_pong})
