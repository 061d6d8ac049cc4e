from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import report, results
from bench.bars import compare, judge
from bench.figures import Sample
from bench.rounds import Result
from bench.scenario import Beside, Scenario, row
from bench.tests.samples import IDLE, rates, sample

SCENARIO = Scenario(
    name="hello",
    rows=(row("fasthttp"), row("nethttp", 2)),
    server_cores=(0,),
    rounds=3,
    bars=(compare("requests_per_second", "nethttp/2", "fasthttp", at_least=0.5),),
)


def result(**samples: list[Sample]) -> Result:
    taken = {"fasthttp": rates(100, 50, 120), "nethttp/2": rates(60, 30, 72), **samples}
    return Result(SCENARIO, taken, tuple(judge(bar, taken) for bar in SCENARIO.bars))


def test_the_title_says_what_is_measured() -> None:
    assert report.title(SCENARIO) == (
        "hello: GET /, 64 connections, server on core 0, wrk on cores 0+1, 3 rounds of 4 s"
    )


def test_the_table_gives_medians_and_ratios_to_the_reference() -> None:
    lines = report.table(result()).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "fasthttp 100 1.000 10.00 1.000 4.00 100 500 8.0 40% 1.0% 0",
        "nethttp/2 60 0.600 10.00 1.000 4.00 100 500 8.0 40% 1.0% 0",
    ]


def test_errors_noise_and_a_saturated_wrk_are_remarked() -> None:
    faulty = [sample(errors={"read": 2, "write": 0, "status": 1})]
    doubtful = [sample(noise=0.2, load_cpu=0.99)]
    given = result(fasthttp=faulty, **{"nethttp/2": doubtful})
    assert "fasthttp !" in report.table(given)
    assert report.remarks(given) == [
        "! fasthttp: errors: 2 read, 1 status; its figures do not count",
        "~ nethttp/2: 20% of the machine went elsewhere",
        "~ nethttp/2: wrk used all of its cores; the server may be faster",
    ]


def test_the_latency_of_a_load_beside_has_columns_of_its_own() -> None:
    scenario = replace(SCENARIO, rows=(row("fasthttp"),), beside=Beside(path="/x", connections=2))
    assert "GET /, 64 connections, beside it /x, 2 connections, server" in report.title(scenario)
    taken = {"fasthttp": [sample(beside_p50_us=30.0, beside_p99_us=90.0)]}
    _, line = report.table(Result(scenario, taken, ())).splitlines()
    cells = "fasthttp 1,000 1.000 10.00 1.000 4.00 100 500 30 90 1.000 8.0 40% 1.0% 0"
    assert " ".join(line.split()) == cells


def test_a_latency_that_wrk_does_not_tell_is_no_figure() -> None:
    _, line, _ = report.table(result(fasthttp=[sample(p99_us=0.0)])).splitlines()
    assert " ".join(line.split()) == "fasthttp 1,000 1.000 10.00 1.000 4.00 100 - 8.0 40% 1.0% 0"


def test_idle_connections_are_told_by_memory_and_by_how_many_were_held() -> None:
    scenario = replace(
        SCENARIO, rows=(row("fasthttp"),), idle=True, connections=1_000, rounds=1, bars=()
    )
    assert report.title(scenario) == (
        "hello: GET / once on each of 1,000 connections, then nothing, "
        "server on core 0, client on cores 0+1, 1 round of 4 s"
    )
    lost = replace(IDLE, held=0.9, errors={"not opened": 0, "lost": 100})
    given = Result(scenario, {"fasthttp": [lost]}, ())
    _, line = report.table(given).splitlines()
    assert " ".join(line.split()) == "fasthttp ! 90.00% 1,049 1.000 20.0 21.0 0.00% 100"
    assert report.remarks(given) == [
        "! fasthttp: errors: 100 lost; its figures do not count",
    ]
    progress = report.progress(scenario, 1, scenario.rows[0], lost)
    assert " ".join(progress.split()) == (
        "round 1/1 fasthttp 90.0% held 1,049 bytes each, 100 errors"
    )
    (kept,) = json.loads(json.dumps(results.document(given)))["rows"]
    assert kept["medians"]["held"] == 0.9
    # Nobody used any CPU time: there is nothing to divide by.
    assert "idle_cpu" not in kept["ratios"]


def test_a_verdict_tells_figure_bar_and_spread() -> None:
    (verdict,) = result().verdicts
    assert report.verdict(verdict) == (
        "held: requests/s of nethttp/2 to fasthttp = 0.600, bar >= 0.5 (rounds 0.600 to 0.600)"
    )
    (verdict,) = result(fasthttp=[]).verdicts
    assert report.verdict(verdict) == (
        "not measured: requests/s of nethttp/2 to fasthttp, bar >= 0.5; without fasthttp"
    )


def test_the_file_keeps_every_sample_and_verdict(tmp_path: Path) -> None:
    file = tmp_path / "new" / "result.json"
    results.write(
        file,
        date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        arguments=["hello"],
        machine={"cpu": "a processor"},
        versions={"fasthttp": "v1.74.0"},
        results=[result()],
    )
    read = json.loads(file.read_text())
    assert (read["version"], read["date"]) == (1, "2026-01-02T03:04:05+00:00")
    (scenario,) = read["scenarios"]
    assert scenario["options"]["connections"] == 64
    first, second = scenario["rows"]
    assert (second["name"], second["server"], second["loops"]) == ("nethttp/2", "nethttp", 2)
    assert [sample["requests_per_second"] for sample in first["rounds"]] == [100, 50, 120]
    assert second["ratios"]["requests_per_second"] == {"of_rounds": 0.6, "of_medians": 0.6}
    assert scenario["bars"][0]["state"] == "held"
