from __future__ import annotations

import os
import select
import sys

import pytest

from bench import program
from bench.errors import BenchError
from bench.program import Program

SECONDS = 10.0
CORES = sorted(os.sched_getaffinity(0))

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print("starting", flush=True)
print("child", child.pid, flush=True)
time.sleep(1000)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(1000)
"""


def python(code: str, *, cores: list[int] = CORES) -> Program:
    return Program("test", [sys.executable, "-c", code], cores=cores)


def pid_of_child(line: str) -> int | None:
    return int(line.split()[1]) if line.startswith("child ") else None


def ended(descriptor: int) -> bool:
    """Whether the process behind a pidfd has ended, or does so in time."""
    return bool(select.select([descriptor], [], [], SECONDS)[0])


def test_readiness_is_read_from_the_output_and_all_children_are_ended() -> None:
    with python(PARENT) as parent:
        descriptor = os.pidfd_open(parent.wait_ready(pid_of_child))
    try:
        assert ended(descriptor)
    finally:
        os.close(descriptor)


def test_a_program_that_ignores_the_request_to_end_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "STOP_SECONDS", 0.1)
    with python(DEAF) as deaf:
        deaf.wait_ready(lambda line: line)
        descriptor = os.pidfd_open(deaf.pid)
    try:
        assert ended(descriptor)
    finally:
        os.close(descriptor)


def test_a_program_that_ends_before_it_is_ready_is_told_with_its_output() -> None:
    with (
        python("print('no port left'); raise SystemExit(3)") as failed,
        pytest.raises(BenchError, match=r"(?s)status 3.*no port left"),
    ):
        failed.wait_ready(pid_of_child)


def test_waiting_for_readiness_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "READY_SECONDS", 0.1)
    with python(DEAF) as silent, pytest.raises(BenchError, match=r"not ready after 0\.1 s"):
        silent.wait_ready(pid_of_child)


def test_a_program_that_ended_while_measured_is_told() -> None:
    with python("print('done')") as short:
        short.wait_ready(lambda line: line)
        descriptor = os.pidfd_open(short.pid)
        try:
            assert ended(descriptor)
        finally:
            os.close(descriptor)
        with pytest.raises(BenchError, match="ended while it was measured"):
            short.require_running()


def test_a_program_runs_on_its_cores_and_the_harness_stays_on_all() -> None:
    code = "import os; print('cores', *os.sched_getaffinity(0), flush=True)"
    with python(code, cores=CORES[:1]) as pinned:
        assert pinned.wait_ready(lambda line: line.split()[1:]) == [str(CORES[0])]
    assert sorted(os.sched_getaffinity(0)) == CORES


def test_settings_of_the_go_runtime_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMAXPROCS", "1")
    code = "import os; print('value', os.environ.get('GOMAXPROCS'), flush=True)"
    with python(code) as started:
        assert started.wait_ready(lambda line: line) == "value None\n"
