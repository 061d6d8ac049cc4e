"""Watchdog: reports Python functions that do not return.

A thread looks at the calls that run. A call that begins behind its look is due a whole patience
later at the earliest, so it sleeps until then, or until the first of those that it saw is due:
none is reported late, and a server whose functions are quick wakes it once in each patience or two.

Coroutines are reported when they hold up their event loop, as one that waits may have to wait for
long: the loop is asked at each look to answer before the next.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

# The files in which threads begin: of threading, asyncio and fastgo.
_INNER = (
    threading.__file__,
    str(Path(threading.__file__).with_name("asyncio")),
    str(Path(__file__).parent),
)

logger = logging.getLogger("fastgo")


class Call(NamedTuple):
    """A call of a function that runs.

    Attributes:
        thread: The thread in which it runs.
        since: When it began, in nanoseconds of the monotonic clock.
        called: What runs, for the report.
    """

    thread: int | None
    since: int
    called: str


class Watchdog:
    """The thread that reports calls, each of them once."""

    def __init__(self, calls: Callable[[], Iterable[Call]], patience: float) -> None:
        """Starts the thread, a daemon.

        Args:
            calls: Returns the calls that run.
            patience: Seconds that a call may take.
        """
        self._calls = calls
        self._patience = patience
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fastgo-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it, without waiting."""
        self._stopped.set()

    def _watch(self) -> None:
        reported: set[tuple[int | None, int]] = set()
        wait = self._patience
        while not self._stopped.wait(min(wait, threading.TIMEOUT_MAX)):
            now = time.monotonic_ns()
            wait = self._patience
            running = list(self._calls())
            reported &= {(call.thread, call.since) for call in running}
            for call in running:
                left = self._patience - (now - call.since) / 1e9
                key = call.thread, call.since
                if left > 0:
                    wait = min(wait, left)
                elif key not in reported:
                    reported.add(key)
                    self._report(call, self._patience - left)
            del running  # what has returned must not be kept

    def _report(self, call: Call, seconds: float) -> None:
        stack = _stack(call.thread)
        if call in list(self._calls()):  # else it has returned, and the stack may be another's
            message = "%s has not returned for %.1f seconds; it is at\n%s"
            logger.warning(message, call.called, seconds, stack)


def _stack(thread: int | None) -> str:
    """Returns the stack of a thread, without the frames in which threads begin."""
    frame = sys._current_frames().get(thread or 0)
    frames = [] if frame is None else [*traceback.walk_stack(frame)]
    while frames and frames[-1][0].f_code.co_filename.startswith(_INNER):
        del frames[-1]
    stack = traceback.StackSummary.extract(reversed(frames))
    return "".join(stack.format()).rstrip() or "  (no Python code)"
