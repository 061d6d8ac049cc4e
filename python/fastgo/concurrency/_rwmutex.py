"""RWMutex: a gate that all go through, and a count of the readers that are behind it."""

from collections.abc import Callable
from typing import Any, ClassVar

from fastgo.concurrency import nilchan
from fastgo.concurrency._core import core
from fastgo.concurrency._errors import SyncError
from fastgo.concurrency._label import Label, describe
from fastgo.concurrency._mutex import Mutex
from fastgo.concurrency._waitgroup import WaitGroup


class _Reader:
    """The side of an RWMutex that many may have at once, for `with` and `async with`."""

    def __init__(self, mutex: "RWMutex") -> None:
        self._mutex = mutex

    def __enter__(self) -> None:
        self._mutex.rlock()

    def __exit__(self, *_: object) -> None:
        self._mutex.runlock()

    async def __aenter__(self) -> None:
        await self._mutex.arlock()

    async def __aexit__(self, *_: object) -> None:
        self._mutex.runlock()


class _Way:
    """A writer's way through the gate, for `with`: nothing is given back where it has no token."""

    __enter__: ClassVar[Callable[[Any], None]] = core.enter
    __exit__: ClassVar[Callable[..., None]] = core.leave

    def __init__(self, gate: Mutex) -> None:
        self._token = gate._token


class RWMutex:
    """A lock that many readers have at once, or one writer.

    Readers and writers go through one gate, each in its turn: a reader is through at once, and a
    writer keeps the gate until it unlocks. So readers that come behind a writer wait for it, and
    neither side can keep the other out for ever.

    Attributes:
        reader: The readers' side, for `with` and `async with`; the mutex itself is the writer's.

    Example:
        >>> from fastgo.concurrency import run
        >>> from fastgo.concurrency.sync import RWMutex
        >>> mutex, settings = RWMutex(), {}
        >>> def change():
        ...     with mutex:
        ...         settings["colour"] = "blue"
        >>> async def main():
        ...     async with mutex.reader:
        ...         return settings["colour"]
        >>> change()
        >>> run(main())
        'blue'
    """

    def __init__(self) -> None:
        """Makes one that is not locked."""
        self._gate = Mutex()
        self._readers = WaitGroup()
        self._writing = False
        self.reader = _Reader(self)
        # Readers and writers wait at the gate, so there is something to write for both.
        write = "async with mutex` or `await mutex.alock()"
        read = "async with mutex.reader` or `await mutex.arlock()"
        label = Label("to lock", self, instead=f"{write}`, and to read, `{read}")
        label.put_on(self._gate._token)
        self._readers._label = Label("to lock", self, instead=write)

    def rlock(self) -> None:
        """Waits until no writer has it or was there before, and takes it with other readers."""
        with self._gate:
            self._readers.add()

    async def arlock(self) -> None:
        """Is `rlock`, to be awaited."""
        async with self._gate:
            self._readers.add()

    def try_rlock(self) -> bool:
        """Takes it with other readers, if no writer has it or waits for it."""
        if not self._gate.try_lock():
            return False
        self._readers.add()
        self._gate.unlock()
        return True

    def runlock(self) -> None:
        """Undoes one `rlock`.

        Raises:
            SyncError: No reader has it.
        """
        try:
            self._readers.done()
        except SyncError:
            raise SyncError("runlock of a mutex that no reader has locked") from None

    def lock(self) -> None:
        """Waits until nobody has it, and takes it alone."""
        way = _Way(self._gate)
        with way:
            self._readers.wait()
            self._writing, way._token = True, nilchan

    async def alock(self) -> None:
        """Is `lock`, to be awaited."""
        await self._gate.alock()
        try:
            await self._readers
            self._writing = True
        except BaseException:
            self._gate.unlock()
            raise

    def try_lock(self) -> bool:
        """Takes it alone if nobody has it, and returns whether it has."""
        if not self._gate.try_lock():
            return False
        if self._readers.count > 0:
            self._gate.unlock()
            return False
        self._writing = True
        return True

    def unlock(self) -> None:
        """Undoes a `lock`.

        Raises:
            SyncError: No writer has it.
        """
        if not self._writing:
            raise SyncError("unlock of a mutex that no writer has locked")
        self._writing = False
        self._gate._token.recv()  # at once, before a handler of a signal can raise

    def downgrade(self) -> None:
        """Turns the writer that has it into a reader; no other writer comes between.

        Raises:
            SyncError: No writer has it.
        """
        self._readers.add()
        try:
            self.unlock()
        except SyncError:
            self._readers.done()
            raise

    def __repr__(self) -> str:
        """Returns who has it."""
        if self._writing:
            return describe(self, "locked by a writer")
        readers = self._readers.count
        return describe(self, f"locked by {readers} to read" if readers else "not locked")

    def __enter__(self) -> None:
        """Is `lock`."""
        self.lock()

    def __exit__(self, *_: object) -> None:
        """Is `unlock`."""
        self.unlock()

    async def __aenter__(self) -> None:
        """Is `alock`."""
        await self.alock()

    async def __aexit__(self, *_: object) -> None:
        """Is `unlock`."""
        self.unlock()
