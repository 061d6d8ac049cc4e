"""Free ports, for servers that do not tell which one they have been given."""

import socket


def announced_port() -> int:
    """A port that nobody uses, whose URL is printed: who waits for the server can ask there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    print(f"http://127.0.0.1:{port}", flush=True)
    return port
