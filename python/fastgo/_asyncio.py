"""Coroutine functions: the event loop of asyncio that runs them, in a thread of its own.

Most coroutines of handlers end in their first step, without having to wait. So each is first
driven by hand, in C (pybind/glue/coroutines.c), many of them in one callback of the loop. That
is not to be seen from within: `asyncio.current_task` and all that needs it (timeouts, task
groups) work there as anywhere. For that a *spare* is ready, a Task that waits on a future of
ours, and is the current task meanwhile:

    coroutine ends in its first step      it is answered; the spare is used for the next
    it suspends, with a future            the spare is adopted: it carries that coroutine on,
                                          beginning with its wait for that future
    somebody has seen the spare           it is not used again, but ends as the task of that
                                          request

The spare's context is that of its requests as well, a copy of the one that all begin with: where
a request has changed it, the next one gets another spare.

A spare is used when it has begun to wait, and not before: a Task that is cancelled before its
first step never runs. So there may be none for a moment, until the loop has turned once.
"""

import asyncio
import contextlib
import logging
import os
import threading
import time
import types
from asyncio.tasks import (  # for other implementations of Task, as the documentation says
    _enter_task,
    _leave_task,
    _register_task,
    _unregister_task,
)
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from contextvars import Context
from typing import Any

from fastgo._failures import Failures, invalid
from fastgo._problems import problem

# What Coroutines.drain returns, beside the tuple of a request that is not answered.
_MORE, _EMPTY, _TOUCHED, _STOPPING, _FORKED = range(5)

# Seconds that coroutines have to end when they were cancelled, because the server stops.
_LAST_MOMENT = 1.0

logger = logging.getLogger("fastgo")


def new_loop(kind: str) -> asyncio.AbstractEventLoop:
    """Returns an event loop: "asyncio", "uvloop", or "auto" for uvloop where that is installed."""
    if kind != "asyncio":
        try:
            import uvloop
        except ImportError:
            if kind == "uvloop":
                raise
        else:
            return uvloop.new_event_loop()
    return asyncio.new_event_loop()


