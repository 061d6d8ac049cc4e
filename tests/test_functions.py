"""Python functions as handlers: how they are registered, and their arguments."""

import functools
import json
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve, ask


def test_functions_answer_by_every_method_of_registration(serve: Serve) -> None:
    app = fastgo.App()

    @app.get("/decorated")
    def decorated() -> str:
        return "decorated"

    app.post("/posted", lambda: "posted")
    app.route("*", "/any", functools.partial(lambda text: text, "partial"))
    app.group("/group").get("/x", len("ab").__str__)
    app.host("a.example").get("/", lambda: "host")
    server = serve(app)
    assert decorated() == "decorated"
    assert ask(server, "/decorated").body == b"decorated"
    assert ask(server, "/posted", "POST", b"x").body == b"posted"
    assert ask(server, "/group/x").body == b"2"
    with Client(server.url) as client:
        assert client.ask("GET", "/", fields="Host: a.example\r\n").body == b"host"
        assert client.ask("HEAD", "/decorated").status == 200


def values(key: int, name: str, ratio: float) -> str:
    return f"{key!r} {name!r} {ratio!r}"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/1/a/0.5", "1 'a' 0.5"),
        ("/-7/%C5%BC%2F/-1e3", "-7 'ż/' -1000.0"),
        ("/+7/x/+.5", "7 'x' 0.5"),
        ("/007/x/1.", "7 'x' 1.0"),
        (f"/{10**40}/x/1", f"{10**40} 'x' 1.0"),
        (f"/-{2**63}/x/{10**30}", f"-{2**63} 'x' 1e+30"),
        ("/999999999999999999/x/0", "999999999999999999 'x' 0.0"),
    ],
)
def test_values_of_the_path_have_the_types_of_the_annotations(
    serve: Serve, path: str, body: str
) -> None:
    app = fastgo.App()
    app.get("/{key}/{name}/{ratio}", values)
    answer = ask(serve(app), path)
    assert (answer.status, answer.body.decode()) == (200, body)


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/x/a/1", 'path key: expected a whole number, got "x"'),
        ("/1_0/a/1", 'path key: expected a whole number, got "1_0"'),
        ("/-/a/1", 'path key: expected a whole number, got "-"'),
        ("/%D9%A1/a/1", 'path key: expected a whole number, got "\u0661"'),
        (f"/{'9' * 5000}/a/1", f'path key: expected a whole number, got "{"9" * 99}...'),
        ("/1/%FF/1", "path name: is not valid UTF-8; expected text"),
        ("/1/a/nan", 'path ratio: expected a number, got "nan"'),
        ("/1/a/inf", 'path ratio: expected a number, got "inf"'),
        ("/1/a/1e999", 'path ratio: expected a number, got "1e999"'),
        ("/1/a/1e", 'path ratio: expected a number, got "1e"'),
        ("/1/a/%201", 'path ratio: expected a number, got " 1"'),
    ],
)
def test_other_values_are_refused(serve: Serve, path: str, detail: str) -> None:
    app = fastgo.App()
    app.get("/{key}/{name}/{ratio}", values)
    answer = ask(serve(app), path)
    assert answer.status == 422
    assert json.loads(answer.body)["detail"] == detail


def test_arguments_are_found_by_their_names_wherever_an_app_is_mounted(serve: Serve) -> None:
    inner = fastgo.App()
    inner.get("/{b}", lambda b, a: f"{a} {b}")
    app = fastgo.App()
    app.mount("/{a}", inner)
    app.mount("/x/{c}/{a}", inner)
    server = serve(app)
    assert ask(server, "/1/2").body == b"1 2"
    assert ask(server, "/x/0/1/2").body == b"1 2"


async def is_generator_too() -> Any:
    yield


def is_generator() -> Any:
    yield


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (is_generator, "a generator function, which is not supported"),
        (is_generator_too, "an asynchronous generator function, which is not supported"),
    ],
)
def test_function_that_cannot_be_called_is_refused(function: Any, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as refused:
        fastgo.App().get("/{key}", function)
    assert message in str(refused.value)
    assert function.__name__ in str(refused.value)


@pytest.mark.parametrize("number", [0, 257, -1])
def test_number_of_threads_has_bounds(number: int) -> None:
    with pytest.raises(fastgo.ConfigError, match=f"threads must be 1 to 256, not {number}"):
        fastgo.serve(port=0, threads=number)


def test_functions_serve_behind_requests_with_a_large_head(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{rest...}", lambda request: request.path)
    server = serve(app)
    with Client(server.url) as client:
        for size in (1, 5_000, 1, 7_000, 7_000, 1):
            assert client.get("/" + size * "a").body == b"/" + size * b"a"
