"""Asynchronous generators: each is closed by the scheduler in whose thread it was begun.

Python tells of one that begins, and of one that is let go before its end, by two hooks of a thread.
The first is remembered, for those that somebody still has when the scheduler ends. For the second,
the scheduler gets a task that closes it, so that its `finally` may await.
"""

import sys
from collections.abc import AsyncGenerator
from typing import Any
from weakref import WeakSet


class Generators:
    """Those of a scheduler, which runs in the block of `with`, in the thread that enters it."""

    def __init__(self, scheduler: Any) -> None:
        """Knows none yet."""
        self.before = sys.get_asyncgen_hooks()  # of the thread
        self._scheduler = scheduler
        self._begun: WeakSet[AsyncGenerator[Any, Any]] = WeakSet()

    def __enter__(self) -> None:
        """Sets the hooks."""
        sys.set_asyncgen_hooks(self._begun.add, self._close)

    def __exit__(self, *_: object) -> None:
        """Sets the hooks of before.

        Generators keep the hook with which they began. It does nothing from now on, and does not
        keep the scheduler, which will not run again.
        """
        sys.set_asyncgen_hooks(*self.before)
        self._scheduler = None

    def close(self) -> None:
        """Has the scheduler close those that are left."""
        for generator in list(self._begun):
            self._close(generator)

    def _close(self, generator: AsyncGenerator[Any, Any]) -> None:
        if self._scheduler is not None:
            self._scheduler.spawn_last(generator.aclose())
