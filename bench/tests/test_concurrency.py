"""bench.concurrency: its tables agree, and its peers report what they show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.bars import Verdict, compare
from bench.concurrency import __main__ as program
from bench.concurrency import measure, options, prepare, report
from bench.concurrency.comparisons import COMPARISONS, Column, Comparison, Row, contenders
from bench.concurrency.contenders import CONTENDERS, Contender, find
from bench.concurrency.figures import Sample
from bench.concurrency.measure import Result
from bench.errors import BenchError

ROWS = [(comparison, row) for comparison in COMPARISONS.values() for row in comparison.rows]
BAR = compare("ns_each", "a", "b", at_most=1.0)
TWO = Comparison(
    name="two",
    title="two",
    count=1,
    rows=(
        Row(name="a", contender="asyncio", work="seeds"),
        Row(name="b", contender="asyncio", work="seeds", floor="a"),
    ),
    columns=(),
    metric="bytes_each",
    reference="a",
    rounds=2,
)


def test_bars_are_those_that_the_project_has_set() -> None:
    bars = {bar.claim: bar.limit for each in COMPARISONS.values() for bar in each.bars}
    assert bars == {
        "seconds to spawn and run of fastgo coroutines to asyncio": "<= 0.125",
        "seconds to spawn and run of fastgo coroutines to uvloop": "<= 0.125",
        "seconds to spawn and run of fastgo coroutines to gevent": "<= 0.05",
        "seconds to spawn and run of fastgo coroutines to interpreter": "<= 1.4",
        "seconds to spawn and run of fastgo native tasks to goroutines": "<= 1.5",
        "ns each of fastgo coroutines to asyncio": "<= 0.2",
        "ns each of fastgo native tasks to goroutines": "<= 3",
        "ns of a send of fastgo native tasks": "<= 100",
        "ns of a receive of fastgo native tasks": "<= 100",
        "number in a second of native handler to channel to queue.Queue": ">= 5",
        "bytes each beyond the interpreter's of fastgo coroutines": "<= 200",
    }
    assert COMPARISONS["seeds"].count == 500_000


@pytest.mark.parametrize("comparison", COMPARISONS.values(), ids=COMPARISONS)
def test_comparisons_refer_to_their_own_rows(comparison: Comparison) -> None:
    names = [row.name for row in comparison.rows]
    assert len(set(names)) == len(names)
    assert comparison.reference in names
    for number, row in enumerate(comparison.rows):
        assert row.floor is None or row.floor in names[:number]
    assert {row for bar in comparison.bars for row in bar.rows} <= set(names)
    assert comparison.metric in {column.metric for column in comparison.columns}


@pytest.fixture(scope="module")
def prepared() -> prepare.Prepared:
    return prepare.prepare(find(name) for name in contenders(COMPARISONS.values()))


@pytest.mark.parametrize(
    ("comparison", "row"), ROWS, ids=[f"{comparison.name}-{row.name}" for comparison, row in ROWS]
)
def test_peers_report_every_figure_of_the_table(
    prepared: prepare.Prepared, comparison: Comparison, row: Row
) -> None:
    if row.contender in prepared.left_out:
        pytest.skip(prepared.left_out[row.contender])
    sample = measure.measure(replace(comparison, count=2000), replace(row, times=1.0))
    sample = measure.beyond(sample, sample if row.floor else None)
    unknown = {"bytes_beyond"} - set(sample.figures)
    assert {column.metric for column in comparison.columns} - unknown <= set(sample.figures)


def test_what_is_not_installed_is_left_out_and_the_reason_said() -> None:
    absent = Contender(
        name="absent", command=("absent",), distribution="no-such-thing", advice="pip install it"
    )
    assert prepare.prepare([absent]).left_out == {
        "absent": "absent is left out: it needs the package no-such-thing in the Python that runs "
        "the benchmarks (pip install it)"
    }
    assert TWO.without({"asyncio"}).rows == ()


def test_rounds_interleave_and_the_floor_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def take(_comparison: Comparison, row: Row) -> Sample:
        taken.append(row.name)
        return Sample(figures={"bytes_each": 100.0 * len(taken)})

    monkeypatch.setattr(measure, "measure", take)
    result = measure.run(TWO, lambda *_: None)
    assert taken == ["a", "b", "a", "b"]
    assert [sample.figures["bytes_beyond"] for sample in result.samples["b"]] == [100, 100]
    shown = replace(TWO, columns=(Column(head="beyond", metric="bytes_beyond"),))
    cells = [
        line.split()[:2] for line in report.table(replace(result, comparison=shown)).splitlines()
    ]
    assert cells[1:] == [["a", "-"], ["b", "100"]]


def test_peer_that_fails_ends_the_run_with_its_words() -> None:
    row = Row(name="a", contender="asyncio", work="no such work")
    with pytest.raises(BenchError, match=r"(?s)a: ended with 1:.*KeyError"):
        measure.measure(TWO, row)


def test_table_has_medians_and_ratios() -> None:
    comparison = replace(COMPARISONS["switch"], rows=COMPARISONS["switch"].rows[:2])
    samples = {
        row.name: [Sample(figures={"ns_each": n * 100.0, "cpu_ns_each": 1.0}) for n in numbers]
        for row, numbers in zip(comparison.rows, [(1, 2, 3), (4, 4, 30)], strict=True)
    }
    lines = report.table(Result(comparison, samples, ())).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["asyncio", "200", "1", "1.000", "1.000", "to", "1.000"],
        ["uvloop", "400", "1", "4.000", "2.000", "to", "10.000"],
    ]


def test_options_change_every_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = options.parse(["parked", "seeds", "--rounds", "2", "--count", "9", "--output", "x"])
    assert [(each.name, each.rounds, each.count) for each in chosen.comparisons] == [
        ("parked", 2, 9),
        ("seeds", 2, 9),
    ]
    assert chosen.output == Path("x")
    assert [each.name for each in options.parse([]).comparisons] == list(COMPARISONS)
    with pytest.raises(BenchError, match="see --list"):
        options.parse(["sedes"])
    with pytest.raises(SystemExit) as ended:
        options.parse(["--list"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in (*COMPARISONS, *CONTENDERS))


def test_verdicts_have_the_names_of_their_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = Verdict(BAR, "held", None)
    monkeypatch.setattr(program, "run", lambda *_: [Result(TWO, {}, (verdict,))])
    assert list(program.verdicts([])) == [(TWO.name, verdict)]
