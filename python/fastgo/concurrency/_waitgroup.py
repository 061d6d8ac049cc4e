"""WaitGroup: a count, and a channel that is closed when it is zero.

A signal's handler runs between two calls of the main thread, and may use the same group. So the
guard may be taken twice, and what it guards is changed without a call in between.
"""

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any

from fastgo.concurrency import chan, go
from fastgo.concurrency._calls import Ending, as_function
from fastgo.concurrency._errors import SyncError
from fastgo.concurrency._go import is_coroutine_function
from fastgo.concurrency._label import Label, describe

if TYPE_CHECKING:
    from fastgo.concurrency import Chan


class WaitGroup:
    """Counts what is under way, and waits until nothing is: `wait()`, or `await group`.

    It may be used again after that. What is to be waited for is added before the wait: by `go`, or
    by `add`, after which who is ready calls `done`.

    Example:
        >>> from fastgo.concurrency import run
        >>> from fastgo.concurrency.sync import WaitGroup
        >>> group, seen = WaitGroup(), []
        >>> async def main():
        ...     for number in range(3):
        ...         group.go(seen.append, number)
        ...     await group
        >>> run(main())
        >>> sorted(seen)
        [0, 1, 2]
    """

    def __init__(self) -> None:
        """Makes one whose count is zero."""
        self._guard = RLock()
        self._count = 0
        self._label = Label("for", self, instead="await group")
        # Made for the first that waits, and closed when the count is zero.
        self._ending: Chan[None] | None = None

    @property
    def count(self) -> int:
        """What was added, and is not done."""
        return self._count

    def add(self, delta: int = 1) -> None:
        """Adds to the count, or with a negative number takes from it.

        Raises:
            SyncError: The count would be below zero; it stays as it was.
        """
        with self._guard:
            if (count := self._count + delta) >= 0:
                self._count = count
            if count == 0 and self._ending is not None:
                ended, self._ending = self._ending, None
                ended.close()  # at once, before a handler of a signal can raise
        if count < 0:
            raise SyncError(f"the count of a WaitGroup cannot be {count}: more is done than added")

    def _begin(self, ending: Ending, function: Callable[[], object]) -> None:
        """Adds one, and has the ending call the function: both, or none where a handler raises."""
        with self._guard:
            self._count += 1
            ending.function = function

    def done(self) -> None:
        """Takes one from the count.

        Raises:
            SyncError: The count is zero.
        """
        self.add(-1)

    def go(self, function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> None:
        """Starts a function, counts it, and takes it from the count when it has ended.

        An exception of the function is logged; see `fastgo.concurrency.errgroup` for a group that
        raises it.

        Args:
            function: What `go` takes: a coroutine function, a plain or a native one.
            arguments: Its arguments.
            keywords: Its arguments by name.

        Raises:
            TypeError: It is no function.

        Example:
            >>> from fastgo.concurrency.sync import WaitGroup
            >>> group, done = WaitGroup(), []
            >>> group.go(done.append, "work")
            >>> group.wait()
            >>> done
            ['work']
        """
        function = as_function(function)
        run = self._run_coroutine if is_coroutine_function(function) else self._run
        ending = Ending()
        try:
            self._begin(ending, self.done)
            go(run, ending, function, arguments, keywords)
        except BaseException:
            ending()
            raise

    def _run(
        self, ending: Ending, function: Callable[..., object], arguments: Any, keywords: Any
    ) -> None:
        try:
            function(*arguments, **keywords)
        finally:
            ending()

    async def _run_coroutine(
        self, ending: Ending, function: Callable[..., Any], arguments: Any, keywords: Any
    ) -> None:
        try:
            await function(*arguments, **keywords)
        finally:
            ending()

    def _wait(self) -> "Chan[None] | None":
        """Returns the channel that is closed when the count is zero; None where it is."""
        ending: Chan[None] = chan()
        self._label.put_on(ending)
        with self._guard:
            if self._count == 0:
                return None
            if self._ending is None:
                self._ending = ending
            return self._ending

    def wait(self) -> None:
        """Waits until the count is zero."""
        ending = self._wait()
        if ending is not None:
            ending.recv()

    def __await__(self) -> Any:
        """Is `wait`, to be awaited."""
        ending = self._wait()
        return iter(()) if ending is None else ending.arecv().__await__()

    def __repr__(self) -> str:
        """Returns its count."""
        return describe(self, str(self._count))
