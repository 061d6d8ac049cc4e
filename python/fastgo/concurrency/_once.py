"""Once: a flag, and a mutex for who comes before it is set."""

from collections.abc import Awaitable, Callable

from fastgo.concurrency._label import Label, describe
from fastgo.concurrency._mutex import Mutex


class Once:
    """Calls a function once, whoever asks for it first; the others wait until it has returned.

    It has been called also where it has raised, which who called it gets.

    Example:
        >>> from fastgo.concurrency.sync import Once
        >>> once = Once()
        >>> for _ in range(3):
        ...     once.do(lambda: print("connected"))
        connected
    """

    def __init__(self) -> None:
        """Makes one that has called nothing."""
        self._mutex = Mutex()
        self._done = False
        label = Label("for", self, instead="await once.ado(f)` with a coroutine function `f")
        label.put_on(self._mutex._token)

    def do(self, function: Callable[[], object]) -> None:
        """Calls the function if nothing was called before."""
        if self._done:
            return
        with self._mutex:
            if not self._done:
                try:
                    function()
                finally:
                    self._done = True

    async def ado(self, function: Callable[[], Awaitable[object]]) -> None:
        """Is `do`, to be awaited, for a coroutine function."""
        if self._done:
            return
        async with self._mutex:
            if not self._done:
                try:
                    await function()
                finally:
                    self._done = True

    def __repr__(self) -> str:
        """Returns whether it has called a function."""
        begun = "called, and not done" if self._mutex.locked else "not called"
        return describe(self, "done" if self._done else begun)
