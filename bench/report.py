"""What a run prints: progress, a table for each scenario, the verdict on each bar."""

from __future__ import annotations

from collections.abc import Sequence

from bench.bars import Verdict
from bench.figures import Figure, Metric, Sample, median, ratio, spread
from bench.rounds import Result
from bench.scenarios import Row, Scenario

# Above this share of the machine, other programs or the host may have taken part.
NOISE_LIMIT = 0.05
# Above this share of its cores, wrk may be slower than the server.
LOAD_LIMIT = 0.97

HEADER = (
    "server", "req/s", "ratio", "CPU us", "ratio", "user us", "p50 us", "p99 us", "RSS MiB",
    "wrk", "noise", "errors",
)  # fmt: skip


def title(scenario: Scenario) -> str:
    """One line that says what a scenario measures."""
    parts = [
        f"GET {scenario.path}",
        f"{scenario.connections} connections",
        f"pipeline {scenario.pipeline}" if scenario.pipeline > 1 else "",
        f"server on {_cores(scenario.server_cores)}, wrk on {_cores(scenario.wrk_cores)}",
        f"{scenario.rounds} rounds of {scenario.seconds} s",
    ]
    return f"{scenario.name}: {', '.join(part for part in parts if part)}"


def progress(scenario: Scenario, number: int, row: Row, sample: Sample) -> str:
    """One line for one measurement."""
    errors = f", {sample.error_count} errors" if sample.error_count else ""
    return (
        f"  round {number}/{scenario.rounds}  {row.name:<20}"
        f"{sample.requests_per_second:>12,.0f} requests/s {sample.cpu_us:>8.2f} CPU us{errors}"
    )


def table(result: Result) -> str:
    """The medians of every row, with ratios to the reference row."""
    lines = [list(HEADER)] + [_cells(result, row) for row in result.scenario.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join(_aligned(line, widths) for line in lines)


def remarks(result: Result) -> list[str]:
    """What a reader has to know before trusting the table."""
    found = []
    for name, samples in result.samples.items():
        errors = _errors(samples)
        if errors:
            found.append(f"! {name}: errors: {errors}; its figures do not count")
        noise = spread([sample.noise for sample in samples])
        if noise.median > NOISE_LIMIT:
            found.append(f"~ {name}: {noise.median:.0%} of the machine went elsewhere")
        load = spread([sample.load_cpu for sample in samples])
        if load.median > LOAD_LIMIT:
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


def _cells(result: Result, row: Row) -> list[str]:
    samples = result.samples[row.name]
    mark = " !" if _errors(samples) else ""
    return [
        row.name + mark,
        f"{median(samples, 'requests_per_second'):,.0f}",
        _ratio(result, row, "requests_per_second"),
        f"{median(samples, 'cpu_us'):.2f}",
        _ratio(result, row, "cpu_us"),
        f"{median(samples, 'user_us'):.2f}",
        f"{median(samples, 'p50_us'):,.0f}",
        f"{median(samples, 'p99_us'):,.0f}",
        f"{median(samples, 'resident_bytes') / 2**20:.1f}",
        f"{spread([sample.load_cpu for sample in samples]).median:.0%}",
        f"{spread([sample.noise for sample in samples]).median:.1%}",
        str(sum(sample.error_count for sample in samples)),
    ]


def _ratio(result: Result, row: Row, metric: Metric) -> str:
    reference = Figure(result.scenario.reference, metric)
    if not result.samples.get(reference.row):
        return "-"
    return f"{ratio(result.samples, [Figure(row.name, metric)], [reference]).median:.3f}"


def _errors(samples: Sequence[Sample]) -> str:
    totals: dict[str, int] = {}
    for sample in samples:
        for kind, count in sample.errors.items():
            totals[kind] = totals.get(kind, 0) + count
    return ", ".join(f"{count} {kind}" for kind, count in totals.items() if count)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(["  " + first, *rest])


def _cores(cores: Sequence[int]) -> str:
    return ("core " if len(cores) == 1 else "cores ") + "+".join(str(core) for core in cores)
