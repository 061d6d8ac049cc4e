"""What goes wrong in Python functions, and what clients and logs are told of it."""

import gc
import json
import logging
import re
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

import fastgo
from tests.client import Client
from tests.programs import Programs
from tests.servers import Serve, app_of, ask, told
from tests.waiting import eventually


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.name == "fastgo"]


def divides() -> Any:
    return 1 / 0


def deep() -> Any:
    return deep()


def exhausted() -> Any:
    raise MemoryError


def no_json() -> object:
    return object()


class Odd(BaseException):
    """An exception that fails whatever is asked of it."""

    def __str__(self) -> str:
        raise ValueError

    __repr__ = __str__


def odd() -> Any:
    raise Odd


def stopped() -> Any:
    raise StopIteration


def generator_exit() -> Any:
    raise GeneratorExit


class DeepError(Exception):
    """An exception that has no end of a description."""

    def __str__(self) -> str:
        return str(self)


def deep_description() -> Any:
    raise DeepError


def cyclic() -> Any:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    raise one


def grouped() -> Any:
    raise ExceptionGroup("both", [ValueError("one"), ExceptionGroup("in", [KeyError("two")])])


class Falls:
    """Something that fails at its end."""

    def __del__(self) -> None:
        raise ValueError("at the end")


FAILING = [
    *(divides, deep, exhausted, no_json, odd, stopped, generator_exit, deep_description),
    *(cyclic, grouped),
]


@pytest.mark.smoke
@pytest.mark.parametrize("function", FAILING)
@pytest.mark.parametrize("debug", [False, True])
def test_failure_is_answered_and_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, function: Callable[[], Any], debug: bool
) -> None:
    app = app_of(function, "/{any...}")
    app.get("/good", lambda: "good")
    server = serve(app, threads=1, debug=debug)
    ids = []
    for _ in range(3):
        answer = ask(server, "/a%0Ab?secret=x")
        assert answer.status == 500
        ids.append(answer["X-Request-Id"])
        if not debug:
            title = "Internal Server Error"
            assert told(answer) == {"title": title, "status": 500, "request_id": ids[-1]}
        assert ask(server, "/good").body == b"good"
    assert len(set(ids)) == 3
    for record, number in zip(records(caplog), ids, strict=True):
        assert re.fullmatch("[0-9a-f]{16}", number)
        assert record.levelno == logging.ERROR
        place = f"GET /{{any...}} in {function.__name__} (GET /a%0Ab)"
        assert record.getMessage() == f"{place} failed, request {number}"
        assert record.exc_info is not None
        assert record.exc_info[1] is not None


def test_failure_of_the_report_itself_is_answered(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda each: unraisable.append(each.exc_type))
    monkeypatch.setattr(logging.getLogger("fastgo"), "error", None)
    server = serve(app_of(divides), threads=1)
    for _ in range(3):
        answer = ask(server)
        assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
    assert unraisable == [TypeError] * 3


