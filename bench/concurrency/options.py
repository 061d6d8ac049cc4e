"""The command line: which comparisons, and what to change in them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.concurrency import comparisons
from bench.concurrency.comparisons import COMPARISONS, Comparison
from bench.concurrency.contenders import CONTENDERS

EPILOG = """\
examples:
  python -m bench.concurrency                       all comparisons
  python -m bench.concurrency seeds --rounds 9      one of them, with more rounds
  python -m bench.concurrency parked --count 1000000

exit status: 0 all bars held, 1 a bar missed, 2 no result, 130 interrupted
"""


@dataclass(frozen=True)
class Options:
    """What one run does; `output` None is a new file in bench/results."""

    comparisons: tuple[Comparison, ...]
    output: Path | None


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; --list prints the tables and ends the program."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.concurrency",
        description="Measure fastgo.concurrency and its peers, and hold it to its bars.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "comparisons", nargs="*", metavar="comparison", help="comparisons to run (default: all)"
    )
    parser.add_argument("--list", action="store_true", help="show comparisons and contenders")
    parser.add_argument("--rounds", type=_positive, metavar="N", help="measurements of each row")
    parser.add_argument("--count", type=_positive, metavar="N", help="how often a work is done")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="JSON file (default: a new one in bench/results)",
    )
    given = parser.parse_args(arguments)
    if given.list:
        print(listing(), end="")
        parser.exit()
    names = ("rounds", "count")
    changes = {name: value for name in names if (value := getattr(given, name)) is not None}
    chosen = comparisons.find(given.comparisons)
    return Options(tuple(replace(each, **changes) for each in chosen), given.output)


def listing() -> str:
    """The tables of comparisons and contenders, as --list shows them."""
    lines = ["comparisons:"]
    for comparison in COMPARISONS.values():
        names = ", ".join(row.name for row in comparison.rows)
        lines.append(f"  {comparison.name:<12} {comparison.title}: {names}")
    lines.append("contenders:")
    lines.extend(f"  {name:<20} {' '.join(each.command)}" for name, each in CONTENDERS.items())
    return "\n".join(lines) + "\n"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number
