"""A client that sends exact bytes and reads whole answers.

A connection that ends before an answer has begun raises UnansweredError; one that ends inside of
an answer raises HalfAnsweredError, which no server may cause.
"""

import contextlib
import socket
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self

# Far beyond what any answer takes; only a hang reaches it.
PATIENCE = 30.0


class UnansweredError(Exception):
    """The connection ended before the first byte of an answer."""


class HalfAnsweredError(Exception):
    """The connection ended inside of an answer."""


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def __getitem__(self, name: str) -> str:
        """Returns the value of the one field of that name."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) == 1, f"{name} stands {len(values)} times in {self.fields}"
        return values[0]

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after this answer."""
        return "Connection" in self and self["Connection"] == "close"

    def __contains__(self, name: str) -> bool:
        return any(key.lower() == name.lower() for key, _ in self.fields)


def connect(url: str, timeout: float = PATIENCE) -> socket.socket:
    """Connects to "http://host:port" or "unix:path"."""
    scheme, _, address = url.partition(":")
    if scheme == "unix":
        unix = socket.socket(socket.AF_UNIX)
        try:
            unix.settimeout(timeout)
            unix.connect(address)
        except BaseException:
            unix.close()
            raise
        return unix
    host, _, port = address.removeprefix("//").rpartition(":")
    tcp = socket.create_connection((host.strip("[]"), int(port)), timeout)
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tcp


class Client:
    """One connection. Also a context manager, which closes it."""

    def __init__(self, url: str) -> None:
        self.socket = connect(url)
        self._read = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Closes with RST, as a client that crashes does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Sends bytes, or a part of them: the answer tells why a server takes no more."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def get(self, path: str = "/") -> Answer:
        return self.ask("GET", path)

    def ask(
        self, method: str, path: str = "/", body: bytes = b"", fields: str = "Host: test\r\n"
    ) -> Answer:
        """Sends a request, with Content-Length where it has a body, and reads the answer."""
        if body:
            fields += f"Content-Length: {len(body)}\r\n"
        self.send(f"{method} {path} HTTP/1.1\r\n{fields}\r\n".encode() + body)
        return self.answer(bodiless=method == "HEAD")

    def begin_upload(self, part: bytes = b"", length: int = 1000) -> None:
        """Begins a request that ends when all of its body has been sent.

        The server has begun it too when this returns: it has asked for the body.
        """
        head = f"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n"
        self.send(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert self.answer().status == 100
        self.send(part)

    def answer(self, *, bodiless: bool = False) -> Answer:
        """Reads one answer; bodiless where its Content-Length speaks of a body it has not."""
        head = self._until_blank_line()
        status_line, *lines = head.decode("latin-1").split("\r\n")
        version, status, reason = status_line.split(" ", 2)
        assert version == "HTTP/1.1"
        fields = tuple((name, value) for name, value in (line.split(": ", 1) for line in lines))
        answer = Answer(int(status), reason, fields, b"")
        if bodiless or answer.status < 200 or answer.status in (204, 304):
            return answer
        body = self._exactly(int(answer["Content-Length"]))
        return Answer(answer.status, reason, fields, body)

    def rest(self) -> bytes:
        """Reads until the server closes."""
        while self._receive():
            pass
        return self._take(len(self._read))

    def _until_blank_line(self) -> bytes:
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            if not self._receive():
                raise HalfAnsweredError(self._read) if self._read else UnansweredError
        return self._take(end + 4)[:-4]

    def _exactly(self, length: int) -> bytes:
        while len(self._read) < length:
            if not self._receive():
                raise HalfAnsweredError(self._read)
        return self._take(length)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._read[:length])
        del self._read[:length]
        return taken

    def _receive(self) -> bool:
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self._read += data
        return bool(data)


def refuses(url: str) -> bool:
    """Reports whether nobody listens there."""
    try:
        connect(url).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return True
    except ConnectionResetError:  # it listened a moment ago
        return False
    return False
