"""A scenario: one load on several servers in turn, and the bars that the figures must hold.

Cores are numbered within those that the run may use, so that a scenario means the same in a
container.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from bench import answers
from bench.bars import Bar
from bench.errors import BenchError
from bench.figures import Metric


@dataclass(frozen=True, kw_only=True)
class Row:
    """A server as one scenario runs it; `loops` None is the server's own choice."""

    name: str
    server: str
    loops: int | None = None


# Where the number of idle connections is left to the machine, it is at most this:
# they are opened well within the time that servers let a connection idle.
MOST_IDLE = 100_000
# How many are opened, tried and closed in a second, or more.
IDLE_PER_SECOND = 8_000


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A second, small load on the same server at the same time."""

    path: str
    connections: int


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One load on several servers, in turn."""

    name: str
    rows: tuple[Row, ...]
    # The row that ratios in the table refer to.
    reference: str = "fasthttp"
    path: str = "/"
    # In an idle scenario, 0 stands for as many as the limits of processes allow.
    connections: int = 64
    # Requests that a connection sends at once.
    pipeline: int = 1
    # wrk's threads; None is one for each of its cores.
    threads: int | None = None
    # Sharing all cores is how servers are compared at full load; apart, neither
    # the server nor wrk can take time from the other.
    server_cores: tuple[int, ...] = (0, 1)
    wrk_cores: tuple[int, ...] = (0, 1)
    rounds: int = 5
    seconds: int = 4
    warm_up: int = 1
    bars: tuple[Bar, ...] = ()
    beside: Beside | None = None
    # Connections are opened and left alone, without wrk.
    idle: bool = False

    @property
    def measurements(self) -> int:
        return len(self.rows) * self.rounds

    @property
    def expected_seconds(self) -> float:
        """Start, check and stop take about half a second each time.

        An idle scenario opens its connections, tries them and closes them besides.
        """
        around = 0.5
        if self.idle:
            around += 1.5 + (self.connections or MOST_IDLE) / IDLE_PER_SECOND
        return self.measurements * (self.seconds + self.warm_up + around)

    @property
    def paths(self) -> list[str]:
        """All that is asked for."""
        return [self.path] if self.beside is None else [self.path, self.beside.path]

    @property
    def work(self) -> str:
        """What is asked of the servers, in words."""
        asked = f"{answers.method(self.path)} {self.path}"
        connections = f"{self.connections:,} connections"
        if self.idle:
            many = connections if self.connections else "as many connections as possible"
            return f"{asked} once on each of {many}, then nothing"
        parts = [asked, connections]
        if self.pipeline > 1:
            parts.append(f"pipeline {self.pipeline}")
        if self.beside is not None:
            parts.append(f"beside it {self.beside.path}, {self.beside.connections} connections")
        return ", ".join(parts)

    def without(self, servers: Container[str]) -> Scenario:
        """The scenario less the rows of `servers`, which leaves at least one."""
        rows = tuple(row for row in self.rows if row.server not in servers)
        if not rows:
            names = ", ".join(row.server for row in self.rows)
            raise BenchError(f"{self.name}: no server is left to measure without {names}")
        return replace(self, rows=rows)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The figures that its samples have."""
        if self.idle:
            return IDLE_METRICS
        return LOAD_METRICS if self.beside is None else LOAD_METRICS + BESIDE_METRICS


LOAD_METRICS: tuple[Metric, ...] = (
    "requests_per_second", "cpu_us", "user_us", "system_us", "p50_us", "p99_us", "resident_bytes"
)  # fmt: skip
BESIDE_METRICS: tuple[Metric, ...] = ("beside_p50_us", "beside_p99_us")
IDLE_METRICS: tuple[Metric, ...] = (
    "held", "bytes_per_connection", "resident_before", "resident_after", "idle_cpu"
)  # fmt: skip


def row(server: str, loops: int | None = None) -> Row:
    return Row(name=server if loops is None else f"{server}/{loops}", server=server, loops=loops)
