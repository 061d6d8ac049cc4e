"""PyGolang's package sync: that of fastgo, and what has another name or place there."""

from collections.abc import Callable
from typing import Any, Self

from fastgo.concurrency import sync
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.sync import Mutex, Once, Semaphore, WaitGroup
from fastgo.golang.context import Context

__all__ = ["Mutex", "Once", "RWMutex", "Sema", "WaitGroup", "WorkGroup"]


class Sema(Semaphore):
    """A semaphore that lets one in.

    Example:
        >>> from fastgo.golang.sync import Sema
        >>> sema = Sema()
        >>> with sema:
        ...     sema.try_acquire()
        False
    """

    def __init__(self) -> None:
        """Makes one that nobody has acquired."""
        super().__init__(1)


class RWMutex(sync.RWMutex):
    """A mutex for readers and writers, with Go's names.

    Example:
        >>> from fastgo.golang.sync import RWMutex
        >>> mutex = RWMutex()
        >>> mutex.Lock()
        >>> mutex.UnlockToRLock()
        >>> mutex.try_lock()
        False
        >>> mutex.RUnlock()
    """

    Lock = sync.RWMutex.lock
    Unlock = sync.RWMutex.unlock
    RLock = sync.RWMutex.rlock
    RUnlock = sync.RWMutex.runlock

    def UnlockToRLock(self) -> None:  # noqa: N802 (PyGolang's name)
        """Turns the writer that has it into a reader; no other writer comes between.

        Raises:
            SyncError: No writer has it.
        """
        self.downgrade()


class WorkGroup:
    """Calls functions with a context, which the first that fails cancels; `with` waits for all.

    Args:
        ctx: With which that context is cancelled.

    Example:
        >>> from fastgo.golang import context, sync
        >>> group, done = sync.WorkGroup(context.background()), []
        >>> group.go(lambda ctx, text: done.append(text), "work")
        >>> group.wait()
        >>> done
        ['work']
    """

    def __init__(self, ctx: Context) -> None:
        """Makes one in which nothing runs."""
        self._group = Group(ctx)

    def go(self, f: Callable[..., object], *argv: Any, **kw: Any) -> None:
        """Calls `f(context, *argv, **kw)` as `go` does."""
        self._group.go(f, self._group.context, *argv, **kw)

    def wait(self) -> None:
        """Waits for all, and raises the first error."""
        self._group.wait()

    def __enter__(self) -> Self:
        """Returns the group."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Is `wait`; an error of the block cancels the context, and is raised."""
        self._group.__exit__(*error)
