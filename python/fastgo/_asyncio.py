"""Coroutine functions: the event loop of asyncio that runs them, in a thread of its own.

It is told of requests by an eventfd, like of any other input. In one callback it takes many, and
drives their coroutines by hand for a first step, in C (pybind/glue/coroutines.c). What has not
answered in that is carried on by a Task (_spares.py).
"""

import asyncio
import contextlib
import logging
import os
import threading
import time
import types
import weakref
from asyncio.tasks import (  # for other implementations of Task, as the documentation says
    _enter_task,
    _leave_task,
)
from collections.abc import Awaitable, Coroutine, Iterable
from contextvars import Context
from typing import Any

from fastgo._failures import Failures, invalid
from fastgo._problems import problem
from fastgo._spares import Spare, carry_on, task_type

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
            OSError: The system has no descriptors left.
        """
        self._most_time = most_time
        self._failures = failures
        self._pid = os.getpid()
        self._base = Context()  # empty, as that of a thread is
        self._spares: list[Spare] = []  # that wait
        self._running: dict[Any, Spare] = {}  # those that were adopted, by their Pending
        self._stops = False
        self._flushes = False
        self._asked: int | None = None  # for a sign of life, see beat
        self.thread = threading.Thread(target=self._run, name="fastgo-asyncio", daemon=True)
        with contextlib.ExitStack() as undo:
            self._loop = new_loop(kind)
            undo.callback(self._loop.close)
            self._requests = queue.coroutines(
                self._base, _adapt, weakref.getweakrefcount, types.CoroutineType
            )
            undo.callback(self._requests.leave)
            self._task_type = task_type(self._requests.touch)
            self.thread.start()
            undo.pop_all()

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
                self._failures.stop(error)
                with contextlib.suppress(BaseException):  # of a handler of the logger
                    logger.critical("%r in a task; the server stops", error)
            else:
                if self._stops:
                    return
                with contextlib.suppress(BaseException):
                    logger.error("a coroutine has stopped the event loop, which goes on")

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
        if outcome == _STOPPING and not self._stops:
            self._stops = True
            self._loop.stop()

    def _take(self) -> int:
        while self._spares:
            spare = self._spares[-1]
            if spare.is_over:
                self._spares.pop()
                self._add_spare()
                continue
            _enter_task(self._loop, spare.task)
            try:
                outcome = spare.context.run(
                    self._requests.drain, spare.task, spare.context, not self._running
                )
            except BaseException:  # of a request that another must not share the context with
                self._spares.remove(spare)
                raise
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
        Spare(self._loop, self._base.copy(), self._spares.append, self._task_type)

    def _adopt(self, spare: Spare, pending: Any, coroutine: Any, value: Any) -> None:
        self._running[pending] = spare
        if self._most_time:
            spare.deadline = self._loop.call_later(self._most_time, self._expire, pending, spare)
        spare.adopt(lambda: self._serve(spare, pending, coroutine, value))
        if pending.left:
            spare.cancel()

    def _expire(self, pending: Any, spare: Spare) -> None:
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
            self._loop.call_soon(self._flush)
            self._flushes = True  # behind what may fail

    def _flush(self) -> None:
        self._flushes = False
        self._requests.flush()

    # --- the task of a request ---

    async def _serve(self, spare: Spare, pending: Any, coroutine: Any, value: Any) -> None:
        """Goes on with a request whose coroutine has not answered it in its first step."""
        try:
            if coroutine is None:
                await self._refuse(pending, value)
            else:
                pending.answer(await carry_on(coroutine, value, spare.interruption))
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


def _adapt(returned: Any) -> Any:
    """Returns what a coroutine function has returned that is no coroutine of Python's own."""
    return returned if isinstance(returned, Coroutine) else _await(returned)


async def _await(awaitable: Awaitable[object]) -> object:
    return await awaitable


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
