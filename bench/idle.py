"""One measurement of idle connections: opened, left alone, tried again.

Memory is compared from before the first connection to after the last, when each has
sent one request and had its answer. Then nobody asks for anything, and the CPU time
that the server uses nevertheless is counted. At the end every connection has to
answer one more request.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bench import accounting, answers, servers
from bench.errors import BenchError
from bench.figures import IdleSample
from bench.measure import PLACES, start, usable
from bench.program import ROOT, on_cores
from bench.scenario import MOST_IDLE, Row, Scenario

# Files that a server and the client need beside their connections.
OTHER_FILES = 1_000
# Both ends of a connection with their buffers in kernel and server, generously.
BYTES_OF_A_CONNECTION = 32 * 1024


def most_connections() -> int:
    """As many as the limits of a process, and half the memory that is free, allow."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    by_files = files - OTHER_FILES if files != resource.RLIM_INFINITY else MOST_IDLE
    memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(by_files, memory // 2 // BYTES_OF_A_CONNECTION, MOST_IDLE))


def measure(scenario: Scenario, row: Row) -> IdleSample:
    """Measure one row of an idle scenario."""
    server = servers.find(row.server)
    with contextlib.ExitStack() as running:
        program, url, _ = start(running, server, row, usable(scenario.server_cores))
        answers.verify(row.name, url, scenario.path)
        before = accounting.resident_bytes(program.pid)

        client = running.enter_context(running_client(scenario, url))
        opened = reply(client)
        time.sleep(scenario.warm_up)  # what the last requests have left to do
        after = accounting.resident_bytes(program.pid)

        cpu = accounting.cpu_of_program(program.pid)
        begin = time.monotonic()
        time.sleep(scenario.seconds)
        idle_seconds = time.monotonic() - begin
        cpu = accounting.cpu_of_program(program.pid) - cpu

        held = try_again(client)
        program.require_running()
    return sample(
        scenario.connections,
        opened,
        held,
        resident=(before, after),
        cpu_seconds=cpu.total,
        seconds=idle_seconds,
    )


def sample(
    connections: int,
    opened: dict[str, Any],
    held: int,
    *,
    resident: tuple[int, int],
    cpu_seconds: float,
    seconds: float,
) -> IdleSample:
    """Put what was held and what was used into one sample."""
    if opened["opened"] == 0:
        raise BenchError(f"no connection could be opened: {opened['failure']}")
    before, after = resident
    return IdleSample(
        connections=connections,
        held=held / connections,
        resident_before=before,
        resident_after=after,
        bytes_per_connection=(after - before) / opened["opened"],
        opening_seconds=opened["seconds"],
        seconds=seconds,
        idle_cpu=cpu_seconds / seconds,
        errors={"not opened": connections - opened["opened"], "lost": opened["opened"] - held},
    )


@contextlib.contextmanager
def running_client(scenario: Scenario, url: str) -> Iterator[subprocess.Popen[str]]:
    """The client, which does not outlive the context."""
    words = (urlsplit(url).netloc, scenario.path, str(scenario.connections))
    with on_cores(usable(scenario.wrk_cores)):
        started = subprocess.Popen(
            (PLACES["python"], "-m", "bench.idle_client", *words),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,  # Ctrl-C is for the harness, which then ends the client
        )
    with started as client:
        try:
            yield client
        finally:
            client.kill()


def try_again(client: subprocess.Popen[str]) -> int:
    """Have every connection tried again; how many answered."""
    assert client.stdin is not None
    client.stdin.write("try\n")
    client.stdin.flush()
    return int(reply(client)["held"])


def reply(client: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of the client, whose own timeouts bound the wait."""
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        raise BenchError(f"the client of idle connections ended (status {client.wait()})")
    values: dict[str, Any] = json.loads(line)
    return values
