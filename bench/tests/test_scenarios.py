from __future__ import annotations

import pytest

from bench import scenarios, servers
from bench.answers import ROUTES
from bench.errors import BenchError
from bench.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_every_scenario_is_whole(scenario: Scenario) -> None:
    names = [row.name for row in scenario.rows]
    assert len(set(names)) == len(names)
    assert scenario.reference in names
    assert scenario.path in ROUTES
    for row in scenario.rows:
        assert scenario.path in servers.find(row.server).routes
    for bar in scenario.bars:
        assert set(bar.rows) <= set(names)
        assert bar.limit


def test_the_default_suite_takes_less_than_ten_minutes() -> None:
    assert sum(SCENARIOS[name].expected_seconds for name in scenarios.DEFAULT) < 600


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(BenchError, match="no scenario 'hello'; there are: hello-16"):
        scenarios.find("hello")
