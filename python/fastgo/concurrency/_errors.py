"""What fastgo.concurrency raises.

fastgo.Error
├── ChannelError
├── Deadlock
├── SyncError                in fastgo.concurrency.sync
├── TaskError
├── Canceled                 in fastgo.concurrency.context
└── DeadlineExceeded         in fastgo.concurrency.context; a TimeoutError as well
BaseException
└── asyncio.CancelledError   here: Cancelled
"""

from fastgo._errors import Error


class ChannelError(Error):
    """A send on a closed channel, or a close of one that is closed or nil: in Go, a panic."""

    __module__ = "fastgo.concurrency"


class TaskError(Error):
    """A native task has failed; the message is the reason that it has given."""

    __module__ = "fastgo.concurrency"


class Deadlock(Error):  # noqa: N818 (Go's name)
    """All coroutines wait, and nothing is left that could wake one of them.

    The message names each of them, where it waits and for what.
    """

    __module__ = "fastgo.concurrency"


class SyncError(Error):
    """An unlock of what is not locked, or a count below zero: in Go, a panic."""


class _ContextError(Error):
    """Two of a type are equal, so that `context.err() == Canceled()` holds, as in Go."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class Canceled(_ContextError):  # noqa: N818 (Go's name)
    """A context was cancelled."""

    def __init__(self) -> None:
        """Has Go's words."""
        super().__init__("context canceled")


class DeadlineExceeded(_ContextError, TimeoutError):  # noqa: N818 (Go's name)
    """The deadline of a context has passed."""

    def __init__(self) -> None:
        """Has Go's words."""
        super().__init__("context deadline exceeded")
