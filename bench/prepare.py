"""What has to be there before the first measurement: wrk, Go programs, packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from bench import environments
from bench.errors import BenchError
from bench.load import require_wrk
from bench.measure import PLACES
from bench.program import ROOT
from bench.server import Server


@dataclass(frozen=True)
class Prepared:
    """The version of each server that can run, by name; what is told of those left out."""

    versions: dict[str, str]
    left_out: dict[str, str]


def prepare(servers: Iterable[Server]) -> Prepared:
    """Build and check what `servers` need."""
    require_wrk()
    wanted = list(servers)
    reasons = {server.name: missing(server) for server in wanted if server.optional}
    left_out = {name: f"{name} is left out: {why}" for name, why in reasons.items() if why}
    present = [server for server in wanted if server.name not in left_out]
    if any(server.module for server in present):
        build()
    if examples := sorted({server.example for server in present if server.example}):
        build_examples(examples)
    return Prepared(
        versions={server.name: version(server) for server in present},
        left_out=left_out,
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


def missing(server: Server) -> str | None:
    """Why a server cannot run here, and how to get what it lacks; None where it can."""
    assert server.distribution is not None
    if server.pythons:
        return environments.prepare(server.distribution, server.pythons)
    packages = tuple(dict.fromkeys((server.distribution, *server.needs)))
    reason = unusable(packages)
    return reason and (
        "it cannot be loaded by the Python that runs the benchmarks "
        f"(pip install {' '.join(packages)}): {reason}"
    )


@cache
def unusable(packages: tuple[str, ...]) -> str | None:
    """Why these packages cannot be imported: some need libraries of the system besides."""
    command = [sys.executable, "-c", f"import {', '.join(packages)}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else environments.last_line(done.stderr)


def version(server: Server) -> str:
    """The version of a server, by which results of different days can be told apart."""
    if server.pythons and server.distribution:
        return environments.version(server.distribution)
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
