from __future__ import annotations

import pytest

from bench import servers
from bench.errors import BenchError
from bench.program import ROOT
from bench.server import READY, Server, ready_url
from bench.servers import SERVERS

PLACES = {"python": "python3", "bin": "bin", "environments": "environments"}


@pytest.mark.parametrize(
    ("line", "ready"),
    [
        ("http://127.0.0.1:8080\n", ("http://127.0.0.1:8080", ())),
        ("http://127.0.0.1:8080 thread=77\n", ("http://127.0.0.1:8080", (77,))),
        ("INFO: listening at http://localhost:80/ now", ("http://localhost:80", ())),
        ("starting\n", None),
    ],
)
def test_a_ready_line_tells_the_url_and_the_thread_to_leave_out(
    line: str, ready: tuple[str, tuple[int, ...]] | None
) -> None:
    assert ready_url(READY, line) == ready


def test_the_number_of_loops_is_added_only_when_it_is_asked_for() -> None:
    fasthttp = servers.find("fasthttp")
    assert fasthttp.words(None, PLACES) == ["bin/fasthttp"]
    assert fasthttp.words(2, PLACES) == ["bin/fasthttp", "-loops=2"]


def test_a_server_without_a_choice_of_loops_refuses_one() -> None:
    with pytest.raises(BenchError, match="loops cannot be chosen"):
        Server(name="fixed", command=("fixed",)).words(2, PLACES)


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_every_command_has_only_known_places(server: Server) -> None:
    for loops in (None, 2) if server.loops else (None,):
        assert all("{" not in word for word in server.words(loops, PLACES))


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_every_module_of_a_command_exists(server: Server) -> None:
    modules = [word for word in (*server.command, *server.companion) if word.startswith("bench.")]
    for module in modules:
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


def test_an_unknown_server_is_told_with_those_there_are() -> None:
    with pytest.raises(BenchError, match="no server 'apache'; there are: nethttp, fasthttp"):
        servers.find("apache")
