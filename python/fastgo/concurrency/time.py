"""Timers, as Go's package time has them: times that come by channels.

    select(results.recv, after(2.5).recv)          # in threads
    await aselect(results.recv, after(2.5).recv)   # in coroutines

They go in any program, with a scheduler that runs or without: the clock is the scheduler of a
thread of its own, in which each timer is a coroutine that sleeps. While one is armed, coroutines
that wait are no deadlock.

What is sent is `now()`. A channel has room for one time: what comes while that is taken is left
out. After a `stop` or `reset` the channel is empty, and no time of before comes any more.

Threads sleep by `time.sleep` of Python's library.
"""

import math
from collections.abc import Callable, Coroutine
from threading import RLock
from time import monotonic
from time import time as now
from typing import TYPE_CHECKING, Any, Self

from fastgo._handlers import Handler
from fastgo.concurrency import chan, default, go, nilchan, select, sleep
from fastgo.concurrency._go import background
from fastgo.concurrency._native import Step

if TYPE_CHECKING:
    from fastgo.concurrency import Chan, Task

__all__ = ["Ticker", "Timer", "after", "after_func", "now", "sleep"]


def call_after(seconds: float, function: Callable[[], object]) -> "Task[None]":
    """Calls a function, which must not wait, in the thread of the clock; cancel() prevents it."""
    task: Task[None] = background().spawn(_call_after(seconds, function))
    return task


async def _call_after(seconds: float, function: Callable[[], object]) -> None:
    await sleep(seconds)
    function()


class _Source:
    """Where the times of a channel come from.

    The guard makes `stop` and what the clock sends exclude each other. The handler of a signal may
    stop a timer while the main thread has the guard, which is taken twice then: so `_armed` is
    changed first, at once, and all else follows from it.
    """

    def __init__(self, channel: "Chan[float]") -> None:
        self.c = channel
        self._guard = RLock()
        self._armed: object = None  # the only source that may send, or None
        self._task: Task[None] | None = None

    def _arm(self, source: object, start: "Callable[[], Task[None] | None]") -> bool:
        """Has a new source take the place of what was armed.

        Returns:
            Whether something was, or its time is taken back, as nobody has received it.
        """
        with self._guard:
            before, self._armed = self._armed, source
            task, self._task = self._task, None
            taken_back, _ = select(self.c.recv, default)
            if task is not None:
                task.cancel()
            if self._armed is source:
                task = start()
                if self._armed is source:
                    self._task = task
                elif task is not None:  # a handler of a signal has stopped or reset it meanwhile
                    task.cancel()
        return before is not None or taken_back == 0

    def stop(self) -> bool:
        """Ends it. The channel is not closed.

        Returns:
            Whether that has prevented a time or a call. If not, the time was received, the function
            was called, or it was stopped before.
        """
        return self._arm(None, lambda: None)


class Timer(_Source):
    """Sends one time, or calls a function, after so many seconds.

    Args:
        seconds: When; 0 or less is at once.
        f: What is called, by `go`, in place of sending: a plain function in a thread, a coroutine
            function by the scheduler of the clock's thread.

    Attributes:
        c: The channel; `nilchan` where there is a function.

    Raises:
        ValueError: The seconds are NaN.
        TypeError: They are no number, or f is no function.

    Example:
        >>> from fastgo.concurrency.time import Timer
        >>> timer = Timer(3600.0)
        >>> timer.reset(0.0)
        True
        >>> moment = timer.c.recv()
        >>> timer.stop()
        False
    """

    def __init__(self, seconds: float, f: Callable[[], object] | None = None) -> None:
        """Arms it."""
        if f is not None:
            _check_function(f)
        super().__init__(chan(1) if f is None else nilchan)
        self._function = f
        self.reset(seconds)

    def reset(self, seconds: float) -> bool:
        """Arms it anew, for so many seconds from now on.

        Returns:
            What `stop` would have returned.

        Raises:
            ValueError: The seconds are NaN.
            TypeError: They are no number.
        """
        seconds = check_seconds(seconds)
        source = object()
        return self._arm(source, lambda: call_after(seconds, lambda: self._fire(source)))

    def _fire(self, source: object) -> None:
        with self._guard:
            if self._armed is not source:
                return
            self._armed = self._task = None
            if self._function is None:
                select((self.c.send, now()), default)
                return
        go(self._function)


