"""go() where C leaves it to Python: plain functions, other threads, asyncio.

A coroutine that is started where no scheduler and no asyncio loop runs has a scheduler in a
daemon thread of its own, the background one, which is made by the first of these.
"""

import functools
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from types import BuiltinMethodType, MethodType
from typing import Any

from fastgo._handlers import Handler
from fastgo.concurrency import _asyncio
from fastgo.concurrency._core import Chan, Scheduler, core
from fastgo.concurrency._generators import Generators
from fastgo.concurrency._native import Step, spawn
from fastgo.concurrency._threads import Pool

CO_COROUTINE = 0x80
# What C makes of these is to be awaited.
AWAITABLE = {"asend", "arecv", "arecv_"}

logger = logging.getLogger("fastgo")
pool = Pool()
_background: dict[str, Any] = {}  # the scheduler, under one key


def elsewhere(function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Any:
    """Does what C's go does not: starts the function where it belongs, and returns the task."""
    if isinstance(function, Step | Handler):
        return spawn(background(), function, arguments, keywords)
    if not callable(function):
        raise TypeError(
            f"go takes a function and its arguments, and not {function!r}: write go(f, x) for f(x)"
        )
    if not is_coroutine_function(function):
        return pool.go(function, arguments, keywords)
    coroutine = function(*arguments, **keywords)
    scheduler = core.here()
    if scheduler is None and (loop := _asyncio.running_loop()) is not None:
        return _asyncio.go(loop, coroutine)
    return (scheduler or background()).spawn(coroutine)


def is_coroutine_function(function: Any) -> bool:
    """Returns whether a call of the function gives a coroutine, as far as it says so itself."""
    while isinstance(function, MethodType | functools.partial):
        function = function.__func__ if isinstance(function, MethodType) else function.func
    if isinstance(function, BuiltinMethodType):
        if isinstance(function.__self__, Chan):
            return function.__name__ in AWAITABLE
        return function in (core.sleep, core.aselect)
    if getattr(function, "_is_coroutine_marker", None) is not None:  # inspect's; Python 3.12
        return True
    code = getattr(function, "__code__", None)
    if code is not None:
        return bool(code.co_flags & CO_COROUTINE)
    if getattr(function, "_is_coroutine", None) not in (None, False):  # Cython's
        return True
    call = getattr(type(function), "__call__", None)  # noqa: B004 (its code is wanted)
    code = getattr(call, "__code__", None)
    return code is not None and bool(code.co_flags & CO_COROUTINE)


def background() -> Any:
    """Returns the scheduler that runs in a thread of its own.

    There is no lock, as the handler of a signal may ask for it while the same thread does.
    """
    scheduler = _background.get("scheduler")
    if scheduler is None:
        made = Scheduler(endless=True)
        to_run = [made]
        try:
            scheduler = _background.setdefault("scheduler", made)
            if scheduler is made:
                threading.Thread(
                    target=_run, args=(to_run,), name="fastgo-coroutines", daemon=True
                ).start()
        except BaseException:
            with suppress(IndexError):  # the thread runs it: what was interrupted is this one
                to_run.pop()
                if _background.get("scheduler") is made:
                    del _background["scheduler"]
            raise
    return scheduler


def _run(to_run: list[Any]) -> None:
    try:
        scheduler = to_run.pop()
    except IndexError:  # who has started the thread has given it up
        return
    with Generators(scheduler):
        scheduler.run(None)


def idle_schedulers() -> int:
    """Returns how many threads run a scheduler that has no task."""
    return sum(scheduler.idle for scheduler in _background.values())


def neglected(error: BaseException) -> None:
    """Reports the exception of a task for whose result nobody has asked."""
    if isinstance(error, Exception):
        _asyncio.explain(error)
    logger.error("a task has failed, and nobody has asked for its result", exc_info=error)


def _start_anew() -> None:
    """In a forked process: the threads are gone."""
    global pool, _background
    pool, _background = Pool(), {}
    core.note_main_thread(threading.main_thread().ident)
    core.keep_scheduler()


os.register_at_fork(after_in_child=_start_anew)
