from __future__ import annotations

import os
import threading

import pytest

from bench import accounting
from bench.accounting import CPU, TICKS_PER_SECOND, Stat

STAT = (
    "4711 (a (strange) name) S 42 4700 4600 0 -1 4194560 22873 15 0 0 "
    "250 1500 30 70 20 0 9 0 187113 1275564032 2210 18446744073709551615 1 1 0 0 0 0 0 0"
)
MACHINE = """\
cpu  1000 200 3000 90000 400 50 60 700 0 0
cpu0 500 100 1500 45000 200 25 30 350 0 0
intr 1
"""
ROLLUP = """\
00400000-7ffd4f5c7000 ---p 00000000 00:00 0      [rollup]
Rss:                8840 kB
Pss:                7211 kB
"""


def stat(pid: int, parent: int, group: int) -> Stat:
    return Stat(pid, parent, group, CPU(), CPU())


def test_stat_is_read_past_a_name_with_blanks_and_parentheses() -> None:
    read = accounting.parse_stat(STAT)
    assert (read.pid, read.parent, read.group) == (4711, 42, 4700)
    assert read.cpu == CPU(250 / TICKS_PER_SECOND, 1500 / TICKS_PER_SECOND)
    assert read.reaped == CPU(30 / TICKS_PER_SECOND, 70 / TICKS_PER_SECOND)


def test_machine_time_counts_interrupts_as_busy_and_stolen_time_apart() -> None:
    machine = accounting.parse_machine(MACHINE)
    assert machine.busy == pytest.approx((1000 + 200 + 3000 + 50 + 60) / TICKS_PER_SECOND)
    assert machine.stolen == pytest.approx(700 / TICKS_PER_SECOND)


def test_a_program_is_its_descendants_and_its_process_group() -> None:
    leader, child, grandchild = stat(10, 1, 10), stat(11, 10, 11), stat(12, 11, 11)
    orphan, stranger = stat(13, 1, 10), stat(14, 1, 14)
    found = accounting.members([grandchild, stranger, orphan, child, leader], 10)
    assert {member.pid for member in found} == {10, 11, 12, 13}


def test_resident_memory_is_read_from_the_rollup() -> None:
    assert accounting.parse_resident(ROLLUP) == 8840 * 1024
    with pytest.raises(ValueError, match="no Rss line"):
        accounting.parse_resident("Pss: 1 kB\n")


def test_this_process_is_found_and_has_used_time_and_memory() -> None:
    while os.times().user + os.times().system < 0.05:
        pass
    assert os.getpid() in {member.pid for member in accounting.program(os.getpid())}
    assert accounting.cpu_of_program(os.getpid()).total > 0
    assert accounting.resident_bytes(os.getpid()) > 2**20


def test_a_thread_is_accounted_apart_from_its_process() -> None:
    idle = threading.Event()
    thread = threading.Thread(target=idle.wait)
    thread.start()
    try:
        assert thread.native_id is not None
        spent = accounting.cpu_of_threads(os.getpid(), [thread.native_id])
        assert spent.total < accounting.cpu_of_program(os.getpid()).total
    finally:
        idle.set()
        thread.join()
