"""Samples to compute with: a plain one, and changes to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench.figures import IdleSample, Sample

NO_ERRORS = {"connect": 0, "read": 0, "write": 0, "timeout": 0, "status": 0}

PLAIN = Sample(
    requests=1_000,
    seconds=1.0,
    requests_per_second=1_000.0,
    cpu_us=10.0,
    user_us=4.0,
    system_us=6.0,
    p50_us=100.0,
    p99_us=500.0,
    resident_bytes=8 * 2**20,
    errors=NO_ERRORS,
    load_cpu=0.4,
    noise=0.01,
)


IDLE = IdleSample(
    connections=1_000,
    held=1.0,
    resident_before=20 * 2**20,
    resident_after=21 * 2**20,
    bytes_per_connection=2**20 / 1_000,
    opening_seconds=0.1,
    seconds=10.0,
    idle_cpu=0.0,
    errors={"not opened": 0, "lost": 0},
)


def sample(**changes: Any) -> Sample:
    """The plain sample with some fields changed."""
    return replace(PLAIN, **changes)


def rates(*values: float) -> list[Sample]:
    """One sample a round, with these requests per second."""
    return [sample(requests_per_second=value) for value in values]
