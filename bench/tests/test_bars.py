from __future__ import annotations

from dataclasses import replace

import pytest

from bench.bars import Bar, compare, judge, limit, scaling, tail
from bench.figures import Figure
from bench.tests.samples import IDLE, rates, sample

LEVEL = compare("requests_per_second", "a", "b", at_least=0.95)


@pytest.mark.parametrize(("rate", "state"), [(95, "held"), (94, "missed")])
def test_a_bar_is_held_from_its_limit_on(rate: float, state: str) -> None:
    verdict = judge(LEVEL, {"a": rates(rate), "b": rates(100)})
    assert verdict.state == state
    assert verdict.figure is not None
    assert verdict.figure.median == pytest.approx(rate / 100)


def test_an_upper_limit_bounds_from_above() -> None:
    bar = compare("cpu_us", "a", "b", at_most=1.06)
    assert judge(bar, {"a": [sample(cpu_us=10.6)], "b": [sample()]}).state == "held"
    assert judge(bar, {"a": [sample(cpu_us=10.7)], "b": [sample()]}).state == "missed"


def test_errors_miss_a_bar_however_fast_the_server() -> None:
    samples = {"a": [sample(requests_per_second=9e9, errors={"status": 1})], "b": rates(1)}
    verdict = judge(LEVEL, samples)
    assert (verdict.state, verdict.reason) == ("missed", "errors from a")


def test_rows_left_out_leave_a_bar_unjudged() -> None:
    verdict = judge(LEVEL, {"a": rates(1)})
    assert (verdict.state, verdict.figure, verdict.reason) == ("not measured", None, "without b")


def test_scaling_can_be_set_against_another_servers() -> None:
    bar = scaling("a1", "a2", against=("b1", "b2"), at_least=0.98)
    samples = {"a1": rates(10), "a2": rates(19), "b1": rates(5), "b2": rates(10)}
    assert judge(bar, samples).state == "missed"
    assert judge(scaling("a1", "a2", at_least=1.88), samples).state == "held"


def test_a_figure_can_have_an_absolute_limit() -> None:
    bar = Bar(claim="p99 of a in us", over=(Figure("a", "p99_us"),), at_most=600)
    assert judge(bar, {"a": [sample()]}).state == "held"
    assert bar.limit == "<= 600"


def test_the_tail_of_a_row_is_held_against_its_own_middle() -> None:
    bar = tail("a", at_most=3)
    assert judge(bar, {"a": [sample(p50_us=100.0, p99_us=300.0)]}).state == "held"
    assert judge(bar, {"a": [sample(p50_us=100.0, p99_us=301.0)]}).state == "missed"


def test_connections_that_were_lost_miss_every_bar_on_their_row() -> None:
    bar = limit("bytes_per_connection", "a", at_most=2000)
    assert judge(bar, {"a": [IDLE]}).state == "held"
    lost = replace(IDLE, held=0.9, errors={"not opened": 0, "lost": 100})
    assert judge(bar, {"a": [lost]}).state == "missed"
