"""What Python functions learn of a request."""

import gc
import json
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastgo
from fastgo._request import _form
from tests.client import Client
from tests.servers import Serve, app_of, ask, told
from tests.waiting import eventually


@pytest.mark.smoke
def test_request_tells_all_of_itself(serve: Serve) -> None:
    def tell(request: fastgo.Request, key: int) -> dict[str, Any]:
        assert isinstance(request, fastgo.Request)
        return {
            "method": request.method,
            "path": request.path,
            "query_string": request.query_string,
            "query": dict(request.query),
            "raw_headers": request.raw_headers.decode(),
            "headers": dict(request.headers),
            "cookies": request.cookies,
            "body": request.body.decode(),
            "params": request.params,
            "client": request.client,
            "state": vars(request.state),
            "key": key,
            "repr": repr(request),
        }

    app = fastgo.App()
    app.post("/users/{key}/{rest...}", tell)
    with Client(serve(app).url) as client:
        fields = "Host: test\r\nCookie: a=1\r\n"
        answer = client.ask("POST", "/users/7/a%20b/c?q=%41", b"content", fields)
        told = json.loads(answer.body)
        assert told == {
            "method": "POST",
            "path": "/users/7/a%20b/c",
            "query_string": "q=%41",
            "query": {"q": "A"},
            "raw_headers": "Host: test\r\nCookie: a=1\r\nContent-Length: 7\r\n",
            "headers": {"host": "test", "cookie": "a=1", "content-length": "7"},
            "cookies": {"a": "1"},
            "body": "content",
            "params": {"key": "7", "rest": "a b/c"},
            "client": [*client.socket.getsockname()],
            "state": {},
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
        assert (request.path, request.query_string) == (f"/{number}", f"q={number}")
        assert request.query["q"] == str(number)
        assert request.headers["HOST"] == "test"
        assert request.body == b"x" * number * 100 + b"end"
        assert request.params == {"name": str(number)}


def test_request_cannot_be_made_by_hand(serve: Serve) -> None:
    kept: list[Any] = []
    ask(serve(app_of(lambda request: kept.append(request))))
    with pytest.raises(TypeError):
        type(kept[0])()


def test_large_requests_arrive_whole(serve: Serve) -> None:
    app = fastgo.App()
    app.post("/", lambda request: request.body)
    server = serve(app, limits=fastgo.Limits(body=32 << 20))
    with Client(server.url) as client:
        for size in (1, 800, 1_000, 5_000, 300_000, 20_000_000):
            body = bytes(range(200)) * (size // 200 + 1)
            assert client.ask("POST", "/", body).body == body


ATTRIBUTES = (
    *("method", "path", "query_string", "query", "raw_headers", "headers", "cookies", "body"),
    *("params", "client", "state"),
)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute_is_made_once_and_cannot_be_replaced(serve: Serve, name: str) -> None:
    def look(request: fastgo.Request) -> bool:
        same = getattr(request, name) is getattr(request, name)
        with pytest.raises(AttributeError):
            setattr(request, name, None)
        with pytest.raises(AttributeError):
            delattr(request, name)
        return same

    assert ask(serve(app_of(look))).body == b"true"


def test_every_attribute_is_documented() -> None:
    for name in ATTRIBUTES:
        assert getattr(fastgo.Request, name).__doc__


def seen(serve: Serve, look: Callable[[Any], object]) -> Callable[..., Any]:
    """Returns a function that asks, and returns what the handler has seen in its request."""
    app = fastgo.App()
    app.post("/", lambda request: look(request))
    server = serve(app)

    def send(query: str = "", fields: str = "", body: bytes = b"") -> Any:
        answer = ask(server, f"/{query}", "POST", body, f"Host: test\r\n{fields}")
        assert answer.status == 200, answer
        return json.loads(answer.body)

    return send


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {}),
        ("?", {}),
        ("?a=1&b=2&a=3", {"a": ["1", "3"], "b": ["2"]}),
        ("?a&b=&=c&&", {"a": [""], "b": [""], "": ["c"]}),
        ("?a+b=c+d%20e%2B", {"a b": ["c d e+"]}),
        ("?%C5%BC=%c5%bc", {"ż": ["ż"]}),
        ("?a=%FF%C5", {"a": ["\ufffd\ufffd"]}),
        ("?a=%&b=%zz&c=100%", {"a": ["%"], "b": ["%zz"], "c": ["100%"]}),
        ("?a=b=c;d=e", {"a": ["b=c;d=e"]}),
        ("?A=1&a=2", {"A": ["1"], "a": ["2"]}),
        ("?a=%00%0D%0A", {"a": ["\0\r\n"]}),
    ],
)
def test_query_is_decoded(serve: Serve, query: str, values: dict[str, list[str]]) -> None:
    send = seen(serve, lambda request: {k: request.query.getall(k) for k in request.query})
    assert send(query) == values


QUERIES = st.lists(
    st.sampled_from(["a", "=", "&", "%", "+", "%C5%BC", "%ff", "%2", ";", "ż", "%26", "\udcff"])
).map("".join)


