"""Results of Python functions, and the answers that they become."""

import dataclasses
import gc
import json
import uuid
import weakref
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

import fastgo
from tests.client import Answer, Client
from tests.programs import Programs
from tests.servers import Serve, app_of, ask
from tests.waiting import eventually

TEXT, OCTETS, JSON = "text/plain; charset=utf-8", "application/octet-stream", "application/json"


class User(msgspec.Struct):
    name: str
    age: int = 7


@dataclasses.dataclass
class Point:
    x: int
    y: float


Pair = namedtuple("Pair", "left right")


class Text(str):
    """A str of another type."""


RESULTS: list[tuple[object, int, str | None, bytes]] = [
    ("Hello, World!", 200, TEXT, b"Hello, World!"),
    ("", 200, TEXT, b""),
    ("żółw 🐢", 200, TEXT, "żółw 🐢".encode()),
    (Text("text"), 200, TEXT, b"text"),
    (b"\0\xff", 200, OCTETS, b"\0\xff"),
    (bytearray(b"ab"), 200, OCTETS, b"ab"),
    (memoryview(b"abcdef")[::2], 200, OCTETS, b"ace"),
    ({"key": 7, "tags": ["a"]}, 200, JSON, b'{"key":7,"tags":["a"]}'),
    ({1: None}, 200, JSON, b'{"1":null}'),
    ([], 200, JSON, b"[]"),
    (7, 200, JSON, b"7"),
    (True, 200, JSON, b"true"),
    (1.5, 200, JSON, b"1.5"),
    ({"one"}, 200, JSON, b'["one"]'),
    (User("Ann"), 200, JSON, b'{"name":"Ann","age":7}'),
    ([User("Ann")], 200, JSON, b'[{"name":"Ann","age":7}]'),
    (Point(1, 0.5), 200, JSON, b'{"x":1,"y":0.5}'),
    (Pair("a", 2), 200, JSON, b'["a",2]'),
    (uuid.UUID(int=0), 200, JSON, b'"00000000-0000-0000-0000-000000000000"'),
    (None, 204, None, b""),
    (("created", 201), 201, TEXT, b"created"),
    ((b"created", 201), 201, OCTETS, b"created"),
    (({"id": 1}, 201), 201, JSON, b'{"id":1}'),
    (([], 404), 404, JSON, b"[]"),
    ((None, 404), 404, None, b""),
    ((None, 204), 204, None, b""),
    ((None, 304), 304, None, b""),
    (("", 205), 205, None, b""),
    (fastgo.Response(), 200, None, b""),
    (fastgo.Response("<p>", media_type="text/html"), 200, "text/html; charset=utf-8", b"<p>"),
    (fastgo.Response("a", media_type="text/x; CHARSET=x"), 200, "text/x; CHARSET=x", b"a"),
    (fastgo.Response(b"a", media_type="text/html"), 200, "text/html", b"a"),
    (fastgo.Response("{}", media_type="application/json"), 200, JSON, b"{}"),
    (fastgo.Response([1, 2], 599), 599, JSON, b"[1,2]"),
    (fastgo.Response((1, 2)), 200, JSON, b"[1,2]"),
    (fastgo.Response("a", headers={"content-TYPE": "x/y"}), 200, "x/y", b"a"),
    (fastgo.Response(None, 304), 304, None, b""),
]


def fields_of(answer: Answer) -> list[tuple[str, str]]:
    return [each for each in answer.fields if each[0] != "Date"]


