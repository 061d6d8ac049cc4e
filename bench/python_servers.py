"""Servers that call functions of Python: fastgo, and those that it is compared with.

What is chosen for each is what serves it best on two cores that it shares with wrk; README.md has
the table of it.
"""

from __future__ import annotations

from bench.server import Server, fastgo, peer

GREETING = ("/",)
# Those that find a route by themselves, and know JSON.
ROUTED = ("/", "/users/42", "/orders")
UVICORN = ("uvicorn", "uvloop", "httptools")


def _functions(engine: str) -> Server:
    return fastgo(
        f"python-{engine}", f"--engine={engine}", "--routes=python", routes=(*ROUTED, "/echo")
    )


def _c(name: str) -> Server:
    return peer(name, "c_server", f"--server={name}", routes=GREETING)


def _granian(interface: str) -> Server:
    return peer(
        f"granian-{interface}",
        "granian_server",
        f"--interface={interface}",
        f"--app=raw_apps:{interface}",
        routes=GREETING,
        distribution="granian",
        needs=("uvloop",),
    )


def _uvicorn(name: str, app: str, *, routes: tuple[str, ...] = ROUTED) -> Server:
    return peer(name, "uvicorn_server", f"--app={app}", routes=routes, needs=UVICORN)


def _robyn(name: str, hello: str, *, routes: tuple[str, ...] = GREETING) -> Server:
    return peer(
        name,
        "robyn_server",
        f"--hello={hello}",
        routes=routes,
        distribution="robyn",
    )


COMPUTING = ("--engine=epoll", "--routes=computing", "--busy")

PYTHON_SERVERS = (
    _functions("epoll"),
    _functions("fasthttp"),
    fastgo("python-epoll-async", "--engine=epoll", "--routes=async", routes=GREETING),
    # A native route beside functions that compute and a thread that does; and with all that
    # computes in a process beside it.
    fastgo("python-busy", *COMPUTING, routes=("/", "/fibonacci/10000")),
    fastgo(
        "python-control",
        "--engine=epoll",
        routes=("/", "/fibonacci/10000"),
        companion=("{python}", "-m", "bench.peers.fastgo_server", *COMPUTING),
    ),
    # WSGI, ASGI and RSGI without a framework.
    _c("bjoern"),
    _c("fastpysgi"),
    _c("fastwsgi"),
    peer(
        "fastpysgi-asgi",
        "c_server",
        "--server=fastpysgi",
        "--app=raw_apps:asgi",
        routes=GREETING,
        distribution="fastpysgi",
    ),
    _granian("asgi"),
    _granian("rsgi"),
    _granian("wsgi"),
    _uvicorn("uvicorn", "raw_apps:asgi", routes=GREETING),
    # Frameworks.
    peer(
        "blacksheep",
        "granian_server",
        "--interface=asgi",
        "--app=blacksheep_app:app",
        routes=ROUTED,
        needs=("granian", "uvloop"),
    ),
    _uvicorn("fastapi", "fastapi_app:app"),
    _uvicorn("starlette", "starlette_app:app"),
    peer(
        "falcon",
        "c_server",
        "--server=fastpysgi",
        "--app=falcon_app:app",
        routes=ROUTED,
        needs=("fastpysgi",),
    ),
    # Those that are both.
    Server(
        name="japronto",
        command=("{environments}/japronto/bin/python", "-m", "bench.peers.japronto_server"),
        routes=ROUTED,
        loops=("--loops={loops}",),
        distribution="japronto",
        optional=True,
        pythons=("3.7", "3.6"),
    ),
    peer("socketify", "socketify_server", routes=ROUTED),
    peer(
        "socketify-async",
        "socketify_server",
        "--async",
        routes=GREETING,
        distribution="socketify",
    ),
    _robyn("robyn", "function", routes=ROUTED),
    _robyn("robyn-async", "async"),
    _robyn("robyn-const", "const"),
    _robyn("robyn-python", "function", routes=("/fibonacci/1000000",)),
    # No HTTP at all.
    Server(
        name="uvloop-echo",
        command=("{python}", "-m", "bench.peers.echo_server"),
        routes=("/echo",),
        echoes=True,
        distribution="uvloop",
        optional=True,
    ),
)
