"""HTTPError: errors that Python functions answer with."""

import copy
import logging
import pickle
from typing import Any

import pytest

import fastgo
from tests.servers import Serve, app_of, ask, told


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.name == "fastgo"]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (fastgo.HTTPError(404), {"title": "Not Found", "status": 404}),
        (
            fastgo.HTTPError(403, "żółw\n"),
            {"title": "Forbidden", "status": 403, "detail": "żółw\n"},
        ),
        (
            fastgo.HTTPError(402, members={"balance": 30, "type": "https://a.example/credit"}),
            {
                "title": "Payment Required",
                "status": 402,
                "balance": 30,
                "type": "https://a.example/credit",
            },
        ),
        (fastgo.HTTPError(599, "odd"), {"title": "Error", "status": 599, "detail": "odd"}),
    ],
)
def test_http_error_is_answered_as_a_problem(
    serve: Serve, error: fastgo.HTTPError, problem: dict[str, Any]
) -> None:
    def handle() -> None:
        raise error

    assert told(ask(serve(app_of(handle)))) == problem


def test_http_error_may_have_headers(serve: Serve) -> None:
    def handle() -> None:
        raise fastgo.HTTPError(429, headers=[("Retry-After", "5"), ("X-A", "1"), ("X-A", "2")])

    answer = ask(serve(app_of(handle)))
    assert answer["Retry-After"] == "5"
    assert [value for name, value in answer.fields if name == "X-A"] == ["1", "2"]


@pytest.mark.parametrize(("status", "logged"), [(400, 0), (499, 0), (500, 1), (503, 1)])
def test_http_errors_of_the_server_are_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, status: int, logged: int
) -> None:
    def handle() -> None:
        raise fastgo.HTTPError(status, "why") from ValueError("because")

    assert ask(serve(app_of(handle))).status == status
    found = [each.getMessage() for each in records(caplog)]
    name = f"{handle.__qualname__}"
    assert found == [f"GET / in {name} (GET /) answers {status} why"] * logged
    assert ("ValueError: because" in caplog.text) == bool(logged)


WRONG_ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"status": 200}, "status must be 400 to 599, not 200"),
    ({"status": 600}, "status must be 400 to 599, not 600"),
    ({"status": "404"}, "status must be int, not str"),
    ({"status": True}, "status must be int, not bool"),
    ({"status": 404, "detail": b"x"}, "detail must be str, not bytes"),
    ({"status": 404, "headers": {"X": "a\nb"}}, "headers[0]: the value of X"),
    (
        {"status": 404, "headers": {"Content-Type": "a/b"}},
        "Content-Type is application/problem",
    ),
    ({"status": 404, "headers": {"Content-Length": "1"}}, "Content-Length is written by the"),
    ({"status": 404, "members": {"detail": "x"}}, "members cannot have 'detail', which HTTPError"),
    ({"status": 404, "members": {"x": {1}}}, "members must be a JSON object"),
    ({"status": 404, "members": [1]}, "members must be a JSON object"),
    ({"status": 404, "members": {5: 1}}, "members must be a JSON object"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_ERRORS, ids=str)
def test_wrong_http_error_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as refused:
        fastgo.HTTPError(**arguments)
    assert message in str(refused.value)


def test_http_error_can_be_copied_and_read() -> None:
    error = fastgo.HTTPError(404, "gone", headers={"X": "y"}, members={"a": 1})
    for copied in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (copied.status, copied.detail) == (404, "gone")
        assert (copied.headers, copied.members) == ((("X", "y"),), {"a": 1})
    assert str(error) == "404 gone"
    assert str(fastgo.HTTPError(404)) == "404"
    assert isinstance(error, fastgo.Error)
