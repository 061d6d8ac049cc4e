"""Load from wrk, and the figures that it counts."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import answers
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
    """What wrk is asked to do; a server that echoes is sent the answers of the path."""

    url: str
    path: str
    connections: int
    pipeline: int
    threads: int
    cores: tuple[int, ...]
    echo: bool = False


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What wrk counted."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    errors: dict[str, int]


def require_wrk() -> None:
    """Raise BenchError with a way to get wrk when it is missing."""
    if shutil.which("wrk") is None:
        raise BenchError(MISSING)


def run(loads: Sequence[Load], seconds: float) -> list[Figures]:
    """Put loads on their servers for some seconds, all at the same time."""
    with contextlib.ExitStack() as running:
        started = [running.enter_context(_started(load, seconds)) for load in loads]
        deadline = time.monotonic() + seconds + MARGIN_SECONDS
        return [_finish(wrk, deadline) for wrk in started]


@contextlib.contextmanager
def _started(load: Load, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """One wrk, which does not outlive the context."""
    with on_cores(load.cores):
        started = subprocess.Popen(
            arguments(load, seconds),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    with started as wrk:
        try:
            yield wrk
        finally:
            wrk.kill()


def _finish(wrk: subprocess.Popen[str], deadline: float) -> Figures:
    try:
        output, _ = wrk.communicate(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise BenchError(f"wrk did not end {MARGIN_SECONDS:g} s after its time") from None
    if wrk.returncode != 0:
        raise BenchError(f"wrk failed:\n{output}")
    return parse(output)


def arguments(load: Load, seconds: float) -> Sequence[str]:
    """The command line of wrk; its durations are whole seconds."""
    upload = answers.UPLOADS.get(load.path)
    return (
        "wrk",
        f"--threads={load.threads}",
        f"--connections={load.connections}",
        f"--duration={seconds:.0f}s",
        f"--script={SCRIPT}",
        load.url + load.path,
        "--",
        str(load.pipeline),
        *((upload.content_type, upload.body.decode()) if upload else ()),
        *((answers.message(load.path).decode(),) if load.echo else ()),
    )


def parse(output: str) -> Figures:
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
    )


def cpu_seconds() -> float:
    """CPU time of every wrk that has ended; of other children too, if any has."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
