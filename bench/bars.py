"""Bars that a scenario must hold, and the verdict on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.figures import Figure, Metric, Samples, Spread, ratio

State = Literal["held", "missed", "not measured"]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A claim: the ratio of `over` to `under` keeps to its limits."""

    claim: str
    over: tuple[Figure, ...]
    under: tuple[Figure, ...] = ()
    at_least: float | None = None
    at_most: float | None = None

    @property
    def rows(self) -> list[str]:
        return list(dict.fromkeys(figure.row for figure in (*self.over, *self.under)))

    @property
    def limit(self) -> str:
        limits = ((">=", self.at_least), ("<=", self.at_most))
        return " and ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)

    def allows(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        below = self.at_most is None or value <= self.at_most
        return above and below


@dataclass(frozen=True)
class Verdict:
    """Whether a bar was held, by which figure; or why there is none."""

    bar: Bar
    state: State
    figure: Spread | None
    reason: str = ""


def compare(
    metric: Metric,
    row: str,
    to: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Bar:
    """The bar that sets a figure of one row against the same figure of another."""
    return Bar(
        claim=f"{NAMES[metric]} of {row} to {to}",
        over=(Figure(row, metric),),
        under=(Figure(to, metric),),
        at_least=at_least,
        at_most=at_most,
    )


def tail(row: str, *, at_most: float) -> Bar:
    """The bar that sets the latency of the slowest requests of a row against its usual one."""
    return Bar(
        claim=f"p99 of {row} to its own p50",
        over=(Figure(row, "p99_us"),),
        under=(Figure(row, "p50_us"),),
        at_most=at_most,
    )


def limit(
    metric: Metric, row: str, *, at_least: float | None = None, at_most: float | None = None
) -> Bar:
    """The bar that a figure of a row has to keep by itself."""
    return Bar(
        claim=f"{NAMES[metric]} of {row}",
        over=(Figure(row, metric),),
        at_least=at_least,
        at_most=at_most,
    )


def scaling(
    few: str,
    many: str,
    *,
    against: tuple[str, str] | None = None,
    at_least: float,
) -> Bar:
    """The bar for the gain in requests/s from a row to one with more loops.

    With `against`, two rows of another server, the gain is set against theirs.
    """
    claim, over, under = f"requests/s of {many} to {few}", [many], [few]
    if against is not None:
        claim += f", against {against[1]} to {against[0]}"
        over.append(against[0])
        under.append(against[1])
    return Bar(
        claim=claim,
        over=tuple(Figure(row, "requests_per_second") for row in over),
        under=tuple(Figure(row, "requests_per_second") for row in under),
        at_least=at_least,
    )


def judge(bar: Bar, samples: Samples) -> Verdict:
    """Hold `bar` against what was measured.

    Errors fail it: a server that refuses work is fast at it. Rows that were left
    out by choice leave it unjudged.
    """
    absent = [row for row in bar.rows if not samples.get(row)]
    if absent:
        return Verdict(bar, "not measured", None, f"without {', '.join(absent)}")
    figure = ratio(samples, bar.over, bar.under)
    faulty = [row for row in bar.rows if any(sample.error_count for sample in samples[row])]
    if faulty:
        return Verdict(bar, "missed", figure, f"errors from {', '.join(faulty)}")
    return Verdict(bar, "held" if bar.allows(figure.median) else "missed", figure)


NAMES: dict[Metric, str] = {
    "requests_per_second": "requests/s",
    "cpu_us": "CPU per request",
    "user_us": "user CPU per request",
    "system_us": "system CPU per request",
    "p50_us": "p50",
    "p99_us": "p99",
    "resident_bytes": "resident memory",
    "load_cpu": "share of its cores that wrk used",
    "noise": "noise",
    "beside_p50_us": "p50 of the load beside",
    "beside_p99_us": "p99 of the load beside",
    "held": "share of the connections held",
    "bytes_per_connection": "bytes per connection",
    "resident_before": "resident memory before",
    "resident_after": "resident memory after",
    "idle_cpu": "share of a core used while idle",
    "spawn_seconds": "seconds to spawn",
    "run_seconds": "seconds to run",
    "total_seconds": "seconds to spawn and run",
    "cpu_seconds": "seconds of CPU",
    "ns_each": "ns each",
    "cpu_ns_each": "ns of CPU each",
    "send_ns": "ns of a send",
    "receive_ns": "ns of a receive",
    "per_second": "number in a second",
    "bytes_each": "bytes each",
    "bytes_beyond": "bytes each beyond the interpreter's",
}
