"""Groups of tasks that end together, as Go's package errgroup has them."""

from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from types import TracebackType, coroutine
from typing import TYPE_CHECKING, Any, Self

from fastgo.concurrency import _asyncio, go
from fastgo.concurrency._calls import Ending, as_function
from fastgo.concurrency._cancellation import Follower, Reason
from fastgo.concurrency._go import is_coroutine_function
from fastgo.concurrency._label import Label, describe
from fastgo.concurrency.context import Context, background, with_cancel
from fastgo.concurrency.sync import Semaphore, WaitGroup

if TYPE_CHECKING:
    from fastgo.concurrency import Task

__all__ = ["Group"]


class _Member:
    """A call of the group. Once it has begun it may be cancelled; before, it looks by itself.

    Attributes:
        inner: The task of asyncio in which it runs, if it does.
    """

    def __init__(self) -> None:
        self.begun = self.ended = False
        self.inner: Any = None


def _places(group: "Group", limit: int) -> Semaphore:
    if not isinstance(limit, int):
        raise TypeError(f"the limit of a group is an int, and not {limit!r}")
    if limit < 1:
        raise ValueError(
            f"the limit of a group is 1 or more, and not {limit}: leave it out for none"
        )
    places = Semaphore(limit)
    instead = "await group.ago(f, ...)"
    Label("for a place in", group, instead=instead).put_on(places._token)
    return places