@pytest.mark.smoke
def test_result_becomes_the_answer(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{number}", lambda number: RESULTS[int(number)][0])
    with Client(serve(app).url) as client:
        for _ in range(2):  # types that are known by now, as well
            for number, (_, status, media_type, body) in enumerate(RESULTS):
                answer = client.get(f"/{number}")
                assert (answer.status, answer.body) == (status, body)
                types = [value for name, value in answer.fields if name.lower() == "content-type"]
                assert types == ([media_type] if media_type else [])
                head = client.ask("HEAD", f"/{number}")
                assert (head.status, head.body) == (status, b"")
                assert fields_of(head) == fields_of(answer)


def test_what_encodes_a_type_is_asked_for_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def convert(result: object, real: Callable[..., object] = fastgo._workers.convert) -> object:
        asked.append(type(result).__name__)
        return real(result)

    monkeypatch.setattr(fastgo._workers, "convert", convert)
    app = fastgo.App()
    app.get("/dict", lambda: {"a": 1})
    app.get("/struct", lambda: User("Ann"))
    app.get("/either/{first:int}", lambda first: User("Ann") if first == "1" else {"a": 1})
    server = serve(app)
    for path in ["/dict", "/struct"] * 3:
        assert ask(server, path).status == 200
    assert asked == ["dict", "User"]
    for number in [1, 0, 0, 1, 1]:
        wanted = {"name": "Ann", "age": 7} if number else {"a": 1}
        assert json.loads(ask(server, f"/either/{number}").body) == wanted
    assert asked[2:] == ["User", "dict", "User"]


def test_types_of_results_are_let_go(serve: Serve) -> None:
    made: list[weakref.ref[type]] = []

    def handle() -> object:
        kind = msgspec.defstruct("Made", [("value", int)])
        made.append(weakref.ref(kind))
        return kind(1)

    server = serve(app_of(handle), threads=1)
    for _ in range(20):
        assert ask(server).body == b'{"value":1}'
    gc.collect()
    assert sum(each() is not None for each in made) == 1
    server.update(fastgo.demo())

    def let_go() -> bool:
        gc.collect()
        return all(each() is None for each in made)

    eventually(let_go, "the last one goes with its function")


async def coroutine() -> str:
    return "never"


def generator() -> Any:
    yield "part"


async def asynchronous_generator() -> Any:
    yield "part"


class Awaitable:
    def __await__(self) -> Any:
        return iter(())


NO_RESULTS: list[tuple[Callable[[], object], str]] = [
    (lambda: ("a", "b"), "the result is a tuple of (str, str); return (body, status), where"),
    (lambda: ("a", 200, {}), "the result is a tuple of (str, int, dict); return (body, status)"),
    (lambda: (), "the result is a tuple of (); return"),
    (lambda: ("a", True), "the result is a tuple of (str, bool); return"),
    (lambda: (200, "a"), "the result is a tuple of (int, str); return"),
    (lambda: (fastgo.Response(), 201), "the result is (Response, 201); give the status to the"),
    (lambda: ("a", 204), "an answer of status 204 has no content; leave the body out"),
    (lambda: ("a", 100), "status must be 200 to 599, not 100"),
    (lambda: ("a", 600), "status must be 200 to 599, not 600"),
    (lambda: ("a", 2**70), "status is out of range"),
    (lambda: ("a", -1), "status must be 200 to 599, not -1"),
    (lambda: coroutine(), "the result is a coroutine, which nobody awaits; declare the"),
    (lambda: (coroutine(), 200), "the result is a coroutine, which nobody awaits"),
    (lambda: fastgo.text("x"), "the result is a constant handler, which answers a route"),
    (lambda: fastgo.HTTPError(404), "the result is HTTPError(404, None), an exception; raise it"),
    (lambda: Awaitable(), "the result is a Awaitable, which nobody awaits"),
    (lambda: generator(), "the result is a generator, which is not supported; return the whole"),
    (lambda: asynchronous_generator(), "the result is a async_generator, which is not supported"),
    (lambda: object(), "Encoding objects of type object is unsupported"),
    (lambda: {"a": [object()]}, "Encoding objects of type object is unsupported"),
    (lambda: {object(): 1}, "Only dicts with str-like or number-like keys are supported"),
    (lambda: "\udc80", "surrogates not allowed"),
    (lambda: ["\udc80"], "surrogates not allowed"),
    (lambda: ("\udc80", 200), "surrogates not allowed"),
]


def test_what_is_no_result_is_a_failure_that_says_what_to_do(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = fastgo.App()
    app.get("/{number}", lambda number: NO_RESULTS[int(number)][0]())
    server = serve(app)
    for number, (_, message) in enumerate(NO_RESULTS):
        caplog.clear()
        assert ask(server, f"/{number}").status == 500
        (record,) = (each for each in caplog.records if each.name == "fastgo")
        assert record.exc_info is not None
        assert message in str(record.exc_info[1])
    gc.collect()  # a coroutine that nobody awaited would fail the test by a warning


def test_response_has_its_fields_in_order_and_may_be_used_again(serve: Serve) -> None:
    shared = fastgo.Response(
        "body", 418, headers=[("X-One", "1"), ("X-Many", "ż"), ("x-many", ""), ("ETag", '"7"')]
    )
    server = serve(app_of(lambda: shared))
    for _ in range(3):
        answer = ask(server)
        assert (answer.status, answer.body) == (418, b"body")
        fields = [
            (name, value) for name, value in answer.fields if name.lower()[:2] in ("x-", "et")
        ]
        sent = "ż".encode().decode("latin-1")
        assert fields == [("X-One", "1"), ("X-Many", sent), ("x-many", ""), ("ETag", '"7"')]
    assert (shared.status, shared.body) == (418, b"body")
    assert shared.headers[-1] == ("Content-Type", TEXT)
    assert repr(shared) == "<fastgo.Response 418 with 4 bytes>"


def test_large_fields_of_a_response_arrive(serve: Serve) -> None:
    headers = [(f"X-{number}", "v" * 100) for number in range(200)]
    server = serve(app_of(lambda: fastgo.Response("x" * 5_000, headers=headers)))
    for _ in range(3):
        answer = ask(server)
        assert [each for each in answer.fields if each[0].startswith("X-")] == headers
        assert answer.body == b"x" * 5_000


SERVER_FIELDS = (
    "Connection Content-Length Date Keep-Alive Proxy-Connection Server TE Trailer "
    "Transfer-Encoding Upgrade"
)

WRONG_RESPONSES: list[tuple[dict[str, Any], str]] = [
    ({"status": "200"}, "status must be int, not str"),
    ({"status": True}, "status must be int, not bool"),
    ({"status": 199}, "status must be 200 to 599, not 199"),
    ({"body": "a", "status": 204}, "an answer of status 204 has no content"),
    ({"body": {}, "status": 304}, "an answer of status 304 has no content"),
    ({"headers": "X: y"}, "headers must be a mapping or pairs of name and value, not str"),
    ({"headers": [("X",)]}, "headers[0] must be a pair of name and value"),
    ({"headers": {"X": 1}}, "the value of the header 'X' must be str, not int"),
    ({"headers": {"X Y": "1"}}, "headers[0]: 'X Y' is not a name of a header; write letters"),
    ({"headers": {"": "1"}}, "headers[0]: '' is not a name of a header"),
    ({"headers": {"X": "a\r\nY: b"}}, "headers[0]: the value of X, 'a\\r\\nY: b', has a control"),
    ({"headers": {"X": "\x7f"}}, "has a control character; remove it (RFC 9110, section 5.5)"),
    ({"headers": {"X": "\ud800"}}, "the value of the header 'X' is not valid Unicode"),
    ({"headers": {"Content-Type": ""}}, "headers[0]: Content-Type is empty; remove it"),
    (
        {"headers": [("Content-Type", "a/b"), ("content-type", "a/b")]},
        "headers[1]: content-type is there already; remove it",
    ),
    ({"headers": {"Content-Type": "a/b"}, "media_type": "a/b"}, "media_type and a Content-Type"),
    ({"media_type": b"a/b"}, "media_type must be str, not bytes"),
    ({"media_type": ""}, "headers[0]: Content-Type is empty"),
    ({"media_type": "a\nb"}, "headers[0]: the value of Content-Type, 'a\\nb', has a control"),
    *(
        ({"headers": {name: "x"}}, f"headers[0]: {name} is written by the server; remove it")
        for name in SERVER_FIELDS.split()
    ),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_RESPONSES, ids=str)
def test_wrong_response_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as refused:
        fastgo.Response(**arguments)
    assert message in str(refused.value)


def test_body_that_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="Encoding objects of type object is unsupported"):
        fastgo.Response(object())
    with pytest.raises(UnicodeEncodeError):
        fastgo.Response("\ud800")


def test_text_alone_needs_no_msgspec(programs: Programs) -> None:
    out = programs.run(
        """
        import fastgo, sys, urllib.request
        app = fastgo.App()
        app.get("/{key}", lambda key: fastgo.Response(key) if key == "r" else key)
        with fastgo.serve(app, port=0, engine=ENGINE) as server:
            for key in "ra":
                print(urllib.request.urlopen(f"{server.url}/{key}").read())
        print("msgspec" in sys.modules)
        """
    )
    assert out == "b'r'\nb'a'\nFalse\n"


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
