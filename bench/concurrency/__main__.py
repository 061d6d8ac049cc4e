"""Run the benchmarks of fastgo.concurrency: from the root of the project."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bench import command, machine, results
from bench.bars import Verdict
from bench.command import say
from bench.concurrency import measure, options, report
from bench.concurrency.comparisons import Comparison, Row, contenders
from bench.concurrency.contenders import find
from bench.concurrency.figures import Sample
from bench.concurrency.measure import Result
from bench.concurrency.options import Options
from bench.concurrency.prepare import prepare


def run(chosen: Options, arguments: Sequence[str]) -> list[Result]:
    """Make every comparison, print its table, and keep it in the file."""
    date = datetime.now(UTC)
    file = chosen.output or results.default_file(date)
    prepared = prepare(find(name) for name in contenders(chosen.comparisons))
    for reason in prepared.left_out.values():
        say(reason)
    facts = machine.facts()
    versions = ", ".join(map(" ".join, prepared.versions.items()))
    say(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load_average']}; {versions}")

    measured: list[Result] = []
    for comparison in (each.without(prepared.left_out) for each in chosen.comparisons):
        say(f"\n{report.title(comparison)}")
        measured.append(measure.run(comparison, functools.partial(show_progress, comparison)))
        say(report.table(measured[-1]))
        report.write(
            file,
            date=date,
            arguments=arguments,
            machine=facts,
            versions=prepared.versions,
            left_out=prepared.left_out,
            results=measured,
        )
    say(f"\nall samples: {file}")
    return measured


def show_progress(comparison: Comparison, number: int, row: Row, sample: Sample) -> None:
    print(report.progress(comparison, number, row, sample), file=sys.stderr, flush=True)


def verdicts(arguments: Sequence[str]) -> Iterator[tuple[str, Verdict]]:
    """Run what the command line asks for, and yield every verdict with its comparison's name."""
    for result in run(options.parse(arguments), arguments):
        for verdict in result.verdicts:
            yield result.comparison.name, verdict


if __name__ == "__main__":
    sys.exit(command.main(verdicts(sys.argv[1:])))
