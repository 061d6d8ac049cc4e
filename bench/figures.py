"""Figures of measurements, and the statistics that are said of them.

A figure of one server is the median over the rounds. A comparison is made within
each round, where the servers ran one after the other under much the same
conditions, and the median of these ratios is what counts: whatever slows a whole
round (a busy host, a hot processor) divides out of it. A ratio of two medians
would set one server's good round against the other's bad one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Metric = Literal[
    "requests_per_second", "cpu_us", "user_us", "system_us", "p50_us", "p99_us", "resident_bytes",
    "load_cpu", "noise", "beside_p50_us", "beside_p99_us",
    "held", "bytes_per_connection", "resident_before", "resident_after", "idle_cpu",
    "spawn_seconds", "run_seconds", "total_seconds", "cpu_seconds", "ns_each", "cpu_ns_each",
    "send_ns", "receive_ns", "per_second", "bytes_each", "bytes_beyond",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one measurement of one server has given: figures by name, and errors."""

    errors: dict[str, int]

    def figure(self, metric: Metric) -> float:
        return float(getattr(self, metric))

    @property
    def error_count(self) -> int:
        return sum(self.errors.values())


@dataclass(frozen=True, kw_only=True)
class Sample(Measurement):
    """One measurement of one server under load.

    CPU is microseconds of the server's processes for each request, less the
    threads that are no part of serving. `load_cpu` is the share of its cores that
    wrk used: near 1 the load, not the server, sets the pace. `noise` is the share
    of the machine that neither the server nor the load used, yet was not idle. The
    latencies `beside` are those of a second load, and 0 where there is none.
    """

    requests: int
    seconds: float
    requests_per_second: float
    cpu_us: float
    user_us: float
    system_us: float
    p50_us: float
    p99_us: float
    resident_bytes: int
    load_cpu: float
    noise: float
    beside_p50_us: float = 0.0
    beside_p99_us: float = 0.0


@dataclass(frozen=True, kw_only=True)
class IdleSample(Measurement):
    """One measurement of one server that holds idle connections.

    `held` is the share of the connections asked for that were opened, left alone,
    and then answered again. The memory of one is the growth of resident memory
    from before the first to after the last. `idle_cpu` is the share of a core that
    the server used while nobody asked it for anything.
    """

    connections: int
    held: float
    resident_before: int
    resident_after: int
    bytes_per_connection: float
    opening_seconds: float
    seconds: float
    idle_cpu: float


# The samples of each row of a scenario, one a round.
Samples = Mapping[str, Sequence[Measurement]]


@dataclass(frozen=True)
class Figure:
    """A figure of a row."""

    row: str
    metric: Metric


@dataclass(frozen=True)
class Spread:
    """The median over the rounds, and the least and the greatest of them."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def median(samples: Sequence[Measurement], metric: Metric) -> float:
    """The median of a figure over the rounds."""
    return statistics.median(sample.figure(metric) for sample in samples)


def ratio(samples: Samples, over: Sequence[Figure], under: Sequence[Figure]) -> Spread:
    """The product of `over` divided by that of `under`, taken round by round.

    Several figures on a side compare ratios: how A scales against how B scales is
    (A at 2 loops * B at 1 loop) / (A at 1 loop * B at 2 loops).
    """
    rounds = min(len(samples[figure.row]) for figure in (*over, *under))
    values = []
    for number in range(rounds):
        above, below = (
            math.prod(samples[figure.row][number].figure(figure.metric) for figure in side)
            for side in (over, under)
        )
        # A server that was idle to the tick has no CPU time to divide by.
        values.append(above / below if below else math.inf)
    return spread(values)
