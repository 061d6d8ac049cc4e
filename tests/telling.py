"""Functions that tell what they are given, and requests for them."""

from collections.abc import Callable
from typing import Any

import fastgo
from tests.client import Answer, Client

JSON = "Content-Type: application/json\r\n"


def ask(
    server: fastgo.Server, path: str = "/", method: str = "GET", body: bytes = b"", fields: str = ""
) -> Answer:
    with Client(server.url) as client:
        return client.ask(method, path, body, "Host: test\r\n" + fields)


def takes(annotation: Any, *default: Any) -> Callable[..., str]:
    """Returns a function whose parameter `x` has the annotation, and that tells its value."""

    def tell(x: Any = None) -> str:
        return repr(x)

    tell.__annotations__["x"] = annotation
    tell.__defaults__ = default or None
    return tell
