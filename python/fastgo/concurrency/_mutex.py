"""Semaphore and Mutex: who has one has put a token into the buffer of a channel."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from fastgo.concurrency import chan, default, select
from fastgo.concurrency._core import core
from fastgo.concurrency._errors import SyncError
from fastgo.concurrency._label import Label, describe


class Semaphore:
    """Lets so many in at once.

    Args:
        count: How many, 1 or more.

    Raises:
        ValueError: It is less than 1.
        TypeError: It is no int.

    Example:
        >>> from fastgo.concurrency import go, run
        >>> from fastgo.concurrency.sync import Semaphore
        >>> two_at_once = Semaphore(2)
        >>> async def fetch(number):
        ...     async with two_at_once:
        ...         return number
        >>> async def main():
        ...     return [await task for task in [go(fetch, number) for number in range(4)]]
        >>> run(main())
        [0, 1, 2, 3]
    """

    def __init__(self, count: int) -> None:
        """Makes one that nobody has acquired."""
        if not isinstance(count, int):
            raise TypeError(f"the count of a semaphore is an int, and not {count!r}")
        if count < 1:
            raise ValueError(f"a semaphore lets 1 or more in, and not {count}")
        self._token = chan(count)
        instead = "async with semaphore` or `await semaphore.aacquire()"
        Label("to acquire", self, instead=instead).put_on(self._token)

    def acquire(self) -> None:
        """Waits for a place, and takes it."""
        self._token.send(None)

    def aacquire(self) -> Awaitable[None]:
        """Is `acquire`, to be awaited."""
        return self._token.asend(None)

    def try_acquire(self) -> bool:
        """Takes a place if there is one, and returns whether there was."""
        return select((self._token.send, None), default)[0] == 0

    def release(self) -> None:
        """Gives a place back.

        Raises:
            SyncError: None was taken.
        """
        self.__exit__()

    def _refuse(self) -> None:
        raise SyncError("release of a semaphore that nobody has acquired")

    def __repr__(self) -> str:
        """Returns how many places are taken."""
        return describe(self, f"{len(self._token)} of {self._token.capacity} taken")

    __enter__: ClassVar[Callable[[Any], None]] = core.enter
    __exit__: ClassVar[Callable[..., None]] = core.leave

    def __aenter__(self) -> Awaitable[None]:
        """Is `aacquire`."""
        return self._token.asend(None)

    async def __aexit__(self, *_: object) -> None:
        """Is `release`."""
        self.release()


class Mutex:
    """A lock that one has at a time. To lock it twice waits for ever.

    Example:
        >>> from fastgo.concurrency import go, run
        >>> from fastgo.concurrency.sync import Mutex
        >>> mutex, balance = Mutex(), {"Ada": 10}
        >>> def pay(amount):                # in threads
        ...     with mutex:
        ...         balance["Ada"] += amount
        >>> async def draw(amount):         # in coroutines
        ...     async with mutex:
        ...         balance["Ada"] -= amount
        >>> async def main():
        ...     for task in (go(pay, 5), go(draw, 8)):
        ...         await task
        >>> run(main())
        >>> balance
        {'Ada': 7}
    """

    def __init__(self) -> None:
        """Makes one that is not locked."""
        self._token = chan(1)
        instead = "async with mutex` or `await mutex.alock()"
        Label("to lock", self, instead=instead).put_on(self._token)

    @property
    def locked(self) -> bool:
        """Whether somebody has it."""
        return len(self._token) == 1

    def lock(self) -> None:
        """Waits until nobody has it, and takes it."""
        self._token.send(None)

    def alock(self) -> Awaitable[None]:
        """Is `lock`, to be awaited."""
        return self._token.asend(None)

    def try_lock(self) -> bool:
        """Takes it if nobody has it, and returns whether it has."""
        return select((self._token.send, None), default)[0] == 0

    def unlock(self) -> None:
        """Gives it to who has waited longest.

        Raises:
            SyncError: It is not locked.
        """
        self.__exit__()

    def _refuse(self) -> None:
        raise SyncError("unlock of a mutex that is not locked")

    def __repr__(self) -> str:
        """Returns whether it is locked."""
        return describe(self, "locked" if self.locked else "not locked")

    __enter__: ClassVar[Callable[[Any], None]] = core.enter
    __exit__: ClassVar[Callable[..., None]] = core.leave

    def __aenter__(self) -> Awaitable[None]:
        """Is `alock`."""
        return self._token.asend(None)

    async def __aexit__(self, *_: object) -> None:
        """Is `unlock`."""
        self.unlock()
