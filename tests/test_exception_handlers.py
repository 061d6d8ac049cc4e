"""Exception handlers: functions of an app for the exceptions of its functions."""

import asyncio
import copy
import gc
import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.servers import Serve, app_of, ask, told


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.name == "fastgo"]


def divides() -> Any:
    return 1 / 0


def missing(request: fastgo.Request, error: KeyError) -> tuple[str, int]:
    return f"no {error.args[0]} at {request.path}", 404


def looks_up() -> Any:
    return {}["key"]


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        ("text", 200, b"text"),
        (b"bytes", 200, b"bytes"),
        (None, 204, b""),
        ({"a": 1}, 200, b'{"a":1}'),
        (("a", 418), 418, b"a"),
        (fastgo.Response("a", 404), 404, b"a"),
    ],
)
def test_exception_handler_answers_by_any_result(
    serve: Serve, caplog: pytest.LogCaptureFixture, result: object, status: int, body: bytes
) -> None:
    app = app_of(looks_up)
    app.exception_handler(KeyError, lambda request, error: result)
    answer = ask(serve(app))
    assert (answer.status, answer.body) == (status, body)
    assert records(caplog) == []


class OddError(BaseException):
    """An exception that is no Exception."""


def ends() -> None:
    raise OddError


def test_exception_handler_is_that_of_the_nearest_base_class(serve: Serve) -> None:
    app = fastgo.App()

    @app.exception_handler(Exception)
    def any_other(request: fastgo.Request, error: Exception) -> str:
        return f"any: {error!r}"

    @app.exception_handler(LookupError)
    def lookup(request: fastgo.Request, error: LookupError) -> str:
        return f"lookup: {error!r}"

    app.get("/lookup", looks_up)
    app.get("/divides", divides)
    app.get("/odd", ends)
    server = serve(app)
    assert ask(server, "/lookup").body == b"lookup: KeyError('key')"
    assert ask(server, "/divides").body == b"any: ZeroDivisionError('division by zero')"
    assert told(ask(server, "/odd"))["status"] == 500
    assert any_other.__name__ == "any_other"


def test_exception_handlers_of_a_mounted_app_come_before_those_around(serve: Serve) -> None:
    inner, middle = fastgo.App(), fastgo.App()
    inner.get("/lookup", looks_up)
    inner.get("/divides", divides)
    inner.group("/group").get("/odd", lambda: int("x"))
    inner.exception_handler(LookupError, lambda request, error: "inner")
    middle.exception_handler(Exception, lambda request, error: "middle")
    middle.mount("/in", inner)
    outer, other = fastgo.App(), fastgo.App()
    outer.exception_handler(KeyError, lambda request, error: "outer")
    outer.exception_handler(ValueError, lambda request, error: "outer")
    outer.mount("/a", middle)
    outer.mount("/b", inner)
    other.mount("/b", inner)
    server = serve(outer)
    assert ask(server, "/a/in/lookup").body == b"inner"
    assert ask(server, "/a/in/divides").body == b"middle"
    assert ask(server, "/a/in/group/odd").body == b"middle"
    assert ask(server, "/b/lookup").body == b"inner"
    assert ask(server, "/b/group/odd").body == b"outer"
    assert ask(server, "/b/divides").status == 500
    assert ask(serve(other), "/b/group/odd").status == 500  # mounted elsewhere as well


