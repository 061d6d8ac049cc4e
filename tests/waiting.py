"""Waiting for what other threads and processes bring about."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], what: str, deadline: float = 30.0) -> None:
    """Returns when the condition holds; fails when it does not before a deadline."""
    end = time.monotonic() + deadline
    pause = 0.0001  # most is there at once
    while not condition():
        assert time.monotonic() < end, f"not in {deadline} seconds: {what}"
        time.sleep(pause)
        pause = min(2 * pause, 0.005)
