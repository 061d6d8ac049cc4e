"""What each route is asked, and must answer: a server is measured only if it does the work."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.errors import BenchError

SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """The parts of an answer that have to be the same for every server."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Upload:
    """What is posted to a route."""

    content_type: str
    body: bytes


def _order(size: int) -> bytes:
    """An object of JSON that takes as many bytes."""
    lines = [{"sku": f"SKU-{n:05}", "quantity": n, "price": n + 0.5} for n in range(1, 17)]

    def text(note: str) -> bytes:
        order = {"id": 42, "customer": "Ada Lovelace", "note": note, "lines": lines}
        return json.dumps(order, separators=(",", ":")).encode()

    return text("x" * (size - len(text(""))))


ORDER = _order(1024)
BYTES = b"0123456789abcdef" * 64

PLAIN_TEXT = "text/plain"
JSON = "application/json"
BINARY = "application/octet-stream"

# The routes that are posted to; the others are got.
UPLOADS = {"/orders": Upload(JSON, ORDER), "/echo": Upload(BINARY, BYTES)}

ROUTES = {
    "/": Answer(200, PLAIN_TEXT, b"Hello, World!"),
    "/deferred": Answer(200, PLAIN_TEXT, b"Hello, World!"),
    "/greeting/42": Answer(200, PLAIN_TEXT, b"Hello, 42!"),
    "/users/42": Answer(200, JSON, b'{"id":42,"name":"Ada Lovelace","admin":false}'),
    "/orders": Answer(200, JSON, ORDER),
    "/echo": Answer(200, BINARY, BYTES),
    "/hello/World": Answer(200, PLAIN_TEXT, b"Hello World!"),
    "/objects/25000": Answer(200, PLAIN_TEXT, b"25000 objects, sum 625000000\n"),
    "/fibonacci/10000": Answer(200, PLAIN_TEXT, b"Fibonacci(10000) = 1242044891 (with overflow)\n"),
    "/fibonacci/1000000": Answer(
        200, PLAIN_TEXT, b"Fibonacci(1000000) = 1884755131 (with overflow)\n"
    ),
    "/fibonacci": Answer(200, PLAIN_TEXT, b"Fibonacci(10^6) = 1884755131 (with overflow)\n"),
}


def method(path: str) -> str:
    """How a route is asked."""
    return "POST" if path in UPLOADS else "GET"


def verify(server: str, url: str, path: str) -> None:
    """Raise BenchError unless `server` gives the answer that belongs to `path`."""
    wanted = ROUTES[path]
    asked = f"{server}: {method(path)} {path}"
    try:
        given = fetch(url, path)
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{asked}: no answer: {error!r}") from error
    if normal(given) != normal(wanted):
        raise BenchError(f"{asked}: wanted {wanted}, got {given}")


def verify_echo(server: str, url: str, path: str) -> None:
    """Raise BenchError unless `server` gives back the answer that belongs to `path`."""
    sent, given = message(path), b""
    try:
        with socket.create_connection(address(url), timeout=SECONDS) as connection:
            connection.sendall(sent)
            while len(given) < len(sent) and (data := connection.recv(len(sent))):
                given += data
    except OSError as error:
        raise BenchError(f"{server}: no echo: {error!r}") from error
    if given != sent:
        raise BenchError(f"{server}: sent {sent!r}, got {given!r}")


def message(path: str) -> bytes:
    """The answer that belongs to `path`, as it is sent."""
    answer = ROUTES[path]
    head = (
        f"HTTP/1.1 {answer.status} OK\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n\r\n"
    )
    return head.encode() + answer.body


def fetch(url: str, path: str) -> Answer:
    """What the server at `url` answers when it is asked for `path`."""
    upload = UPLOADS.get(path)
    body, fields = (upload.body, {"Content-Type": upload.content_type}) if upload else (None, {})
    connection = http.client.HTTPConnection(*address(url), timeout=SECONDS)
    try:
        connection.request(method(path), path, body, fields)
        response = connection.getresponse()
        content_type = response.getheader("Content-Type", "")
        return Answer(response.status, content_type, response.read())
    finally:
        connection.close()


def address(url: str) -> tuple[str, int]:
    """Host and port of a URL."""
    host, _, port = urlsplit(url).netloc.rpartition(":")
    return host, int(port)


def normal(answer: Answer) -> tuple[int, str, object]:
    """Media types compare without parameters or regard to case, JSON by what it means."""
    content_type = answer.content_type.partition(";")[0].strip().lower()
    body: object = answer.body
    if content_type == JSON:
        with contextlib.suppress(ValueError):
            body = json.loads(answer.body)
    return answer.status, content_type, body