class CoroutineLoop:
    """The thread that runs the coroutines of one server."""

    def __init__(self, queue: Any, kind: str, most_time: float, failures: Failures) -> None:
        """Starts the thread.

        Args:
            queue: The server's `_glue.Queue`.
            kind: The event loop, as `new_loop` has them.
            most_time: Seconds that a coroutine has to answer, 0 for as long as it likes.
            failures: The server's answers to what fails.

        Raises:
            RuntimeError: The thread cannot be started.
        """
        self._most_time = most_time
        self._failures = failures
        self._pid = os.getpid()
        self._loop = new_loop(kind)
        self._base = Context()  # empty, as that of a thread is
        self._spares: list[_Spare] = []  # that wait
        self._running: dict[Any, _Spare] = {}  # those that were adopted, by their Pending
        self._flushes = False
        self._asked: int | None = None
        self._requests = queue.coroutines(self._base, _adapt, types.CoroutineType)
        self.thread = threading.Thread(target=self._run, name="fastgo-asyncio", daemon=True)
        try:
            self.thread.start()
        except RuntimeError:
            self._requests.leave()
            self._loop.close()
            raise

    def beat(self) -> int | None:
        """Asks the loop for a sign of life.

        Returns:
            Since when, in nanoseconds of the monotonic clock, it owes the last one; None where it
            owes none.
        """
        asked = self._asked
        if asked is None and not self._loop.is_closed():
            self._asked = time.monotonic_ns()
            with contextlib.suppress(RuntimeError):  # it is closed just now
                self._loop.call_soon_threadsafe(self._answer_beat)
        return asked

    def _answer_beat(self) -> None:
        self._asked = None

    # --- the thread ---

    def _run(self) -> None:
        event = self._requests.event
        self._loop.add_reader(event, self._wake)
        self._loop.call_soon(self._drain)
        self._run_until_stopped()
        self._loop.remove_reader(event)
        for pending in self._running:
            pending.detach()
        self._requests.leave()  # the server need not wait for what follows
        self._flushes = True  # there is nobody to be told any more
        try:
            self._loop.run_until_complete(self._end())
        except BaseException:
            logger.exception("the event loop of coroutines has not ended well")
        finally:
            self._loop.close()

    def _run_until_stopped(self) -> None:
        """Runs the loop until `_drain` stops it."""
        while True:
            try:
                self._loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:  # of a task that a handler has made
                logger.critical("%r in a task; the server stops", error)
                self._failures.stop()
            else:
                return

    async def _end(self) -> None:
        """Cancels all tasks: those of requests, then those that these have started."""
        await asyncio.sleep(0)  # spares that were just made begin to wait
        spares = [each.task for each in self._spares]
        for spare in self._spares:
            spare.end()
        requests = {each.task for each in self._running.values()}
        await _cancel(requests)
        await _cancel(asyncio.all_tasks() - requests - {asyncio.current_task()})
        await asyncio.wait(spares, timeout=_LAST_MOMENT) if spares else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._loop.shutdown_asyncgens(), _LAST_MOMENT)

    # --- callbacks of the loop ---

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._requests.event)
        self._drain()

    def _drain(self) -> None:
        """Takes requests, until there are none or the loop has to turn."""
        outcome = _MORE
        try:
            if self._requests.left():
                self._cancel_left()
            outcome = self._take()
        finally:  # should it fail, requests have to be taken all the same
            if outcome == _MORE:
                self._loop.call_soon(self._drain)
        if outcome == _STOPPING:
            self._loop.stop()

    def _take(self) -> int:
        while self._spares:
            spare = self._spares[-1]
            if spare.is_over:  # somebody has found and cancelled it
                self._spares.pop()
                continue
            _enter_task(self._loop, spare.task)
            try:
                outcome = spare.context.run(
                    self._requests.drain, spare.task, spare.context, not self._running
                )
            finally:
                _leave_task(self._loop, spare.task)
            if isinstance(outcome, tuple):
                self._adopt(self._spares.pop(), *outcome)
            elif outcome == _TOUCHED:
                self._spares.pop().end()
            elif outcome == _FORKED:
                os._exit(0)  # this child must not touch the loop, whose poller it shares
            else:
                return int(outcome)
            self._add_spare()
        self._add_spare()  # one more than there were: all of them were used in one turn
        return _MORE

    def _add_spare(self) -> None:
        _Spare(self._loop, self._base.copy(), self._spares.append, self._requests.touch)

    def _adopt(self, spare: "_Spare", pending: Any, coroutine: Any, value: Any) -> None:
        self._running[pending] = spare
        if self._most_time:
            spare.deadline = self._loop.call_later(self._most_time, self._expire, pending, spare)
        spare.adopt(lambda: self._serve(spare, pending, coroutine, value))

    def _expire(self, pending: Any, spare: "_Spare") -> None:
        """Answers for a coroutine whose time is over, and cancels it."""
        detail = f"the handler has not answered within {self._most_time:g} seconds"
        pending.answer_with(problem(503, detail))
        self._flush_soon()
        spare.cancel()

    def _cancel_left(self) -> None:
        """Cancels the coroutines of clients that have gone."""
        for pending, spare in self._running.items():
            if pending.left and not spare.is_cancelled:
                spare.cancel()

    def _flush_soon(self) -> None:
        """Has the server told of answers: once of all those of one turn."""
        if not self._flushes:
            self._flushes = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushes = False
        self._requests.flush()

    # --- the task of a request ---

    async def _serve(self, spare: "_Spare", pending: Any, coroutine: Any, value: Any) -> None:
        """Goes on with a request whose coroutine has not answered it in its first step."""
        try:
            if coroutine is None:
                await self._refuse(pending, value)
            else:
                pending.answer(await _carry_on(coroutine, value, spare.interruption))
        except GeneratorExit:  # the loop was closed, and this has been left behind
            raise
        except BaseException as error:
            if spare.is_cancelled and isinstance(error, asyncio.CancelledError):
                raise
            await self._refuse(pending, error)
        finally:
            if os.getpid() != self._pid:  # the coroutine has forked, and this is the child
                os._exit(0)
            if spare.deadline is not None:
                spare.deadline.cancel()
            del self._running[pending]
            pending.drop()
            self._flush_soon()

    async def _refuse(self, pending: Any, error: BaseException | None) -> None:
        """Answers for a coroutine that has failed, or that could not be called."""
        if pending.is_answered:  # it was cancelled
            logger.error("%s failed", pending.handler.name, exc_info=error)
            return
        handler, request = pending.handler, pending.request
        if error is None:
            error = invalid(handler, request, pending.problems)
        pending.answer_with(await self._failures.failed_in_coroutine(handler, request, error))


