"""The figures that one contender has reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.figures import Measurement, Metric


@dataclass(frozen=True, kw_only=True)
class Sample(Measurement):
    """One measurement of one row."""

    errors: dict[str, int] = field(default_factory=dict)
    figures: Mapping[str, float]

    def figure(self, metric: Metric) -> float:
        return self.figures[metric]
