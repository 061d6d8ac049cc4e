"""A flood of requests from a process of its own, whose answers betray a mixture of two apps.

Two apps, A and B, show their letter in all that they answer: in the status, in a header field and
in the content. The flood asks whichever is served, over connections that each have as many requests
on their way as the server takes, and checks every byte that depends on the app.

The test takes the apps from `app`; the process is this file, run as a program.
"""

import json
import re
import selectors
import socket
import sys
import threading

PATHS = ("/constant", "/template/x", "/status")
STATUSES = {"A": 210, "B": 211}
CONSTANTS = {"A": "A" * 1000, "B": "B" * 3000}
TEMPLATES = {"A": "{name} of A", "B": "B and {name} and {name}"}

# What each path answers, with x for the name.
CONTENTS = {
    letter: (CONSTANTS[letter].encode(), TEMPLATES[letter].replace("{name}", "x").encode(), b"")
    for letter in STATUSES
}
BATCH = 10 * "".join(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n" for path in PATHS).encode()
BATCH_SIZE = 10 * len(PATHS)

HEAD = re.compile(rb"HTTP/1\.1 (\d+) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n")
LENGTH = re.compile(rb"^Content-Length: (\d+)\r$", re.M | re.I)
LETTER = re.compile(rb"^X-App: (\w)\r$", re.M | re.I)


class Connection:
    """A connection that sends a batch of requests whenever the last one has been answered."""

    def __init__(self, port: int, seen: dict[str, int], wrong: list[str]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._seen, self._wrong = seen, wrong
        self._received = b""
        self.unanswered = 0

    def send(self) -> None:
        self.socket.sendall(BATCH)
        self.unanswered = BATCH_SIZE

    def read(self) -> bool:
        """Reads what has come; returns whether more can come."""
        data = self.socket.recv(1 << 18)
        self._received += data
        begin = 0
        while head := HEAD.match(self._received, begin):
            length = LENGTH.search(head[2])
            end = head.end() + (int(length[1]) if length else 0)
            if end > len(self._received):
                break
            self._check(head, self._received[head.end() : end])
            begin = end
        self._received = self._received[begin:]
        return bool(data)

    def _check(self, head: re.Match[bytes], content: bytes) -> None:
        kind = (BATCH_SIZE - self.unanswered) % len(PATHS)
        self.unanswered -= 1
        found = LETTER.search(head[2])
        letter = found[1].decode() if found else "none"
        if STATUSES.get(letter) != int(head[1]) or CONTENTS[letter][kind] != content:
            self._wrong.append(f"{PATHS[kind]}: {head[0]!r} {content[:100]!r}")
        else:
            self._seen[letter] += 1


def main(port: int, connections: int) -> None:
    """Floods a server until a line is read, then prints what has come."""
    seen, wrong, lost = dict.fromkeys(STATUSES, 0), list[str](), 0
    ended = threading.Event()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = Connection(port, seen, wrong)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send()
    print("ready", flush=True)
    threading.Thread(target=lambda: (input(), ended.set()), daemon=True).start()
    while selector.get_map():
        for key, _ in selector.select():
            connection = key.data
            goes_on = connection.read()
            if goes_on and connection.unanswered:
                continue
            if goes_on and not ended.is_set():
                connection.send()
                continue
            lost += connection.unanswered
            selector.unregister(connection.socket)
            connection.socket.close()
    print(json.dumps({"seen": seen, "wrong": wrong[:3], "lost": lost}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
