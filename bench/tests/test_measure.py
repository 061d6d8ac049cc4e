from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bench import measure
from bench.accounting import CPU, Machine
from bench.errors import BenchError
from bench.load import Figures
from bench.measure import Usage
from bench.scenarios import SCENARIOS
from bench.tests.samples import NO_ERRORS

FIGURES = Figures(requests=100_000, seconds=2.0, p50_us=1.0, p99_us=2.0, errors=NO_ERRORS)
BEFORE = Usage(CPU(1.0, 2.0), CPU(0.5, 0.0), CPU(3.0, 0.0), 7.0, Machine(50.0, 1.0))
AFTER = Usage(CPU(2.5, 2.6), CPU(1.5, 0.0), CPU(4.0, 0.0), 7.5, Machine(54.0, 1.2))


def test_cpu_per_request_is_the_gain_in_the_window_less_the_threads_left_out() -> None:
    sample = measure.sample(FIGURES, BEFORE, AFTER, 0, wrk_cores=2)
    assert sample.requests_per_second == 50_000
    assert sample.user_us == pytest.approx(5.0)
    assert sample.system_us == pytest.approx(6.0)
    assert sample.cpu_us == pytest.approx(11.0)


def test_noise_is_what_neither_the_programs_nor_wrk_used() -> None:
    sample = measure.sample(FIGURES, BEFORE, AFTER, 0, wrk_cores=2)
    # 4 s busy and 0.2 s stolen, less 2.1 s of the server, 1 s beside it, 0.5 s of wrk.
    assert sample.noise == pytest.approx(0.6 / (2.0 * (os.cpu_count() or 1)))
    assert sample.load_cpu == pytest.approx(0.5 / 4.0)


def test_cores_are_numbered_within_those_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 4})
    assert measure.usable((0, 1)) == (4, 7)
    with pytest.raises(BenchError, match="core 2 is not there"):
        measure.usable((0, 2))


def test_a_scenario_has_one_load_or_a_small_one_beside_it() -> None:
    (only,) = measure.loads(SCENARIOS["hello-pipelined"], (0, 1), "server", "beside")
    assert (only.path, only.connections, only.pipeline, only.threads) == ("/", 100, 24, 2)
    main, beside = measure.loads(SCENARIOS["deferred"], (0, 1), "server", "beside")
    assert (main.url, beside.url) == ("server", "beside")
    assert (main.path, main.connections, main.threads) == ("/", 64, 2)
    assert (beside.path, beside.connections, beside.threads) == ("/deferred", 2, 1)


def test_latencies_of_the_load_beside_are_kept_and_its_errors_counted() -> None:
    main = measure.sample(FIGURES, BEFORE, AFTER, 0, wrk_cores=2)
    beside = replace(FIGURES, p50_us=7.0, p99_us=9.0, errors={**NO_ERRORS, "timeout": 2})
    both = measure.with_beside(main, beside)
    assert (both.p99_us, both.beside_p50_us, both.beside_p99_us) == (2.0, 7.0, 9.0)
    assert both.error_count == 2
