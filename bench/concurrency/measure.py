"""Rounds of measurements: each takes every row once, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.bars import Verdict, judge
from bench.concurrency.comparisons import Comparison, Row
from bench.concurrency.contenders import find
from bench.concurrency.figures import Sample
from bench.errors import BenchError
from bench.program import NOT_INHERITED, ROOT, on_cores

# What the slowest contender takes on a busy machine, and more.
DEADLINE = 600


@dataclass(frozen=True)
class Result:
    """All samples of a comparison, and the verdicts on its bars."""

    comparison: Comparison
    samples: Mapping[str, Sequence[Sample]]
    verdicts: tuple[Verdict, ...]


Progress = Callable[[int, Row, Sample], None]


def run(comparison: Comparison, progress: Progress) -> Result:
    """Measure every row of a comparison in each of its rounds."""
    samples: dict[str, list[Sample]] = {row.name: [] for row in comparison.rows}
    for number in range(1, comparison.rounds + 1):
        taken: dict[str, Sample] = {}
        for row in comparison.rows:
            taken[row.name] = beyond(measure(comparison, row), taken.get(row.floor or ""))
            progress(number, row, taken[row.name])
        for name, sample in taken.items():
            samples[name].append(sample)
    return Result(comparison, samples, tuple(judge(bar, samples) for bar in comparison.bars))


def beyond(sample: Sample, floor: Sample | None) -> Sample:
    """The sample with its bytes beyond those of the floor."""
    if floor is None:
        return sample
    more = sample.figures["bytes_each"] - floor.figures["bytes_each"]
    return replace(sample, figures={**sample.figures, "bytes_beyond": more})


def measure(comparison: Comparison, row: Row) -> Sample:
    """Have a contender do its work, and take its figures."""
    command = find(row.contender).words(row.work, round(comparison.count * row.times))
    environment = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    cores = sorted(os.sched_getaffinity(0))[: row.cores]
    try:
        with on_cores(cores):
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=DEADLINE,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"{row.name}: {error}") from None
    if done.returncode != 0:
        raise BenchError(f"{row.name}: ended with {done.returncode}:\n{done.stderr}")
    return Sample(figures=json.loads(done.stdout))
