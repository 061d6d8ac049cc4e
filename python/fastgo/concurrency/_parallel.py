"""parallel_for(): a range in pieces, each a native task, on all cores outside of the GIL."""

import os
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from fastgo._handlers import Handler
from fastgo._native import pin
from fastgo.concurrency import _asyncio, go
from fastgo.concurrency._core import core
from fastgo.concurrency._go import background
from fastgo.concurrency._native import Step

# Pieces for each core: so the cores end at about the same time, also where pieces differ.
_PIECES = 8

_RANGE = struct.Struct("qqQ")  # fastgo_range


def parallel_for(
    native: Step | Handler,
    indices: range,
    /,
    *arguments: Any,
    pieces: int | None = None,
    **keywords: Any,
) -> list[Any]:
    """Computes over a range on all cores, outside of the GIL, and waits for the end.

    The range is cut into pieces, each of which is a native task. Nothing but the function sees to
    it that pieces do not disturb each other.

    Args:
        native: What computes one piece. A function of `fastgo.compiled`, whose first two parameters
            are integers: the first index of the piece and the one behind its last. Or a `step`,
            whose state is a `const fastgo_range *` (fastgo_concurrency.h) with the same two and the
            data of the step.
        indices: The range, whose step is 1.
        arguments: More arguments, the same for each piece, for a compiled function.
        pieces: How many there are at most, 1 or more; None is 8 for each core.
        keywords: Arguments by name.

    Returns:
        What the function has returned for each piece, in the order of the range.

    Raises:
        TaskError: A piece has failed; that of the first piece where several have. Pieces that had
            not begun were left out, and none runs any more.
        RuntimeError: It is called in a coroutine.
        TypeError: It is no native function, or its arguments are wrong.
        ValueError: The step of the range is not 1, or there are less than 1 pieces.

    Example:
        >>> import fastgo, numpy
        >>> from fastgo.concurrency import parallel_for
        >>> numbers = numpy.arange(1000)
        >>> @fastgo.compiled(data={"numbers": numbers})
        ... def total(start: int, stop: int, numbers: numpy.ndarray) -> int:
        ...     return numbers[start:stop].sum()
        >>> sum(parallel_for(total, range(1000)))
        499500
    """
    if core.here() is not None or _asyncio.running_loop() is not None:
        raise RuntimeError(
            "parallel_for would block the thread that runs all coroutines: "
            "in a coroutine, write `await aparallel_for(...)`"
        )
    tasks = _start(native, indices, pieces, arguments, keywords)
    try:
        return [task.result() for task in tasks]
    except BaseException:
        _cancel(tasks)
        for task in tasks:
            try:
                task.result()
            except BaseException:
                if not task.done():  # so it is this thread that is interrupted
                    raise
        raise


async def aparallel_for(
    native: Step | Handler,
    indices: range,
    /,
    *arguments: Any,
    pieces: int | None = None,
    **keywords: Any,
) -> list[Any]:
    """Is `parallel_for`, to be awaited: other coroutines run meanwhile.

    Args:
        native: See `parallel_for`.
        indices: See `parallel_for`.
        arguments: See `parallel_for`.
        pieces: See `parallel_for`.
        keywords: See `parallel_for`.

    Returns:
        See `parallel_for`.

    Raises:
        TaskError: See `parallel_for`.
        TypeError: See `parallel_for`.
        ValueError: See `parallel_for`.

    Example:
        >>> import fastgo
        >>> from fastgo.concurrency import aparallel_for, run
        >>> @fastgo.compiled()
        ... def squares(start: int, stop: int) -> int:
        ...     total = 0
        ...     for number in range(start, stop):
        ...         total += number * number
        ...     return total
        >>> sum(run(aparallel_for(squares, range(4))))
        14
    """
    tasks = _start(native, indices, pieces, arguments, keywords)
    try:
        return [await task for task in tasks]
    except BaseException:
        _cancel(tasks)
        for task in tasks:
            try:
                await task
            except BaseException:
                if not task.done():  # so it is this coroutine that is cancelled
                    raise
        raise


def _cancel(tasks: list[Any]) -> None:
    for task in tasks:
        task.cancel()


def _start(
    native: Step | Handler,
    indices: range,
    pieces: int | None,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> list[Any]:
    bounds = _cut(indices, pieces)
    if isinstance(native, Step):
        if arguments or keywords:
            raise TypeError(f"{native!r} takes no arguments: give step() its data")
        started = _steps(native, bounds)
    elif isinstance(native, Handler):
        started = (go(native, *each, *arguments, **keywords) for each in bounds)
    else:
        raise TypeError(
            f"parallel_for takes a function of fastgo.compiled or a step, and not {native!r}"
        )
    tasks: list[Any] = []
    try:
        tasks.extend(started)
    except BaseException:
        _cancel(tasks)
        raise
    return tasks


def _steps(step: Step, bounds: list[tuple[int, int]]) -> Iterator[Any]:
    """Starts a step function for each piece; the pieces are in one block of memory."""
    ranges = bytearray(_RANGE.size * len(bounds))
    for place, (first, last) in enumerate(bounds):
        _RANGE.pack_into(ranges, place * _RANGE.size, first, last, step.data)
    view, address, _ = pin(ranges)
    for place in range(len(bounds)):
        at = address + place * _RANGE.size
        yield background().spawn_native(step.address, at, None, "q", (step, view))


def _cut(indices: range, pieces: int | None) -> list[tuple[int, int]]:
    """Returns the first index of each piece and the one behind its last."""
    if not isinstance(indices, range):
        raise TypeError(f"parallel_for takes a range, and not {indices!r}")
    if indices.step != 1:
        raise ValueError(
            f"parallel_for takes a range whose step is 1, and not {indices!r}: "
            f"write range({len(indices)}), and have the function compute its numbers"
        )
    if pieces is None:
        pieces = _PIECES * len(os.sched_getaffinity(0))
    if pieces < 1:
        raise ValueError(f"a range has 1 piece or more, and not {pieces}")
    count = min(pieces, len(indices))
    ends = [indices.start + len(indices) * place // max(count, 1) for place in range(count + 1)]
    return list(pairwise(ends))
