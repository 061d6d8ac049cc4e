"""The figures that peers in Python report, and how they are called."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping

Figures = dict[str, float]


class Stopwatch:
    """Wall-clock time and CPU time of this process, from now on."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._start = time.perf_counter()
        self._spawned = self._start

    def spawned(self) -> None:
        """Everything is spawned, and has to run."""
        self._spawned = time.perf_counter()

    def seeds(self) -> Figures:
        """What it took to spawn them, and to run them until now."""
        end = time.perf_counter()
        return {
            "spawn_seconds": self._spawned - self._start,
            "run_seconds": end - self._spawned,
            "total_seconds": end - self._start,
            "cpu_seconds": time.process_time() - self._cpu,
        }

    def each(self, count: int) -> Figures:
        """What each of so many has taken."""
        end = time.perf_counter()
        return {
            "ns_each": (end - self._start) / count * 1e9,
            "cpu_ns_each": (time.process_time() - self._cpu) / count * 1e9,
        }

    def per_second(self, count: int) -> Figures:
        """How many there were in a second."""
        figures = self.each(count)
        return {"per_second": 1e9 / figures["ns_each"], **figures}


class Memory:
    """Resident memory of this process, from now on."""

    def __init__(self) -> None:
        self._before = resident_bytes()

    def each(self, count: int) -> Figures:
        """What it has grown by for each of so many."""
        return {"bytes_each": (resident_bytes() - self._before) / count}


def resident_bytes() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 (pathlib would be counted)
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(works: Mapping[str, Callable[[int], Figures]]) -> None:
    """Do the work that the command line names and print its figures."""
    name, count = sys.argv[1:]
    print(json.dumps(works[name](int(count))), flush=True)
