"""The border to Go: loads the library, calls it, turns its errors into Python's.

The library is loaded by the first call of `load`, never at import: a process that has
loaded it cannot fork and go on serving in the child.
"""

import json
import os
from importlib import import_module
from typing import Any, Protocol

from fastgo._errors import BindError, ConfigError, Error, ForkError, StateError


class Library(Protocol):
    """One server of the library. Every method takes and returns JSON, and releases the GIL."""

    def Start(self, configuration: str) -> str:  # noqa: N802 (Go's names)
        """Starts the server and describes it."""

    def Update(self, document: str) -> str:  # noqa: N802
        """Replaces the routes and returns the number of their table."""

    def Stop(self, drain: float) -> str:  # noqa: N802
        """Begins to stop; the event "stopped" tells the end."""

    def Stats(self) -> str:  # noqa: N802
        """Returns the counters."""

    def Events(self) -> str:  # noqa: N802
        """Waits for news and returns a list of it, empty after the end."""


def load_module() -> Any:
    """Loads the library if it is not, and returns its module."""
    from fastgo import __version__

    try:
        _lib = import_module("fastgo._lib")
    except ImportError as error:
        raise Error(f"fastgo's Go library cannot be loaded ({error}); reinstall fastgo") from error
    if _lib._glue.version != __version__:
        raise Error(
            f"fastgo is {__version__}, but its Go library was built for "
            f"{_lib._glue.version}; reinstall fastgo"
        )
    return _lib


def load() -> Library:
    """Loads the library if it is not, and returns a server that has not started."""
    _lib = load_module()
    check_process(_lib._glue.pid)
    server: Library = _lib.Server()
    return server


def check_process(loaded_by: int) -> None:
    """Raises ForkError where another process has loaded the library."""
    if loaded_by != os.getpid():
        raise ForkError(
            f"process {loaded_by} loaded fastgo's Go library and then forked this process, in "
            "which it cannot run; start workers by spawn, or fork before the first run or serve"
        )


def translate(error: RuntimeError) -> Error:
    """Returns the error that the library describes."""
    try:
        described: dict[str, Any] = json.loads(str(error))
        code, message = described["code"], described["message"]
    except (ValueError, TypeError, KeyError):
        return Error(str(error))
    match code:
        case "config":
            return ConfigError(message)
        case "bind":
            return BindError(message, described.get("errno"), described["address"])
        case "state":
            return StateError(message)
        case _:
            return Error(message)
