"""Forks: a child closes the sockets that it inherits from servers.

Otherwise it would keep their ports listening, and their connections open, after the
parent has stopped. The child's descriptors are looked at one by one, which needs no
bookkeeping while requests are served, and never enters Go.
"""

import contextlib
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_DESCRIPTORS = Path("/proc/self/fd" if Path("/proc/self/fd").is_dir() else "/dev/fd")


def close_sockets(urls: list[str]) -> None:
    """Closes the listening sockets and connections of the servers that listen on urls."""
    if not urls:
        return
    for descriptor in list(_DESCRIPTORS.iterdir()):
        with contextlib.suppress(OSError):  # not a socket, or the listing's own descriptor
            inherited = socket.socket(fileno=int(descriptor.name))
            if any(_belongs(inherited, url) for url in urls):
                inherited.close()
            else:
                inherited.detach()


def _belongs(inherited: socket.socket, url: str) -> bool:
    """Reports whether a socket is that server's listener or one of its connections."""
    try:
        name: Any = inherited.getsockname()
    except OSError:
        return False
    scheme, _, address = url.partition(":")
    if scheme == "unix":
        return inherited.family == socket.AF_UNIX and bool(name == address)
    if inherited.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    host, _, port = address.removeprefix("//").rpartition(":")
    if name[1] != int(port):
        return False
    bound = ip_address(host.strip("[]"))
    local = ip_address(name[0])
    return bound.is_unspecified or bound == local or bound == getattr(local, "ipv4_mapped", None)