@given(QUERIES)
def test_query_is_decoded_as_the_standard_library_does(query: str) -> None:
    raw = query.encode("utf-8", "surrogateescape")
    readable = "".join(chr(each) if each < 128 else f"%{each:02x}" for each in raw)
    assert [*_form(raw)] == parse_qsl(readable, keep_blank_values=True, errors="replace")


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ("X-One:1\r\nx-one: 2\r\nX-ONE:  3\t \r\n", {"x-one": ["1", "2", "3"]}),
        ("X-Empty:\r\n", {"x-empty": [""]}),
        ("X-Name: żółw\r\n", {"x-name": ["żółw"]}),
        ("X-Colon: a: b\r\n", {"x-colon": ["a: b"]}),
    ],
)
def test_headers_are_found_whatever_their_case(
    serve: Serve, fields: str, values: dict[str, list[str]]
) -> None:
    def look(request: fastgo.Request) -> object:
        headers = request.headers
        assert headers["HOST"] == headers.get("hOSt") == "test"
        assert "host" in headers
        assert "HOST" in headers
        assert "x-none" not in headers
        assert headers.getall("x-none") == []
        return {k: headers.getall(k.upper()) for k in headers if k.startswith("x-")}

    assert seen(serve, look)(fields=fields) == values


def test_headers_that_are_no_utf8_are_latin1(serve: Serve) -> None:
    server = serve(app_of(lambda request: request.headers["x-name"]))
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\nX-Name: caf\xe9\r\n\r\n")
        assert client.answer().body.decode() == "café"


def test_cookies_of_several_fields_are_one_mapping(serve: Serve) -> None:
    send = seen(serve, lambda request: request.cookies)
    assert send(fields="Cookie: a=1; b=2\r\ncookie: c=3; a=4\r\n") == {"a": "1", "b": "2", "c": "3"}


def test_body_is_decoded_as_json(serve: Serve) -> None:
    send = seen(serve, lambda request: {"got": request.json(), "again": request.json()})
    assert send(body=b'{"a": [1, 2.5, null]}') == {
        "got": {"a": [1, 2.5, None]},
        "again": {"a": [1, 2.5, None]},
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nope", b'"\xff"', b'"\\ud800"', b"[" * 100_000, b"1 2", b"NaN"]
)
def test_body_that_is_no_json_is_told(serve: Serve, body: bytes) -> None:
    app = fastgo.App()
    app.post("/", lambda request: request.json())
    answer = ask(serve(app), "/", "POST", body)
    assert answer.status == 422
    problem = told(answer)
    (error,) = problem["errors"]
    assert (error["in"], error["path"]) == ("body", "$")
    assert problem["detail"] == f"body $: {error['detail']}"


def test_state_is_of_one_request(serve: Serve) -> None:
    def handle(request: fastgo.Request) -> str:
        assert not hasattr(request.state, "user")
        request.state.user = request.path
        return str(request.state.user)

    server = serve(app_of(handle, "/{name}"))
    for number in range(3):
        assert ask(server, f"/{number}").body == f"/{number}".encode()


class Traced:
    """Something whose end can be seen."""

    alive = 0

    def __init__(self) -> None:
        Traced.alive += 1

    def __del__(self) -> None:
        Traced.alive -= 1


def test_request_in_a_cycle_is_collected(serve: Serve) -> None:
    def handle(request: fastgo.Request) -> str:
        request.state.traced = Traced()
        request.state.request = request
        return request.path

    server = serve(app_of(handle))
    for _ in range(20):
        assert ask(server).body == b"/"
    gc.collect()
    assert Traced.alive == 0


def test_request_may_be_used_by_other_threads_while_its_handler_returns(serve: Serve) -> None:
    wrong: list[object] = []
    left = threading.Semaphore(0)

    def use(request: fastgo.Request, number: str) -> None:
        try:
            for _ in range(20):
                told = request.params["number"], request.query["n"], request.headers["x-number"]
                if {*told, request.body.decode()} != {number}:
                    wrong.append((number, told, request.body))
        except BaseException as error:
            wrong.append(error)
        finally:
            left.release()

    def handle(request: fastgo.Request, number: str) -> str:
        threading.Thread(target=use, args=(request, number)).start()
        return number

    app = fastgo.App()
    app.post("/{number}", handle)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with Client(serve(app).url) as client:
            for number in map(str, range(100, 400)):
                fields = f"Host: test\r\nX-Number: {number}\r\n"
                answer = client.ask("POST", f"/{number}?n={number}", number.encode(), fields)
                assert answer.body.decode() == number
            for _ in range(300):
                assert left.acquire(timeout=30)
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_kept_attributes_outlive_their_request(serve: Serve) -> None:
    kept: list[tuple[Any, ...]] = []

    def keep(request: fastgo.Request) -> None:
        kept.append((request.query, request.headers, request.params, request.body))

    app = fastgo.App()
    app.post("/{name}", keep)
    server = serve(app)
    for number in range(20):
        ask(server, f"/{number}?q={number}", "POST", b"x" * number + b".")
    for number, (query, headers, params, body) in enumerate(kept):
        assert (query["q"], headers["host"], params["name"]) == (str(number), "test", str(number))
        assert body == b"x" * number + b"."
    eventually(lambda: server.stats().requests == 20, "all of them are counted")


def test_multi_mapping_is_a_mapping_of_first_values() -> None:
    values = fastgo.MultiMapping([("a", "1"), ("b", "2"), ("a", "3")])
    assert dict(values) == {"a": "1", "b": "2"}
    assert values == {"a": "1", "b": "2"}
    assert (len(values), [*values], [*values.items()]) == (2, ["a", "b"], [("a", "1"), ("b", "2")])
    assert values.get("c") is None
    assert 5 not in values  # type: ignore[comparison-overlap]
    with pytest.raises(KeyError):
        values["c"]
    values.getall("a").clear()
    assert values.getall("a") == ["1", "3"]
    with pytest.raises(TypeError):
        values["a"] = "2"  # type: ignore[index]
    assert repr(values) == "<fastgo.MultiMapping {'a': ['1', '3'], 'b': ['2']}>"
