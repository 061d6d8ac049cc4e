"""PyGolang's package context: that of fastgo, with the errors as objects, and merge."""

from collections.abc import Callable
from functools import partial

from fastgo.concurrency._cancellation import Cancellation
from fastgo.concurrency.context import (
    Canceled,
    Context,
    DeadlineExceeded,
    background,
    with_cancel,
    with_deadline,
    with_timeout,
    with_value,
)

__all__ = [
    "Context",
    "background",
    "canceled",
    "deadlineExceeded",
    "merge",
    "with_cancel",
    "with_deadline",
    "with_timeout",
    "with_value",
]

# What `err()` returns is equal to one of these.
canceled = Canceled()
deadlineExceeded = DeadlineExceeded()  # noqa: N816 (PyGolang's name)


def merge(parent1: Context, parent2: Context) -> tuple[Context, Callable[[], None]]:
    """Makes a context that is cancelled with either parent, and has the values of both.

    Args:
        parent1: Its values go before those of the other.
        parent2: The other.

    Returns:
        The context, and the function that cancels it.

    Example:
        >>> from fastgo.golang import context
        >>> first, cancel_first = context.with_cancel(context.background())
        >>> second = context.with_value(context.background(), "user", "Ada")
        >>> merged, cancel = context.merge(first, second)
        >>> cancel_first()
        >>> merged.err() == context.canceled, merged.value("user")
        (True, 'Ada')
    """
    made = Cancellation(parent1._cancellation, parent2._cancellation)
    return Context(made, {**parent2._values, **parent1._values}), partial(made.cancel, Canceled)
