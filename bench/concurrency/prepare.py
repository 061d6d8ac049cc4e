"""What has to be there before the first round: Go's peer, the C library, Python's packages."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import fastgo
from bench.concurrency.contenders import BIN, Contender
from bench.errors import BenchError
from bench.prepare import output

PEERS = Path(__file__).with_name("peers")
LIBRARY = BIN / "tasks.so"


@dataclass(frozen=True)
class Prepared:
    """The version of each contender that can run, by name; why the others are left out."""

    versions: dict[str, str]
    left_out: dict[str, str]


def prepare(contenders: Iterable[Contender]) -> Prepared:
    """Build what the contenders need, and find out which of them are here."""
    prepared = Prepared({}, {})
    for contender in contenders:
        if contender.distribution is not None and not _installed(contender.distribution):
            prepared.left_out[contender.name] = (
                f"{contender.name} is left out: it needs the package {contender.distribution} in "
                f"the Python that runs the benchmarks ({contender.advice})"
            )
            continue
        if contender.language == "Go":
            build_go()
        elif contender.language == "C":
            build_c()
        prepared.versions[contender.name] = _version(contender)
    return prepared


def build_go() -> None:
    """Build the program that has the goroutines."""
    if shutil.which("go") is None:
        raise BenchError("go is not on PATH; it builds the goroutines to compare with (go.dev/dl)")
    output(["go", "build", "-o", f"{BIN}/", "./bench/concurrency/peers/..."])


def build_c() -> None:
    """Build the library that has the native tasks."""
    if shutil.which("cc") is None:
        raise BenchError("cc is not on PATH; it compiles the native tasks (apt-get install gcc)")
    BIN.mkdir(exist_ok=True)
    flags = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared"]
    include = f"-I{fastgo.get_include()}"
    output(["cc", *flags, include, "-o", str(LIBRARY), str(PEERS / "tasks.c")])


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _version(contender: Contender) -> str:
    if contender.distribution is not None:
        return metadata.version(contender.distribution)
    if contender.language == "Go":
        return output(["go", "env", "GOVERSION"]).strip()
    return fastgo.__version__ if "fastgo" in contender.name else platform.python_version()