class Group:
    """Starts functions as `go` does; the first that fails has the others cancelled.

    `wait()`, or `await group`, waits for all and raises that first error. So does the end of
    `with` or `async with`, where an error of the block counts as those of the functions do. Where
    that itself is cancelled, all functions are, and have ended before `Cancelled` goes on.

    Coroutines and native tasks are cancelled. Threads cannot be: plain functions look at the
    group's context now and then. Where the context is cancelled from outside, coroutines are
    cancelled as well, and if that has stopped one of them, `err()` of the context is raised.

    Args:
        parent: The context with which the group is cancelled; None is `background()`.
        limit: How many functions may run at once; None is any number.

    Attributes:
        context: Is cancelled by the first error, and when the wait is over.

    Raises:
        ValueError: The limit is less than 1.
        TypeError: The parent is no context, or the limit no int.

    Example:
        >>> from fastgo.concurrency import run, sleep
        >>> from fastgo.concurrency.errgroup import Group
        >>> async def stay():
        ...     await sleep(3600)
        >>> async def fail():
        ...     raise ValueError("no such page")
        >>> async def main():
        ...     async with Group() as group:
        ...         group.go(stay)
        ...         group.go(fail)
        >>> run(main())
        Traceback (most recent call last):
        ValueError: no such page
    """

    def __init__(self, parent: Context | None = None, *, limit: int | None = None) -> None:
        """Makes one in which nothing runs."""
        self.context, self._cancel = with_cancel(background() if parent is None else parent)
        self._places = None if limit is None else _places(self, limit)
        self._running = WaitGroup()
        self._running._label = Label("for", self, instead="await group` or `async with Group()")
        self._tasks: dict[_Member, Task[Any]] = {}
        # The first, with its traceback as it was: under one key, which is set once.
        self._error: dict[str, tuple[BaseException, TracebackType | None]] = {}
        self.context._cancellation.add(self)

    def go(self, function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> None:
        """Starts a function; where there is a limit, waits first until fewer run.

        Args:
            function: What `go` takes: a coroutine function, a plain or a native one.
            arguments: Its arguments.
            keywords: Its arguments by name.

        Raises:
            TypeError: It is no function.
        """
        if self._places is not None:
            self._places.acquire()
        self._start(function, arguments, keywords)

    async def ago(
        self, function: Callable[..., object], /, *arguments: Any, **keywords: Any
    ) -> None:
        """Is `go`, to be awaited: where there is a limit, coroutines cannot start otherwise."""
        if self._places is not None:
            await self._places.aacquire()
        self._start(function, arguments, keywords)

    def try_go(self, function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> bool:
        """Starts a function if fewer run than the limit lets, and never waits.

        Args:
            function: See `go`.
            arguments: See `go`.
            keywords: See `go`.

        Returns:
            Whether it was started.

        Raises:
            TypeError: It is no function.

        Example:
            >>> from fastgo.concurrency import chan
            >>> from fastgo.concurrency.errgroup import Group
            >>> with Group(limit=1) as group:
            ...     end = chan()
            ...     print(group.try_go(end.recv), group.try_go(end.recv))
            ...     end.close()
            True False
        """
        if self._places is not None and not self._places.try_acquire():
            return False
        self._start(function, arguments, keywords)
        return True

    def cancel(self) -> None:
        """Cancels the context, and all that runs."""
        self._cancel()

    def wait(self) -> None:
        """Waits until nothing runs any more, and raises the first error.

        If the wait itself is interrupted, as by Ctrl-C, the group is cancelled, and it is waited
        once more: nothing is left behind, but by who interrupts that as well.
        """
        try:
            self._running.wait()
        except BaseException:
            self._cancel()
            with suppress(RuntimeError):  # in a coroutine, where no wait of a thread is let through
                self._running.wait()
            raise
        self._cancel()
        self._raise()

    def __await__(self) -> Generator[Any, Any, None]:
        """Is `wait`, to be awaited."""
        try:
            yield from self._running.__await__()
        except BaseException as error:
            self._cancel()
            if _is_cancelled(error):
                yield from self._outlast()
            raise
        self._cancel()
        self._raise()

    def __repr__(self) -> str:
        """Returns how many run."""
        return describe(self, f"{self._running.count} running")

    def __enter__(self) -> Self:
        """Returns the group."""
        return self

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Is `wait`."""
        if error is None:
            self.wait()
            return
        self._fail(error)
        self._running.wait()
        self._raise_before(error)

    async def __aenter__(self) -> Self:
        """Returns the group."""
        return self

    async def __aexit__(
        self, _type: object, error: BaseException | None, _traceback: object
    ) -> None:
        """Is `wait`."""
        if error is None:
            await self
            return
        self._fail(error)
        await self._outlast()
        self._raise_before(error)

    @coroutine
    def _outlast(self) -> Generator[Any, Any, None]:
        """Waits until nothing runs of the group, which is cancelled.

        If that is cancelled as well, the wait goes on, and Cancelled is raised at its end. A
        function of the group that waits for it does not wait for itself.
        """
        cancelled, current = None, _asyncio.current_task()
        own = {member for member in self._tasks.copy() if current and member.inner is current}
        while self._running.count > len(own):
            try:
                yield from self._running.__await__()
            except BaseException as error:
                if not _is_cancelled(error):
                    raise
                cancelled = error
        if cancelled is not None:
            raise cancelled

    # --- what runs ---

    def _start(
        self,
        function: Callable[..., object],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> None:
        member = _Member()
        ending = Ending()
        try:
            self._running._begin(ending, partial(self._end, member))
            function = as_function(function)
            run = self._run_coroutine if is_coroutine_function(function) else self._run
            task: Task[None] = go(run, member, ending, function, arguments, keywords)
        except BaseException:
            ending()
            raise
        self._tasks[member] = task
        if member.ended:
            self._tasks.pop(member, None)
        elif member.begun and self.context.err() is not None:
            task.cancel()

    def _run(
        self,
        _member: _Member,
        ending: Ending,
        function: Callable[..., object],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> None:
        try:
            function(*arguments, **keywords)
        except BaseException as error:
            self._fail(error)
        finally:
            ending()

    async def _run_coroutine(
        self,
        member: _Member,
        ending: Ending,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> None:
        member.begun, member.inner = True, _asyncio.current_task()
        try:
            if (reason := self.context.err()) is not None:
                raise reason
            await function(*arguments, **keywords)
        except BaseException as error:
            member.ended = True  # else it would be cancelled with the others
            self._fail(self._cause(error))
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
        finally:
            ending()

    def _cause(self, error: BaseException) -> BaseException:
        """Returns the error of the context where that has stopped a coroutine."""
        reason = self.context.err()
        return reason if reason is not None and _is_cancelled(error) else error

    def _end(self, member: _Member) -> None:
        member.ended = True
        self._tasks.pop(member, None)
        if self._places is not None:
            self._places.release()
        self._running.done()

    # --- errors ---

    def _fail(self, error: BaseException) -> None:
        self._error.setdefault("first", (error, error.__traceback__))
        self._cancel()

    def _raise(self) -> None:
        if self._error:
            error, traceback = self._error["first"]
            raise error.with_traceback(traceback)

    def _raise_before(self, error: BaseException) -> None:
        """Raises the first error where that is another; but Ctrl-C, a cancel or an exit goes on."""
        if isinstance(error, Exception) and self._error["first"][0] is not error:
            self._raise()

    def end(self, _reason: Reason) -> list[Follower]:
        """Is called when the context is cancelled."""
        for member, task in self._tasks.copy().items():
            if member.begun and not member.ended:
                task.cancel()
        return []


def _is_cancelled(error: BaseException) -> bool:
    from asyncio import CancelledError

    return isinstance(error, CancelledError)
