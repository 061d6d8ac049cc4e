"""What groups start: functions of all kinds, of which each says itself when it has ended."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from fastgo._handlers import Handler
from fastgo.concurrency import go
from fastgo.concurrency._errors import TaskError
from fastgo.concurrency._native import Step

if TYPE_CHECKING:
    from fastgo.concurrency import Task


class Ending:
    """Calls a function once: when it is told to, or when nobody has it any more.

    The latter is so for a coroutine that was cancelled before it began.

    Attributes:
        function: None while there is nothing to end, and behind the end.
    """

    __slots__ = ("function",)

    def __init__(self) -> None:
        """Has nothing to call yet."""
        self.function: Callable[[], object] | None = None

    def __call__(self) -> None:
        """Calls the function, if that was not done before."""
        function, self.function = self.function, None
        if function is not None:
            function()

    __del__ = __call__


def as_function(function: Any) -> Callable[..., Any]:
    """Returns the function; for a native one, a coroutine function that waits for its end."""
    if isinstance(function, Step | Handler):
        return partial(run_native, function)
    if not callable(function):
        raise TypeError(
            f"go takes a function and its arguments, and not {function!r}: write go(f, x) for f(x)"
        )
    return function  # type: ignore[no-any-return]


async def run_native(native: Step | Handler, *arguments: Any, **keywords: Any) -> None:
    """Starts a native function and waits for its end, and where that is cancelled ends it."""
    from asyncio import CancelledError

    task: Task[Any] = go(native, *arguments, **keywords)
    try:
        await task
    except CancelledError:
        task.cancel()
        while not task.done():  # nothing outlives the group
            with suppress(CancelledError, TaskError):
                await task
        raise
    except BaseException:
        task.cancel()
        raise
