"""Programs that run while something is measured: started, awaited, ended whole.

A program leads a process group of its own, so that everything it starts can be
found and ended, also when the run is interrupted. Not a session: Linux may share
the processor out by session (sched_autogroup), and a server, what runs beside it
and wrk are to compete thread against thread, as they do on a machine in service.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from bench import accounting, answers
from bench.errors import BenchError

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 30.0
STOP_SECONDS = 5.0
# Settings of the Go runtime in a user's shell would change the servers measured.
NOT_INHERITED = ("GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT")

T = TypeVar("T")


class Program:
    """A program started on a set of cores; leaving its context ends it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        cores: Sequence[int],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
        self._name = name
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=20)
        self._ready = False
        with on_cores(cores):
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                process_group=0,
            )
        self._reader = threading.Thread(target=self._read, name=f"output of {name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, ready: Callable[[str], T | None]) -> T:
        """What `ready` makes of the first line of output that it takes as the signal."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise self._failure(f"not ready after {READY_SECONDS:g} s") from None
            if line is None:
                raise self._failure(f"ended before it was ready (status {self._process.wait()})")
            found = ready(line)
            if found is not None:
                self._ready = True
                return found

    def require_running(self) -> None:
        """Raise BenchError when the program has ended."""
        if (status := self._process.poll()) is not None:
            raise self._failure(f"ended while it was measured (status {status})")

    def stop(self) -> None:
        """End the program and all it has started: asked first, then killed."""
        groups = {self.pid} | {stat.group for stat in accounting.program(self.pid)}
        try:
            _signal(groups, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        finally:
            _signal(groups, signal.SIGKILL)
            self._process.wait()
            self._reader.join(STOP_SECONDS)

    def _read(self) -> None:
        """Keep the pipe empty: a server must never wait for the reader of its log."""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._last_lines.append(line)
                if not self._ready:
                    self._lines.put(line)
        self._lines.put(None)

    def _failure(self, reason: str) -> BenchError:
        output = "".join(self._last_lines) or "(no output)\n"
        return BenchError(f"{self._name}: {reason}; its last output:\n{output}")

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def wait_listening(name: str, url: str) -> None:
    """Wait until somebody accepts connections at `url`: some tell it before they do."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(answers.address(url)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise BenchError(f"{name}: nobody listens at {url}") from None
            time.sleep(0.01)
        else:
            return


@contextlib.contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Start programs on these cores: a child inherits them before its first line."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _signal(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
