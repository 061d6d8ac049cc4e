"""Python functions as handlers: arguments, results, and what goes wrong in them."""

import functools
import gc
import json
import logging
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.client import Answer, Client
from tests.servers import Serve
from tests.waiting import eventually


def app_of(*functions: Any, path: str = "/") -> fastgo.App:
    """Returns an app with one function, or several by their names."""
    app = fastgo.App()
    if len(functions) == 1:
        app.get(path, functions[0])
    for function in functions[1:] and functions:
        app.get(f"/{function.__name__}", function)
    return app


def ask(server: fastgo.Server, path: str = "/", method: str = "GET", body: bytes = b"") -> Answer:
    with Client(server.url) as client:
        return client.ask(method, path, body)


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("result", "status", "content_type", "body"),
    [
        ("Hello, World!", 200, "text/plain; charset=utf-8", b"Hello, World!"),
        ("", 200, "text/plain; charset=utf-8", b""),
        ("żółw 🐢", 200, "text/plain; charset=utf-8", "żółw 🐢".encode()),
        (b"\0\xff", 200, "application/octet-stream", b"\0\xff"),
        (bytearray(b"ab"), 200, "application/octet-stream", b"ab"),
        (memoryview(b"ab"), 200, "application/octet-stream", b"ab"),
        ({"key": 7, "tags": ["a"]}, 200, "application/json", b'{"key":7,"tags":["a"]}'),
        ([], 200, "application/json", b"[]"),
        (7, 200, "application/json", b"7"),
        (True, 200, "application/json", b"true"),
        (None, 204, None, b""),
    ],
)
def test_result_becomes_the_answer(
    serve: Serve, result: object, status: int, content_type: str | None, body: bytes
) -> None:
    answer = ask(serve(app_of(lambda: result)))
    assert (answer.status, answer.body) == (status, body)
    assert [value for name, value in answer.fields if name == "Content-Type"] == (
        [content_type] if content_type else []
    )


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


@pytest.mark.smoke
def test_request_tells_all_of_itself(serve: Serve) -> None:
    def tell(request: fastgo.Request, key: int) -> dict[str, Any]:
        assert isinstance(request, fastgo.Request)
        return {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.raw_headers.decode(),
            "body": request.body.decode(),
            "params": request.params,
            "client": request.client,
            "key": key,
            "repr": repr(request),
        }

    app = fastgo.App()
    app.post("/users/{key}/{rest...}", tell)
    with Client(serve(app).url) as client:
        answer = client.ask("POST", "/users/7/a%20b/c?q=%41", b"content")
        told = json.loads(answer.body)
        assert told == {
            "method": "POST",
            "path": "/users/7/a%20b/c",
            "query": "q=%41",
            "headers": "Host: test\r\nContent-Length: 7\r\n",
            "body": "content",
            "params": {"key": "7", "rest": "a b/c"},
            "client": [*client.socket.getsockname()],
            "key": 7,
            "repr": "<fastgo.Request POST /users/7/a%20b/c>",
        }


def test_request_that_is_kept_stays_as_it_was(serve: Serve) -> None:
    kept: list[fastgo.Request] = []

    def keep(request: fastgo.Request) -> None:
        kept.append(request)

    app = fastgo.App()
    app.post("/{name}", keep)
    server = serve(app)
    with Client(server.url) as client:
        for number in range(50):
            client.ask("POST", f"/{number}?q={number}", b"x" * number * 100 + b"end")
    server.stop()
    for number, request in enumerate(kept):
        assert (request.path, request.query) == (f"/{number}", f"q={number}")
        assert request.body == b"x" * number * 100 + b"end"
        assert request.params == {"name": str(number)}


def test_request_cannot_be_made_by_hand(serve: Serve) -> None:
    kept: list[Any] = []
    ask(serve(app_of(lambda request: kept.append(request))))
    with pytest.raises(TypeError):
        type(kept[0])()


async def is_coroutine() -> None: ...


