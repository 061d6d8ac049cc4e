"""Japronto with its own routing and JSON, on a free port.

Runs on Python 3.6 and 3.7, the last that it can be installed for, where there is no msgspec: the
object is made of what its JSON gives.
"""

import argparse
import os
from typing import Any, Dict, List, NamedTuple

from japronto import Application

from bench.peers.ports import announced_port


class Line(NamedTuple):
    sku: str
    quantity: int
    price: float


class Order(NamedTuple):
    id: int
    customer: str
    note: str
    lines: List[Line]


def hello(request: Any) -> Any:
    return request.Response(text="Hello, World!")


def show_user(request: Any) -> Any:
    number = int(request.match_dict["id"])
    return request.Response(json={"id": number, "name": "Ada Lovelace", "admin": False})


def post_order(request: Any) -> Any:
    order = read_order(request.json)
    lines = [line._asdict() for line in order.lines]
    return request.Response(json={**order._asdict(), "lines": lines})


def read_order(given: Dict[str, Any]) -> Order:
    lines = [Line(**line) for line in given["lines"]]
    return Order(given["id"], given["customer"], given["note"], lines)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--loops", type=int, default=cores, help="processes; default: one a core")
    arguments = parser.parse_args()
    app = Application()
    app.router.add_route("/", hello)
    app.router.add_route("/users/{id}", show_user)
    app.router.add_route("/orders", post_order, methods=["POST"])
    app.run("127.0.0.1", announced_port(), worker_num=arguments.loops)


if __name__ == "__main__":
    main()
