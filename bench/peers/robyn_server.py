"""Robyn, on a free port: constant routes, which it answers without Python, and routes in Python.

One process with a thread for each core serves the former with the least CPU time;
several processes share the connections unevenly. Python needs processes to compute on
several cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from typing import Any

from bench.peers import python_work
from bench.peers.contents import CORES, GREETING, JSON, decode_order, encode, user
from bench.peers.ports import announced_port


def hello() -> str:
    return GREETING


async def hello_async() -> str:
    return GREETING


def fibonacci(request: Any) -> str:
    return python_work.fibonacci(int(request.path_params["n"]))


def show_user(request: Any) -> dict[str, object]:
    return user(int(request.path_params["id"]))


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=CORES, help="threads; default: one a core")
    parser.add_argument(
        "--hello", choices=("const", "function", "async"), default="const", help="what answers /"
    )
    arguments = parser.parse_args()
    constant = arguments.hello == "const"
    processes, workers = (1, arguments.loops) if constant else (arguments.loops, 1)
    # Robyn reads the command line when it is imported.
    parallel = (f"--processes={processes}", f"--workers={workers}")
    sys.argv[1:] = (*parallel, "--log-level=WARN", "--disable-openapi")
    from robyn import Response, Robyn

    def post_order(request: Any) -> Any:
        return Response(200, {"Content-Type": JSON}, encode(decode_order(request.body)))

    app = Robyn(__file__)
    app.get("/", const=constant)(hello_async if arguments.hello == "async" else hello)
    app.get("/fibonacci/:n")(fibonacci)
    app.get("/users/:id")(show_user)
    app.post("/orders")(post_order)

    async def started() -> None:
        """Robyn alone would outlive the signal."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)

    app.startup_handler(started)
    app.start(host="127.0.0.1", port=announced_port())


if __name__ == "__main__":
    main()
