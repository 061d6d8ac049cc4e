"""The scenarios that can be run: adding one is adding a row to SCENARIOS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from bench.bars import Bar, compare, limit, scaling, tail
from bench.errors import BenchError
from bench.figures import Metric
from bench.python_scenarios import PYTHON_SCENARIOS
from bench.scenario import Beside, Scenario, row

# fastgo on the fasthttp engine must cost next to nothing above fasthttp itself.
LEVEL_WITH_FASTHTTP = (
    compare("requests_per_second", "fastgo-fasthttp", "fasthttp", at_least=0.95),
    compare("cpu_us", "fastgo-fasthttp", "fasthttp", at_most=1.06),
)


def ahead_of_fasthttp(
    *,
    rate: float,
    cpu: float,
    user: float | None = None,
    p99: float | None = None,
) -> tuple[Bar, ...]:
    """How far fastgo's own event loops must be ahead of fasthttp."""
    most: tuple[tuple[Metric, float | None], ...] = (
        ("cpu_us", cpu),
        ("user_us", user),
        ("p99_us", p99),
    )
    return (
        compare("requests_per_second", "fastgo-epoll", "fasthttp", at_least=rate),
        *(
            compare(metric, "fastgo-epoll", "fasthttp", at_most=bound)
            for metric, bound in most
            if bound is not None
        ),
    )


def fibonacci_scaling(name: str, server: str, *more: Bar) -> Scenario:
    """How the throughput of a server grows from one event loop to two."""
    few, many = f"{server}/1", f"{server}/2"
    yardstick = ("fasthttp/1", "fasthttp/2")
    return Scenario(
        name=name,
        path="/fibonacci",
        connections=40,
        threads=1,  # of wrk, whose time two loops do not have
        rows=(row("fasthttp", 1), row("fasthttp", 2), row(server, 1), row(server, 2)),
        reference="fasthttp/1",
        seconds=2,
        bars=(
            scaling(few, many, at_least=1.88),
            scaling(few, many, against=yardstick, at_least=0.98),
            *more,
        ),
    )


def native_fibonacci() -> Scenario:
    """The same loop in several languages, on one event loop and two; and in Python."""
    compiled = ("fastgo-go", "native-c", "native-cython", "native-numba", "native-rust")
    return Scenario(
        name="native-fibonacci",
        path="/fibonacci/1000000",
        # Few, as Python takes so long that requests wait for each other; and one thread of
        # wrk, whose time two loops do not have.
        connections=8,
        threads=1,
        rows=tuple(
            row(server, loops)
            for server in (*compiled, "granian", "robyn-python")
            for loops in (1, 2)
        ),
        reference="fastgo-go/1",
        seconds=2,
        bars=(
            *(scaling(f"{server}/1", f"{server}/2", at_least=1.88) for server in compiled),
            *(
                compare("requests_per_second", f"{one}/2", f"{other}/2", at_least=0.9, at_most=1.1)
                for one, other in combinations(compiled, 2)
            ),
        ),
    )


