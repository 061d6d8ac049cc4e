"""Server: an app that is being served in the background."""

import _thread
import atexit
import contextlib
import json
import os
import threading
from collections.abc import Callable
from functools import cache
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fastgo._app import App, document
from fastgo._checks import check_seconds
from fastgo._errors import ConfigError, StateError
from fastgo._library import check_process, load, translate
from fastgo._limits import Limits
from fastgo._route import Route
from fastgo._stats import Stats

if TYPE_CHECKING:
    from fastgo._workers import Workers

# Python calls signal handlers between instructions of the main thread. A signal that comes
# just before that thread begins to wait, or that another thread takes, does not end the wait:
# so no wait is longer than these seconds.
_LONGEST_WAIT = 0.1

# Workers have nothing more to do when the server has stopped, but need the GIL to end.
_WORKERS_WAIT = 5.0


class Server:
    """A running server. Made by `serve`.

    All methods may be called from any thread.
    """

    def __init__(
        self, app: App, limits: Limits, options: dict[str, Any], work: dict[str, Any]
    ) -> None:
        """Starts the server; work is how Python functions are run."""
        # These modules bring logging and socket, which `import fastgo` alone does not need.
        from fastgo._events import start_reader

        self._limits = limits
        self._work = work
        self._workers: Workers | None = None  # until there is a function
        self._library = load()
        _watch_forks()
        routes = app.routes()
        configuration = {**options, "document": document(routes, limits)}
        text = json.dumps(configuration, ensure_ascii=False)
        self._pid = os.getpid()
        self._cut = 0
        self._interrupted = False
        self._exit: SystemExit | None = None  # of a function
        self._abandoned = False
        self._stop_wanted = _Event()
        self._stopped = _Event()
        # The routes of each table that a request may still use. Only the reader and the threads
        # of `_apart` take the lock: a signal handler may interrupt any other, and wait for it.
        self._tables: dict[int, tuple[Route, ...]] = {}
        self._tables_lock = threading.Lock()
        self._changer: int | None = None  # who has it, of those
        self._reader: threading.Thread | None = None
        try:
            try:
                self._info: dict[str, Any] = json.loads(self._library.Start(text))
            except RuntimeError as error:
                raise translate(error) from None
            self._tables[self._info["table"]] = routes
            _running[id(self)] = self
            self._reader = start_reader(self._library, self._handle_event)
            self._apart(lambda: self._employ(routes))
        except BaseException:  # such as: no thread can be started, a signal handler has raised
            _running.pop(id(self), None)
            with contextlib.suppress(RuntimeError):  # it has not started
                self._library.Stop(0)
            raise

    def __repr__(self) -> str:
        """Returns the address and whether the server runs."""
        return f"<fastgo.Server {'stopped' if self._stopped.is_set() else self.url}>"

    @property
    def url(self) -> str:
        """Where the server listens: "http://127.0.0.1:8080" or "unix:/run/app.sock"."""
        return str(self._info["url"])

    @property
    def port(self) -> int:
        """The TCP port; 0 on a Unix socket."""
        return int(self._info["port"])

    @property
    def engine(self) -> str:
        """The engine that serves."""
        return str(self._info["engine"])

    @property
    def loops(self) -> int:
        """How many cores it serves on."""
        return int(self._info["loops"])

    def stats(self) -> Stats:
        """Returns the counters; they stay readable when the server has stopped.

        Raises:
            ForkError: This process is a fork of the one that serves.
        """
        return Stats.from_document(json.loads(self._call("Stats")))

    def update(self, app: App) -> None:
        """Replaces all routes at once, while requests are being served.

        Requests that have begun end with the routes they began with. On an error nothing
        has changed: the old routes go on.

        Args:
            app: The new routes.

        Raises:
            ConfigError: The app is wrong.
            StateError: The server has stopped.
            ForkError: This process is a fork of the one that serves.
        """
        routes = check_app(app).routes()
        described = document(routes, self._limits)
        check_process(self._pid)

        def install() -> None:
            try:
                self._employ(routes)
            except RuntimeError as error:
                raise StateError(str(error)) from None
            try:
                table = json.loads(self._call("Update", described))
            except BaseException:
                self._dismiss(routes)
                raise
            self._tables[table] = routes

        self._apart(install)  # a table must be known before its retirement can be told

    def stop(self, drain: float | None = None) -> int:
        """Stops accepting, lets requests in flight finish, and returns when all has ended.

        It may be called again while another thread is in it, with a shorter drain. Called by a
        handler of the logger "fastgo" or a function of a route, whose threads the server needs
        for that, it does not wait. A native handler that does not return is waited for a second
        after the drain, then logged and left behind with what it uses.

        Args:
            drain: Seconds that requests in flight have; None means `Limits.drain_time`, 0 cuts
                them at once.

        Returns:
            How many connections were cut because their requests had not finished.

        Raises:
            ConfigError: drain is no number of seconds, or negative.
            ForkError: This process is a fork of the one that serves.
        """
        self._begin_stop(drain)
        if not self._is_needed(threading.current_thread()):
            self._wait_until_stopped()
        return self._cut

    def __enter__(self) -> Self:
        """Returns the server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stops the server."""
        self.stop()

    def _is_needed(self, thread: threading.Thread) -> bool:
        """Returns whether the server cannot stop while the thread waits."""
        if thread is self._reader or thread.ident == self._changer:
            return True
        return self._workers is not None and thread in self._workers

    def _apart(self, change: Callable[[], None]) -> None:
        """Makes a change, with the lock of the tables.

        It does so in a thread of its own, as Python calls signal handlers in the main thread only:
        one that raises would leave the change half done, and one that stops the server, or changes
        it as well, would wait for what it has interrupted.
        """
        failures: list[BaseException] = []
        made = threading.Lock()
        made.acquire()

        def run() -> None:
            try:
                with self._tables_lock:
                    self._changer = threading.get_ident()
                    try:
                        change()
                    finally:
                        self._changer = None
            except BaseException as error:
                failures.append(error)
            finally:
                made.release()

        _thread.start_new_thread(run, ())  # threading.Thread cannot bear to be interrupted
        made.acquire()
        if failures:
            raise failures.pop()

    def _employ(self, routes: tuple[Route, ...]) -> None:
        """Lets workers know the functions of a table; the first table starts them.

        It holds the lock of the tables: the memory that it uses is there until the reader knows
        that the server has stopped.
        """
        if self._stopped.is_set():
            return
        from fastgo._functions import FunctionHandler

        if self._workers is None:
            if not any(isinstance(route.handler, FunctionHandler) for route in routes):
                return
            from fastgo._workers import Workers

            self._workers = Workers(
                self._info["queue"],
                self._ask_to_stop,
                coroutine_time=self._limits.coroutine_time,
                **self._work,
            )
        self._workers.add(routes)

    def _dismiss(self, routes: tuple[Route, ...]) -> None:
        """Lets workers forget the functions of a table."""
        if self._workers is not None:
            self._workers.remove(routes)

    def _ask_to_stop(self, error: BaseException | None = None) -> None:
        """Stops the server, and run with it, without waiting.

        Args:
            error: Why: a SystemExit is raised by run again.
        """
        if isinstance(error, SystemExit):
            self._exit = error
        self._stop_wanted.set()
        self._begin_stop()

    def _begin_stop(self, drain: float | None = None) -> None:
        """Begins to stop and returns at once, so that it can be called by a signal handler."""
        if drain is not None:
            check_seconds("drain", drain)
            if drain < 0:
                raise ConfigError(f"drain must be 0 or more seconds, not {drain}")
        self._call("Stop", -1.0 if drain is None else float(drain))

    def _wait_until_stop_wanted(self) -> None:
        """Waits until a signal handler, or the server itself, asks for the end."""
        while not self._stop_wanted.wait(_LONGEST_WAIT):
            pass

    def _wait_until_stopped(self) -> None:
        """Waits until the last event has been read."""
        while not self._stopped.wait(_LONGEST_WAIT):
            pass
        # The reader has nothing more to do. It must be gone before the interpreter is: a
        # thread that ends then may hold a lock of stderr's.
        if self._reader is not None:
            self._reader.join(_LONGEST_WAIT)
        if self._workers is not None:
            self._workers.join(_LONGEST_WAIT if self._abandoned else _WORKERS_WAIT)

    def _interrupt(self) -> None:
        """Asks run to stop; asked again, ends the drain. Called by a signal handler."""
        if self._interrupted:
            self._begin_stop(drain=0)
        self._interrupted = True
        self._stop_wanted.set()

    def _call(self, method: str, *arguments: str | float) -> str:
        check_process(self._pid)
        try:
            answer: str = getattr(self._library, method)(*arguments)
        except RuntimeError as error:
            raise translate(error) from None
        return answer

    def _handle_event(self, event: dict[str, Any]) -> None:
        match event["kind"]:
            case "retired":
                with self._tables_lock:
                    self._dismiss(self._tables.pop(event["table"], ()))
            case "stop":
                from fastgo._events import logger

                logger.critical("%s; the server stops", event["message"])
                self._ask_to_stop()
            case "stopped":
                self._cut = event.get("cut", 0)
                with self._tables_lock:
                    if event.get("running"):  # handlers that do not return use them still
                        self._abandoned = True
                        _abandoned.extend(self._tables.values())
                    self._tables.clear()
                    if self._workers is not None:
                        self._workers.end()
                    _running.pop(id(self), None)
                    self._stop_wanted.set()
                    self._stopped.set()


