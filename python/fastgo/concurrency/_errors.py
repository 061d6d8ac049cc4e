"""What fastgo.concurrency raises.

fastgo.Error
├── ChannelError
├── Deadlock
└── TaskError
BaseException
└── asyncio.CancelledError   here: Cancelled
"""

from fastgo._errors import Error


class ChannelError(Error):
    """A send on a closed channel, or a close of one that is closed or nil: in Go, a panic."""


class TaskError(Error):
    """A native task has failed; the message is the reason that it has given."""


class Deadlock(Error):  # noqa: N818 (Go's name)
    """All coroutines wait, and nothing is left that could wake one of them.

    The message names each of them, where it waits and for what.
    """
