"""Robyn with a constant route, which it answers without Python, and one in Python, on a free port.

One process with a thread for each core serves the former with the least CPU time;
several processes share the connections unevenly. Python needs processes to compute on
several cores.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import socket
import sys
from typing import Any

from bench.peers import python_work


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--loops", type=int, default=cores, help="threads; default: one a core")
    parser.add_argument("--python", action="store_true", help="compute in Python, in processes")
    arguments = parser.parse_args()
    loops = arguments.loops
    processes, workers = (loops, 1) if arguments.python else (1, loops)

    # Robyn reads the command line when it is imported.
    parallel = (f"--processes={processes}", f"--workers={workers}")
    sys.argv[1:] = (*parallel, "--log-level=WARN", "--disable-openapi")
    app = importlib.import_module("robyn").Robyn(__file__)
    port = free_port()

    @app.get("/", const=True)  # type: ignore[untyped-decorator]
    def hello() -> str:
        return "Hello, World!"

    @app.get("/fibonacci/:n")  # type: ignore[untyped-decorator]
    def fibonacci(request: Any) -> str:
        return python_work.fibonacci(int(request.path_params["n"]))

    @app.startup_handler  # type: ignore[untyped-decorator]
    async def started() -> None:
        """Tell the URL: Robyn listens when it calls this."""
        # Robyn alone would outlive the signal.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
        print(f"http://127.0.0.1:{port}", flush=True)

    app.start(host="127.0.0.1", port=port)


def free_port() -> int:
    """A port that nobody uses: Robyn does not tell which one it has been given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
