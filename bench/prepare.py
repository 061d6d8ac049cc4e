"""What has to be there before the first measurement: wrk, Go programs, packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from bench.errors import BenchError
from bench.load import require_wrk
from bench.measure import PLACES
from bench.program import ROOT
from bench.servers import Server


@dataclass(frozen=True)
class Prepared:
    """The version of each server that can run, by name; what is told of those left out."""

    versions: dict[str, str]
    left_out: dict[str, str]


def prepare(servers: Iterable[Server]) -> Prepared:
    """Build and check what `servers` need."""
    require_wrk()
    wanted = list(servers)
    absent = [server for server in wanted if server.optional and not installed(server)]
    present = [server for server in wanted if server not in absent]
    if any(server.module for server in present):
        build()
    if examples := sorted({server.example for server in present if server.example}):
        build_examples(examples)
    return Prepared(
        versions={server.name: version(server) for server in present},
        left_out={server.name: advice(server) for server in absent},
    )


def build() -> None:
    """Build every Go program in bench/peers."""
    if shutil.which("go") is None:
        raise BenchError("go is not on PATH; it builds the servers to compare with (go.dev/dl)")
    output(["go", "build", "-o", f"{PLACES['bin']}/", "./bench/peers/..."])


def build_examples(languages: Iterable[str]) -> None:
    """Build the native handlers of these languages; those of Numba build themselves."""
    targets = [language for language in languages if language != "numba"]
    if targets:
        folder = str(ROOT / "examples" / "native")
        output(["make", "-C", folder, f"PYTHON={sys.executable}", *targets])


def installed(server: Server) -> bool:
    """Whether this Python has the distribution that `server` comes in."""
    if server.distribution is None:
        return True
    try:
        metadata.version(server.distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def advice(server: Server) -> str:
    """How to get the distribution that `server` comes in."""
    return (
        f"{server.name} is left out: it needs the package {server.distribution} in the Python "
        f"that runs the benchmarks (pip install {server.distribution})"
    )


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
        program = server.words(None, PLACES)[0]
        return linked(server.module, output(["go", "version", "-m", program]))
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
