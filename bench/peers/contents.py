"""What servers in Python answer: the same for all of them."""

from __future__ import annotations

import os

import msgspec

GREETING = "Hello, World!"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

CORES = len(os.sched_getaffinity(0))


class Line(msgspec.Struct):
    sku: str
    quantity: int
    price: float


class Order(msgspec.Struct):
    """What is posted, and answered."""

    id: int
    customer: str
    note: str
    lines: list[Line]


def user(number: int) -> dict[str, object]:
    """What is told of a user, as an object of JSON."""
    return {"id": number, "name": "Ada Lovelace", "admin": False}


encode = msgspec.json.encode
decode_order = msgspec.json.Decoder(Order).decode
