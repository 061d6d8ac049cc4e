"""Workers: the threads that run the Python functions of a server.

They are threads of Python's, whose loop is written in C (pybind/glue/workers.c): it takes
requests out of memory that it shares with Go's event loops, and puts the answers back there.
Coroutines are run by one more thread, which has an event loop (_asyncio.py).
"""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastgo._failures import Failures
from fastgo._functions import FunctionHandler
from fastgo._request import Request
from fastgo._results import convert
from fastgo._route import Route
from fastgo._watchdog import Call, Watchdog

if TYPE_CHECKING:
    from fastgo._asyncio import CoroutineLoop

# FASTGO_MAX_WORKERS of queue.h, less the one that runs coroutines.
MOST_THREADS = 256

logger = logging.getLogger("fastgo")


def default_threads() -> int:
    """Returns how many threads run functions where nobody chose: more than there are cores."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(32, cores + 4)


def functions(routes: Iterable[Route]) -> list[FunctionHandler]:
    """Returns the handlers of the routes that are functions."""
    return [each.handler for each in routes if isinstance(each.handler, FunctionHandler)]


class Workers:
    """The threads of one server, and the functions that they know.

    Methods other than `add` and `remove` may be called from any thread; these two by one at a
    time.
    """

    def __init__(
        self,
        address: int,
        stop: Callable[[BaseException], None],
        *,
        threads: int | None,
        loop: str,
        coroutine_time: float,
        slow_handler: float,
        debug: bool,
    ) -> None:
        """Prepares for functions to come.

        Args:
            address: Where the memory begins that they share with the server.
            stop: Asks the server to stop, because of an exception.
            threads: How many there are for functions that are no coroutine functions; None is
                `default_threads`.
            loop: The event loop for coroutines: "auto", "asyncio" or "uvloop".
            coroutine_time: Seconds that a coroutine has to answer, 0 for as long as it likes.
            slow_handler: Seconds after which a function that runs is reported; 0 is never.
            debug: Whether clients are shown tracebacks.
        """
        self._count = threads or default_threads()
        self._loop = loop
        self._coroutine_time = coroutine_time
        self._uses: Counter[int] = Counter()  # tables by the number of a function of theirs
        self._failures = Failures(stop, debug=debug)
        how = convert, self._failures.invalid, self._failures.failed
        self._queue = _glue().Queue(address, _request_type(), *how)
        self._threads: list[threading.Thread] = []
        self._places: dict[int, threading.Thread] = {}  # by the worker's number in the queue
        self._coroutines: CoroutineLoop | None = None
        self._watchdog = self._watch(slow_handler) if slow_handler else None

    def _start_for(self, handlers: list[FunctionHandler]) -> None:
        """Starts the threads that these functions need, where they do not run yet."""
        if not self._threads and not all(each.is_coroutine for each in handlers):
            for number in range(1, self._count + 1):
                self._start(f"fastgo-worker-{number}")
        if self._coroutines is None and any(each.is_coroutine for each in handlers):
            from fastgo._asyncio import CoroutineLoop  # which takes long to load

            self._coroutines = CoroutineLoop(
                self._queue, self._loop, self._coroutine_time, self._failures
            )

    def _start(self, name: str) -> None:
        place = self._queue.enter()  # before the server can stop and its memory be gone
        thread = threading.Thread(target=self._queue.work, args=(place,), name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._queue.leave(place)
            if not self._threads:
                raise
            logger.warning("only %d threads for functions can be started", len(self._threads))
            return
        self._threads.append(thread)
        self._places[place] = thread

    def _watch(self, patience: float) -> Watchdog | None:
        try:
            return Watchdog(self._calls, patience)
        except RuntimeError:
            logger.warning("slow functions are not reported: no thread can be started for that")
            return None

    def add(self, routes: Iterable[Route]) -> None:
        """Lets the workers know the functions of a table, before that is used.

        Raises:
            RuntimeError: They cannot be started: the server has stopped, or the system has no
                more threads.
        """
        handlers = functions(routes)
        for handler in handlers:
            if not self._uses[handler.number]:
                self._queue.register(handler.number, handler.function, handler.plan, handler)
            self._uses[handler.number] += 1
        try:
            self._start_for(handlers)  # last, as they may find requests that wait
        except BaseException:
            self.remove(routes)
            raise

    def remove(self, routes: Iterable[Route]) -> None:
        """Lets them forget the functions of a table that nobody uses any more."""
        for handler in functions(routes):
            self._uses[handler.number] -= 1
            if not self._uses[handler.number]:
                del self._uses[handler.number]
                self._queue.forget(handler.number)

    def end(self) -> None:
        """Tells that the server has stopped: nothing is watched any more."""
        if self._watchdog is not None:
            self._watchdog.stop()

    def join(self, timeout: float) -> None:
        """Waits for the threads to end; it begins when the server has stopped."""
        end = time.monotonic() + timeout
        for thread in self._all():
            thread.join(max(0.0, end - time.monotonic()))

    def __contains__(self, thread: threading.Thread) -> bool:
        """Returns whether the thread is one of the workers."""
        return thread in self._all()

    def _all(self) -> list[threading.Thread]:
        return self._threads + ([self._coroutines.thread] if self._coroutines else [])

    def _calls(self) -> Iterator[Call]:
        """Yields the calls of functions that run now."""
        for worker, since, handler, method, path in self._queue.running():
            thread = self._places.get(worker)  # None where it starts just now
            if thread is not None:
                called = f"{handler.route}, {handler.name} ({method} {path}),"
                yield Call(thread.ident, since, called)
        since = self._coroutines.beat() if self._coroutines else None
        if self._coroutines and since is not None:
            yield Call(self._coroutines.thread.ident, since, "a coroutine")


def _glue() -> Any:
    return import_module("fastgo._lib")._glue  # which is loaded: a server runs


@cache
def _request_type() -> type[Request]:
    made: type[Request] = _glue().request_type(Request)
    return made
