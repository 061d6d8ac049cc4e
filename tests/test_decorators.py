"""Routes as decorators: app.get(path) above what makes the handler."""

from collections.abc import Callable

import pytest

import fastgo
from fastgo.testing import Client
from tests.places import here


def made(function: Callable[[], str]) -> fastgo.Handler:
    """Makes a handler of a function, as a compiler does."""
    return fastgo.text(function())


def test_decorator_registers_the_handler_and_returns_it(engine: str) -> None:
    app = fastgo.App()

    @app.get("/hello")
    @made
    def hello() -> str:
        return "Hello"

    assert isinstance(hello, fastgo.Handler)
    assert [route.handler for route in app.routes()] == [hello]
    with Client(app, engine=engine) as client:
        assert client.get("/hello").content == b"Hello"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_is_a_decorator(method: str) -> None:
    app = fastgo.App()
    handler = fastgo.text("x")
    assert getattr(app.group("/api"), method.lower())("/x")(handler) is handler
    assert app.route(method, "/y")(handler) is handler
    routes = [(route.method, route.path) for route in app.routes()]
    assert routes == [(method, "/api/x"), (method, "/y")]


def test_route_is_that_of_the_line_of_the_decorator() -> None:
    app = fastgo.App()
    place = here(2)

    @app.get("/")
    @made
    def hello() -> str:
        return "Hello"

    assert app.routes()[0].source == place


def test_decorator_that_is_put_on_nothing_registers_nothing() -> None:
    app = fastgo.App()
    app.get("/")
    assert app.routes() == ()


def test_wrong_path_is_refused_before_the_decorator_is_applied() -> None:
    with pytest.raises(fastgo.ConfigError, match="path must be str, not int"):
        fastgo.App().get(5)  # type: ignore[call-overload]


def test_maker_below_a_decorator_is_refused() -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError, match="GET /hello is the function 'text'"):
        app.get("/hello")(fastgo.text)
    assert app.routes() == ()
