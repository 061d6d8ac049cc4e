"""The servers that can be measured: adding one is adding a row to SERVERS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.errors import BenchError

# A server is ready when a line of its output holds its URL. Whatever follows as
# `thread=ID` names a thread whose CPU time is no part of serving.
READY = r"(?P<url>http://[\w.]+:\d+)(?: thread=(?P<thread>\d+))?"


@dataclass(frozen=True, kw_only=True)
class Server:
    """How a server is started, known to be ready, and named in reports.

    The words of a command may hold {python}, this interpreter; {bin}, the folder
    of the Go programs built from bench/peers; and, in `loops`, {loops}.
    """

    name: str
    command: tuple[str, ...]
    routes: tuple[str, ...] = ("/", "/fibonacci")
    # Added to the command when a number of event loops is asked for.
    loops: tuple[str, ...] = ()
    # A regular expression that finds the ready line in stdout or stderr.
    ready: str = READY
    environment: Mapping[str, str] = field(default_factory=dict)
    # The media type of its answers where it is not that of the route.
    content_type: str | None = None
    # A program that runs beside the server for as long as the server does. It
    # prints a line when it has started.
    companion: tuple[str, ...] = ()
    # The folder of examples/native that has to be built for it.
    example: str | None = None
    # Where the version comes from: a distribution installed for this Python, or a
    # module linked into the Go program; the standard library is the module "std".
    distribution: str | None = None
    module: str | None = None
    # Rows of it are left out where the distribution is not installed.
    optional: bool = False

    def words(self, loops: int | None, places: Mapping[str, str]) -> list[str]:
        """The command line for `loops` event loops, or the server's own choice."""
        if loops is None:
            return [word.format_map(places) for word in self.command]
        if not self.loops:
            raise BenchError(f"{self.name}: the number of loops cannot be chosen")
        values = {**places, "loops": str(loops)}
        return [word.format_map(values) for word in self.command + self.loops]


def _go(name: str, module: str) -> Server:
    return Server(
        name=name,
        command=(f"{{bin}}/{name}",),
        loops=("-loops={loops}",),
        module=module,
    )


def _fastgo(
    name: str,
    *options: str,
    routes: tuple[str, ...] = ("/", "/fibonacci"),
    companion: tuple[str, ...] = (),
    example: str | None = None,
) -> Server:
    return Server(
        name=name,
        command=("{python}", "-m", "bench.peers.fastgo_server", *options),
        routes=routes,
        loops=("--loops={loops}",),
        companion=companion,
        example=example,
        distribution="fastgo",
    )


def _python(engine: str) -> Server:
    return _fastgo(
        f"python-{engine}",
        f"--engine={engine}",
        "--routes=python",
        routes=("/", "/users/42"),
    )


def _native(language: str, *routes: str) -> Server:
    return _fastgo(
        f"native-{language}",
        "--engine=epoll",
        f"--example={language}",
        routes=(*routes, "/fibonacci/1000000"),
        example=language,
    )


def _granian(name: str, *options: str, example: str | None = None) -> Server:
    return Server(
        name=name,
        command=("{python}", "-m", "bench.peers.granian_server", *options),
        routes=("/fibonacci/1000000", "/objects/25000"),
        loops=("--loops={loops}",),
        example=example,
        distribution="granian",
        optional=True,
    )


def _deferred(engine: str) -> Server:
    return Server(
        name=f"deferred-{engine}",
        command=("{bin}/deferred", f"-engine={engine}"),
        routes=("/", "/deferred"),
        loops=("-loops={loops}",),
        module="std",
    )


SERVERS = {
    server.name: server
    for server in (
        _go("nethttp", "std"),
        _go("fasthttp", "github.com/valyala/fasthttp"),
        _fastgo("fastgo-epoll", "--engine=epoll"),
        _fastgo("fastgo-fasthttp", "--engine=fasthttp"),
        # The same answer, constant and from a template; and a large table.
        _fastgo("fastgo-constant", "--engine=epoll", "--routes=constant", routes=("/users/42",)),
        _fastgo("fastgo-template", "--engine=epoll", "--routes=template", routes=("/users/42",)),
        _fastgo("fastgo-many", "--engine=epoll", "--routes=many"),
        # Functions of Python, on either engine.
        _python("epoll"),
        _python("fasthttp"),
        # What native handlers are compared with, and they.
        _fastgo("fastgo-greet", "--engine=epoll", "--routes=greet", routes=("/hello/World",)),
        _fastgo("fastgo-go", "--engine=epoll", "--routes=numbered", routes=("/fibonacci/1000000",)),
        _native("c", "/", "/hello/World"),
        _native("cython", "/", "/fibonacci", "/objects/25000"),
        _native("numba"),
        _native("rust"),
        # Handlers that compute in Python.
        _granian("granian"),
        _granian("granian-cdef", "--pairs=cdef", example="cython"),
        Server(
            name="robyn-python",
            command=("{python}", "-m", "bench.peers.robyn_server", "--python"),
            routes=("/fibonacci/1000000",),
            loops=("--loops={loops}",),
            content_type="text/plain",
            distribution="robyn",
            optional=True,
        ),
        # Answers of a goroutine beside answers of the loop, on either engine.
        _deferred("epoll"),
        _deferred("fasthttp"),
        # The same Python loop inside the server's process and beside it.
        _fastgo("fastgo-busy", "--engine=fasthttp", "--busy"),
        _fastgo(
            "fastgo-control",
            "--engine=fasthttp",
            companion=("{python}", "-m", "bench.peers.busy_loop"),
        ),
        Server(
            name="robyn-const",
            command=("{python}", "-m", "bench.peers.robyn_server"),
            routes=("/",),
            loops=("--loops={loops}",),
            content_type="text/plain",
            distribution="robyn",
            optional=True,
        ),
    )
}


def find(name: str) -> Server:
    """The server called `name`."""
    try:
        return SERVERS[name]
    except KeyError:
        raise BenchError(f"no server {name!r}; there are: {', '.join(SERVERS)}") from None


def ready_url(pattern: str, line: str) -> tuple[str, tuple[int, ...]] | None:
    """The URL and the threads to leave out that a ready line tells, if it is one."""
    found = re.search(pattern, line)
    if found is None:
        return None
    thread = found.groupdict().get("thread")
    return found["url"], (int(thread),) if thread else ()
