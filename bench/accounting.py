"""CPU time and memory of processes and of the machine, read from /proc.

A program is counted with all it has started: its processes are those whose chain
of parents leads to it, and those in the process group that it leads, which finds
the ones whose parent has gone. The time of children that ended is what their parent
reaped, so a worker that ends between two readings is not lost.

The total of a process is exact to a tick (10 ms). Its division into user and
system time comes, on most kernels, from sampling: steady over seconds only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True)
class CPU:
    """CPU time in seconds."""

    user: float = 0.0
    system: float = 0.0

    @property
    def total(self) -> float:
        return self.user + self.system

    def __add__(self, other: CPU) -> CPU:
        return CPU(self.user + other.user, self.system + other.system)

    def __sub__(self, other: CPU) -> CPU:
        return CPU(self.user - other.user, self.system - other.system)


@dataclass(frozen=True)
class Stat:
    """What /proc/PID/stat, or the stat file of a thread, says."""

    pid: int
    parent: int
    group: int
    cpu: CPU
    reaped: CPU


@dataclass(frozen=True)
class Machine:
    """CPU time of the whole machine: spent by it, and taken from it by its host."""

    busy: float
    stolen: float


def parse_stat(text: str) -> Stat:
    """Read a stat line; the name in it may hold blanks and parentheses."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    user, system, reaped_user, reaped_system = (
        int(ticks) / TICKS_PER_SECOND for ticks in fields[11:15]
    )
    return Stat(
        pid=int(head.split(" ", 1)[0]),
        parent=int(fields[1]),
        group=int(fields[2]),
        cpu=CPU(user, system),
        reaped=CPU(reaped_user, reaped_system),
    )


def parse_machine(text: str) -> Machine:
    """Read the first line of /proc/stat."""
    ticks = [int(word) / TICKS_PER_SECOND for word in text.splitlines()[0].split()[1:]]
    user, nice, system, _idle, _iowait, interrupt, soft_interrupt, stolen = ticks[:8]
    return Machine(user + nice + system + interrupt + soft_interrupt, stolen)


def members(stats: Iterable[Stat], leader: int) -> list[Stat]:
    """Those of `stats` that belong to the program started as process `leader`."""
    rest = list(stats)
    found: list[Stat] = []
    pids = {leader}
    while True:
        new = [s for s in rest if s.pid in pids or s.parent in pids or s.group == leader]
        if not new:
            return found
        found += new
        pids.update(s.pid for s in new)
        rest = [s for s in rest if s.pid not in pids]


def processes() -> Iterator[Stat]:
    """Every process that there is now."""
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                yield parse_stat((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue


def program(leader: int) -> list[Stat]:
    """The processes of the program started as process `leader`."""
    return members(processes(), leader)


def cpu_of_program(leader: int) -> CPU:
    """What all processes of a program have used since they started."""
    return sum((stat.cpu + stat.reaped for stat in program(leader)), CPU())


def cpu_of_threads(pid: int, threads: Iterable[int]) -> CPU:
    """What some threads of one process have used since they started."""
    texts = ((PROC / f"{pid}/task/{thread}/stat").read_text() for thread in threads)
    return sum((parse_stat(text).cpu for text in texts), CPU())


def cpu_of_machine() -> Machine:
    """What the machine has used since it started."""
    return parse_machine((PROC / "stat").read_text())


def parse_resident(text: str) -> int:
    """Bytes of resident memory in the text of smaps_rollup."""
    for line in text.splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no Rss line")


def resident_bytes(leader: int) -> int:
    """Resident memory of a program; pages shared by its processes count in each."""
    total = 0
    for stat in program(leader):
        # The counters in stat and status lag behind on a many-threaded process.
        try:
            total += parse_resident((PROC / f"{stat.pid}/smaps_rollup").read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total
