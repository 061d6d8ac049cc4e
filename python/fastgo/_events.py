"""Events: the thread that takes a server's news from Go to Python."""

import contextlib
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from fastgo._library import Library

logger = logging.getLogger("fastgo")


def start_reader(library: Library, handle: Callable[[dict[str, Any]], None]) -> threading.Thread:
    """Starts a thread that reads a server's events until the server has stopped.

    It is a daemon: the interpreter does not wait for it, but stops the servers at exit.

    Args:
        library: The server.
        handle: Called for every event that is no log record.

    Returns:
        The thread.
    """

    def read() -> None:
        while batch := json.loads(library.Events()):
            for event in batch:
                try:
                    if event["kind"] == "log":
                        _log(event)
                    else:
                        handle(event)
                except BaseException:  # such as the SystemExit of a handler of the logger
                    # Should that fail as well, the reading goes on: a server whose
                    # events nobody reads cannot be stopped.
                    with contextlib.suppress(BaseException):
                        logger.exception("an event was lost: %s", event)

    reader = threading.Thread(target=read, name="fastgo-events", daemon=True)
    reader.start()
    return reader


def _log(event: dict[str, Any]) -> None:
    attributes = event.get("attributes") or {}
    details = "".join(f" {key}={value}" for key, value in attributes.items() if key != "stack")
    stack = f"\n{attributes['stack']}" if "stack" in attributes else ""
    logger.log(_level(event.get("level", 0)), "%s%s%s", event["message"], details, stack)


def _level(level: int) -> int:
    """Returns Python's level for Go's: debug, info, warning, error are -4, 0, 4, 8 there."""
    return logging.INFO + level * 10 // 4