class Ticker(_Source):
    """Sends a time every so many seconds, until it is stopped; `with` stops it at the end.

    A receiver that is late misses times, but the others stay where they belong.

    Args:
        seconds: Between two times; more than 0.

    Attributes:
        c: The channel.

    Raises:
        ValueError: The seconds are 0, less or NaN.
        TypeError: They are no number.

    Example:
        >>> from fastgo.concurrency.time import Ticker
        >>> with Ticker(0.001) as ticker:
        ...     for count, moment in enumerate(ticker.c):
        ...         if count == 2:
        ...             break
        >>> len(ticker.c)
        0
    """

    def __init__(self, seconds: float) -> None:
        """Starts it."""
        super().__init__(chan(1))
        self.reset(seconds)

    def reset(self, seconds: float) -> bool:
        """Starts it anew, for times so many seconds apart from now on.

        Returns:
            Whether it had not been stopped.

        Raises:
            ValueError: The seconds are 0, less or NaN.
            TypeError: They are no number.
        """
        seconds = check_seconds(seconds)
        if seconds <= 0:
            raise ValueError(f"a ticker needs more than 0 seconds, and not {seconds}")
        source = object()
        return self._arm(source, lambda: background().spawn(self._tick(source, seconds)))

    async def _tick(self, source: object, seconds: float) -> None:
        due = monotonic() + seconds
        while True:
            await sleep(due - monotonic())
            if not self._send(source):
                return
            missed = max(0, math.floor((monotonic() - due) / seconds))
            due += (missed + 1) * seconds

    def _send(self, source: object) -> bool:
        """Sends the time if the source is the one that is armed, and returns whether it is."""
        with self._guard:
            if self._armed is not source:
                return False
            select((self.c.send, now()), default)
            return True

    def __enter__(self) -> Self:
        """Returns the ticker."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops it."""
        self.stop()


def after(seconds: float) -> "Chan[float]":
    """Returns a channel by which the time comes, once, after so many seconds.

    To stop that, make a `Timer`.

    Args:
        seconds: When; 0 or less is at once.

    Returns:
        The channel, which is not closed.

    Raises:
        ValueError: The seconds are NaN.
        TypeError: They are no number.

    Example:
        >>> from fastgo.concurrency import chan, select
        >>> from fastgo.concurrency.time import after
        >>> results = chan()
        >>> index, _ = select(results.recv, after(0.001).recv)
        >>> index
        1
    """
    return Timer(seconds).c


def after_func(seconds: float, function: Callable[[], object]) -> Timer:
    """Calls a function, by `go`, after so many seconds.

    Args:
        seconds: When; 0 or less is at once.
        function: A plain function, for a thread, or a coroutine function.

    Returns:
        The timer; its `stop` prevents the call if that has not begun.

    Raises:
        ValueError: The seconds are NaN.
        TypeError: They are no number, or it is no function.

    Example:
        >>> from fastgo.concurrency import chan
        >>> from fastgo.concurrency.time import after_func
        >>> called = chan()
        >>> timer = after_func(0.001, called.close)
        >>> called.recv_()
        (None, False)
    """
    _check_function(function)
    return Timer(seconds, function)


def _check_function(function: Any) -> None:
    if isinstance(function, Coroutine):
        function.close()  # else Python would warn of it as well
        raise TypeError(
            f"a timer calls a function, and not {function!r}: leave out the call, as in "
            "after_func(60, f)"
        )
    if not callable(function) and not isinstance(function, Step | Handler):
        raise TypeError(f"a timer calls a function, and not {function!r}")


def check_seconds(seconds: Any) -> float:
    """Returns a time in seconds as a float, and raises where it is none."""
    try:
        number = math.fsum((seconds,))  # which takes numbers alone
    except TypeError:
        raise TypeError(f"a time is a number of seconds, and not {seconds!r}") from None
    if math.isnan(number):
        raise ValueError("a time in seconds cannot be NaN")
    return number
