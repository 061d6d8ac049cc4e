"""run(): a scheduler for one coroutine and all that it starts."""

import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastgo.concurrency import _asyncio
from fastgo.concurrency._core import Scheduler, core
from fastgo.concurrency._errors import Deadlock
from fastgo.concurrency._generators import Generators

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine, and what it starts by `go`, until it has ended.

    Tasks that are left then are cancelled, asynchronous generators are closed, and it is waited for
    their end. Ctrl-C does the same with all tasks, and is raised then. All coroutines run in the
    calling thread, in its context: a `contextvars` variable that one sets is set for all.

    Coroutines that await what belongs to asyncio are run by `asyncio.run`, where all that this
    package has can be awaited as well.

    Args:
        main: The coroutine, such as `main()`.

    Returns:
        What the coroutine has returned.

    Raises:
        Deadlock: All coroutines wait, and nothing is left that could wake one.
        RuntimeError: This thread runs a scheduler or an event loop of asyncio already.
        TypeError: It is no coroutine.

    Example:
        >>> from fastgo.concurrency import chan, go, run
        >>> async def double(numbers, doubled):
        ...     async for number in numbers:
        ...         await doubled.asend(2 * number)
        >>> async def main():
        ...     numbers, doubled = chan(), chan()
        ...     go(double, numbers, doubled)
        ...     await numbers.asend(21)
        ...     return await doubled.arecv()
        >>> run(main())
        42
    """
    if not hasattr(main, "send") or not hasattr(main, "throw"):
        raise TypeError(f"run takes a coroutine, and not {main!r}: write run(main())")
    if core.here() is not None or _asyncio.running_loop() is not None:
        raise RuntimeError("this thread runs coroutines already: write await, or go, and not run")
    scheduler = Scheduler()
    task = scheduler.spawn(main)
    generators = Generators(scheduler)
    try:
        with generators:
            try:
                scheduler.run(task)
            finally:
                _end(scheduler, generators)
    finally:  # where an interrupt came at the beginning of one of these
        scheduler.abandon()
        sys.set_asyncgen_hooks(*generators.before)
    try:
        result: T = task.result()
    except Exception as error:
        _asyncio.explain(error)
        raise
    return result


def _end(scheduler: Any, generators: Generators) -> None:
    """Cancels what is left, then closes generators; what would never end is closed."""
    try:
        _finish(scheduler, scheduler.end)
    finally:
        scheduler.abandon()  # where an interrupt came before anything was cancelled
        _finish(scheduler, generators.close)


def _finish(scheduler: Any, begin: Callable[[], object]) -> None:
    try:
        begin()
        scheduler.run(None)
    except Deadlock:
        pass
    finally:
        scheduler.abandon()