class _Spare:
    """A Task that waits for a coroutine to carry on, and then carries it on.

    Attributes:
        task: The Task.
        context: Its context.
        interruption: The CancelledError of a cancellation before it carried anything on.
        is_cancelled: Whether it was cancelled because nobody needs the answer any more.
        deadline: What will cancel it.
    """

    __slots__ = (
        "_go_on",
        "_waits",
        "context",
        "deadline",
        "interruption",
        "is_cancelled",
        "task",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        context: Context,
        ready: Callable[["_Spare"], None],
        touch: Callable[[], None],
    ) -> None:
        """Makes the Task, which calls `ready` when it has begun to wait."""
        self.context = context
        self.interruption: asyncio.CancelledError | None = None
        self.is_cancelled = False
        self.deadline: asyncio.TimerHandle | None = None
        self._go_on: Callable[[], Awaitable[None]] | None = None
        self._waits: asyncio.Future[None] = loop.create_future()
        self.task = _Task(self._run(ready), loop, context, touch)

    async def _run(self, ready: Callable[["_Spare"], None]) -> None:
        _unregister_task(self.task)  # nobody has begun it, as far as asyncio.all_tasks is told
        ready(self)
        try:
            await self._waits
        except asyncio.CancelledError as error:
            if self._go_on is None:
                raise
            self.interruption = error
        go_on, self._go_on = self._go_on, None  # which refers to all this
        if go_on is not None:
            await go_on()

    @property
    def is_over(self) -> bool:
        """Whether it waits no more, though nobody has adopted it."""
        return self._waits.done()

    def adopt(self, go_on: Callable[[], Awaitable[None]]) -> None:
        """Goes on by the call."""
        _register_task(self.task)
        self._go_on = go_on
        self.end()

    def end(self) -> None:
        """Ends the Task, where nobody has adopted it."""
        if not self._waits.done():  # a cancellation ends it as well
            self._waits.set_result(None)

    def cancel(self) -> None:
        """Cancels it because nobody needs the answer any more."""
        self.is_cancelled = True
        self.task.cancel()


class _Task(asyncio.Task[None]):
    """A Task that tells when somebody does something with it that the next request would see."""

    _touch: Callable[[], None]

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, None],
        loop: asyncio.AbstractEventLoop,
        context: Context,
        touch: Callable[[], None],
    ) -> None:
        object.__setattr__(self, "_touch", touch)
        super().__init__(coroutine, loop=loop, context=context)

    def cancel(self, msg: Any = None) -> bool:
        self._touch()
        return super().cancel(msg)

    def add_done_callback(self, *callback: Any, **context: Any) -> None:
        self._touch()
        super().add_done_callback(*callback, **context)

    def set_name(self, value: object) -> None:
        self._touch()
        super().set_name(value)

    def __setattr__(self, name: str, value: object) -> None:
        self._touch()
        super().__setattr__(name, value)

    def __hash__(self) -> int:  # it is the key of something, maybe weakly
        self._touch()
        return super().__hash__()


def _adapt(returned: Any) -> Any:
    """Returns what a coroutine function has returned that is no coroutine of Python's own."""
    return returned if isinstance(returned, Coroutine) else _await(returned)


async def _await(awaitable: Awaitable[object]) -> object:
    return await awaitable


@types.coroutine
def _carry_on(
    coroutine: Any, waits: Any, error: BaseException | None
) -> Generator[Any, Any, object]:
    """Carries on a coroutine that was begun elsewhere, and returns its result.

    Args:
        coroutine: The coroutine.
        waits: What it has yielded: a future, or None.
        error: A CancelledError that the Task got before it waited for that.
    """
    try:
        if error is not None and asyncio.isfuture(waits) and waits.cancel(*error.args):
            error = None  # it comes from the future
        while True:
            if error is None:
                try:
                    yield waits
                except BaseException as raised:
                    error = raised
                else:
                    break
            try:
                waits = coroutine.throw(error)
            except StopIteration as end:
                return end.value
            error = None
        native = isinstance(coroutine, types.CoroutineType)
        return (yield from (coroutine if native else coroutine.__await__()))
    finally:
        del error, waits  # which may refer to this frame


async def _cancel(tasks: Iterable["asyncio.Task[Any] | None"]) -> None:
    """Cancels tasks that were not cancelled yet, and waits a moment for them to end."""
    waited = [each for each in tasks if each is not None]
    for task in waited:
        if not task.cancelling():
            task.cancel()
    if waited:
        _, left = await asyncio.wait(waited, timeout=_LAST_MOMENT)
        for task in left:  # which is said here, once
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        if left:
            logger.error("coroutines do not end and are left behind: %s", left)