def test_log_names_the_route_as_it_is_mounted(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    inner, outer = fastgo.App(), fastgo.App()
    inner.post("/{key}", lambda key: divides())
    outer.host("a.example").mount("/one", inner)
    outer.mount("/two", inner)
    assert outer.routes() == outer.routes()
    server = serve(outer)
    ask(server, "/one/7", "POST", fields="Host: a.example\r\n")
    ask(server, "/two/7", "POST")
    names = [each.getMessage().split(" in ")[0] for each in records(caplog)]
    assert names == ["POST a.example/one/{key}", "POST /two/{key}"]


def test_handler_of_http_errors_answers_wrong_arguments_too(serve: Serve) -> None:
    def handle(request: fastgo.Request, error: fastgo.HTTPError) -> tuple[dict[str, Any], int]:
        return {"oh": error.detail}, error.status

    def number(key: int) -> int:
        if key == 7:
            raise fastgo.HTTPError(404, "seven")
        return key

    app = app_of(number, "/{key}")
    app.exception_handler(fastgo.HTTPError, handle)
    server = serve(app)
    assert ask(server, "/8").body == b"8"
    assert ask(server, "/7").body == b'{"oh":"seven"}'
    wrong = ask(server, "/x")
    assert 400 <= wrong.status < 500
    assert b'{"oh":' in wrong.body


def test_exception_handler_that_fails_is_logged_with_what_it_was_for(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(looks_up)
    app.exception_handler(KeyError, lambda request, error: divides())
    answer = ask(serve(app))
    number = told(answer)["request_id"]
    assert answer["X-Request-Id"] == number
    first, second = records(caplog)
    assert first.exc_info is not None
    assert first.exc_info[0] is KeyError
    assert second.exc_info is not None
    assert second.exc_info[0] is ZeroDivisionError
    assert number in first.getMessage()
    assert f"so did its exception handler, request {number}" in second.getMessage()


def test_coroutine_function_handles_exceptions_of_plain_functions(serve: Serve) -> None:
    app = app_of(looks_up)

    @app.exception_handler(KeyError)
    async def handle(request: fastgo.Request, error: KeyError) -> tuple[str, int]:
        await asyncio.sleep(0)
        return f"{request.method} {error!r}", 418

    server = serve(app)
    for _ in range(3):
        answer = ask(server)
        assert (answer.status, answer.body) == (418, b"GET KeyError('key')")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda request, error: object(), "Encoding objects of type object is unsupported"),
        (lambda request, error: ("a", 99), "status must be 200 to 599, not 99"),
    ],
)
def test_exception_handler_without_a_result_fails(
    serve: Serve, caplog: pytest.LogCaptureFixture, function: Any, message: str
) -> None:
    app = app_of(looks_up)
    app.exception_handler(KeyError, function)
    assert told(ask(serve(app)))["status"] == 500
    assert message in caplog.text
    gc.collect()


def test_exception_handler_may_raise_an_http_error(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(request: fastgo.Request, error: KeyError) -> None:
        raise fastgo.HTTPError(410, str(error)) from error

    app = app_of(looks_up)
    app.exception_handler(KeyError, gone)
    assert told(ask(serve(app)))["detail"] == "'key'"
    assert records(caplog) == []


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_exception_handler_may_ask_for_the_end(serve: Serve, ending: type[BaseException]) -> None:
    def end(request: fastgo.Request, error: KeyError) -> None:
        raise ending

    app = app_of(looks_up)
    app.exception_handler(KeyError, end)
    server = serve(app)
    assert ask(server).status == 500
    server._stopped.wait(30)
    assert server.stop() == 0


WRONG_HANDLERS: list[tuple[Any, Any, str]] = [
    (5, missing, "exceptions are handled by their type, a subclass of Exception, not by 5"),
    (KeyError(), missing, "not by KeyError()"),
    (str, missing, "not by <class 'str'>"),
    (BaseException, missing, "not by <class 'BaseException'>"),
    (SystemExit, missing, "not by <class 'SystemExit'>"),
    (KeyError, 5, "for KeyError is an int; write a function of a request and an exception"),
    (KeyError, str, "for KeyError is the type 'str'; write a function of a request"),
    (KeyError, None, "for KeyError is a NoneType; write a function"),
    (KeyError, divides, "'divides', which cannot be called with a request and an exception: too"),
    (OSError, missing, "the app has an exception handler for OSError already"),
]


@pytest.mark.parametrize(("kind", "function", "message"), WRONG_HANDLERS)
def test_wrong_exception_handler_is_refused(kind: Any, function: Any, message: str) -> None:
    app = fastgo.App()
    app.exception_handler(OSError)(missing)
    with pytest.raises(fastgo.ConfigError) as refused:
        app.exception_handler(kind, function)
    assert message in str(refused.value)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda app: pickle.loads(pickle.dumps(app))])
def test_copies_of_apps_have_their_exception_handlers(
    serve: Serve, copied: Callable[[fastgo.App], fastgo.App]
) -> None:
    inner, outer = fastgo.App(), fastgo.App()
    inner.get("/", looks_up)
    outer.get("/number/{id}", looks_up)
    outer.mount("/in", inner)
    outer.exception_handler(KeyError, missing)
    outer.routes()
    app = copied(outer)
    app.exception_handler(ValueError, missing)
    app.get("/later", lambda: int("x"))
    server = serve(app)
    assert ask(server, "/number/7").body == b"no key at /number/7"
    assert ask(server, "/in/").body == b"no key at /in/"
    assert ask(server, "/later").status == 404
    assert ask(serve(outer), "/in/").body == b"no key at /in/"
    assert [route.path for route in app.routes()] == ["/number/{id}", "/in/", "/later"]
    assert ValueError not in outer._exception_handlers
