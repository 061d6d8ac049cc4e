"""What a run prints, and keeps as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from bench.concurrency.comparisons import Comparison, Row
from bench.concurrency.figures import Sample
from bench.concurrency.measure import Result
from bench.figures import Figure, ratio, spread
from bench.report import aligned

VERSION = 1


def title(comparison: Comparison) -> str:
    """One line that says what is compared."""
    rounds = "1 round" if comparison.rounds == 1 else f"{comparison.rounds} rounds"
    return f"{comparison.name}: {comparison.title}; {rounds}"


def progress(comparison: Comparison, number: int, row: Row, sample: Sample) -> str:
    """One line for one measurement."""
    figures = ", ".join(f"{each.cell([sample])} {each.head}" for each in comparison.columns)
    return f"  round {number}/{comparison.rounds}  {row.name:<30}{figures}"


def table(result: Result) -> str:
    """The medians of every row, and the ratio to the reference, least to greatest."""
    comparison = result.comparison
    head = ["", *(column.head for column in comparison.columns), "ratio", "of rounds"]
    lines = [head]
    for row in comparison.rows:
        samples = result.samples[row.name]
        cells = [column.cell(samples) for column in comparison.columns]
        lines.append([row.name, *cells, *_ratio(result, row)])
    widths = [max(len(line[number]) for line in lines) for number in range(len(head))]
    return "\n".join(aligned(line, widths) for line in lines)


def _ratio(result: Result, row: Row) -> tuple[str, str]:
    comparison = result.comparison
    if not result.samples.get(comparison.reference):
        return "-", "-"
    figures = [Figure(name, comparison.metric) for name in (row.name, comparison.reference)]
    found = ratio(result.samples, figures[:1], figures[1:])
    return f"{found.median:.3f}", f"{found.low:.3f} to {found.high:.3f}"


def write(
    file: Path,
    *,
    date: datetime,
    arguments: Sequence[str],
    machine: Mapping[str, object],
    versions: Mapping[str, str],
    left_out: Mapping[str, str],
    results: Sequence[Result],
) -> None:
    """Write the results so far; a run that ends early keeps what it has."""
    document = {
        "version": VERSION,
        "date": date.isoformat(timespec="seconds"),
        "arguments": list(arguments),
        "machine": dict(machine),
        "contenders": dict(versions),
        "left_out": dict(left_out),
        "comparisons": [_document(result) for result in results],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2) + "\n")


def _document(result: Result) -> dict[str, object]:
    comparison = result.comparison
    return {
        "name": comparison.name,
        "title": comparison.title,
        "count": comparison.count,
        "rows": [
            {
                **asdict(row),
                "medians": {
                    column.metric: asdict(
                        spread([each.figure(column.metric) for each in result.samples[row.name]])
                    )
                    for column in comparison.columns
                    if column.is_known(result.samples[row.name])
                },
                "rounds": [asdict(sample) for sample in result.samples[row.name]],
            }
            for row in comparison.rows
        ],
        "bars": [asdict(verdict) for verdict in result.verdicts],
    }
