"""Servers written in C that call a WSGI application, or an ASGI one, on a free port.

Each of their processes serves on one core, and holds the GIL while it waits.
"""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from typing import Any

from bench.peers.contents import CORES
from bench.peers.ports import announced_port


def bjoern(app: Any, port: int, processes: int) -> None:
    """Forks behind the bound socket, as its documentation has it."""
    server: Any = import_module("bjoern")
    listener = server.bind_and_listen("127.0.0.1", port)
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    server.server_run(listener, app)


def fastpysgi(app: Any, port: int, processes: int) -> None:
    import_module("fastpysgi").run(app, "127.0.0.1", port, workers=processes)


def fastwsgi(app: Any, port: int, processes: int) -> None:
    import_module("fastwsgi").run(app, "127.0.0.1", port, workers=processes)


SERVERS = {serve.__name__: serve for serve in (bjoern, fastpysgi, fastwsgi)}


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=SERVERS, required=True)
    parser.add_argument("--app", default="raw_apps:wsgi", help="module:name")
    parser.add_argument("--loops", type=int, default=CORES, help="processes; default: one a core")
    arguments = parser.parse_args()
    module, _, name = arguments.app.partition(":")
    app = getattr(import_module(f"bench.peers.{module}"), name)
    SERVERS[arguments.server](app, announced_port(), arguments.loops)


if __name__ == "__main__":
    main()
