"""The scenarios: what is measured, and the bars that the figures must hold.

Adding a scenario is adding a row to SCENARIOS. Cores are numbered within those
that the run may use, so that a scenario means the same in a container.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.bars import Bar, compare, scaling
from bench.errors import BenchError


@dataclass(frozen=True, kw_only=True)
class Row:
    """A server as one scenario runs it; `loops` None is the server's own choice."""

    name: str
    server: str
    loops: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One load on several servers, in turn."""

    name: str
    rows: tuple[Row, ...]
    # The row that ratios in the table refer to.
    reference: str = "fasthttp"
    path: str = "/"
    connections: int = 64
    # Requests that a connection sends at once.
    pipeline: int = 1
    # wrk's threads; None is one for each of its cores.
    threads: int | None = None
    # Sharing all cores is how servers are compared at full load; apart, neither
    # the server nor wrk can take time from the other.
    server_cores: tuple[int, ...] = (0, 1)
    wrk_cores: tuple[int, ...] = (0, 1)
    rounds: int = 5
    seconds: int = 4
    warm_up: int = 1
    bars: tuple[Bar, ...] = ()

    @property
    def measurements(self) -> int:
        return len(self.rows) * self.rounds

    @property
    def expected_seconds(self) -> float:
        """Start, check and stop take about half a second each time."""
        return self.measurements * (self.seconds + self.warm_up + 0.5)


def row(server: str, loops: int | None = None) -> Row:
    return Row(name=server if loops is None else f"{server}/{loops}", server=server, loops=loops)


# fastgo on the fasthttp engine must cost next to nothing above fasthttp itself.
LEVEL_WITH_FASTHTTP = (
    compare("requests_per_second", "fastgo-fasthttp", "fasthttp", at_least=0.95),
    compare("cpu_us", "fastgo-fasthttp", "fasthttp", at_most=1.06),
)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="hello-16",
            connections=16,
            rows=(row("fasthttp"), row("fastgo-fasthttp")),
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="hello-64",
            connections=64,
            rows=(row("nethttp"), row("fasthttp"), row("fastgo-fasthttp")),
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="hello-256",
            connections=256,
            rows=(row("nethttp"), row("fasthttp"), row("fastgo-fasthttp")),
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="hello-64-apart",
            connections=64,
            rows=(row("nethttp"), row("fasthttp"), row("fastgo-fasthttp")),
            server_cores=(0,),
            wrk_cores=(1,),
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="hello-pipelined",
            connections=100,
            pipeline=24,
            rows=(row("fasthttp"), row("fastgo-fasthttp")),
        ),
        Scenario(
            name="fibonacci",
            path="/fibonacci",
            connections=40,
            rows=(row("nethttp"), row("fasthttp"), row("fastgo-fasthttp")),
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="fibonacci-scaling",
            path="/fibonacci",
            connections=40,
            rows=(
                row("fasthttp", 1),
                row("fasthttp", 2),
                row("fastgo-fasthttp", 1),
                row("fastgo-fasthttp", 2),
            ),
            reference="fasthttp/1",
            bars=(
                scaling("fastgo-fasthttp/1", "fastgo-fasthttp/2", at_least=1.88),
                scaling(
                    "fastgo-fasthttp/1",
                    "fastgo-fasthttp/2",
                    against=("fasthttp/1", "fasthttp/2"),
                    at_least=0.98,
                ),
            ),
        ),
        # A thread of the server's own process that computes in Python must cost
        # no more than the same loop in a process beside it.
        Scenario(
            name="busy-python",
            # The tail of latencies beside a busy loop wanders: more rounds steady it.
            rounds=7,
            connections=64,
            rows=(row("fastgo-control"), row("fastgo-busy")),
            reference="fastgo-control",
            bars=(
                compare("requests_per_second", "fastgo-busy", "fastgo-control", at_least=0.95),
                compare("cpu_us", "fastgo-busy", "fastgo-control", at_most=1.05),
                compare("p99_us", "fastgo-busy", "fastgo-control", at_most=1.3),
            ),
        ),
    )
}

# What runs when no scenario is named: the whole in less than ten minutes.
DEFAULT = ("hello-16", "hello-64", "hello-256", "hello-pipelined", "fibonacci", "busy-python")


def find(name: str) -> Scenario:
    """The scenario called `name`."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise BenchError(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}") from None
