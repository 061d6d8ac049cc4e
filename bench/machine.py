"""Facts about the machine and the tools, kept with the results."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from bench.program import ROOT


def facts() -> dict[str, object]:
    """Everything about where a run took place that its figures may hang on."""
    return {
        "cpu": cpu_model(Path("/proc/cpuinfo").read_text()),
        "cores": os.cpu_count(),
        "usable_cores": sorted(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "go": _first_line("go", "env", "GOVERSION"),
        "wrk": _first_line("wrk", "-v"),
        "revision": _first_line("git", "describe", "--always", "--dirty"),
        "load_average": os.getloadavg(),
    }


def cpu_model(cpuinfo: str) -> str:
    """The name of the first processor in /proc/cpuinfo."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def _first_line(*command: str) -> str | None:
    """The first line that a command prints; `wrk -v` prints it and fails."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    lines = done.stdout.splitlines()
    return lines[0].strip() if lines else None
