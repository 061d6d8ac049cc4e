"""The servers that can be measured: adding one is adding a row to SERVERS."""

from __future__ import annotations

from bench.errors import BenchError
from bench.python_servers import PYTHON_SERVERS
from bench.server import Server, fastgo, peer


def _go(name: str, module: str) -> Server:
    return Server(
        name=name,
        command=(f"{{bin}}/{name}",),
        loops=("-loops={loops}",),
        module=module,
    )


def _native(language: str, *routes: str) -> Server:
    return fastgo(
        f"native-{language}",
        "--engine=epoll",
        f"--example={language}",
        routes=(*routes, "/fibonacci/1000000"),
        example=language,
    )


def _deferred(engine: str) -> Server:
    return Server(
        name=f"deferred-{engine}",
        command=("{bin}/deferred", f"-engine={engine}"),
        routes=("/", "/deferred"),
        loops=("-loops={loops}",),
        module="std",
    )


# What handlers compute in Python.
COMPUTED = ("/fibonacci/1000000", "/objects/25000")

SERVERS = {
    server.name: server
    for server in (
        _go("nethttp", "std"),
        _go("fasthttp", "github.com/valyala/fasthttp"),
        fastgo("fastgo-epoll", "--engine=epoll"),
        fastgo("fastgo-fasthttp", "--engine=fasthttp"),
        # The same answer, constant and from a template; and a large table.
        fastgo("fastgo-constant", "--engine=epoll", "--routes=constant", routes=("/greeting/42",)),
        fastgo("fastgo-template", "--engine=epoll", "--routes=template", routes=("/greeting/42",)),
        fastgo("fastgo-many", "--engine=epoll", "--routes=many"),
        # What native handlers are compared with, and they.
        fastgo("fastgo-greet", "--engine=epoll", "--routes=greet", routes=("/hello/World",)),
        fastgo("fastgo-go", "--engine=epoll", "--routes=numbered", routes=("/fibonacci/1000000",)),
        _native("c", "/", "/hello/World"),
        _native("cython", "/", "/fibonacci", "/objects/25000"),
        _native("numba"),
        _native("rust"),
        # Handlers that compute in Python.
        peer("granian", "granian_server", routes=COMPUTED),
        peer(
            "granian-cdef",
            "granian_server",
            "--app=granian_server:cdef",
            routes=COMPUTED,
            example="cython",
            distribution="granian",
        ),
        # Answers of a goroutine beside answers of the loop, on either engine.
        _deferred("epoll"),
        _deferred("fasthttp"),
        # The same Python loop inside the server's process and beside it.
        fastgo("fastgo-busy", "--engine=fasthttp", "--busy"),
        fastgo(
            "fastgo-control",
            "--engine=fasthttp",
            companion=("{python}", "-m", "bench.peers.busy_loop"),
        ),
        *PYTHON_SERVERS,
    )
}


def find(name: str) -> Server:
    """The server called `name`."""
    try:
        return SERVERS[name]
    except KeyError:
        raise BenchError(f"no server {name!r}; there are: {', '.join(SERVERS)}") from None
