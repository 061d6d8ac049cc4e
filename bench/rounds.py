"""Rounds of measurements: each round takes every row once, in the same order.

What changes over a run, from a warming processor to a busy neighbour, then falls
on all rows alike, and a ratio within a round compares neighbours in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import idle, measure
from bench.bars import Verdict, judge
from bench.figures import Measurement, Samples
from bench.scenario import Row, Scenario

Progress = Callable[[int, Row, Measurement], None]


@dataclass(frozen=True)
class Result:
    """All samples of a scenario, and the verdicts on its bars."""

    scenario: Scenario
    samples: Samples
    verdicts: tuple[Verdict, ...]


def run(scenario: Scenario, progress: Progress) -> Result:
    """Measure every row of `scenario` in each of its rounds."""
    take: Callable[[Scenario, Row], Measurement]
    take = idle.measure if scenario.idle else measure.measure
    samples: dict[str, list[Measurement]] = {row.name: [] for row in scenario.rows}
    for number in range(1, scenario.rounds + 1):
        for row in scenario.rows:
            sample = take(scenario, row)
            samples[row.name].append(sample)
            progress(number, row, sample)
    verdicts = tuple(judge(bar, samples) for bar in scenario.bars)
    return Result(scenario, samples, verdicts)
