"""A client that opens keep-alive connections, leaves them alone, and tries them again.

    python -m bench.idle_client 127.0.0.1:8080 / 19000

It runs in a process of its own, so that it has a file limit of its own. When its
connections are open it prints a line of JSON; at a line of input it sends one more
request on each and prints how many answered; at the end of input it ends.

A pair of addresses has only some ten thousand free ports, so that connections come
from several addresses of the loopback network.
"""

from __future__ import annotations

import json
import resource
import socket
import sys
import time

SECONDS = 10.0
CONNECTIONS_PER_ADDRESS = 10_000
# Connections that are opened before the first of their answers is awaited.
BATCH = 64
# Linux then chooses the port by where the connection goes (asm-generic/in.h).
IP_BIND_ADDRESS_NO_PORT = 24


def main() -> None:
    """Do as the command line and the lines of input say."""
    authority, path, number = sys.argv[1:]
    host, _, port = authority.rpartition(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()
    raise_file_limit()
    begin = time.monotonic()
    connections, failure = open_all((host, int(port)), int(number), request)
    say(opened=len(connections), seconds=time.monotonic() - begin, failure=failure)
    if sys.stdin.readline():
        say(held=count_held(connections, request))
        sys.stdin.readline()


def raise_file_limit() -> None:
    """Use all the files that the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def open_all(
    address: tuple[str, int], number: int, request: bytes
) -> tuple[list[socket.socket], str]:
    """Open connections and use each once; the first failure ends it, and is told."""
    connections: list[socket.socket] = []
    answered = 0
    try:
        while answered < number:
            for index in range(answered, min(answered + BATCH, number)):
                connections.append(open_one(address, source(index)))
                connections[-1].sendall(request)
            for connection in connections[answered:]:
                take_answer(connection)
                answered += 1
    except OSError as error:
        for connection in connections[answered:]:
            connection.close()
        return connections[:answered], str(error)
    return connections, ""


def open_one(address: tuple[str, int], source: str) -> socket.socket:
    """A connection from the address `source`."""
    connection = socket.socket()
    try:
        connection.settimeout(SECONDS)
        connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        connection.bind((source, 0))
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def source(index: int) -> str:
    """The address that a connection comes from: 127.0.0.1, 127.0.0.2, ..."""
    return f"127.0.0.{1 + index // CONNECTIONS_PER_ADDRESS}"


def take_answer(connection: socket.socket) -> None:
    """Receive an answer, which is small enough to come at once."""
    answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise OSError(f"wanted an answer of status 200, got {answer[:40]!r}")


def count_held(connections: list[socket.socket], request: bytes) -> int:
    """How many connections answer once more."""
    held = 0
    for connection in connections:
        try:
            connection.sendall(request)
            take_answer(connection)
        except TimeoutError:
            break  # waiting as long for each of the others would not end
        except OSError:
            continue
        held += 1
    return held


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main()
