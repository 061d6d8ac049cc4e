"""Programs: Python scripts that run in processes of their own, beside the test.

A script announces that it is ready by a line, which the test reads by `line`; it waits for
the test by `input()`, which `tell` answers. No script outlives its deadline: it is killed
then with all its children, which ends every wait of the test.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

DEADLINE = 50.0


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its status, and what it wrote after the lines that were read."""

    status: int
    out: str
    err: str


CLEAN = Outcome(0, "", "")


class Program:
    """A running Python script or module."""

    def __init__(self, *arguments: str | Path, deadline: float = DEADLINE, **options: Any) -> None:
        self._stderr: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by end)
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._stderr}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            text=True,
            start_new_session=True,
            **{**streams, **options},
        )
        self._timer = threading.Timer(deadline, self._kill)
        self._timer.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self) -> str:
        """Waits for the program's next line."""
        assert self.process.stdout is not None
        line: str = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the program ended before it was ready: {self.end()}")
        return line.removesuffix("\n")

    def tell(self, line: str = "") -> None:
        """Answers the program's `input()`."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> Outcome:
        """Waits for the program, and for all that inherited its output, to end."""
        out = self.process.stdout.read() if self.process.stdout else ""
        self.process.wait()
        self._timer.cancel()
        self._stderr.seek(0)
        return Outcome(self.process.returncode, out, self._stderr.read())

    def close(self) -> None:
        """Kills what still runs."""
        self._timer.cancel()
        self._kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._stderr):
            if stream is not None:
                stream.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Programs:
    """Starts scripts, which it writes into a folder; they find the engine's name in ENGINE."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder, self._engine = folder, engine
        self._started: list[Program] = []

    def start(self, source: str, *arguments: str, **options: Any) -> Program:
        """Starts a script."""
        path = self._folder / f"program{len(self._started)}.py"
        path.write_text(f"ENGINE = {self._engine!r}\n{textwrap.dedent(source)}")
        return self._add(Program(path, *arguments, **options))

    def start_module(self, *arguments: str, **options: Any) -> Program:
        """Starts `python -m fastgo`."""
        return self._add(Program("-m", "fastgo", *arguments, **options))

    def run(self, source: str, *arguments: str, **options: Any) -> str:
        """Runs a script to its clean end and returns its output."""
        outcome = self.start(source, *arguments, **options).end()
        assert (outcome.status, outcome.err) == (0, ""), outcome
        return outcome.out

    def close(self) -> None:
        for program in self._started:
            program.close()

    def _add(self, program: Program) -> Program:
        self._started.append(program)
        return program