class _Event:
    """What threading.Event is, for signal handlers too: one may interrupt any method of it."""

    def __init__(self) -> None:
        """It has not come."""
        self._has_come = False
        self._news: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """It has come."""
        self._has_come = True
        self._news.put(None)

    def is_set(self) -> bool:
        """Returns whether it has come."""
        return self._has_come

    def wait(self, timeout: float) -> bool:
        """Waits for so many seconds at most, and returns whether it has come."""
        if not self._has_come:
            with contextlib.suppress(Empty):
                self._news.get(timeout=timeout)
                self._news.put(None)  # for the others who wait
        return self._has_come


def check_app(app: object) -> App:
    """Returns an app, or raises ConfigError for what is none."""
    if isinstance(app, App):
        return app
    raise ConfigError(f"app must be a fastgo.App, not {type(app).__name__}")


# Routes of servers that have stopped before all of their handlers returned.
_abandoned: list[tuple[Route, ...]] = []

# The servers of this process that have not stopped.
_running: dict[int, Server] = {}


def _stop_all() -> None:
    """Stops every server, all at once, before the interpreter goes."""
    servers = list(_running.values())
    for server in servers:
        server._begin_stop()
    for server in servers:
        server._wait_until_stopped()


@cache
def _watch_forks() -> None:
    """Makes forked children give up what they inherit of their parent's servers."""
    from fastgo._fork import close_sockets

    def leave_to_parent() -> None:
        close_sockets([server.url for server in _running.values()])
        _running.clear()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=leave_to_parent)


atexit.register(_stop_all)
