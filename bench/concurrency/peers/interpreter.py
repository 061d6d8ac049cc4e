"""The floor: coroutine objects that a plain loop drives, without any scheduler.

The garbage collector is off: it would look through all of them again and again as they are made,
which takes more time than all else, and is no part of a floor.
"""

from __future__ import annotations

import gc
import itertools
from typing import Any

from bench.concurrency.peers.figures import Figures, Memory, Stopwatch, main


async def empty() -> None:
    pass


def seeds(count: int) -> Figures:
    gc.disable()
    watch = Stopwatch()
    coroutines = [empty() for _ in range(count)]
    watch.spawned()
    for coroutine in coroutines:
        try:  # noqa: SIM105 (a context manager would be measured)
            coroutine.send(None)
        except StopIteration:
            pass
    return watch.seeds()


class Park:
    """Has nothing for each that waits."""

    def __await__(self, forever: Any = itertools.repeat(None)) -> Any:  # noqa: B008 (meant so)
        return forever


async def wait(park: Park) -> None:
    await park


def parked(count: int) -> Figures:
    gc.disable()
    park = Park()
    memory = Memory()
    coroutines = [wait(park) for _ in range(count)]
    for coroutine in coroutines:
        coroutine.send(None)
    figures = memory.each(count)
    for coroutine in coroutines:
        coroutine.close()
    return figures


if __name__ == "__main__":
    main({"seeds": seeds, "parked": parked})