def is_generator() -> Any:
    yield


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (is_coroutine, "a coroutine function, which is not supported"),
        (is_generator, "a generator function, which is not supported"),
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


def deep() -> Any:
    return deep()


def exhausted() -> Any:
    raise MemoryError


def surrogate() -> str:
    return "\udc80"


def no_json() -> object:
    return object()


def own_exception() -> Any:
    class Odd(BaseException):
        def __str__(self) -> str:
            raise ValueError

    raise Odd


def stopped() -> Any:
    raise StopIteration


def divides() -> Any:
    return 1 / 0


@pytest.mark.smoke
@pytest.mark.parametrize(
    "function", [divides, deep, exhausted, surrogate, no_json, own_exception, stopped]
)
def test_failure_is_answered_and_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, function: Callable[[], Any]
) -> None:
    app = app_of(function)
    app.get("/good", lambda: "good")
    server = serve(app, threads=1)
    for _ in range(3):
        answer = ask(server)
        assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
        assert ask(server, "/good").body == b"good"
    records = [each for each in caplog.records if each.name == "fastgo"]
    assert [each.levelno for each in records] == [logging.ERROR] * 3
    assert records[0].getMessage() == f"{function.__name__} failed (GET /)"
    assert records[0].exc_info is not None
    assert records[0].exc_info[1] is not None


def test_failure_of_the_report_itself_is_answered(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda each: unraisable.append(each.exc_type))
    monkeypatch.setattr(logging.getLogger("fastgo"), "error", None)
    server = serve(app_of(divides), threads=1)
    for _ in range(3):
        assert ask(server).status == 500
    assert unraisable == [TypeError] * 3


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_function_that_asks_for_the_end_stops_the_server(
    serve: Serve, caplog: pytest.LogCaptureFixture, ending: type[BaseException]
) -> None:
    def end() -> None:
        raise ending

    server = serve(app_of(end))
    assert ask(server).status == 500
    assert server.stop() == 0
    assert "the server stops" in caplog.text


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


class Watched(str):
    """A text whose end can be seen."""


@pytest.mark.parametrize("size", [1_000, 100_000, 8_000_000])
def test_large_answer_is_sent_from_where_it_is_and_let_go(serve: Serve, size: int) -> None:
    made: list[weakref.ref[Watched]] = []

    def large() -> Watched:
        content = Watched("ż" * (size // 2))
        made.append(weakref.ref(content))
        return content

    server = serve(app_of(large))
    for _ in range(5):
        assert ask(server).body.decode() == "ż" * (size // 2)

    def let_go() -> bool:
        if size < 64 << 10:  # a worker is not woken for these
            ask(server)
        return sum(each() is not None for each in made) <= (size < 64 << 10)

    eventually(let_go, "the server lets the answers go")


def test_large_answer_that_nobody_takes_is_let_go(serve: Serve) -> None:
    made: list[weakref.ref[Watched]] = []

    def large() -> Watched:
        content = Watched("x" * (64 << 20))
        made.append(weakref.ref(content))
        return content

    server = serve(app_of(large))
    for _ in range(3):
        client = Client(server.url)
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        assert client.socket.recv(100)
        client.reset()
    eventually(lambda: all(each() is None for each in made), "the server lets the answers go")
    server.stop()


def test_functions_serve_behind_requests_with_a_large_head(serve: Serve) -> None:
    server = serve(app_of(lambda request: request.path, path="/{rest...}"))
    with Client(server.url) as client:
        for size in (1, 5_000, 1, 7_000, 7_000, 1):
            assert client.get("/" + size * "a").body == b"/" + size * b"a"


def test_large_requests_arrive_whole(serve: Serve) -> None:
    app = fastgo.App()
    app.post("/", lambda request: request.body)
    server = serve(app, limits=fastgo.Limits(body=32 << 20))
    with Client(server.url) as client:
        for size in (1, 800, 1_000, 5_000, 300_000, 20_000_000):
            body = bytes(range(200)) * (size // 200 + 1)
            assert client.ask("POST", "/", body).body == body
