"""Who is compared: programs that take a work and a number, and print their figures.

Adding a contender is adding a row to CONTENDERS, and a module to peers/.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.errors import BenchError

BIN = Path(__file__).resolve().parent.parent / "bin"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A program; it is left out of a run where its distribution is not installed."""

    name: str
    command: tuple[str, ...]
    # What the run has to build for it.
    language: Literal["Python", "C", "Go"] = "Python"
    distribution: str | None = None
    advice: str = ""

    def words(self, work: str, count: int) -> list[str]:
        """The command line that does a work so many times."""
        return [*self.command, work, str(count)]


def _python(
    name: str, module: str, *, distribution: str | None = None, advice: str = ""
) -> Contender:
    return Contender(
        name=name,
        command=(sys.executable, "-m", f"bench.concurrency.peers.{module}"),
        distribution=distribution,
        advice=advice or f"pip install {distribution}",
    )


# Its source is for the Cython of before 3.0, and for the setuptools of that time.
PYGOLANG = "printf 'cython<3\\nsetuptools<70' > old; PIP_CONSTRAINT=$PWD/old pip install pygolang"

CONTENDERS: Mapping[str, Contender] = {
    contender.name: contender
    for contender in (
        _python("interpreter", "interpreter"),
        _python("asyncio", "asyncio_tasks"),
        _python("uvloop", "uvloop_tasks", distribution="uvloop"),
        _python("gevent", "gevent_greenlets", distribution="gevent"),
        Contender(
            name="PyGolang on gevent",
            command=(
                str(Path(sys.executable).with_name("gpython")),
                "-m",
                "bench.concurrency.peers.pygolang_goroutines",
            ),
            distribution="pygolang",
            advice=PYGOLANG,
        ),
        _python(
            "PyGolang on threads", "pygolang_goroutines", distribution="pygolang", advice=PYGOLANG
        ),
        Contender(name="goroutines", command=(str(BIN / "goroutines"),), language="Go"),
        _python("fastgo coroutines", "fastgo_coroutines"),
        Contender(
            name="fastgo native tasks",
            command=(sys.executable, "-m", "bench.concurrency.peers.fastgo_native"),
            language="C",
        ),
        _python("queue.Queue", "queue_threads"),
    )
}


def find(name: str) -> Contender:
    try:
        return CONTENDERS[name]
    except KeyError:
        raise BenchError(f"there is no contender {name!r}; see --list") from None
