from __future__ import annotations

import math

import pytest

from bench.figures import Figure, Metric, Spread, median, ratio, spread
from bench.tests.samples import rates, sample

RATE: Metric = "requests_per_second"


def test_a_spread_is_median_least_and_greatest() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_a_figure_is_the_median_of_its_rounds() -> None:
    assert median(rates(100, 300, 110), RATE) == 110


def test_what_slows_a_whole_round_divides_out() -> None:
    samples = {"a": rates(110, 55, 11), "b": rates(100, 50, 10)}
    found = ratio(samples, [Figure("a", RATE)], [Figure("b", RATE)])
    assert found.low == found.median == found.high == pytest.approx(1.1)


def test_scaling_is_compared_as_a_product_of_figures() -> None:
    samples = {"a1": rates(100), "a2": rates(190), "b1": rates(50), "b2": rates(100)}
    found = ratio(
        samples,
        [Figure("a2", RATE), Figure("b1", RATE)],
        [Figure("a1", RATE), Figure("b2", RATE)],
    )
    assert found.median == pytest.approx(0.95)


def test_one_row_is_compared_with_itself_across_metrics() -> None:
    samples = {"a": [sample(p50_us=100.0, p99_us=250.0)]}
    assert ratio(samples, [Figure("a", "p99_us")], [Figure("a", "p50_us")]).median == 2.5


def test_no_time_to_divide_by_is_infinite() -> None:
    samples = {"a": [sample(cpu_us=1.0)], "b": [sample(cpu_us=0.0)]}
    assert ratio(samples, [Figure("a", "cpu_us")], [Figure("b", "cpu_us")]).median == math.inf


def test_errors_are_summed() -> None:
    assert sample(errors={"read": 2, "status": 3}).error_count == 5
