"""A server that can be measured: how it is started, and known to be ready."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.errors import BenchError

# A server is ready when a line of its output holds its URL. Whatever follows as
# `thread=ID` names a thread whose CPU time is no part of serving.
READY = r"(?P<url>http://[\w.]+:\d+)(?: thread=(?P<thread>\d+))?"


@dataclass(frozen=True, kw_only=True)
class Server:
    """How a server is started, known to be ready, and named in reports.

    The words of a command may hold {python}, this interpreter; {bin}, the folder
    of the Go programs built from bench/peers; {environments}, the folder of the
    environments of other Pythons; and, in `loops`, {loops}.
    """

    name: str
    command: tuple[str, ...]
    routes: tuple[str, ...] = ("/", "/fibonacci")
    # Added to the command when a number of event loops is asked for.
    loops: tuple[str, ...] = ()
    # A regular expression that finds the ready line in stdout or stderr.
    ready: str = READY
    environment: Mapping[str, str] = field(default_factory=dict)
    # A program that runs beside the server for as long as the server does. It
    # prints a line when it has started; where that is a URL, the second load of
    # a scenario goes there.
    companion: tuple[str, ...] = ()
    # It gives back what it receives: answers are sent to it, in place of requests.
    echoes: bool = False
    # The folder of examples/native that has to be built for it.
    example: str | None = None
    # Where the version comes from: a distribution installed for this Python, or a
    # module linked into the Go program; the standard library is the module "std".
    distribution: str | None = None
    module: str | None = None
    # Rows of it are left out where the distribution, or what it needs, is not installed.
    optional: bool = False
    needs: tuple[str, ...] = ()
    # Where fastgo's Python is too new for it: those that are not, the best one first.
    # It has an environment of its own, named after the distribution.
    pythons: tuple[str, ...] = ()

    def words(self, loops: int | None, places: Mapping[str, str]) -> list[str]:
        """The command line for `loops` event loops, or the server's own choice."""
        if loops is None:
            return [word.format_map(places) for word in self.command]
        if not self.loops:
            raise BenchError(f"{self.name}: the number of loops cannot be chosen")
        values = {**places, "loops": str(loops)}
        return [word.format_map(values) for word in self.command + self.loops]


def fastgo(
    name: str,
    *options: str,
    routes: tuple[str, ...] = ("/", "/fibonacci"),
    companion: tuple[str, ...] = (),
    example: str | None = None,
) -> Server:
    """fastgo, by the options of its module in bench/peers."""
    return Server(
        name=name,
        command=("{python}", "-m", "bench.peers.fastgo_server", *options),
        routes=routes,
        loops=("--loops={loops}",),
        companion=companion,
        example=example,
        distribution="fastgo",
    )


def peer(
    name: str,
    module: str,
    *options: str,
    routes: tuple[str, ...],
    distribution: str | None = None,
    needs: tuple[str, ...] = (),
    example: str | None = None,
) -> Server:
    """Another server in Python, by a module in bench/peers; named as its distribution, or not."""
    return Server(
        name=name,
        command=("{python}", "-m", f"bench.peers.{module}", *options),
        routes=routes,
        loops=("--loops={loops}",),
        example=example,
        distribution=distribution or name,
        needs=needs,
        optional=True,
    )


def ready_url(pattern: str, line: str) -> tuple[str, tuple[int, ...]] | None:
    """The URL and the threads to leave out that a ready line tells, if it is one."""
    found = re.search(pattern, line)
    if found is None:
        return None
    thread = found.groupdict().get("thread")
    return found["url"], (int(thread),) if thread else ()
