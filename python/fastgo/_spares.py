"""Spares: Tasks that carry coroutines on which were begun by hand.

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
import types
from asyncio.tasks import (  # for other implementations of Task, as the documentation says
    _register_task,
    _unregister_task,
)
from collections.abc import Awaitable, Callable, Generator
from contextvars import Context
from typing import Any


class Spare:
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
        ready: Callable[["Spare"], None],
        task_type: "type[asyncio.Task[None]]",
    ) -> None:
        """Makes the Task, which calls `ready` when it has begun to wait."""
        self.context = context
        self.interruption: asyncio.CancelledError | None = None
        self.is_cancelled = False
        self.deadline: asyncio.TimerHandle | None = None
        self._go_on: Callable[[], Awaitable[None]] | None = None
        self._waits: asyncio.Future[None] = loop.create_future()
        self.task = task_type(self._run(ready), loop=loop, context=context)

    async def _run(self, ready: Callable[["Spare"], None]) -> None:
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
        """Whether it waits no more, though nobody has adopted it: somebody has cancelled it."""
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


def task_type(touch: Callable[[], None]) -> type["asyncio.Task[None]"]:
    """Makes a type of Task that tells when somebody does what the next request would see."""

    class Task(asyncio.Task[None]):
        def cancel(self, msg: Any = None) -> bool:
            touch()
            return super().cancel(msg)

        def add_done_callback(self, *callback: Any, **context: Any) -> None:
            touch()
            super().add_done_callback(*callback, **context)

        def set_name(self, value: object) -> None:
            touch()
            super().set_name(value)

        def __setattr__(self, name: str, value: object) -> None:
            touch()
            super().__setattr__(name, value)

        def __hash__(self) -> int:  # it is the key of something, maybe weakly
            touch()
            return super().__hash__()

    return Task


@types.coroutine
def carry_on(
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
