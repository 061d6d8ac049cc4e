"""run: serves an app until Ctrl-C."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from fastgo._app import App
from fastgo._limits import Limits
from fastgo._serve import serve
from fastgo._server import Server


def run(
    app: App | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    uds: str | None = None,
    fd: int | None = None,
    backlog: int = 0,
    engine: str = "auto",
    loops: int | None = None,
    limits: Limits | None = None,
    threads: int | None = None,
    loop: str = "auto",
    slow_handler: float = 10.0,
    debug: bool = False,
) -> None:
    """Serves an app until Ctrl-C or SIGTERM, then drains and returns.

    A second Ctrl-C does not wait for the drain. Signals are only looked at when `run` is
    called in the main thread; elsewhere it ends when the interpreter does. The arguments
    are those of `serve`.

    Raises:
        SystemExit: A Python function has raised it, which has stopped the server.
        ConfigError: The app or an option is wrong.
        BindError: The address cannot be listened on.
        ForkError: The process was forked from one that had served already.

    Example:
        `run(app, host="0.0.0.0", port=80)`
    """
    server: Server | None = None
    early = False

    def stop() -> None:
        nonlocal early
        if server is None:
            early = True
        else:
            server._interrupt()

    with _on_signals(stop):
        server = serve(
            app,
            host=host,
            port=port,
            uds=uds,
            fd=fd,
            backlog=backlog,
            engine=engine,
            loops=loops,
            limits=limits,
            threads=threads,
            loop=loop,
            slow_handler=slow_handler,
            debug=debug,
        )
        if not early:
            _announce(server)
            # Signal handlers run in Python only: this thread never waits in Go.
            server._wait_until_stop_wanted()
        server.stop()
        if server._exit is not None:
            raise SystemExit(server._exit.code)


def _announce(server: Server) -> None:
    """Prints where the server listens; without anybody to read it, it serves all the same."""
    cores = f"{server.loops} core" + "s" * (server.loops != 1)
    line = f"fastgo serves {server.url} ({server.engine} engine, {cores}); Ctrl-C stops it"
    try:
        print(line, flush=True)
    except ValueError:  # closed by the program
        pass
    except OSError:  # the reader has gone; what is buffered must not fail again at exit
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stdout.fileno())
            os.close(null)


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Calls stop on SIGINT and SIGTERM, where this thread is the one that may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None: set by other code than Python, which cannot be put back
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
