"""Socketify with its own routing and msgspec for JSON, on a free port."""

from __future__ import annotations

import argparse
import os
from typing import Any

from socketify import App, AppListenOptions

from bench.peers.contents import CORES, GREETING, JSON, TEXT, decode_order, encode, user
from bench.peers.ports import announced_port


def hello(response: Any, _request: Any) -> None:
    response.write_header("Content-Type", TEXT).end(GREETING)


async def hello_async(response: Any, _request: Any) -> None:
    response.write_header("Content-Type", TEXT).end(GREETING)


def show_user(response: Any, request: Any) -> None:
    number = int(request.get_parameter(0))
    response.write_header("Content-Type", JSON).end(encode(user(number)))


# Socketify forgets a response whose body has not come, and crashes when it comes.
waiting: set[Any] = set()


def post_order(response: Any, _request: Any) -> None:
    parts: list[bytes] = []
    waiting.add(response)

    def receive(response: Any, part: bytes | None, is_last: bool) -> None:
        parts.append(part or b"")
        if is_last:
            order = decode_order(b"".join(parts))
            response.write_header("Content-Type", JSON).end(encode(order))
            waiting.remove(response)

    response.on_data(receive)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=CORES, help="processes; default: one a core")
    parser.add_argument("--async", action="store_true", dest="coroutine", help="a coroutine")
    arguments = parser.parse_args()
    port = announced_port()
    for _ in range(arguments.loops - 1):
        if os.fork() == 0:
            break
    app = App()
    app.get("/", hello_async if arguments.coroutine else hello)
    app.get("/users/:id", show_user)
    app.post("/orders", post_order)
    app.listen(AppListenOptions(port=port, host="127.0.0.1"))
    app.run()


if __name__ == "__main__":
    main()
