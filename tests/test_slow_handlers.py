"""slow_handler: functions that do not return are reported."""

import asyncio
import functools
import logging
import math
import queue
import re
import threading
import time
from typing import Any

import pytest

import fastgo
from fastgo._watchdog import Call, Watchdog
from tests.client import Client
from tests.programs import CLEAN, Programs
from tests.servers import Serve
from tests.waiting import eventually


class Gate:
    """A function that waits until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.inside = 0

    def wait(self, name: str) -> str:
        self.inside += 1
        assert self.open.wait(30)
        return name


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.name == "fastgo"]


def watchdogs() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "fastgo-watchdog"]


def test_function_that_does_not_return_is_reported_once_with_its_stack(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def reports() -> list[logging.LogRecord]:  # quick ones may be slow on a busy machine
        return [each for each in records(caplog) if "Gate.wait" in each.getMessage()]

    gate = Gate()
    app = fastgo.App()
    app.get("/gate/{name}", gate.wait)
    app.get("/quick", lambda: "quick")
    server = serve(app, threads=3, slow_handler=0.05)
    with Client(server.url) as one, Client(server.url) as two, Client(server.url) as other:
        one.send(b"GET /gate/%C5%BC?secret=1 HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: len(reports()) == 1, "the first is reported")
        two.send(b"GET /gate/b HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: len(reports()) == 2, "the second is reported")
        for _ in range(50):
            assert other.get("/quick").body == b"quick"
        gate.open.set()
        assert [client.answer().body for client in (one, two)] == ["ż".encode(), b"b"]
    first, second = (record.getMessage() for record in reports())
    assert first.startswith("GET /gate/{name}, Gate.wait (GET /gate/%C5%BC), has not returned for ")
    assert re.search(r" for \d+\.\d seconds; it is at\n", first)
    assert "secret" not in first
    assert "assert self.open.wait(30)" in first
    assert first.count("  File ") == 3  # the function, and what it calls in threading
    assert "(GET /gate/b)" in second
    assert reports()[0].levelno == logging.WARNING


def test_function_in_c_is_reported_without_a_stack(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    results: queue.SimpleQueue[str] = queue.SimpleQueue()
    app = fastgo.App()
    app.get("/", functools.partial(results.get, True, None))
    server = serve(app, threads=1, slow_handler=0.05)
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: len(records(caplog)) == 1, "it is reported")
        results.put("done")
        assert client.answer().body == b"done"
    assert records(caplog)[0].getMessage().endswith("; it is at\n  (no Python code)")


@pytest.mark.parametrize("step", ["first", "later"])
def test_coroutine_that_holds_up_its_loop_is_reported_with_its_stack(
    serve: Serve, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    gate = Gate()

    async def handler() -> str:
        if step == "later":
            await asyncio.sleep(0)
        return gate.wait("through")

    app = fastgo.App()
    app.get("/", handler)
    server = serve(app, slow_handler=0.05)
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: len(records(caplog)) == 1, "it is reported")
        gate.open.set()
        assert client.answer().body == b"through"
    message = records(caplog)[0].getMessage()
    assert message.startswith("a coroutine has not returned for ")
    assert 'return gate.wait("through")' in message


def test_coroutine_that_waits_is_not_reported(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler() -> str:
        await asyncio.sleep(1.5)
        return "through"

    app = fastgo.App()
    app.get("/", handler)
    with Client(serve(app, slow_handler=0.5).url) as client:
        assert client.get().body == b"through"
    assert records(caplog) == []


def test_quick_functions_are_not_reported(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = fastgo.App()
    app.get("/", lambda: "quick")
    server = serve(app, threads=1, slow_handler=20)
    with Client(server.url) as client:
        for _ in range(200):
            assert client.get().body == b"quick"
    assert server._workers is not None
    eventually(lambda: [*server._workers._calls()] == [], "no call runs any more")
    assert records(caplog) == []


def test_nothing_watches_where_nobody_wants_it(serve: Serve) -> None:
    before = watchdogs()
    app = fastgo.App()
    app.get("/", lambda: "x")
    serve(app, slow_handler=0).stop()
    serve(fastgo.demo()).stop()
    assert set(watchdogs()) <= set(before)


def test_server_does_without_where_no_thread_can_be_started(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread, start: Any = threading.Thread.start) -> None:
        if thread.name == "fastgo-watchdog":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    app = fastgo.App()
    app.get("/", lambda: "served")
    server = serve(app)
    with Client(server.url) as client:
        assert client.get().body == b"served"
    assert "slow functions are not reported" in caplog.text
    server.stop()


def test_watchdog_ends_with_its_server(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/", lambda: "x")
    servers = [serve(app), serve(app, slow_handler=3e9)]
    assert len(watchdogs()) >= 2
    for server in servers:
        server.stop()
    eventually(lambda: watchdogs() == [], "they have ended")


def test_stop_ends_with_a_function_that_was_reported(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    app = fastgo.App()
    app.get("/{name}", gate.wait)
    server = serve(app, threads=1, slow_handler=0.05)
    with Client(server.url) as client:
        client.send(b"GET /a HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: "has not returned" in caplog.text, "it is reported")
        assert server.stop(drain=0) == 1
    gate.open.set()


@pytest.mark.smoke
def test_exit_does_not_wait_for_the_watchdog(programs: Programs) -> None:
    program = programs.start(
        """
        import fastgo
        app = fastgo.App()
        app.get("/", lambda: "x")
        server = fastgo.serve(app, port=0, engine=ENGINE)
        """
    )
    assert program.end() == CLEAN


@pytest.mark.parametrize("call", [fastgo.serve, fastgo.run])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1, "slow_handler must be 0 or more seconds, not -1"),
        ("10", "slow_handler must be a number of seconds, not str"),
        (None, "slow_handler must be a number of seconds, not NoneType"),
        (math.inf, "slow_handler must be a finite number of seconds, not inf"),
    ],
)
def test_wrong_time_is_refused(call: Any, value: Any, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as refused:
        call(port=0, slow_handler=value)
    assert str(refused.value) == message


def test_call_that_returns_while_it_is_looked_at_is_not_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looked = threading.Event()
    answers: list[list[Call]] = []

    def calls() -> list[Call]:
        if len(answers) == 2:
            looked.set()
        answers.append([])
        began = time.monotonic_ns() - 10**9
        return [Call(threading.get_ident(), began, "GET /")] if len(answers) == 1 else []

    watchdog = Watchdog(calls, 0.01)
    assert looked.wait(30)
    watchdog.stop()
    assert records(caplog) == []