# Two seconds do where no bar rests on the user part of CPU time, which only a longer
# run steadies.
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="hello-16",
            connections=16,
            rows=(row("fasthttp"), row("fastgo-epoll")),
            seconds=2,
            bars=ahead_of_fasthttp(rate=1.0, cpu=1.0),
        ),
        Scenario(
            name="hello-40",
            connections=40,
            rows=(row("fasthttp"), row("fastgo-epoll")),
            seconds=3,
            bars=ahead_of_fasthttp(rate=1.1, cpu=0.88, user=0.45, p99=0.5),
        ),
        Scenario(
            name="hello-64",
            connections=64,
            rows=(row("fasthttp"), row("fastgo-fasthttp"), row("fastgo-epoll")),
            seconds=2,
            bars=LEVEL_WITH_FASTHTTP,
        ),
        Scenario(
            name="hello-256",
            connections=256,
            rows=(
                row("nethttp"),
                row("fasthttp"),
                row("fastgo-fasthttp"),
                row("fastgo-epoll"),
                row("robyn-const"),
            ),
            seconds=3,
            bars=(
                *LEVEL_WITH_FASTHTTP,
                *ahead_of_fasthttp(rate=1.15, cpu=0.80, user=0.40, p99=0.7),
                compare("requests_per_second", "fastgo-epoll", "nethttp", at_least=1.9),
                compare("requests_per_second", "fastgo-epoll", "robyn-const", at_least=1.0),
                compare("user_us", "fastgo-epoll", "robyn-const", at_most=0.60),
            ),
        ),
        Scenario(
            name="hello-64-apart",
            connections=64,
            rows=(row("fasthttp"), row("fastgo-epoll")),
            server_cores=(0,),
            wrk_cores=(1,),
            seconds=3,
            bars=ahead_of_fasthttp(rate=1.03, cpu=0.90, user=0.45, p99=0.6),
        ),
        Scenario(
            name="hello-pipelined",
            connections=100,
            pipeline=24,
            rows=(row("fasthttp"), row("fastgo-epoll")),
            seconds=2,
            bars=ahead_of_fasthttp(rate=1.7, cpu=0.52),
        ),
        Scenario(
            name="fibonacci",
            path="/fibonacci",
            connections=40,
            rows=(row("nethttp"), row("fasthttp"), row("fastgo-fasthttp"), row("fastgo-epoll")),
            bars=(tail("fastgo-epoll", at_most=3),),
        ),
        fibonacci_scaling(
            "fibonacci-scaling",
            "fastgo-epoll",
            tail("fastgo-epoll/2", at_most=3),
        ),
        fibonacci_scaling("fibonacci-scaling-fasthttp", "fastgo-fasthttp"),
        # What a parameter costs, in the path and in the answer.
        Scenario(
            name="template",
            path="/greeting/42",
            connections=256,
            rows=(row("fastgo-constant"), row("fastgo-template")),
            reference="fastgo-constant",
            rounds=7,
            seconds=3,
            bars=(
                compare("requests_per_second", "fastgo-template", "fastgo-constant", at_least=0.97),
            ),
        ),
        Scenario(
            name="routes-10000",
            connections=256,
            rows=(row("fastgo-epoll"), row("fastgo-many")),
            reference="fastgo-epoll",
            rounds=7,
            seconds=3,
            bars=(compare("requests_per_second", "fastgo-many", "fastgo-epoll", at_least=0.98),),
        ),
        *PYTHON_SCENARIOS,
        # What a handler in compiled code costs above one in Go: the call, and the writing.
        Scenario(
            name="native-hello",
            connections=256,
            rows=(
                row("nethttp"),
                row("fasthttp"),
                row("fastgo-epoll"),
                row("native-c"),
                row("native-cython"),
            ),
            reference="fastgo-epoll",
            rounds=7,
            seconds=3,
            bars=(
                compare("requests_per_second", "native-cython", "fastgo-epoll", at_least=0.96),
                # What Cython and Lwan reached in 2018.
                compare("requests_per_second", "native-cython", "fasthttp", at_least=1.4),
                compare("requests_per_second", "native-cython", "nethttp", at_least=2),
            ),
        ),
        Scenario(
            name="native-greet",
            path="/hello/World",
            connections=256,
            rows=(row("fastgo-greet"), row("native-c")),
            reference="fastgo-greet",
            rounds=7,
            seconds=3,
            bars=(compare("cpu_us", "native-c", "fastgo-greet", at_most=1.06),),
        ),
        native_fibonacci(),
        # Objects per second are 25,000 times the requests: in the memory of a request, and
        # by Python loops.
        Scenario(
            name="native-objects",
            path="/objects/25000",
            connections=16,
            rows=tuple(
                row(server, loops)
                for server in ("native-cython", "granian-cdef", "granian")
                for loops in (1, 2)
            ),
            reference="native-cython/1",
            seconds=2,
            bars=(
                scaling("native-cython/1", "native-cython/2", at_least=1.8),
                compare("requests_per_second", "native-cython/1", "granian-cdef/1", at_least=10),
            ),
        ),
        # Event loops that are busy must leave goroutines their turn.
        Scenario(
            name="deferred",
            connections=64,
            beside=Beside(path="/deferred", connections=2),
            rows=(row("deferred-fasthttp"), row("deferred-epoll")),
            reference="deferred-fasthttp",
            seconds=2,
            bars=(compare("beside_p99_us", "deferred-epoll", "deferred-fasthttp", at_most=3),),
        ),
        Scenario(
            name="idle",
            idle=True,
            connections=0,
            rows=(row("fasthttp"), row("fastgo-fasthttp"), row("fastgo-epoll")),
            rounds=1,
            seconds=10,
            bars=(
                limit("held", "fastgo-epoll", at_least=1),
                limit("bytes_per_connection", "fastgo-epoll", at_most=1024),
                limit("idle_cpu", "fastgo-epoll", at_most=0.01),
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
            seconds=3,
            bars=(
                compare("requests_per_second", "fastgo-busy", "fastgo-control", at_least=0.95),
                compare("cpu_us", "fastgo-busy", "fastgo-control", at_most=1.05),
                compare("p99_us", "fastgo-busy", "fastgo-control", at_most=1.3),
            ),
        ),
    )
}

# Names that stand for several scenarios.
GROUPS = {
    # What fastgo's own event loops promise.
    "engine": (
        "hello-256",
        "hello-64-apart",
        "hello-40",
        "hello-16",
        "hello-pipelined",
        "fibonacci-scaling",
        "deferred",
        "idle",
    ),
    # What the table and the handlers that it names promise.
    "routes": ("template", "routes-10000"),
    # What functions of Python promise.
    "python": tuple(scenario.name for scenario in PYTHON_SCENARIOS),
    # What handlers in compiled code promise.
    "native": ("native-hello", "native-greet", "native-fibonacci", "native-objects"),
}

# What runs when no scenario is named: the whole in less than a quarter of an hour.
DEFAULT = (*GROUPS["engine"], *GROUPS["routes"], "hello-64", "busy-python")


def find(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of these names, each once; the name of a group stands for all in it."""
    single = [member for name in names for member in GROUPS.get(name, (name,))]
    return [_find(name) for name in dict.fromkeys(single)]


def _find(name: str) -> Scenario:
    try:
        return SCENARIOS[name]
    except KeyError:
        known = ", ".join((*SCENARIOS, *GROUPS))
        raise BenchError(f"no scenario {name!r}; there are: {known}") from None
