"""Deadlocks: whether all coroutines of a scheduler wait for ever, and a report of it."""

import signal
import sys
from collections.abc import Iterable
from typing import Any

from fastgo.concurrency import _go
from fastgo.concurrency._core import core
from fastgo.concurrency._errors import Deadlock


def is_stuck() -> bool:
    """Returns whether nothing outside of the scheduler of this thread can wake a coroutine."""
    if not core.natives_are_idle():  # first: its last act may be to wake one of the others
        return False
    idle = _go.pool.idle + _go.idle_schedulers()
    # Of all threads that run Python, which `threading` does not know: the others, without this one.
    others = len(sys._current_frames()) - 1
    return others <= idle and not _handles_signals()


def _handles_signals() -> bool:
    usual = (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler, None)
    return any(signal.getsignal(each) not in usual for each in signal.valid_signals())


def deadlock(tasks: Iterable[Any]) -> Deadlock:
    """Returns the error that says where each task waits."""
    lines = ["all coroutines wait, and nothing is left that could wake one:", *map(_wait, tasks)]
    return Deadlock("\n".join(lines))


def _wait(task: Any) -> str:
    coroutine, operation = task._waits()
    return f"  {name(coroutine)} {operation._describe() if operation else 'waits'}"


def name(coroutine: Any) -> str:
    """Returns the name of a coroutine, and where the innermost one that it awaits stands."""
    inner = coroutine
    while (awaited := _awaited(inner)) is not None and _frame(awaited) is not None:
        inner = awaited
    frame = _frame(inner)
    place = f" ({frame.f_code.co_filename}:{frame.f_lineno})" if frame else ""
    return f"{getattr(coroutine, '__qualname__', coroutine)}{place}"


def _awaited(coroutine: Any) -> Any:
    for attribute in ("cr_await", "gi_yieldfrom", "ag_await"):
        if hasattr(coroutine, attribute):
            return getattr(coroutine, attribute)
    return None


def _frame(coroutine: Any) -> Any:
    for attribute in ("cr_frame", "gi_frame", "ag_frame"):
        if hasattr(coroutine, attribute):
            return getattr(coroutine, attribute)
    return None
