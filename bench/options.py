"""The command line: which scenarios, and what to change in them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import idle, scenarios, servers
from bench.answers import ROUTES
from bench.errors import BenchError
from bench.scenario import Row, Scenario

EPILOG = """\
examples:
  python -m bench                                   all scenarios that make up the suite
  python -m bench hello-64 --rounds 9               one of them, with more rounds
  python -m bench hello-64 --servers fasthttp,fastgo-fasthttp --connections 512
  python -m bench hello-64 --server-cores 0 --wrk-cores 1 --loops 1
  python -m bench engine                            what fastgo's own event loops promise
  python -m bench idle --connections 5000 --seconds 3

exit status: 0 all bars held, 1 a bar missed, 2 no result, 130 interrupted
"""


@dataclass(frozen=True)
class Options:
    """What one run does; `output` None is a new file in bench/results."""

    scenarios: tuple[Scenario, ...]
    output: Path | None


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; --list prints the tables and ends the program."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.list:
        parser.exit(message=listing())
    changes = {field: value for field in CHANGEABLE if (value := getattr(given, field)) is not None}
    chosen = scenarios.find(given.scenarios or scenarios.DEFAULT)
    return Options(
        scenarios=tuple(
            checked(sized(with_rows(replace(scenario, **changes), given.servers, given.loops)))
            for scenario in chosen
        ),
        output=given.output,
    )


# Options that are fields of a scenario, under the same name.
CHANGEABLE = (
    "connections", "path", "pipeline", "reference", "rounds", "seconds", "server_cores",
    "threads", "warm_up", "wrk_cores",
)  # fmt: skip


def with_rows(scenario: Scenario, names: Sequence[str] | None, loops: int | None) -> Scenario:
    """The scenario with other servers, or another number of loops, where asked for."""
    rows = scenario.rows
    if names is not None:
        rows = tuple(Row(name=name, server=servers.find(name).name) for name in names)
    if loops is not None:
        rows = tuple(replace(row, loops=loops) for row in rows)
    return replace(scenario, rows=rows)


def sized(scenario: Scenario) -> Scenario:
    """The scenario with a number of connections, where it leaves that to the machine."""
    return (
        scenario if scenario.connections else replace(scenario, connections=idle.most_connections())
    )


def checked(scenario: Scenario) -> Scenario:
    """The scenario, if every server in it has the paths that are asked for."""
    for row in scenario.rows:
        for path in scenario.paths:
            if path not in servers.find(row.server).routes:
                raise BenchError(f"{scenario.name}: {row.server} does not serve {path}")
    return scenario


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure fastgo and its peers with wrk, and hold them to their bars.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="scenario",
        help=f"scenarios, or groups of them, to run (default: {' '.join(scenarios.DEFAULT)})",
    )
    parser.add_argument("--list", action="store_true", help="show scenarios and servers, and end")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="JSON file (default: a new one in bench/results)",
    )
    _add_changes(parser.add_argument_group("changes to the scenarios"))
    return parser


def _add_changes(group: argparse._ArgumentGroup) -> None:
    def add(name: str, kind: type, metavar: str, text: str) -> None:
        group.add_argument(name, type=kind, metavar=metavar, help=text)

    group.add_argument("--servers", type=_names, metavar="A,B", help="servers, in this order")
    add("--reference", str, "ROW", "row that the ratios of the table refer to")
    group.add_argument("--path", choices=sorted(ROUTES), help="what is asked for")
    group.add_argument("--connections", type=_positive, metavar="N", help="open connections")
    group.add_argument("--pipeline", type=_positive, metavar="N", help="requests sent at once")
    group.add_argument("--loops", type=_positive, metavar="N", help="event loops of each server")
    group.add_argument(
        "--threads", type=_positive, metavar="N", help="wrk's threads (default: one for each core)"
    )
    group.add_argument(
        "--server-cores", type=_cores, metavar="0,1", help="cores of the servers, from 0"
    )
    group.add_argument("--wrk-cores", type=_cores, metavar="0,1", help="cores of wrk, from 0")
    group.add_argument("--rounds", type=_positive, metavar="N", help="measurements of each server")
    group.add_argument("--seconds", type=_positive, metavar="N", help="length of a measurement")
    group.add_argument("--warm-up", type=_positive, metavar="N", help="seconds of load before it")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number


def _cores(text: str) -> tuple[int, ...]:
    cores = tuple(sorted({int(word) for word in text.split(",")}))
    if cores[0] < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a list of core numbers from 0 up")
    return cores


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split(",")))


def listing() -> str:
    """The tables of scenarios and servers, as --list shows them."""
    lines = ["scenarios (* in the default suite):"]
    for scenario in scenarios.SCENARIOS.values():
        star = "*" if scenario.name in scenarios.DEFAULT else " "
        names = ", ".join(row.name for row in scenario.rows)
        lines.append(f"{star} {scenario.name:<26} {scenario.work}: {names}")
    lines.append("groups of scenarios:")
    lines.extend(f"  {name:<26} {', '.join(group)}" for name, group in scenarios.GROUPS.items())
    lines.append("servers:")
    lines.extend(f"  {name:<26} {' '.join(s.command)}" for name, s in servers.SERVERS.items())
    return "\n".join(lines) + "\n"
