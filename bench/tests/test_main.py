from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from bench import __main__ as program
from bench import command
from bench.bars import Verdict, compare
from bench.errors import BenchError
from bench.options import Options
from bench.rounds import Result
from bench.scenario import Scenario

BAR = compare("cpu_us", "a", "b", at_most=1.0)
HELD, MISSED = Verdict(BAR, "held", None), Verdict(BAR, "missed", None)
UNJUDGED = Verdict(BAR, "not measured", None, "without b")


@pytest.fixture(autouse=True)
def signal_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("verdicts", "status"), [([HELD, UNJUDGED], 0), ([HELD, MISSED], 1), ([], 0)]
)
def test_only_a_missed_bar_fails_the_run(verdicts: list[Verdict], status: int) -> None:
    assert command.main(("hello", verdict) for verdict in verdicts) == status


def test_verdicts_have_the_names_of_their_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario(name="hello", rows=(), bars=(BAR,))
    monkeypatch.setattr(program, "run", lambda *_: [Result(scenario, {}, (HELD, MISSED))])
    assert list(program.verdicts([])) == [("hello", HELD), ("hello", MISSED)]


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [(BenchError("no wrk"), 2, "bench: no wrk"), (KeyboardInterrupt(), 130, "interrupted")],
)
def test_a_run_without_result_has_a_status_of_its_own(
    error: BaseException,
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_chosen: Options, _arguments: object) -> list[Result]:
        raise error

    monkeypatch.setattr(program, "run", fail)
    assert command.main(program.verdicts([])) == status
    assert message in capsys.readouterr().err
