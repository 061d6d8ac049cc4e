"""PyGolang's package time: that of fastgo, a sleep that blocks the thread, tick, and units."""

from time import sleep
from typing import TYPE_CHECKING

from fastgo.concurrency import nilchan
from fastgo.concurrency.time import Ticker, Timer, after, after_func, now

if TYPE_CHECKING:
    from fastgo.concurrency import Chan

__all__ = [
    "Ticker",
    "Timer",
    "after",
    "after_func",
    "hour",
    "microsecond",
    "millisecond",
    "minute",
    "nanosecond",
    "now",
    "second",
    "sleep",
    "tick",
]

second = 1.0
nanosecond, microsecond, millisecond = 1e-9, 1e-6, 1e-3
minute, hour = 60.0, 3600.0


def tick(dt: float) -> "Chan[float]":
    """Returns a channel by which the time comes every so many seconds, for ever.

    Args:
        dt: The seconds; for 0 or less nothing ever comes.

    Returns:
        The channel of a `Ticker`, or `nilchan`.

    Example:
        >>> from fastgo.golang import time
        >>> ticks = time.tick(0.001)
        >>> ticks.recv() < ticks.recv()
        True
        >>> time.tick(0)
        nilchan
    """
    return Ticker(dt).c if dt > 0 else nilchan
