from __future__ import annotations

from pathlib import Path

import pytest

from bench import idle, options, scenarios
from bench.errors import BenchError
from bench.scenarios import SCENARIOS
from bench.server import Server
from bench.servers import SERVERS


def test_without_arguments_the_default_suite_runs_unchanged() -> None:
    chosen = options.parse([])
    suite = tuple(SCENARIOS[name] for name in scenarios.DEFAULT)
    assert chosen.scenarios == tuple(options.sized(scenario) for scenario in suite)
    assert chosen.output is None


def test_a_number_of_connections_left_to_the_machine_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle, "most_connections", lambda: 77)
    assert [s.connections for s in options.parse(["idle", "hello-64"]).scenarios] == [77, 64]
    assert options.parse(["idle", "--connections", "5"]).scenarios[0].connections == 5


def test_a_named_scenario_takes_the_changes() -> None:
    words = "hello-64 --connections 8 --rounds 2 --server-cores 1,0 --wrk-cores 1 --output a.json"
    chosen = options.parse(words.split())
    (scenario,) = chosen.scenarios
    assert (scenario.name, scenario.connections, scenario.rounds) == ("hello-64", 8, 2)
    assert (scenario.server_cores, scenario.wrk_cores) == ((0, 1), (1,))
    assert scenario.bars == SCENARIOS["hello-64"].bars
    assert chosen.output == Path("a.json")


def test_servers_replace_the_rows_and_loops_set_them_all() -> None:
    (scenario,) = options.parse(
        ["hello-64", "--servers", "fasthttp,nethttp", "--loops", "1"]
    ).scenarios
    assert [(row.server, row.loops) for row in scenario.rows] == [("fasthttp", 1), ("nethttp", 1)]


@pytest.mark.parametrize("words", [["hello"], ["hello-64", "--servers", "apache"]])
def test_unknown_names_are_refused(words: list[str]) -> None:
    with pytest.raises(BenchError, match="there are:"):
        options.parse(words)


def test_a_server_without_the_path_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    greeter = Server(name="greeter", command=("greeter",), routes=("/",))
    monkeypatch.setitem(SERVERS, "greeter", greeter)
    with pytest.raises(BenchError, match="greeter does not serve /fibonacci"):
        options.parse(["fibonacci", "--servers", "greeter"])
    with pytest.raises(BenchError, match="greeter does not serve /deferred"):
        options.parse(["deferred", "--servers", "greeter"])


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--wrk-cores", "-1"], ["--path", "/no"]])
def test_wrong_values_end_with_status_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options.parse(words)
    assert ended.value.code == 2


def test_list_names_every_scenario_and_server() -> None:
    text = options.listing()
    assert "* hello-64 " in text
    assert "  fibonacci " in text
    assert "  engine " in text
    assert "fastgo_server --engine=fasthttp" in text
