"""One measurement under load: a fresh server, checked, warmed up, loaded, ended."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import accounting, answers, load, servers
from bench.accounting import CPU, Machine
from bench.errors import BenchError
from bench.figures import Sample
from bench.load import Figures, Load
from bench.program import ROOT, Program, wait_listening
from bench.scenario import Row, Scenario
from bench.server import Server, ready_url

PLACES = {
    "python": sys.executable,
    "bin": str(Path(__file__).with_name("bin")),
    "environments": str(ROOT / "build" / "peers"),
}


@dataclass(frozen=True)
class Usage:
    """Readings that are taken right before and right after the load."""

    program: CPU
    left_out: CPU
    companion: CPU
    load: float
    machine: Machine


def measure(scenario: Scenario, row: Row) -> Sample:
    """Measure one row of a scenario."""
    server = servers.find(row.server)
    server_cores = usable(scenario.server_cores)
    wrk_cores = usable(scenario.wrk_cores)
    with contextlib.ExitStack() as running:
        program, url, threads = start(running, server, row, server_cores)
        companion, beside_url = _start_companion(running, server, server_cores)
        work = loads(scenario, wrk_cores, url, beside_url or url, echo=server.echoes)
        _verify(server, work)
        load.run(work, scenario.warm_up)

        before = _usage(program, threads, companion)
        main, *beside = load.run(work, scenario.seconds)
        program.require_running()
        after = _usage(program, threads, companion)

        resident = accounting.resident_bytes(program.pid)
        _verify(server, work)
    measured = sample(main, before, after, resident, wrk_cores=len(wrk_cores))
    return with_beside(measured, beside[0]) if beside else measured


def loads(
    scenario: Scenario, cores: tuple[int, ...], url: str, beside_url: str, *, echo: bool = False
) -> list[Load]:
    """The load of a scenario, and the one beside it where it has one."""
    main = Load(
        url=url,
        path=scenario.path,
        connections=scenario.connections,
        pipeline=scenario.pipeline,
        threads=min(scenario.threads or len(cores), scenario.connections),
        cores=cores,
        echo=echo,
    )
    if scenario.beside is None:
        return [main]
    beside = Load(
        url=beside_url,
        path=scenario.beside.path,
        connections=scenario.beside.connections,
        pipeline=1,
        threads=1,
        cores=cores,
    )
    return [main, beside]


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
    companion = after.companion - before.companion
    serving = program - left_out
    of_load = after.load - before.load
    ours = program.total + companion.total + of_load
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
        load_cpu=of_load / (figures.seconds * wrk_cores),
        noise=max(0.0, busy - ours + stolen) / machine_seconds,
    )


def with_beside(measured: Sample, beside: Figures) -> Sample:
    """The sample with the latencies of the load beside, and its errors counted in."""
    errors = {kind: count + beside.errors[kind] for kind, count in measured.errors.items()}
    return replace(
        measured, errors=errors, beside_p50_us=beside.p50_us, beside_p99_us=beside.p99_us
    )


def start(
    running: contextlib.ExitStack, server: Server, row: Row, cores: tuple[int, ...]
) -> tuple[Program, str, tuple[int, ...]]:
    """Start a server: the program, its URL, and the threads to leave out of its CPU time."""
    words = server.words(row.loops, PLACES)
    environment = server.environment
    program = running.enter_context(Program(row.name, words, cores=cores, environment=environment))
    url, threads = program.wait_ready(lambda line: ready_url(server.ready, line))
    wait_listening(row.name, url)
    return program, url, threads


def _start_companion(
    running: contextlib.ExitStack, server: Server, cores: tuple[int, ...]
) -> tuple[Program | None, str | None]:
    """The companion of a server, and its URL where it is a server too."""
    if not server.companion:
        return None, None
    words = [word.format_map(PLACES) for word in server.companion]
    companion = running.enter_context(Program(f"companion of {server.name}", words, cores=cores))
    found = ready_url(server.ready, companion.wait_ready(lambda line: line))
    return companion, found[0] if found else None


def _verify(server: Server, work: Sequence[Load]) -> None:
    for part in work:
        verify = answers.verify_echo if part.echo else answers.verify
        verify(server.name, part.url, part.path)


def _usage(program: Program, threads: tuple[int, ...], companion: Program | None) -> Usage:
    return Usage(
        program=accounting.cpu_of_program(program.pid),
        left_out=accounting.cpu_of_threads(program.pid, threads),
        companion=accounting.cpu_of_program(companion.pid) if companion else CPU(),
        load=load.cpu_seconds(),
        machine=accounting.cpu_of_machine(),
    )
