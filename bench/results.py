"""The results as a JSON file: every sample, and all that is needed to read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from bench.figures import Figure, Metric, Samples, median, ratio
from bench.rounds import Result

VERSION = 1
FOLDER = Path(__file__).with_name("results")


def default_file(now: datetime) -> Path:
    return FOLDER / f"{now:%Y%m%d-%H%M%S}.json"


def write(
    file: Path,
    *,
    date: datetime,
    arguments: Sequence[str],
    machine: Mapping[str, object],
    versions: Mapping[str, str],
    results: Sequence[Result],
) -> None:
    """Write the results so far; a run that ends early keeps what it has."""
    text = json.dumps(
        {
            "version": VERSION,
            "date": date.isoformat(timespec="seconds"),
            "arguments": list(arguments),
            "machine": dict(machine),
            "servers": dict(versions),
            "scenarios": [document(result) for result in results],
        },
        indent=2,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")


def document(result: Result) -> dict[str, object]:
    """One scenario: what was asked, what came out, what was made of it."""
    options = asdict(result.scenario)
    metrics = result.scenario.metrics
    rows = options.pop("rows")
    del options["bars"]
    return {
        "options": options,
        "rows": [
            {
                **row,
                "medians": {metric: median(samples, metric) for metric in metrics},
                "ratios": ratios(result.samples, row["name"], result.scenario.reference, metrics),
                "rounds": [asdict(sample) for sample in samples],
            }
            for row in rows
            for samples in [result.samples[row["name"]]]
        ],
        "bars": [asdict(verdict) for verdict in result.verdicts],
    }


def ratios(
    samples: Samples, row: str, reference: str, metrics: Sequence[Metric]
) -> dict[str, dict[str, float]]:
    """The figures of a row against those of the reference, by round and by median.

    Where the reference has a figure of 0, there is no ratio.
    """
    if not samples.get(reference):
        return {}
    return {
        metric: {
            "of_rounds": ratio(samples, [Figure(row, metric)], [Figure(reference, metric)]).median,
            "of_medians": median(samples[row], metric) / median(samples[reference], metric),
        }
        for metric in metrics
        if all(sample.figure(metric) for sample in samples[reference])
    }
