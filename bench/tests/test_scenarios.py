from __future__ import annotations

import pytest

from bench import report, results, scenarios, servers
from bench.answers import ROUTES
from bench.bars import judge
from bench.errors import BenchError
from bench.rounds import Result
from bench.scenario import Scenario
from bench.scenarios import SCENARIOS
from bench.tests.samples import sample


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_every_scenario_is_whole(scenario: Scenario) -> None:
    names = [row.name for row in scenario.rows]
    assert len(set(names)) == len(names)
    assert scenario.reference in names
    assert set(scenario.paths) <= set(ROUTES)
    for row in scenario.rows:
        assert set(scenario.paths) <= set(servers.find(row.server).routes)
    for bar in scenario.bars:
        assert set(bar.rows) <= set(names)
        assert bar.limit
        assert all(figure.metric in scenario.metrics for figure in (*bar.over, *bar.under))


def test_the_default_suite_takes_less_than_a_quarter_of_an_hour() -> None:
    assert sum(SCENARIOS[name].expected_seconds for name in scenarios.DEFAULT) < 900


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(BenchError, match=r"no scenario 'hello'; there are: hello-16.*, engine"):
        scenarios.find(["hello"])


def test_a_group_stands_for_its_scenarios_and_none_runs_twice() -> None:
    found = scenarios.find(["hello-16", "engine", "hello-64"])
    names = [scenario.name for scenario in found]
    assert len(set(names)) == len(names)
    assert (names[0], names[-1]) == ("hello-16", "hello-64")
    assert set(scenarios.GROUPS["engine"]) <= set(names)


@pytest.mark.parametrize("name", scenarios.GROUPS)
def test_a_group_has_a_name_of_its_own_and_scenarios_that_exist(name: str) -> None:
    assert name not in SCENARIOS
    assert set(scenarios.GROUPS[name]) <= set(SCENARIOS)


@pytest.mark.parametrize("name", scenarios.GROUPS["python"])
def test_a_peer_that_is_left_out_leaves_its_bars_unjudged(name: str) -> None:
    scenario = SCENARIOS[name]
    optional = [row.server for row in scenario.rows if servers.find(row.server).optional]
    alone = scenario.without(optional)
    samples = {row.name: [sample()] for row in alone.rows}
    verdicts = [judge(bar, samples) for bar in alone.bars]
    gone = [verdict for verdict in verdicts if verdict.state == "not measured"]
    assert {row for verdict in gone for row in verdict.bar.rows} - set(samples) <= set(optional)
    result = Result(alone, samples, tuple(verdicts))
    assert report.table(result)
    assert results.document(result)


def test_servers_that_cannot_run_are_left_out_unless_none_is_left() -> None:
    scenario = SCENARIOS["hello-16"].without({"fasthttp"})
    assert [row.name for row in scenario.rows] == ["fastgo-epoll"]
    with pytest.raises(BenchError, match="no server is left to measure without fastgo-epoll"):
        scenario.without({"fastgo-epoll"})
