"""Contexts, as Go's package context has them: they carry cancellation, deadlines and values.

A context is made from another, its parent, and is cancelled with it. Whoever works for it looks at
`err()`, or waits for `done()` beside what it waits for otherwise:

    select(numbers.recv, context.done().recv)          # in threads
    await aselect(numbers.recv, context.done().recv)   # in coroutines

Anybody may cancel: coroutines, tasks of asyncio, threads, and handlers of signals. A parent holds
its children until they are done. So call the cancel function when the work is done, also when it
was not cancelled: it lets go of the parent, and of the timer.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from fastgo.concurrency._cancellation import Cancellation
from fastgo.concurrency._errors import Canceled, DeadlineExceeded
from fastgo.concurrency.time import check_seconds, now

if TYPE_CHECKING:
    from fastgo.concurrency import Chan

__all__ = [
    "Canceled",
    "Context",
    "DeadlineExceeded",
    "background",
    "with_cancel",
    "with_deadline",
    "with_timeout",
    "with_value",
]

for _each in (Canceled, DeadlineExceeded):
    _each.__module__ = __name__  # tracebacks and help show what users write


class Context:
    """What carries cancellation, a deadline and values: made by `background` and `with_...`."""

    def __init__(self, cancellation: Cancellation, values: Mapping[Hashable, Any]) -> None:
        """Is for the functions of this module."""
        self._cancellation, self._values = cancellation, values

    def done(self) -> "Chan[None]":
        """Returns the channel that is closed when it is cancelled; `nilchan`: it never is."""
        return self._cancellation.done

    def err(self) -> Canceled | DeadlineExceeded | None:
        """Returns why it was cancelled, as a new exception, or None while `done` is open."""
        reason = self._cancellation.reason
        return None if reason is None else reason()

    def deadline(self) -> float | None:
        """Returns the time, as `now` has it, at which it is cancelled; None: there is none."""
        return self._cancellation.deadline

    def value(self, key: Hashable) -> Any:
        """Returns the value of a key, or None."""
        return self._values.get(key)

    def __repr__(self) -> str:
        """Returns whether it is cancelled."""
        return f"<fastgo.concurrency.context.Context: {self.err() or 'not cancelled'}>"


_background = Context(Cancellation(), {})


def background() -> Context:
    """Returns the context from which all others are made: it is never cancelled.

    Returns:
        Always the same.

    Example:
        >>> from fastgo.concurrency.context import background
        >>> background().err() is background().deadline() is background().value("user") is None
        True
    """
    return _background


def with_cancel(parent: Context) -> tuple[Context, Callable[[], None]]:
    """Makes a context that can be cancelled.

    Args:
        parent: What it is cancelled with, and has its values of.

    Returns:
        The context, and the function that cancels it, which may be called from anywhere, and
        again. When it returns, the context and all that were made from it are cancelled.

    Raises:
        TypeError: The parent is no context.

    Example:
        >>> from fastgo.concurrency import aselect, chan, go, run
        >>> from fastgo.concurrency.context import background, with_cancel
        >>> async def work(context, numbers):
        ...     while True:
        ...         index, number = await aselect(numbers.recv, context.done().recv)
        ...         if index == 1:
        ...             return context.err()
        >>> async def main():
        ...     context, cancel = with_cancel(background())
        ...     numbers = chan()
        ...     worker = go(work, context, numbers)
        ...     await numbers.asend(1)
        ...     cancel()
        ...     return await worker
        >>> run(main())
        Canceled('context canceled')
    """
    made = Cancellation(_check(parent)._cancellation)
    return Context(made, parent._values), partial(made.cancel, Canceled)


def with_deadline(parent: Context, deadline: float) -> tuple[Context, Callable[[], None]]:
    """Makes a context that is cancelled at a time.

    Args:
        parent: What it is cancelled with, and has its values of.
        deadline: The time, as `fastgo.concurrency.time.now` has it. An earlier one of the parent
            holds as well.

    Returns:
        See `with_cancel`.

    Raises:
        ValueError: The deadline is NaN.
        TypeError: It is no number, or the parent no context.

    Example:
        >>> from fastgo.concurrency.context import background, with_deadline
        >>> from fastgo.concurrency.time import check_seconds, now
        >>> context, cancel = with_deadline(background(), now() - 1)
        >>> context.err()
        DeadlineExceeded('context deadline exceeded')
    """
    made = Cancellation(_check(parent)._cancellation, deadline=deadline)
    return Context(made, parent._values), partial(made.cancel, Canceled)


def with_timeout(parent: Context, seconds: float) -> tuple[Context, Callable[[], None]]:
    """Makes a context that is cancelled after so many seconds.

    Args:
        parent: What it is cancelled with, and has its values of.
        seconds: How long; 0 or less is at once.

    Returns:
        See `with_cancel`.

    Raises:
        ValueError: The seconds are NaN.
        TypeError: They are no number, or the parent is no context.

    Example:
        >>> from fastgo.concurrency.context import background, with_timeout
        >>> context, cancel = with_timeout(background(), 0.001)
        >>> context.done().recv_()
        (None, False)
        >>> raise context.err()
        Traceback (most recent call last):
        fastgo.concurrency.context.DeadlineExceeded: context deadline exceeded
    """
    return with_deadline(_check(parent), now() + check_seconds(seconds))


def with_value(parent: Context, key: Hashable, value: Any) -> Context:
    """Makes a context that has a value beside those of its parent.

    Args:
        parent: What it is cancelled with.
        key: What the value is found by, as in a dict.
        value: Any object.

    Returns:
        The context, which needs not be cancelled itself.

    Raises:
        TypeError: The parent is no context, or the key cannot be one of a dict.

    Example:
        >>> from fastgo.concurrency.context import background, with_value
        >>> context = with_value(background(), "user", "Ada")
        >>> context.value("user"), context.value("role")
        ('Ada', None)
    """
    return Context(_check(parent)._cancellation, {**parent._values, key: value})


def _check(parent: Context) -> Context:
    if isinstance(parent, Context):
        return parent
    if isinstance(parent, tuple) and parent and isinstance(parent[0], Context):
        raise TypeError(
            "the parent of a context is a context, and not a pair of one and its cancel function: "
            "write `ctx, cancel = with_cancel(...)`, and give it ctx"
        )
    raise TypeError(
        f"the parent of a context is a context, and not {parent!r}: give it first, and where there "
        "is no other, background()"
    )
