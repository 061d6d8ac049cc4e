"""Deadlocks: whether all coroutines of a scheduler wait for ever, and a report of it."""

import signal
import sys
from collections.abc import Iterable
from typing import Any

from fastgo.concurrency import _go
from fastgo.concurrency._core import core
from fastgo.concurrency._errors import Deadlock

# What the names of this package's source files begin with.
_PACKAGE = __file__.removesuffix("_deadlock.py")


def is_stuck() -> bool:
    """Returns whether nothing outside of the scheduler of this thread can wake a coroutine."""
    # Twice: what was idle when the first looked may have been given something to do by what is idle
    # when the last looked. Who was given it runs, or has it, when the second round looks.
    return _seems_stuck() and _seems_stuck()


def _seems_stuck() -> bool:
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
    """Returns whose coroutine it is, and where the innermost one stands that it awaits.

    Those of this package are left out, as users look for their own: what a group has started is
    known by the function that it was given.
    """
    awaited = [coroutine]
    while (inner := _awaited(awaited[-1])) is not None and _frame(inner) is not None:
        awaited.append(inner)
    users = [each for each in awaited if not _is_internal(each)]
    if not users:
        return _name_of_internal(awaited[-1])
    frame = _frame(users[-1])
    place = f" ({frame.f_code.co_filename}:{frame.f_lineno})" if frame else ""
    return f"{getattr(users[0], '__qualname__', users[0])}{place}"


def _is_internal(coroutine: Any) -> bool:
    frame = _frame(coroutine)
    return frame is not None and frame.f_code.co_filename.startswith(_PACKAGE)


def _name_of_internal(coroutine: Any) -> str:
    """Returns the name of a native function that a group waits for, or else of the coroutine."""
    native = _frame(coroutine).f_locals.get("native")
    return str(coroutine.__qualname__) if native is None else repr(native)


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
