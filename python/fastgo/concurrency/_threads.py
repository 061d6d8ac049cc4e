"""Threads for plain functions: daemons that serve one call after the other.

There are as many as calls that run at once. One that has had none for a while ends.
"""

import threading
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from typing import Any

from fastgo.concurrency._core import Task

# Seconds that a thread waits for its next call.
PATIENCE = 10.0

Call = tuple[Any, Context, Callable[..., object], tuple[Any, ...], dict[str, Any]]


class Pool:
    """The threads. Every call has one that is idle, which it reserves, or a new one."""

    def __init__(self) -> None:
        """Makes a pool without threads."""
        self._calls: SimpleQueue[Call] = SimpleQueue()
        self._lock = threading.RLock()  # the handler of a signal may call go as well
        self._number = 0
        self.idle = 0  # threads that wait, but for those that are reserved

    def go(
        self, function: Callable[..., object], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Calls the function in a thread and returns the task."""
        call: Call = (Task._pending(None), copy_context(), function, arguments, keywords)
        with self._lock:
            reserved = self.idle > 0
            if reserved:
                self.idle -= 1
                self._calls.put(call)  # at once, before a handler of a signal can raise
            else:
                self._number += 1
        if not reserved:
            name = f"fastgo-go-{self._number}"
            first = [call]  # to be taken out: a thread keeps its arguments
            threading.Thread(target=self._serve, args=(first,), name=name, daemon=True).start()
        return call[0]

    def _serve(self, first: list[Call]) -> None:
        call: Call | None = first.pop()
        while call is not None:
            run(*call)
            call = None  # whose objects are not kept while the thread is idle
            with self._lock:
                self.idle += 1
            call = self._next()

    def _next(self) -> Call | None:
        while True:
            try:
                return self._calls.get(timeout=PATIENCE)
            except Empty:
                with self._lock:
                    if self.idle > 0:  # else this thread is reserved
                        self.idle -= 1
                        return None


def run(
    task: Any,
    context: Context,
    function: Callable[..., object],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> None:
    """Calls the function, in the context of its caller, and ends its task."""
    try:
        result = context.run(function, *arguments, **keywords)
        if isinstance(result, Coroutine):
            result.close()
            raise TypeError(
                f"{function!r} has returned a coroutine, which nothing would run: "
                "give go an async def function"
            )
    except BaseException as error:
        task._fail(error)
        del task  # the traceback keeps this frame, and what keeps its task is never reported
    else:
        task._succeed(result)
