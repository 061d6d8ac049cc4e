"""What a run prints: progress, a table for each scenario, the verdict on each bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.bars import Verdict
from bench.figures import Figure, Measurement, Metric, median, ratio
from bench.rounds import Result
from bench.scenario import Row, Scenario

# Above this share of the machine, other programs or the host may have taken part.
NOISE_LIMIT = 0.05
# Above this share of its cores, wrk may be slower than the server.
LOAD_LIMIT = 0.97


def title(scenario: Scenario) -> str:
    """One line that says what a scenario measures."""
    client = "client" if scenario.idle else "wrk"
    rounds = "1 round" if scenario.rounds == 1 else f"{scenario.rounds} rounds"
    return (
        f"{scenario.name}: {scenario.work}, "
        f"server on {_cores(scenario.server_cores)}, {client} on {_cores(scenario.wrk_cores)}, "
        f"{rounds} of {scenario.seconds} s"
    )


def progress(scenario: Scenario, number: int, row: Row, sample: Measurement) -> str:
    """One line for one measurement."""
    figures = "".join(text.format(sample.figure(metric)) for text, metric in _short(scenario))
    errors = f", {sample.error_count} errors" if sample.error_count else ""
    return f"  round {number}/{scenario.rounds}  {row.name:<20}{figures}{errors}"


def _short(scenario: Scenario) -> tuple[tuple[str, Metric], ...]:
    if scenario.idle:
        return (
            ("{:>8.1%} held", "held"),
            ("{:>10,.0f} bytes each", "bytes_per_connection"),
        )
    return (("{:>12,.0f} requests/s", "requests_per_second"), ("{:>9.2f} CPU us", "cpu_us"))


@dataclass(frozen=True)
class Column:
    """A column of a table: the median of a figure, or its ratio to the reference."""

    head: str
    metric: Metric
    text: str = "{:,.0f}"
    scale: float = 1.0
    ratio: bool = False

    def cell(self, result: Result, row: Row) -> str:
        if self.ratio:
            return _ratio(result, row, self.metric)
        value = median(result.samples[row.name], self.metric)
        if not value and self.metric in LATENCIES:
            return "-"
        return self.text.format(value * self.scale)


# wrk reports 0 where it has no figure, which happens with pipelining.
LATENCIES: tuple[Metric, ...] = ("p50_us", "p99_us", "beside_p50_us", "beside_p99_us")
MIB = 1 / 2**20
LOAD = (
    Column("req/s", "requests_per_second"),
    Column("ratio", "requests_per_second", ratio=True),
    Column("CPU us", "cpu_us", "{:.2f}"),
    Column("ratio", "cpu_us", ratio=True),
    Column("user us", "user_us", "{:.2f}"),
    Column("p50 us", "p50_us"),
    Column("p99 us", "p99_us"),
)
BESIDE = (
    Column("beside p50 us", "beside_p50_us"),
    Column("p99 us", "beside_p99_us"),
    Column("ratio", "beside_p99_us", ratio=True),
)
MACHINE = (
    Column("RSS MiB", "resident_bytes", "{:.1f}", MIB),
    Column("wrk", "load_cpu", "{:.0%}"),
    Column("noise", "noise", "{:.1%}"),
)
IDLE = (
    Column("held", "held", "{:.2%}"),
    Column("bytes each", "bytes_per_connection"),
    Column("ratio", "bytes_per_connection", ratio=True),
    Column("RSS before", "resident_before", "{:.1f}", MIB),
    Column("RSS after MiB", "resident_after", "{:.1f}", MIB),
    Column("idle CPU", "idle_cpu", "{:.2%}"),
)


def columns(scenario: Scenario) -> tuple[Column, ...]:
    """The columns of the table of a scenario, between the first and the last."""
    if scenario.idle:
        return IDLE
    return LOAD + MACHINE if scenario.beside is None else LOAD + BESIDE + MACHINE


def table(result: Result) -> str:
    """The medians of every row, with ratios to the reference row."""
    chosen = columns(result.scenario)
    lines = [["server", *(column.head for column in chosen), "errors"]]
    for row in result.scenario.rows:
        samples = result.samples[row.name]
        name = row.name + (" !" if _errors(samples) else "")
        cells = (column.cell(result, row) for column in chosen)
        lines.append([name, *cells, str(sum(sample.error_count for sample in samples))])
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    return "\n".join(aligned(line, widths) for line in lines)


def remarks(result: Result) -> list[str]:
    """What a reader has to know before trusting the table."""
    found = []
    for name, samples in result.samples.items():
        errors = _errors(samples)
        if errors:
            found.append(f"! {name}: errors: {errors}; its figures do not count")
        if result.scenario.idle:
            continue
        noise = median(samples, "noise")
        if noise > NOISE_LIMIT:
            found.append(f"~ {name}: {noise:.0%} of the machine went elsewhere")
        if median(samples, "load_cpu") > LOAD_LIMIT:
            found.append(f"~ {name}: wrk used all of its cores; the server may be faster")
    return found


def verdict(given: Verdict) -> str:
    """One line for one bar."""
    line = f"{given.state}: {given.bar.claim}"
    if given.figure is not None:
        line += f" = {given.figure.median:.3f}"
    line += f", bar {given.bar.limit}"
    if given.figure is not None:
        line += f" (rounds {given.figure.low:.3f} to {given.figure.high:.3f})"
    return f"{line}; {given.reason}" if given.reason else line


def _ratio(result: Result, row: Row, metric: Metric) -> str:
    reference = Figure(result.scenario.reference, metric)
    if not result.samples.get(reference.row):
        return "-"
    return f"{ratio(result.samples, [Figure(row.name, metric)], [reference]).median:.3f}"


def _errors(samples: Sequence[Measurement]) -> str:
    totals: dict[str, int] = {}
    for sample in samples:
        for kind, count in sample.errors.items():
            totals[kind] = totals.get(kind, 0) + count
    return ", ".join(f"{count} {kind}" for kind, count in totals.items() if count)


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(["  " + first, *rest])


def _cores(cores: Sequence[int]) -> str:
    return ("core " if len(cores) == 1 else "cores ") + "+".join(str(core) for core in cores)
