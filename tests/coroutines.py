"""What the tests of coroutine functions share."""

import asyncio
import importlib.util
import threading
from typing import Any

import pytest

import fastgo
from tests.client import Client

needs_uvloop = pytest.mark.skipif(
    importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed"
)
LOOPS = ["asyncio", pytest.param("uvloop", marks=needs_uvloop)]


def app_of(**functions: Any) -> fastgo.App:
    """Returns an app with functions by their names."""
    app = fastgo.App()
    for name, function in functions.items():
        app.get(f"/{name}", function)
    return app


def bodies(server: fastgo.Server, *paths: str) -> list[bytes]:
    with Client(server.url) as client:
        return [client.get(path).body for path in paths]


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode()


class Sleeper:
    """Coroutine functions that wait for an event, and what has become of them."""

    def __init__(self) -> None:
        self.inside = 0
        self.ends: list[str] = []
        self._open: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def _event(self) -> asyncio.Event:
        self._open = self._open or asyncio.Event()
        return self._open

    async def wait(self) -> str:
        event = self._event()
        self._loop = asyncio.get_running_loop()
        self.inside += 1
        try:
            await event.wait()
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise
        self.ends.append("through")
        return "through"

    async def stubborn(self) -> str:
        try:
            await self.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.001)
            self.ends.append("answered")
        return "stubborn"

    async def open(self) -> str:
        self._event().set()
        return "open"

    def release(self) -> None:
        """Does the same, called by another thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._event().set)

    def app(self) -> fastgo.App:
        app = fastgo.App()
        app.get("/wait", self.wait)
        app.get("/stubborn", self.stubborn)
        app.get("/open", self.open)
        app.get("/function", lambda: "function")
        app.get("/text", fastgo.text("constant"))
        return app


def thread_of(server: fastgo.Server) -> threading.Thread:
    assert server._workers is not None
    assert server._workers._coroutines is not None
    return server._workers._coroutines.thread
