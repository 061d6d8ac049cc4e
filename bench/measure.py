"""One measurement: a fresh server, checked, warmed up, loaded, ended."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import accounting, answers, load, servers
from bench.accounting import CPU, Machine
from bench.errors import BenchError
from bench.figures import Sample
from bench.load import Figures, Load
from bench.program import Program
from bench.scenarios import Row, Scenario
from bench.servers import Server

BIN = Path(__file__).with_name("bin")
PLACES = {"python": sys.executable, "bin": str(BIN)}


@dataclass(frozen=True)
class Usage:
    """Readings that are taken right before and right after the load."""

    program: CPU
    left_out: CPU
    beside: CPU
    machine: Machine


def measure(scenario: Scenario, row: Row) -> Sample:
    """Measure one row of a scenario."""
    server = servers.find(row.server)
    server_cores = usable(scenario.server_cores)
    wrk_cores = usable(scenario.wrk_cores)
    work = Load(
        connections=scenario.connections,
        pipeline=scenario.pipeline,
        threads=min(scenario.threads or len(wrk_cores), scenario.connections),
        cores=wrk_cores,
    )
    with contextlib.ExitStack() as running:
        program, url, threads = _start(running, server, row, server_cores)
        beside = _start_companion(running, server, server_cores)
        answers.verify(row.name, url, scenario.path)
        load.run(work, url + scenario.path, scenario.warm_up)

        before = _usage(program, threads, beside)
        figures = load.run(work, url + scenario.path, scenario.seconds)
        program.require_running()
        after = _usage(program, threads, beside)

        resident = accounting.resident_bytes(program.pid)
        answers.verify(row.name, url, scenario.path)
    return sample(figures, before, after, resident, wrk_cores=len(wrk_cores))


def usable(cores: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers that the kernel gives to `cores` of those that this run may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if max(cores) >= len(allowed):
        raise BenchError(
            f"core {max(cores)} is not there: this run may use {len(allowed)} (numbered from 0); "
            "choose with --server-cores and --wrk-cores"
        )
    return tuple(allowed[core] for core in cores)


def sample(
    figures: Figures, before: Usage, after: Usage, resident_bytes: int, *, wrk_cores: int
) -> Sample:
    """Put what was counted and what was used into one sample."""
    program = after.program - before.program
    left_out = after.left_out - before.left_out
    beside = after.beside - before.beside
    serving = program - left_out
    ours = program.total + beside.total + figures.cpu_seconds
    busy = after.machine.busy - before.machine.busy
    stolen = after.machine.stolen - before.machine.stolen
    machine_seconds = figures.seconds * (os.cpu_count() or 1)
    per_request = 1e6 / figures.requests
    return Sample(
        requests=figures.requests,
        seconds=figures.seconds,
        requests_per_second=figures.requests / figures.seconds,
        cpu_us=serving.total * per_request,
        user_us=serving.user * per_request,
        system_us=serving.system * per_request,
        p50_us=figures.p50_us,
        p99_us=figures.p99_us,
        resident_bytes=resident_bytes,
        errors=figures.errors,
        load_cpu=figures.cpu_seconds / (figures.seconds * wrk_cores),
        noise=max(0.0, busy - ours + stolen) / machine_seconds,
    )


def _start(
    running: contextlib.ExitStack, server: Server, row: Row, cores: tuple[int, ...]
) -> tuple[Program, str, tuple[int, ...]]:
    words = server.words(row.loops, PLACES)
    environment = server.environment
    program = running.enter_context(Program(row.name, words, cores=cores, environment=environment))
    url, threads = program.wait_ready(lambda line: servers.ready_url(server.ready, line))
    return program, url, threads


def _start_companion(
    running: contextlib.ExitStack, server: Server, cores: tuple[int, ...]
) -> Program | None:
    if not server.companion:
        return None
    words = [word.format_map(PLACES) for word in server.companion]
    companion = running.enter_context(Program(f"companion of {server.name}", words, cores=cores))
    companion.wait_ready(lambda line: line)
    return companion


def _usage(program: Program, threads: tuple[int, ...], beside: Program | None) -> Usage:
    return Usage(
        program=accounting.cpu_of_program(program.pid),
        left_out=accounting.cpu_of_threads(program.pid, threads),
        beside=accounting.cpu_of_program(beside.pid) if beside else CPU(),
        machine=accounting.cpu_of_machine(),
    )
