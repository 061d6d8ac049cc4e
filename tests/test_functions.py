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
    ("path", "body"),
    [
        ("/x/a/1", "key is 'x', which is no int"),
        ("/1_0/a/1", "key is '1_0', which is no int"),
        ("/-/a/1", "key is '-', which is no int"),
        ("/%D9%A1/a/1", "key is '\\u0661', which is no int"),
        (f"/{'9' * 5000}/a/1", "which is no int"),
        ("/1/%FF/1", "name is '\\udcff', which is no str"),
        ("/1/a/nan", "ratio is 'nan', which is no float"),
        ("/1/a/inf", "ratio is 'inf', which is no float"),
        ("/1/a/1e999", "ratio is '1e999', which is no float"),
        ("/1/a/1e", "ratio is '1e', which is no float"),
        ("/1/a/%201", "ratio is ' 1', which is no float"),
    ],
)
def test_other_values_are_bad_requests(serve: Serve, path: str, body: str) -> None:
    app = fastgo.App()
    app.get("/{key}/{name}/{ratio}", values)
    answer = ask(serve(app), path)
    assert answer.status == 400
    assert body in json.loads(answer.body)["detail"]


def test_arguments_are_found_by_their_names_wherever_an_app_is_mounted(serve: Serve) -> None:
    inner = fastgo.App()
    inner.get("/{b}", lambda b, a: f"{a} {b}")
    app = fastgo.App()
    app.mount("/{a}", inner)
    app.mount("/x/{c}/{a}", inner)
    server = serve(app)
    assert ask(server, "/1/2").body == b"1 2"
    assert ask(server, "/x/0/1/2").body == b"1 2"


def wants_keyword(*, key: int) -> None: ...
def wants_many(*ids: int) -> None: ...
def wants_any(**ids: int) -> None: ...
def has_default(key: int = 7) -> None: ...
def wants_bytes(key: bytes) -> None: ...
def wants_list(key: list[int]) -> None: ...
def wants_unknown(key: "Unknown") -> None: ...  # type: ignore[name-defined] # noqa: F821
async def is_generator_too() -> Any:
    yield


def is_generator() -> Any:
    yield


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (wants_keyword, "its parameter 'key' is not positional, which is not supported"),
        (wants_many, "its parameter 'ids' is not positional, which is not supported"),
        (wants_any, "its parameter 'ids' is not positional, which is not supported"),
        (has_default, "its parameter 'key' has a default, which is not supported"),
        (wants_bytes, "has the annotation <class 'bytes'>, which is not supported; write str, int"),
        (wants_list, "has the annotation list[int], which is not supported"),
        (wants_unknown, "signature cannot be read: name 'Unknown' is not defined"),
        (is_generator, "a generator function, which is not supported"),
        (is_generator_too, "an asynchronous generator function, which is not supported"),
        (eval(f"lambda {', '.join(f'a{n}' for n in range(17))}: 0"), "17 parameters; 16 are"),
    ],
)
def test_function_that_cannot_be_called_is_refused(function: Any, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as refused:
        fastgo.App().get("/{key}", function)
    assert message in str(refused.value)
    assert function.__name__ in str(refused.value)


def test_argument_that_the_path_has_not_is_refused(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{key}", lambda name: name)
    with pytest.raises(fastgo.ConfigError, match=r'the path has no parameter "name".*test_func'):
        serve(app)


@pytest.mark.parametrize("number", [0, 257, -1])
def test_number_of_threads_has_bounds(number: int) -> None:
    with pytest.raises(fastgo.ConfigError, match=f"threads must be 1 to 256, not {number}"):
        fastgo.serve(port=0, threads=number)
