"""Granian, on a free port; by itself with handlers that compute in Python.

Each of its workers is a process: so Python computes on as many cores as there are workers.
"""

from __future__ import annotations

import argparse
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from bench.peers import examples, python_work
from bench.peers.contents import CORES
from bench.peers.ports import announced_port

HEADERS = [("content-type", "text/plain; charset=utf-8")]


async def python(scope: Any, protocol: Any) -> None:
    """Answers by what is written in Python alone."""
    _answer(scope, protocol, python_work.PythonPair)


async def cdef(scope: Any, protocol: Any) -> None:
    """The same with a `cdef class` of Cython."""
    _answer(scope, protocol, examples.load("cython", "objects").PythonPair)


def _answer(scope: Any, protocol: Any, pair: Any) -> None:
    name, n = scope.path.removeprefix("/").split("/")
    if name == "fibonacci":
        text = python_work.fibonacci(int(n))
    else:
        text = python_work.objects(int(n), pair)
    protocol.response_str(200, HEADERS, text)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", default="granian_server:python", help="module:name")
    parser.add_argument("--interface", choices=[*Interfaces], default="rsgi")
    parser.add_argument("--loops", type=int, default=CORES, help="workers; default: one a core")
    arguments = parser.parse_args()
    port = announced_port()
    Granian(
        f"bench.peers.{arguments.app}",
        port=port,
        interface=Interfaces(arguments.interface),
        workers=arguments.loops,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
