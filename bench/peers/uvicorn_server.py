"""Uvicorn with uvloop and httptools, on a free port."""

from __future__ import annotations

import argparse

import uvicorn

from bench.peers.contents import CORES
from bench.peers.ports import announced_port


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", required=True, help="module:name")
    parser.add_argument("--loops", type=int, default=CORES, help="processes; default: one a core")
    arguments = parser.parse_args()
    uvicorn.run(
        f"bench.peers.{arguments.app}",
        port=announced_port(),
        workers=arguments.loops,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
