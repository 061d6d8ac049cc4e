"""Content: what the bodies of answers become, and their media types."""

from collections.abc import Callable
from functools import cache
from typing import Any

TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"
JSON = "application/json"


def encode(body: object) -> tuple[bytes, str]:
    """Returns a body as it is sent, and its media type: "" where there is no content.

    Raises:
        TypeError: It holds a type that has no form in JSON; other errors of msgspec are possible.
        UnicodeEncodeError: It is no valid Unicode.
    """
    if body is None:
        return b"", ""
    if isinstance(body, str):
        return body.encode(), TEXT
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body), OCTETS
    return json_encoder()(body), JSON


@cache
def json_encoder() -> Callable[[Any], bytes]:
    """Returns what encodes values as JSON, the same function always."""
    import msgspec  # programs that answer by text alone do not need it

    return msgspec.json.Encoder().encode
