"""What the package offers, and the hooks by which C calls Python.

Its parts meet here. The first use of a name of the package loads it, and with it the library.
"""

import atexit
import threading
from types import FunctionType
from typing import Any

from fastgo._errors import ForkError
from fastgo.concurrency import _asyncio, _deadlock, _go
from fastgo.concurrency._core import core
from fastgo.concurrency._errors import ChannelError, TaskError
from fastgo.concurrency._native import step
from fastgo.concurrency._run import run

__all__ = [
    "Chan",
    "Task",
    "aselect",
    "chan",
    "default",
    "go",
    "nilchan",
    "run",
    "select",
    "sleep",
    "step",
]


class Default:
    """The type of `default`."""

    __module__ = "fastgo.concurrency"

    def __repr__(self) -> str:
        """Returns its name."""
        return "default"


default = Default()

core.configure(
    elsewhere=_go.elsewhere,
    is_coroutine_function=_go.is_coroutine_function,
    function_type=FunctionType,
    is_stuck=_deadlock.is_stuck,
    deadlock=_deadlock.deadlock,
    sleep=_asyncio.sleep,
    cancel_later=_asyncio.cancel_later,
    cancel_is_due=_asyncio.cancel_is_due,
    promise=_asyncio.promise,
    running_loop=_asyncio.running_loop,
    neglected=_go.neglected,
    channel_error=ChannelError,
    task_error=TaskError,
    fork_error=ForkError,
    default=default,
)
atexit.register(core.stop_natives, 1000)
core.note_main_thread(threading.main_thread().ident)

Chan, Task = core.Chan, core.Task
aselect, chan, go, nilchan = core.aselect, core.chan, core.go, core.nilchan
select, sleep = core.select, core.sleep


def __getattr__(name: str) -> Any:
    """Returns Cancelled, for which asyncio is loaded."""
    if name == "Cancelled":
        from asyncio import CancelledError

        return CancelledError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
