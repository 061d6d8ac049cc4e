"""Granian, with handlers that compute in Python, on a free port.

Each of its workers is a process: so Python computes on as many cores as there are workers.
"""

from __future__ import annotations

import argparse
import importlib
import os
import socket
import threading
import time
from typing import Any

from bench.peers import examples, python_work
from bench.peers.robyn_server import free_port

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


def announce(port: int) -> None:
    """Tell the URL when somebody listens: Granian does so before."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            print(f"http://127.0.0.1:{port}", flush=True)
            return


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--loops", type=int, default=cores, help="workers; default: one a core")
    parser.add_argument("--pairs", choices=("python", "cdef"), default="python")
    arguments = parser.parse_args()
    port = free_port()
    threading.Thread(target=announce, args=(port,), daemon=True).start()
    granian: Any = importlib.import_module("granian")
    granian.Granian(
        f"bench.peers.granian_server:{arguments.pairs}",
        port=port,
        interface=granian.constants.Interfaces.RSGI,
        workers=arguments.loops,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
