"""Exact bytes of HTTP/1.1: how tests send them, and what must come back.

A request that must be refused is sent with another one behind it, for SMUGGLED, which no
answer may ever show: a server that finds it has read the first one in another way than an
intermediary might have.
"""

import contextlib
import os
from pathlib import Path

import fastgo
from tests.client import Answer, Client
from tests.servers import texts
from tests.waiting import eventually

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
END = b"GET /end HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"

# Far more than the noise of Python and Go, far less than what an unbounded buffer would take.
MEMORY = 30 << 20


def site() -> fastgo.App:
    """Returns an app that answers GET and POST, with texts that tell where."""
    app = texts(root="root", a="a", b="b", smuggled="smuggled", end="end")
    app.post("/", fastgo.text("posted"))
    return app


def request(line: str = "GET / HTTP/1.1", *fields: str, host: str = "Host: t") -> bytes:
    """Returns a head, with a Host field where that is not empty."""
    lines = [line, *([host] if host else []), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def post(*fields: str, body: bytes = b"") -> bytes:
    """Returns a request that POSTs a body, framed by the fields."""
    return request("POST / HTTP/1.1", *fields) + body


def chunked(*parts: bytes, trailer: bytes = b"") -> bytes:
    """Returns a request that POSTs a chunked body, its framing as given."""
    return post("Transfer-Encoding: chunked", body=b"".join(parts) + trailer)


def refusal(url: str, data: bytes, *, bytewise: bool = False) -> Answer:
    """Sends what must be refused, and SMUGGLED; returns the refusal: all that is answered."""
    with Client(url) as client:
        send(client, data + SMUGGLED, bytewise=bytewise)
        return refused(client)


def refused(client: Client) -> Answer:
    """Reads a refusal, and that the server closes behind it."""
    answer = client.answer()
    assert answer.closes
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.body.strip(), "a refusal gives its reason"
    assert client.rest() == b""
    return answer


def answers(url: str, data: bytes, *, bytewise: bool = False) -> list[tuple[int, bytes]]:
    """Sends requests; returns status and body of each final answer.

    Behind them END is sent, whose answer must be the last one and is not returned.
    """
    with Client(url) as client:
        send(client, data + END, bytewise=bytewise)
        found = []
        while True:
            answer = client.answer()
            if answer.status >= 200:
                found.append((answer.status, answer.body))
            if answer.closes:
                break
        assert client.rest() == b""
    assert found[-1] == (200, b"end"), found
    return found[:-1]


def send(client: Client, data: bytes, *, bytewise: bool = False) -> None:
    """Sends bytes at once, or each in a packet of its own."""
    if not bytewise:
        client.send(data)
        return
    for byte in data:
        client.send(bytes([byte]))


class Footprint:
    """What a server costs this process: open files and memory, at first as it starts."""

    def __init__(self, server: fastgo.Server) -> None:
        self._server = server
        self._settle()
        self._files, self._memory = open_files(), resident()

    def check(self) -> None:
        """Fails unless the server still answers, and costs what it did, roughly."""
        self._settle()
        eventually(lambda: open_files() <= self._files, "all files are closed")
        grown = resident() - self._memory
        assert grown < MEMORY, f"the process has grown by {grown} bytes"

    def _settle(self) -> None:
        """Serves a clean request on a new connection, and waits for all connections to end."""
        with Client(self._server.url) as client:
            assert client.get("/end").body == b"end"
        eventually(lambda: self._server.stats().connections_open == 0, "all are closed")


def open_files(process: int | str = "self") -> int:
    """Returns how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208 (Path makes as many objects)


def resident() -> int:
    """Returns the memory of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError("/proc has no VmRSS")


def send_until_full(client: Client, data: bytes, most: int) -> int:
    """Sends data over and over until the other side takes no more, or so many bytes have left.

    Returns how many have.
    """
    block = data * max(1, (1 << 16) // len(data))
    sent = 0
    client.socket.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        while sent < most:
            sent += client.socket.send(block[sent % len(block) :])
    return sent
