"""What is compared, and the bars that the figures must hold.

Adding a comparison is adding a row to COMPARISONS, and the work to its contenders.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.bars import Bar, compare, limit
from bench.concurrency.contenders import find as find_contender
from bench.concurrency.figures import Sample
from bench.errors import BenchError
from bench.figures import Metric, median


@dataclass(frozen=True, kw_only=True)
class Row:
    """A contender as one comparison runs it."""

    name: str
    contender: str
    work: str
    # How often it is done, against what the comparison says: more for what is done faster.
    times: float = 1.0
    # How many cores it may use; None is all.
    cores: int | None = None
    # A row before it, whose bytes it has as well.
    floor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A figure of a table: the median of the rounds."""

    head: str
    metric: Metric
    text: str = "{:,.0f}"

    def cell(self, samples: Sequence[Sample]) -> str:
        """What the table shows."""
        return self.text.format(median(samples, self.metric)) if self.is_known(samples) else "-"

    def is_known(self, samples: Sequence[Sample]) -> bool:
        """Whether the row has the figure."""
        return all(self.metric in sample.figures for sample in samples)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One work, done by several contenders in turn."""

    name: str
    title: str
    count: int
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    # What ratios in the table are of, and to which row.
    metric: Metric
    reference: str
    bars: tuple[Bar, ...] = ()
    rounds: int = 5

    def without(self, contenders: Container[str]) -> Comparison:
        """The comparison without the rows of these contenders."""
        return replace(
            self, rows=tuple(row for row in self.rows if row.contender not in contenders)
        )


def rows(work: str, *names: str, **options: Any) -> tuple[Row, ...]:
    """A row for each contender, under its own name."""
    return tuple(Row(name=name, contender=name, work=work, **options) for name in names)


EVENT_LOOPS = ("asyncio", "uvloop", "gevent")
PYGOLANG = ("PyGolang on gevent", "PyGolang on threads")
NATIVE = ("goroutines", "fastgo native tasks")
SECONDS = (
    Column(head="spawn s", metric="spawn_seconds", text="{:.3f}"),
    Column(head="run s", metric="run_seconds", text="{:.3f}"),
    Column(head="total s", metric="total_seconds", text="{:.3f}"),
    Column(head="CPU s", metric="cpu_seconds", text="{:.3f}"),
)
EACH = (
    Column(head="ns each", metric="ns_each"),
    Column(head="CPU ns each", metric="cpu_ns_each"),
)
ATTEMPTS = (
    Column(head="send ns", metric="send_ns", text="{:.1f}"),
    Column(head="receive ns", metric="receive_ns", text="{:.1f}"),
)


def _at_most(metric: Metric, row: str, bars: dict[str, float]) -> tuple[Bar, ...]:
    return tuple(compare(metric, row, to, at_most=most) for to, most in bars.items())


def _attempts(name: str, work: str, what: str) -> Comparison:
    return Comparison(
        name=name,
        title=f"sends and receives that never wait, of {what}, on a channel of 1,024",
        count=5_000_000,
        rows=rows(work, "goroutines", "fastgo native tasks"),
        columns=ATTEMPTS,
        metric="send_ns",
        reference="goroutines",
        bars=(
            limit("send_ns", "fastgo native tasks", at_most=100),
            limit("receive_ns", "fastgo native tasks", at_most=100),
        ),
    )


COMPARISONS = {
    comparison.name: comparison
    for comparison in (
        Comparison(
            name="seeds",
            title="500,000 that do nothing: spawned, then run",
            count=500_000,
            rows=(
                *rows("seeds", "interpreter", *EVENT_LOOPS, *PYGOLANG),
                *rows("seeds", "goroutines", "fastgo coroutines", "fastgo native tasks"),
                Row(
                    name="fastgo native tasks, by go()",
                    contender="fastgo native tasks",
                    work="seeds-from-python",
                ),
            ),
            columns=SECONDS,
            metric="total_seconds",
            reference="interpreter",
            bars=(
                *_at_most(
                    "total_seconds",
                    "fastgo coroutines",
                    {"asyncio": 1 / 8, "uvloop": 1 / 8, "gevent": 1 / 20, "interpreter": 1.4},
                ),
                *_at_most("total_seconds", "fastgo native tasks", {"goroutines": 1.5}),
            ),
        ),
        Comparison(
            name="ping-pong",
            title="there and back between two, over unbuffered channels (asyncio: queues)",
            count=100_000,
            rows=(
                *rows("ping-pong", *EVENT_LOOPS, *PYGOLANG),
                *rows("ping-pong", "fastgo coroutines", times=5),
                *rows("ping-pong", *NATIVE, times=20),
            ),
            columns=EACH,
            metric="ns_each",
            reference="asyncio",
            bars=(
                *_at_most("ns_each", "fastgo coroutines", {"asyncio": 1 / 5}),
                *_at_most("ns_each", "fastgo native tasks", {"goroutines": 3}),
            ),
        ),
        _attempts("try", "try", "integers"),
        _attempts("try-bytes", "try-bytes", "100 bytes"),
        Comparison(
            name="messages",
            title="messages of 100 bytes to a consumer in Python: from a native handler by a "
            "channel, from a thread by a queue.Queue",
            count=1_000_000,
            rows=(
                *rows("messages", "queue.Queue", times=0.2),
                Row(
                    name="native handler to channel",
                    contender="fastgo native tasks",
                    work="messages",
                ),
            ),
            columns=(Column(head="messages/s", metric="per_second"), *EACH),
            metric="per_second",
            reference="queue.Queue",
            bars=(compare("per_second", "native handler to channel", "queue.Queue", at_least=5),),
        ),
        Comparison(
            name="parked",
            title="resident memory of 100,000 that wait",
            count=100_000,
            rows=(
                *rows("parked", "interpreter", "gevent", *NATIVE),
                *rows("parked", "asyncio", "fastgo coroutines", floor="interpreter"),
            ),
            columns=(
                Column(head="bytes each", metric="bytes_each"),
                Column(head="beyond the interpreter's", metric="bytes_beyond"),
            ),
            metric="bytes_each",
            reference="interpreter",
            bars=(limit("bytes_beyond", "fastgo coroutines", at_most=200),),
            rounds=3,
        ),
        Comparison(
            name="switch",
            title="1,000 that take turns, on one core: each turn",
            count=1_000_000,
            rows=(
                *rows("switch", *EVENT_LOOPS, "fastgo coroutines", cores=1),
                *rows("switch", *NATIVE, times=10, cores=1),
            ),
            columns=EACH,
            metric="ns_each",
            reference="asyncio",
        ),
        Comparison(
            name="scaling",
            title="64 that compute, on one core and on all: steps",
            count=1_000_000_000,
            rows=(
                *(
                    Row(name=f"{name}, one core", contender=name, work="scaling", cores=1)
                    for name in NATIVE
                ),
                *(
                    Row(name=f"{name}, all cores", contender=name, work="scaling")
                    for name in NATIVE
                ),
            ),
            columns=(Column(head="steps/s", metric="per_second"),),
            metric="per_second",
            reference="fastgo native tasks, one core",
        ),
    )
}


def find(names: Sequence[str]) -> list[Comparison]:
    """The comparisons of these names, in this order, once each; all where there are none."""
    for name in names:
        if name not in COMPARISONS:
            raise BenchError(f"there is no comparison {name!r}; see --list")
    return [COMPARISONS[name] for name in dict.fromkeys(names or COMPARISONS)]


def contenders(chosen: Iterable[Comparison]) -> list[str]:
    """The contenders that take part, each once."""
    names = (row.contender for comparison in chosen for row in comparison.rows)
    return [find_contender(name).name for name in dict.fromkeys(names)]
