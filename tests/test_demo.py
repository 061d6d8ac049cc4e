"""The demo: `fastgo.run()` and `python -m fastgo`, as a newcomer meets them."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

import fastgo
import fastgo.testing
from tests.client import Client, refuses
from tests.programs import CLEAN, Program, Programs

ANSWERS = {
    "/": b"Hello, World!",
    "/fibonacci": b"Fibonacci(10^6) = 1884755131 (with overflow)\n",
}
READY = re.compile(
    r"fastgo serves (?P<url>\S+) \((?P<engine>\w+) engine, (?P<loops>\d+) cores?\); Ctrl-C stops it"
)


def ready(program: Program) -> re.Match[str]:
    line = program.line()
    match = READY.fullmatch(line)
    assert match, line
    return match


@pytest.mark.smoke
def test_run_announces_itself_serves_the_demo_and_ends_by_ctrl_c(
    programs: Programs, engine: str
) -> None:
    program = programs.start("import fastgo; fastgo.run(port=0, engine=ENGINE)")
    announced = ready(program)
    assert announced["engine"] == engine
    with Client(announced["url"]) as client:
        assert {path: client.get(path).body for path in ANSWERS} == ANSWERS
    program.signal(signal.SIGINT)
    assert program.end() == CLEAN
    assert refuses(announced["url"])


def test_run_listens_on_this_machine_alone_unless_told_otherwise(programs: Programs) -> None:
    program = programs.start("import fastgo; fastgo.run(port=0, engine=ENGINE)")
    assert ready(program)["url"].startswith("http://127.0.0.1:")


@pytest.mark.smoke
def test_module_serves_the_demo_as_its_options_say(programs: Programs, engine: str) -> None:
    program = programs.start_module(
        *("--host", "127.0.0.2", "--port", "0", "--loops", "1", "--engine", engine)
    )
    announced = ready(program)
    assert announced["url"].startswith("http://127.0.0.2:")
    assert (announced["engine"], announced["loops"]) == (engine, "1")
    with Client(announced["url"]) as client:
        assert client.get().body == ANSWERS["/"]
    program.signal(signal.SIGTERM)
    assert program.end() == CLEAN


def test_module_serves_on_a_unix_socket_and_removes_it(
    programs: Programs, engine: str, tmp_path: Path
) -> None:
    path = tmp_path / "demo.sock"
    program = programs.start_module("--uds", str(path), "--engine", engine)
    assert ready(program)["url"] == f"unix:{path}"
    with Client(f"unix:{path}") as client:
        assert client.get().body == ANSWERS["/"]
    program.signal(signal.SIGINT)
    assert program.end() == CLEAN
    assert not path.exists()


def test_module_tells_its_version(programs: Programs) -> None:
    outcome = programs.start_module("--version").end()
    assert (outcome.status, outcome.out) == (0, f"fastgo {fastgo.__version__}\n")


def test_module_explains_every_option(programs: Programs) -> None:
    outcome = programs.start_module("--help").end()
    assert outcome.status == 0
    for option in ("--host", "--port", "--uds", "--loops", "--engine", "--version"):
        assert option in outcome.out


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "70000"], "port: 70000 is out of range; choose 0 to 65535"),
        (["--loops", "0"], "loops must be 1 or more, not 0"),
        (["--engine", "steam"], 'engine: "steam" is not known; choose "auto", "epoll" or'),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1:8080"),
        (["--uds", "/nowhere/demo.sock"], "cannot listen on /nowhere/demo.sock"),
    ],
)
def test_module_ends_with_the_reason_where_it_cannot_serve(
    programs: Programs, arguments: list[str], message: str
) -> None:
    outcome = programs.start_module(*arguments).end()
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"fastgo: {message}")
    assert outcome.err.count("\n") == 1


@pytest.fixture
def demo(engine: str) -> Iterator[fastgo.testing.Client]:
    """A client of the demo."""
    with fastgo.testing.Client(fastgo.demo(), engine=engine) as client:
        yield client


@pytest.mark.smoke
@pytest.mark.parametrize("path", ANSWERS)
def test_answer_has_the_text_its_type_and_length_and_the_time(
    demo: fastgo.testing.Client, path: str
) -> None:
    answer = demo.get(path)
    assert (answer.status_code, answer.reason_phrase) == (200, "OK")
    assert answer.content == ANSWERS[path]
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Length"] == str(len(ANSWERS[path]))
    date = parsedate_to_datetime(answer.headers["Date"])
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)
    assert answer.headers["Date"].endswith(" GMT")


@pytest.mark.parametrize("path", ANSWERS)
def test_head_answers_like_get_without_the_body(client: Client, path: str) -> None:
    get, head = client.ask("GET", path), client.ask("HEAD", path)
    assert head.status == get.status
    assert [(name, value) for name, value in head.fields if name != "Date"] == [
        (name, value) for name, value in get.fields if name != "Date"
    ]
    assert client.get("/").body == ANSWERS["/"]  # no byte of a body stood in between


def test_unknown_path_answers_404(demo: fastgo.testing.Client) -> None:
    answer = demo.get("/nowhere")
    assert (answer.status_code, answer.reason_phrase) == (404, "Not Found")
    assert answer.text == "404 Not Found\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_method_answers_405_and_tells_those_allowed(
    demo: fastgo.testing.Client, method: str
) -> None:
    answer = demo.request(method, "/")
    assert (answer.status_code, answer.reason_phrase) == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_options_are_answered_with_the_methods_allowed(demo: fastgo.testing.Client) -> None:
    answer = demo.options("/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_connection_is_kept_for_many_requests(demo: fastgo.testing.Client) -> None:
    for _ in range(100):
        assert demo.get("/").content == ANSWERS["/"]
    stats = demo.server.stats()
    assert (stats.connections_accepted, stats.requests) == (1, 100)


def test_pipelined_requests_are_answered_in_their_order(client: Client) -> None:
    paths = ["/", "/nowhere", "/fibonacci"] * 5
    client.send("".join(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n" for path in paths).encode())
    expected = {**ANSWERS, "/nowhere": b"404 Not Found\n"}
    assert [client.answer().body for _ in paths] == [expected[path] for path in paths]


def test_connection_is_closed_where_the_client_asks_for_it(client: Client) -> None:
    answer = client.ask("GET", "/", fields="Host: t\r\nConnection: close\r\n")
    assert answer.closes
    assert client.rest() == b""
