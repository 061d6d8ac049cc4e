"""Run the benchmarks: `python -m bench`, from the root of the project."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bench import command, machine, options, report, results, rounds, servers
from bench.bars import Verdict
from bench.command import say
from bench.figures import Measurement
from bench.options import Options
from bench.prepare import prepare
from bench.rounds import Result
from bench.scenario import Row, Scenario


def run(chosen: Options, arguments: Sequence[str]) -> list[Result]:
    """Measure every scenario, print its table, and keep it in the file."""
    date = datetime.now(UTC)
    file = chosen.output or results.default_file(date)
    rows = [row for scenario in chosen.scenarios for row in scenario.rows]
    prepared = prepare(servers.find(name) for name in dict.fromkeys(row.server for row in rows))
    for advice in prepared.left_out.values():
        say(advice)
    wanted = [scenario.without(prepared.left_out) for scenario in chosen.scenarios]
    versions = prepared.versions
    facts = machine.facts()
    seconds = sum(scenario.expected_seconds for scenario in wanted)
    say(f"{facts['cpu']}, {facts['cores']} cores; {', '.join(map(' '.join, versions.items()))}")
    say(f"about {seconds / 60:.1f} minutes")

    measured: list[Result] = []
    for scenario in wanted:
        say(f"\n{report.title(scenario)}")
        measured.append(rounds.run(scenario, functools.partial(show_progress, scenario)))
        show(measured[-1])
        results.write(
            file,
            date=date,
            arguments=arguments,
            machine=facts,
            versions=versions,
            results=measured,
        )
    say(f"\nall samples: {file}")
    return measured


def show(result: Result) -> None:
    say(report.table(result))
    for remark in report.remarks(result):
        say(f"  {remark}")


def show_progress(scenario: Scenario, number: int, row: Row, sample: Measurement) -> None:
    print(report.progress(scenario, number, row, sample), file=sys.stderr, flush=True)


def verdicts(arguments: Sequence[str]) -> Iterator[tuple[str, Verdict]]:
    """Run what the command line asks for, and yield every verdict with its scenario's name."""
    for result in run(options.parse(arguments), arguments):
        for verdict in result.verdicts:
            yield result.scenario.name, verdict


if __name__ == "__main__":
    sys.exit(command.main(verdicts(sys.argv[1:])))
