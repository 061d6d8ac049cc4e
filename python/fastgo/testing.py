"""Clients for tests: an app served in this process, and httpx to ask it.

The requests cross a real connection to a real server, so what a test sees is what users get.
Needs httpx: `pip install 'fastgo[testing]'`.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import TypedDict, Unpack

from fastgo._app import App
from fastgo._limits import Limits
from fastgo._serve import serve
from fastgo._server import Server

try:
    import anyio
    import anyio.to_thread
    import httpx
except ImportError as error:
    raise ImportError(
        f"fastgo.testing needs httpx, which cannot be loaded ({error}); "
        "run pip install 'fastgo[testing]'"
    ) from error

__all__ = ["AsyncClient", "Client", "ServerOptions"]

_Headers = httpx.Headers | Mapping[str, str] | Sequence[tuple[str, str]] | None
_Cookies = httpx.Cookies | dict[str, str] | list[tuple[str, str]] | None

_SECONDS = 5.0  # as httpx has it


class ServerOptions(TypedDict, total=False):
    """How a client's server runs: those arguments of `fastgo.serve` that a test may want.

    Where it listens is the client's business: on a free port of 127.0.0.1.
    """

    engine: str
    loops: int | None
    limits: Limits | None
    threads: int | None
    loop: str
    slow_handler: float
    debug: bool


class Client(httpx.Client):
    """An `httpx.Client` whose requests go to an app.

    The constructor starts a server in this process, on a free port; paths are relative to it.
    `close`, or the end of a `with` statement, stops it, whatever has happened in between. A client
    that is never closed serves until the program ends, and does not hold up the end.

    All methods of httpx are there, and may be called from any thread. httpx writes the requests,
    and so only such as are valid HTTP. `Host` is the address of the server; give
    `headers={"Host": ...}` to reach the routes of another host. Proxies and other settings of the
    environment are ignored.

    Attributes:
        server: The running `fastgo.Server`, for its counters, `update` and the like.

    Example:
        >>> app = fastgo.App()
        >>> @app.get("/users/{id}")
        ... def user(id: int) -> dict[str, int]:
        ...     return {"id": id}
        >>> with fastgo.testing.Client(app) as client:
        ...     client.get("/users/7").json()
        ...     client.get("/users/x").is_error
        ...     client.server.stats().requests
        {'id': 7}
        True
        2
    """

    def __init__(
        self,
        app: App,
        *,
        headers: _Headers = None,
        cookies: _Cookies = None,
        timeout: httpx.Timeout | float | None = _SECONDS,
        follow_redirects: bool = False,
        **options: Unpack[ServerOptions],
    ) -> None:
        """Starts a server for the app.

        Args:
            app: The routes.
            headers: Header fields that every request has.
            cookies: Cookies that every request has; those that answers set are added.
            timeout: Seconds to wait for a connection, for a part of an answer and for room to
                send, each by itself; None waits for ever. `httpx.Timeout` sets them apart.
            follow_redirects: Whether an answer that redirects is followed; otherwise it is
                returned.
            **options: How to serve: `engine`, `loops`, `limits`, `threads`, `loop`, `slow_handler`
                and `debug`, which `fastgo.serve` explains.

        Raises:
            ConfigError: The app or an option is wrong.
            ForkError: The process was forked from one that had served already.
        """
        self.server = _serve(
            super().__init__,
            app,
            options,
            headers=headers,
            cookies=cookies,
            timeout=timeout,
            follow_redirects=follow_redirects,
        )

    def close(self) -> None:
        """Closes the connections and stops the server; doing so again does nothing.

        The server first finishes the requests in flight, as `Server.stop` does.
        """
        try:
            super().close()
        finally:
            self.server.stop()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Closes the connections and stops the server."""
        try:
            super().__exit__(exc_type, exc_value, traceback)
        finally:
            self.server.stop()


class AsyncClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` whose requests go to an app: `Client` for coroutines.

    The server runs in threads of its own, not in the event loop of the test. `aclose`, or the end
    of an `async with` statement, stops it, also when the task is cancelled; the event loop goes on
    meanwhile.

    Attributes:
        server: The running `fastgo.Server`, for its counters, `update` and the like.

    Example:
        >>> app = fastgo.App()
        >>> app.get("/", fastgo.text("Hello, World!"))
        >>> async def main() -> str:
        ...     async with fastgo.testing.AsyncClient(app) as client:
        ...         return (await client.get("/")).text
        >>> asyncio.run(main())
        'Hello, World!'
    """

    def __init__(
        self,
        app: App,
        *,
        headers: _Headers = None,
        cookies: _Cookies = None,
        timeout: httpx.Timeout | float | None = _SECONDS,
        follow_redirects: bool = False,
        **options: Unpack[ServerOptions],
    ) -> None:
        """Starts a server for the app; the arguments and errors are those of `Client`."""
        self.server = _serve(
            super().__init__,
            app,
            options,
            headers=headers,
            cookies=cookies,
            timeout=timeout,
            follow_redirects=follow_redirects,
        )

    async def aclose(self) -> None:
        """Closes the connections and stops the server; doing so again does nothing.

        The server first finishes the requests in flight, as `Server.stop` does.
        """
        try:
            await super().aclose()
        finally:
            await self._stop()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Closes the connections and stops the server."""
        try:
            await super().__aexit__(exc_type, exc_value, traceback)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.server.stop)


def _serve(
    begin: Callable[..., None], app: App, options: ServerOptions, **settings: object
) -> Server:
    """Starts a server, and begins its client, the constructor of httpx's, with these settings."""
    server = serve(app, port=0, **options)
    try:
        begin(base_url=server.url, trust_env=False, verify=_certificates(), **settings)
    except BaseException:
        server.stop(drain=0)
        raise
    return server


@cache
def _certificates() -> ssl.SSLContext:
    """What httpx makes for each client, which takes it longer than all else; for all of them."""
    return httpx.create_ssl_context(trust_env=False)
