"""Load from wrk, and the figures that it counts."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.program import on_cores

SCRIPT = Path(__file__).with_name("wrk.lua")
# What wrk may take beyond its duration: connecting, and waiting for last answers.
MARGIN_SECONDS = 20.0
MISSING = (
    "wrk is not on PATH. It is a package of most systems: `apt-get install wrk`, "
    "`dnf install wrk`, `brew install wrk`; its source is github.com/wg/wrk."
)


@dataclass(frozen=True, kw_only=True)
class Load:
    """What wrk is asked to do."""

    connections: int
    pipeline: int
    threads: int
    cores: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What wrk counted; `cpu_seconds` is the time it needed itself."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    errors: dict[str, int]
    cpu_seconds: float


def require_wrk() -> None:
    """Raise BenchError with a way to get wrk when it is missing."""
    if shutil.which("wrk") is None:
        raise BenchError(MISSING)


def run(load: Load, url: str, seconds: float) -> Figures:
    """Put `load` on `url` for some seconds."""
    cpu_before = _cpu_of_ended_children()
    with on_cores(load.cores):
        try:
            # run() kills wrk on any exception, Ctrl-C among them.
            done = subprocess.run(
                arguments(load, url, seconds),
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + MARGIN_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise BenchError(f"wrk did not end {MARGIN_SECONDS:g} s after its time") from None
    if done.returncode != 0:
        raise BenchError(f"wrk failed:\n{done.stdout}{done.stderr}")
    return parse(done.stdout, _cpu_of_ended_children() - cpu_before)


def arguments(load: Load, url: str, seconds: float) -> Sequence[str]:
    """The command line of wrk; its durations are whole seconds."""
    return (
        "wrk",
        f"--threads={load.threads}",
        f"--connections={load.connections}",
        f"--duration={seconds:.0f}s",
        f"--script={SCRIPT}",
        url,
        "--",
        str(load.pipeline),
    )


def parse(output: str, cpu_seconds: float) -> Figures:
    """Read the line that wrk.lua adds to the output of wrk."""
    lines = [line for line in output.splitlines() if line.startswith("figures {")]
    if len(lines) != 1:
        raise BenchError(f"no figures in the output of wrk:\n{output}")
    figures = json.loads(lines[0].removeprefix("figures "))
    if figures["requests"] == 0:
        raise BenchError(f"wrk got no answer at all:\n{output}")
    return Figures(
        requests=figures["requests"],
        seconds=figures["duration_us"] / 1e6,
        p50_us=figures["p50_us"],
        p99_us=figures["p99_us"],
        errors=figures["errors"],
        cpu_seconds=cpu_seconds,
    )


def _cpu_of_ended_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
