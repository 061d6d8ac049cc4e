"""What has to be there before the first measurement: wrk, Go programs, packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata

from bench.errors import BenchError
from bench.load import require_wrk
from bench.measure import BIN
from bench.program import ROOT
from bench.servers import Server


def prepare(servers: Iterable[Server]) -> dict[str, str]:
    """Build and check what `servers` need; returns the version of each by name."""
    require_wrk()
    wanted = list(servers)
    if any(server.module for server in wanted):
        build()
    return {server.name: version(server) for server in wanted}


def build() -> None:
    """Build every Go program in bench/peers."""
    if shutil.which("go") is None:
        raise BenchError("go is not on PATH; it builds the servers to compare with (go.dev/dl)")
    output(["go", "build", "-o", f"{BIN}/", "./bench/peers/..."])


def version(server: Server) -> str:
    """The version of a server, by which results of different days can be told apart."""
    if server.distribution is not None:
        try:
            return metadata.version(server.distribution)
        except metadata.PackageNotFoundError:
            raise BenchError(
                f"{server.name} needs the package {server.distribution}: "
                "install it for the Python that runs the benchmarks"
            ) from None
    if server.module is not None:
        return linked(server.module, output(["go", "version", "-m", str(BIN / server.name)]))
    return "unknown"


def linked(module: str, build_info: str) -> str:
    """The version of a module that `go version -m` reports of a program."""
    lines = [line.split() for line in build_info.splitlines()]
    if module == "std":
        return lines[0][-1]
    for words in lines:
        if words[:2] == ["dep", module]:
            return words[2]
    raise BenchError(f"{module} is not linked into the program:\n{build_info}")


def output(command: list[str]) -> str:
    """What a command prints; raises BenchError with its messages when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(command)}` failed:\n{done.stderr}")
    return done.stdout
