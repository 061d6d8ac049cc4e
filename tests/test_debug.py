"""debug=True: clients are shown what went wrong in a Python function."""

import html
import re
from typing import Any

import pytest

import fastgo
from tests.servers import Serve, app_of, ask, told


def divides() -> Any:
    return 1 / 0


def looks_up() -> Any:
    return {}["key"]


def missing(request: fastgo.Request, error: KeyError) -> tuple[str, int]:
    return f"no {error.args[0]} at {request.path}", 404


def grouped() -> Any:
    raise ExceptionGroup("both", [ValueError("one"), ExceptionGroup("in", [KeyError("two")])])


class MarkedError(Exception):
    """An exception whose text would be HTML."""


def fails() -> Any:
    secret = "hidden" + "value"
    assert secret
    try:
        return {}["<b>"]
    except KeyError as error:
        raise MarkedError("<script>alert(1)</script>") from error


HTML = "Host: t\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"


def test_debug_shows_the_traceback_as_a_page(serve: Serve) -> None:
    answer = ask(serve(app_of(fails), debug=True), fields=HTML)
    assert answer.status == 500
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    page = answer.body.decode()
    assert "<script" not in page
    assert "<b>" not in page
    shown = html.unescape(page)
    assert "GET /, request " + answer["X-Request-Id"] in shown
    assert "KeyError: '<b>'" in shown
    assert "MarkedError: <script>alert(1)</script>" in shown
    assert "It was the cause of this one:" in shown
    assert f"{__file__}, line " in shown
    assert "in fails" in shown
    assert 'raise MarkedError("<script>alert(1)</script>") from error' in shown
    assert re.search(r"<mark> *\d+ .*raise MarkedError", page)
    assert "hiddenvalue" not in shown
    assert "fastgo/_failures.py" not in shown


@pytest.mark.parametrize("fields", ["Host: t\r\n", "Host: t\r\nAccept: */*\r\n"])
def test_debug_shows_the_traceback_as_text(serve: Serve, fields: str) -> None:
    answer = ask(serve(app_of(fails), debug=True), fields=fields)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    shown = answer.body.decode()
    assert shown.startswith(f"GET /, request {answer['X-Request-Id']}\n\n")
    assert shown.endswith("MarkedError: <script>alert(1)</script>\n")
    assert "direct cause" in shown


def test_debug_shows_groups_and_contexts(serve: Serve) -> None:
    app = app_of(grouped)
    app.get("/context", context)
    server = serve(app, debug=True)
    shown = html.unescape(ask(server, fields=HTML).body.decode())
    assert "ExceptionGroup: both (2 sub-exceptions)" in shown
    assert "KeyError: 'two'" in shown
    shown = html.unescape(ask(server, "/context", fields=HTML).body.decode())
    assert "KeyError: 'first'" in shown
    assert "While it was handled, this one came:" in shown


def context() -> None:
    try:
        raise KeyError("first")
    finally:
        divides()


def test_nothing_is_shown_without_debug(serve: Serve) -> None:
    answer = ask(serve(app_of(fails)), fields=HTML)
    assert b"MarkedError" not in answer.body
    assert b"fails" not in answer.body
    assert set(told(answer)) == {"title", "status", "request_id"}


def test_debug_leaves_http_errors_and_handlers_alone(serve: Serve) -> None:
    def handle() -> None:
        raise fastgo.HTTPError(404, "no page")

    app = app_of(handle)
    app.get("/key", looks_up)
    app.exception_handler(KeyError, missing)
    server = serve(app, debug=True)
    assert told(ask(server, fields=HTML))["detail"] == "no page"
    assert ask(server, "/key", fields=HTML).status == 404
