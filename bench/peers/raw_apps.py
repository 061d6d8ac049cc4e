"""A greeting by each of the protocols between servers and applications, without a framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bench.peers.contents import GREETING, TEXT

BODY = GREETING.encode()
LENGTH = str(len(BODY))
PLAIN = [("Content-Type", TEXT), ("Content-Length", LENGTH)]
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", TEXT.encode()), (b"content-length", LENGTH.encode())],
}
BODY_EVENT = {"type": "http.response.body", "body": BODY}
RSGI_HEADERS = [("content-type", TEXT)]


def wsgi(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return [BODY]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    await send(START)
    await send(BODY_EVENT)


async def rsgi(_scope: Any, protocol: Any) -> None:
    protocol.response_str(200, RSGI_HEADERS, GREETING)


async def _live(receive: Any, send: Any) -> None:
    """Answers what a server tells of its own life."""
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
