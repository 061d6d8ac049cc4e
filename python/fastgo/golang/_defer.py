"""func, defer, panic and recover.

`func` has the function called by `_run`, whose local variable `deferring` has what the function
defers: so `defer` finds it in the frame that has called its caller. The deferred functions are
called by `_call_next`, in whose frame `recover` finds it in the same way. In coroutines it is the
frame that awaits, of `_arun` and `_acall_next`.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from fastgo.concurrency import ChannelError
from fastgo.concurrency._go import is_coroutine_function

# What Go says, and with it PyGolang, where our errors have other words.
_WORDS = {
    "send on a closed channel": "send on closed channel",
    "close of a closed channel": "close of closed channel",
    "close of nilchan": "close of nil channel",
}


class _PanicError(Exception):
    """What panic raises. Its only argument is panic's."""


def panic(value: object) -> NoReturn:
    """Ends the function that calls it, and those that have called that, until one recovers.

    Args:
        value: What `recover` returns.

    Raises:
        _PanicError: Always.

    Example:
        >>> from fastgo.golang import panic
        >>> panic("out of paper")
        Traceback (most recent call last):
        fastgo.golang._PanicError: out of paper
    """
    raise _PanicError(value)


class _Deferring:
    """What a function has deferred, and the exception by which it ends."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], Any]] = []
        self.error: BaseException | None = None


def defer(function: Callable[[], object]) -> None:
    """Has a function called when the one that calls `defer` ends, in whatever way.

    What was deferred last is called first, and each is called also where another has raised. In a
    coroutine function it may be a coroutine function too.

    Args:
        function: It takes no arguments.

    Raises:
        _PanicError: The function that calls `defer` has no decorator `func`.

    Example:
        >>> from fastgo.golang import defer, func
        >>> @func
        ... def work():
        ...     defer(lambda: print("close"))
        ...     print("work")
        >>> work()
        work
        close
    """
    caller = sys._getframe(1)
    deferring = _find(caller, (_run, _arun))
    if deferring is None:
        panic(f"function {caller.f_code.co_name} uses defer, but not @func")
    deferring.calls.append(function)


def recover() -> Any:
    """Ends the panic, or the exception, by which a function ends that has deferred the caller.

    Returns:
        What `panic` was given; the exception where that is no panic; None where there is none, or
        where the caller was not deferred itself.

    Example:
        >>> from fastgo.golang import defer, func, panic, recover
        >>> def forgive():
        ...     print("recovered from", recover())
        >>> @func
        ... def work():
        ...     defer(forgive)
        ...     panic("out of paper")
        >>> work()
        recovered from out of paper
    """
    deferring = _find(sys._getframe(1), (_call_next, _acall_next))
    if deferring is None:
        return None
    error, deferring.error = deferring.error, None
    if isinstance(error, _PanicError):
        return error.args[0]
    if isinstance(error, ChannelError):
        return _WORDS.get(str(error), error)
    return error


def _find(caller: FrameType, callers: tuple[Any, ...]) -> _Deferring | None:
    """Returns what the caller's own caller defers, if that is one of the functions here."""
    frame = caller.f_back
    if frame is None or all(frame.f_code is not each.__code__ for each in callers):
        return None
    found: _Deferring = frame.f_locals["deferring"]
    return found


def func(function: Any) -> Any:
    """Lets a function use `defer`; or, given a class, defines a method of it.

    Args:
        function: A function, coroutine function, staticmethod or classmethod; or a class, for
            `@func(cls)`, which adds the function to the class. The name of the function then
            stays what it was before, if it was something.

    Returns:
        What stands in for the function; for a class, a decorator.

    Example:
        >>> from fastgo.golang import func
        >>> class Printer:
        ...     pages = 3
        >>> @func(Printer)
        ... def count(self):
        ...     return self.pages
        >>> Printer().count()
        3
    """
    if isinstance(function, type):
        return functools.partial(_define, function, sys._getframe(1))
    if isinstance(function, staticmethod | classmethod):
        return type(function)(func(function.__func__))
    if is_coroutine_function(function):

        @functools.wraps(function)
        async def coroutine(*arguments: Any, **keywords: Any) -> Any:
            return await _arun(function, arguments, keywords)

        return coroutine

    @functools.wraps(function)
    def plain(*arguments: Any, **keywords: Any) -> Any:
        return _run(function, arguments, keywords)

    return plain


def _define(cls: type, frame: FrameType, function: Any) -> Any:
    method = func(function)
    name = getattr(function, "__func__", function).__name__
    setattr(cls, name, method)
    return frame.f_locals.get(name, method)


def _run(function: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
    deferring, result = _Deferring(), None
    try:
        result = function(*arguments, **keywords)
    except BaseException as error:
        if not deferring.calls:
            raise
        deferring.error = error
    while deferring.calls:
        try:
            while deferring.calls:
                _call_next(deferring)
        except BaseException as error:
            deferring.error = error
    return _end(deferring, result)


async def _arun(function: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
    deferring, result = _Deferring(), None
    try:
        result = await function(*arguments, **keywords)
    except BaseException as error:
        if not deferring.calls:
            raise
        deferring.error = error
    while deferring.calls:
        try:
            while deferring.calls:
                await _acall_next(deferring)
        except BaseException as error:
            deferring.error = error
    return _end(deferring, result)


def _call_next(deferring: _Deferring) -> None:
    """Makes a call that was deferred, as in a handler of the exception.

    The exception stays as it was: to raise it again adds to its traceback, and where another is
    being handled has that take the place of its context.
    """
    call, error = deferring.calls[-1], deferring.error
    del deferring.calls[-1]  # no call, behind which a handler of a signal could raise
    if error is None:
        call()
        return
    before = error.__traceback__, error.__context__
    try:
        raise error
    except BaseException:
        call()
    finally:
        error.__traceback__, error.__context__ = before


async def _acall_next(deferring: _Deferring) -> None:
    call, error = deferring.calls[-1], deferring.error
    del deferring.calls[-1]
    if error is None:
        if inspect.isawaitable(result := call()):
            await result
        return
    before = error.__traceback__, error.__context__
    try:
        raise error
    except BaseException:
        if inspect.isawaitable(result := call()):
            await result
    finally:
        error.__traceback__, error.__context__ = before


def _end(deferring: _Deferring, result: Any) -> Any:
    error, deferring.error = deferring.error, None  # else they would hold each other
    if error is None:
        return result
    before = error.__context__
    try:
        raise error
    finally:
        error.__context__ = before
        del error, before
