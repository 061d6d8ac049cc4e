"""Scenarios of functions of Python, beside every server that calls such functions."""

from __future__ import annotations

from collections.abc import Iterable

from bench.bars import Bar, compare
from bench.scenario import Beside, Scenario, row

# Those that find a route by themselves, and know JSON.
ROUTED = ("robyn", "socketify", "blacksheep", "falcon", "japronto", "starlette")
# Those that answer whatever is asked.
RAW = ("bjoern", "fastpysgi", "fastwsgi", "granian-rsgi", "granian-wsgi")
PEERS = (*RAW, *ROUTED, "fastapi")
# By ASGI or RSGI; the others have a way of their own to call coroutines.
PROTOCOLS = (
    *("fastpysgi-asgi", "granian-asgi", "granian-rsgi", "uvicorn"),
    *("blacksheep", "starlette", "fastapi"),
)
# bjoern answers the first of pipelined requests, and no more.
PIPELINED = tuple(name for name in PEERS if name not in ("bjoern", "japronto"))

OURS, COROUTINE = "python-epoll", "python-epoll-async"


def _faster(peers: Iterable[str], *, at_least: float, ours: str = OURS) -> tuple[Bar, ...]:
    return tuple(compare("requests_per_second", ours, name, at_least=at_least) for name in peers)


def _cheaper(peers: Iterable[str]) -> tuple[Bar, ...]:
    return tuple(compare("cpu_us", OURS, name, at_most=1) for name in peers)


def _hello(connections: int, *bars: Bar) -> Scenario:
    """The same greeting from everybody: plain Go, a native route, functions of Python."""
    servers = ("fasthttp", "fastgo-epoll", OURS, "python-fasthttp", *PEERS)
    return Scenario(
        name=f"python-hello-{connections}",
        connections=connections,
        rows=tuple(map(row, servers)),
        seconds=2,
        bars=(*_cheaper(PEERS), *bars),
    )


def _routed(name: str, path: str, *, at_least: float) -> Scenario:
    """Work that takes routing and JSON, by whatever each has for them."""
    return Scenario(
        name=name,
        path=path,
        connections=256,
        rows=tuple(map(row, (OURS, "python-fasthttp", *ROUTED, "fastapi"))),
        reference=OURS,
        seconds=2,
        bars=(*_faster(ROUTED, at_least=at_least), *_faster(["fastapi"], at_least=5)),
    )


PYTHON_SCENARIOS = (
    _hello(
        256,
        compare("cpu_us", OURS, "fasthttp", at_most=1),
        *_faster(("fasthttp", *PEERS), at_least=1),
    ),
    _hello(
        64,
        compare("requests_per_second", OURS, "fasthttp", at_least=0.97),
        compare("p99_us", OURS, "fastgo-epoll", at_most=2),
    ),
    # A parameter of the path, and a small object.
    _routed("python-user", "/users/42", at_least=1.3),
    # An object of 1 KiB, read into a type and written again.
    _routed("python-post", "/orders", at_least=1.5),
    Scenario(
        name="python-async",
        connections=64,
        rows=tuple(map(row, (COROUTINE, *PROTOCOLS, "robyn-async", "socketify-async"))),
        reference=COROUTINE,
        seconds=2,
        bars=_faster(PROTOCOLS, at_least=1.5, ours=COROUTINE),
    ),
    # Bytes given back: by HTTP, and by a TCP server that knows nothing of it.
    Scenario(
        name="python-echo",
        path="/echo",
        connections=64,
        rows=tuple(map(row, ("uvloop-echo", OURS, "python-fasthttp"))),
        reference="uvloop-echo",
        seconds=3,
        bars=_faster(["uvloop-echo"], at_least=1),
    ),
    # A native route owes nothing to what Python does in the same process.
    Scenario(
        name="python-beside",
        connections=64,
        beside=Beside(path="/fibonacci/10000", connections=4),
        rows=(row("python-control"), row("python-busy")),
        reference="python-control",
        # The tail of latencies beside a busy loop wanders: more rounds steady it.
        rounds=7,
        seconds=3,
        bars=(
            compare("requests_per_second", "python-busy", "python-control", at_least=0.9),
            compare("p99_us", "python-busy", "python-control", at_most=1.5),
        ),
    ),
    Scenario(
        name="python-pipelined",
        connections=100,
        pipeline=24,
        rows=tuple(map(row, ("fasthttp", OURS, *PIPELINED, "japronto"))),
        seconds=2,
        bars=(*_faster(["japronto"], at_least=0.9), *_faster(PIPELINED, at_least=1)),
    ),
)
