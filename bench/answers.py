"""What each route must answer: a server is measured only if it does the work."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bench.errors import BenchError

SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """The parts of an answer that have to be the same for every server."""

    status: int
    content_type: str
    body: bytes


PLAIN_TEXT = "text/plain; charset=utf-8"

ROUTES = {
    "/": Answer(200, PLAIN_TEXT, b"Hello, World!"),
    "/deferred": Answer(200, PLAIN_TEXT, b"Hello, World!"),
    "/users/42": Answer(200, PLAIN_TEXT, b"Hello, 42!"),
    "/hello/World": Answer(200, PLAIN_TEXT, b"Hello World!"),
    "/objects/25000": Answer(200, PLAIN_TEXT, b"25000 objects, sum 625000000\n"),
    "/fibonacci/1000000": Answer(
        200, PLAIN_TEXT, b"Fibonacci(1000000) = 1884755131 (with overflow)\n"
    ),
    "/fibonacci": Answer(200, PLAIN_TEXT, b"Fibonacci(10^6) = 1884755131 (with overflow)\n"),
}


def verify(server: str, url: str, path: str, *, content_type: str | None = None) -> None:
    """Raise BenchError unless `server` gives the answer that belongs to `path`.

    A `content_type` takes the place of the route's.
    """
    wanted = ROUTES[path]
    if content_type is not None:
        wanted = replace(wanted, content_type=content_type)
    try:
        given = fetch(url, path)
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{server}: GET {path}: no answer: {error!r}") from error
    if normal(given) != normal(wanted):
        raise BenchError(f"{server}: GET {path}: wanted {wanted}, got {given}")


def fetch(url: str, path: str) -> Answer:
    """GET `path` from the server at `url`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        content_type = response.getheader("Content-Type", "")
        return Answer(response.status, content_type, response.read())
    finally:
        connection.close()


def normal(answer: Answer) -> Answer:
    """Media types compare without regard to case and blanks."""
    content_type = answer.content_type.lower().replace(" ", "")
    return Answer(answer.status, content_type, answer.body)