def test_log_has_the_frames_of_the_user_alone(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(app_of(divides))
    ask(server)
    assert caplog.text.count("  File ") == 1
    assert "in divides" in caplog.text
    caplog.clear()
    ask(serve(app_of(lambda: (1, 2, 3))))
    assert "the result is a tuple of (int, int, int)" in caplog.text
    assert "  File " not in caplog.text


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_function_that_asks_for_the_end_stops_the_server(
    serve: Serve, caplog: pytest.LogCaptureFixture, ending: type[BaseException]
) -> None:
    def end() -> None:
        raise ending

    server = serve(app_of(end))
    assert told(ask(server)) == {"title": "Internal Server Error", "status": 500}
    assert server.stop() == 0
    assert "the server stops" in caplog.text


def missing(request: fastgo.Request, error: KeyError) -> tuple[str, int]:
    return f"no {error.args[0]} at {request.path}", 404


def test_function_may_do_as_it_likes_with_its_arguments(serve: Serve) -> None:
    def handle(request: fastgo.Request, name: str) -> str:
        path = request.path
        del request
        gc.collect()
        name += path
        return name

    server = serve(app_of(handle, path="/{name}"))
    for number in range(20):
        assert ask(server, f"/{number}").body == f"{number}/{number}".encode()


@pytest.mark.parametrize("set_hook", [threading.settrace, threading.setprofile])
def test_functions_can_be_traced(serve: Serve, set_hook: Callable[[Any], None]) -> None:
    seen: list[str] = []

    def hook(frame: Any, event: str, _argument: object) -> Any:
        if frame.f_code.co_name == "traced":
            seen.append(event)
        return hook

    def traced() -> str:
        return "traced"

    set_hook(hook)
    try:
        server = serve(app_of(traced))
    finally:
        set_hook(None)
    assert ask(server).body == b"traced"
    assert ask(server).body == b"traced"
    assert seen.count("return") == 2


@pytest.mark.parametrize("kind", [str, bytes])
def test_huge_answer_arrives_whole(serve: Serve, kind: type) -> None:
    size = 64 << 20
    content = "x" * size if kind is str else b"x" * size
    server = serve(app_of(lambda: content))
    answer = ask(server)
    assert len(answer.body) == size
    assert answer.body.count(b"x") == size
    assert ask(server, method="HEAD")["Content-Length"] == str(size)


def test_answer_of_large_json_arrives_whole(serve: Serve) -> None:
    content = {"values": list(range(500_000))}
    assert json.loads(ask(serve(app_of(lambda: content))).body) == content


def test_object_that_fails_at_its_end_disturbs_nobody(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda each: unraisable.append(each.exc_type))

    def handle(request: fastgo.Request) -> str:
        request.state.falls = Falls()
        return "fine"

    server = serve(app_of(handle))
    for _ in range(5):
        assert ask(server).body == b"fine"
    assert unraisable == [ValueError] * 5


def test_client_that_leaves_before_the_answer_of_a_failure(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()

    def fail() -> None:
        go_on.wait(30)
        raise ValueError("nobody is told")

    app = app_of(fail)
    app.get("/good", lambda: "good")
    server = serve(app, threads=2)
    client = Client(server.url)
    client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert ask(server, "/good").body == b"good"
    client.reset()
    go_on.set()
    eventually(lambda: "nobody is told" in caplog.text, "the failure is logged all the same")
    assert ask(server, "/good").body == b"good"
    assert server.stop() == 0


@pytest.fixture
def eager_collector() -> Iterator[None]:
    """A garbage collector that runs as often as it can."""
    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("eager_collector")
def test_collector_may_run_at_any_moment(serve: Serve) -> None:
    class Node:
        pass

    def handle(request: fastgo.Request, name: str) -> Any:
        node: Any = Node()
        node.me, node.request = node, request
        weakref.finalize(node, gc.collect, 0)
        gc.freeze()
        gc.unfreeze()
        assert request.params == {"name": name}
        assert request.headers["host"] == "test"
        if name.endswith("7"):
            raise fastgo.HTTPError(404)
        if name.endswith("3"):
            raise KeyError(name)
        return {"name": name, "path": request.path}

    app = app_of(handle, "/{name}")
    app.exception_handler(KeyError, missing)
    server = serve(app, threads=2)
    with Client(server.url) as client:
        for number in range(60):
            answer = client.get(f"/{number}")
            assert answer.status == (404 if number % 10 in (3, 7) else 200)
            if answer.status == 200:
                assert json.loads(answer.body) == {"name": str(number), "path": f"/{number}"}


SERVE = """
import fastgo, json, sys, threading
app = fastgo.App()
@app.get("/users/{id}")
def user(id: int, request: fastgo.Request):
    if id == 7:
        raise fastgo.HTTPError(404)
    return {"id": id, "agent": request.headers.get("user-agent")}
def ask(server):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    answers = []
    for id in range(10):
        connection.request("GET", f"/users/{id}")
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
    connection.close()
    assert [status for status, _ in answers] == 7 * [200] + [404, 200, 200], answers
"""

OBSERVED = {
    "settrace": """
seen = []
def trace(frame, event, argument):
    if frame.f_code.co_name == "user":
        seen.append(event)
    return trace
threading.settrace(trace)
sys.settrace(trace)
with fastgo.serve(app, port=0, engine=ENGINE) as server:
    ask(server)
sys.settrace(None)
assert seen.count("call") == 10, seen
assert seen.count("return") == 10, seen
""",
    "cProfile": """
import cProfile, io, pstats
profile = cProfile.Profile()
@app.get("/profiled")
def profiled():
    return profile.runcall(sorted, [2, 1])
with fastgo.serve(app, port=0, engine=ENGINE) as server:
    profile.enable()
    ask(server)
    profile.disable()
    import urllib.request
    assert urllib.request.urlopen(server.url + "/profiled").read() == b"[1,2]"
statistics = io.StringIO()
pstats.Stats(profile, stream=statistics).print_stats()
assert "built-in method builtins.sorted" in statistics.getvalue()
""",
    "monitoring": """
if sys.version_info >= (3, 12):
    monitoring, seen = sys.monitoring, []
    monitoring.use_tool_id(3, "test")
    def raised(code, offset, error):
        seen.append(type(error).__name__)
    def started(code, offset):
        seen.append(code.co_name)
    events = monitoring.events
    monitoring.register_callback(3, events.RAISE, raised)
    monitoring.register_callback(3, events.PY_START, started)
    monitoring.set_events(3, events.RAISE | events.PY_START)
with fastgo.serve(app, port=0, engine=ENGINE) as server:
    ask(server)
if sys.version_info >= (3, 12):
    monitoring.set_events(3, 0)
    assert seen.count("user") == 10
    assert "HTTPError" in seen
""",
}


@pytest.mark.smoke
@pytest.mark.parametrize("observer", OBSERVED)
def test_functions_can_be_observed(programs: Programs, observer: str) -> None:
    assert programs.run(SERVE + OBSERVED[observer]) == ""


def test_coverage_sees_functions(programs: Programs, tmp_path: Path) -> None:
    source = """
import coverage, sys
measured = coverage.Coverage(data_file=sys.argv[1], config_file=False)
measured.start()
"""
    source += (
        SERVE
        + """
with fastgo.serve(app, port=0, engine=ENGINE) as server:
    ask(server)
measured.stop()
measured.save()
"""
    )
    data = tmp_path / "coverage"
    assert programs.run(source, str(data)) == ""
    measured = CoverageData(str(data))
    measured.read()
    (program,) = (name for name in measured.measured_files() if name.startswith(str(tmp_path)))
    covered = measured.lines(program) or []
    lines = Path(program).read_text().splitlines()
    assert {lines[number - 1].strip() for number in covered} >= {
        "if id == 7:",
        "raise fastgo.HTTPError(404)",
        'return {"id": id, "agent": request.headers.get("user-agent")}',
    }
