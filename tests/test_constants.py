"""Constant answers: their documents, and what clients see of them."""

import dataclasses
import datetime
import enum
import json
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve

TEXT, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
JSON, BYTES = "application/json", "application/octet-stream"


def spec(handler: fastgo.Handler) -> dict[str, Any]:
    """Returns the spec as the document has it."""
    found: dict[str, Any] = json.loads(json.dumps(dict(handler.spec)))
    return found


def pairs() -> Iterator[tuple[str, str]]:
    yield "A", "1"
    yield "a", "2"


DOCUMENTS: list[tuple[fastgo.Handler, dict[str, Any]]] = [
    (fastgo.text("x"), {"status": 200, "headers": [["Content-Type", TEXT]], "text": "x"}),
    (fastgo.html("x"), {"status": 200, "headers": [["Content-Type", HTML]], "text": "x"}),
    (fastgo.json([1]), {"status": 200, "headers": [["Content-Type", JSON]], "text": "[1]"}),
    (fastgo.bytes(b""), {"status": 200, "headers": [["Content-Type", BYTES]], "base64": ""}),
    (fastgo.status(204), {"status": 204, "headers": []}),
    (fastgo.status(429, headers={"A": "1"}), {"status": 429, "headers": [["A", "1"]]}),
    (fastgo.text("", status=404), {"status": 404, "headers": [["Content-Type", TEXT]], "text": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("handler", "expected"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_constant_is_a_status_headers_and_content(
    handler: fastgo.Handler, expected: dict[str, Any]
) -> None:
    assert handler.kind == "constant"
    assert spec(handler) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, [["Content-Type", TEXT]]),
        ({}, [["Content-Type", TEXT]]),
        ({"A": "1", "B": "2"}, [["A", "1"], ["B", "2"], ["Content-Type", TEXT]]),
        ([("A", "1"), ["A", "2"]], [["A", "1"], ["A", "2"], ["Content-Type", TEXT]]),
        (pairs(), [["A", "1"], ["a", "2"], ["Content-Type", TEXT]]),
        ({"Content-Type": "text/csv"}, [["Content-Type", "text/csv"]]),
        ({"A": "1", "content-TYPE": "text/csv"}, [["A", "1"], ["content-TYPE", "text/csv"]]),
    ],
)
def test_headers_are_kept_in_order_and_take_the_place_of_the_default(
    headers: Any, expected: list[list[str]]
) -> None:
    assert spec(fastgo.text("x", headers=headers))["headers"] == expected


def test_content_type_of_bytes_is_an_option_that_headers_replace() -> None:
    image = fastgo.bytes(b"x", content_type="image/png", headers={"A": "1"})
    assert spec(image)["headers"] == [["A", "1"], ["Content-Type", "image/png"]]
    other = fastgo.bytes(b"x", content_type="image/png", headers={"Content-Type": "image/gif"})
    assert spec(other)["headers"] == [["Content-Type", "image/gif"]]


@pytest.mark.parametrize("content", [b"\0\xff", bytearray(b"\0\xff"), memoryview(b"\0-\xff")[::2]])
def test_bytes_may_be_any_buffer(content: Any) -> None:
    assert spec(fastgo.bytes(content))["base64"] == "AP8="


def test_buffer_that_changes_later_does_not_change_the_handler() -> None:
    content = bytearray(b"old")
    handler = fastgo.bytes(content)
    content[:] = b"new"
    assert spec(handler) == spec(fastgo.bytes(b"old"))


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Named(msgspec.Struct):
    name: str
    tags: set[str] = set()


class Colour(enum.Enum):
    RED = "red"


VALUES: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (2**53, "9007199254740992"),
    ("grüß\0", '"grüß\\u0000"'),
    ([1, (2, {3})], "[1,[2,[3]]]"),
    ({"a": 1, 2: "b"}, '{"a":1,"2":"b"}'),
    (Point(1, 2.5), '{"x":1,"y":2.5}'),
    (Named("n", {"t"}), '{"name":"n","tags":["t"]}'),
    (Colour.RED, '"red"'),
    (Decimal("1.10"), '"1.10"'),
    (datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), '"2020-01-02T00:00:00Z"'),
    (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (b"\xff", '"/w=="'),
]


@pytest.mark.parametrize(("value", "encoded"), VALUES, ids=[text for _, text in VALUES])
def test_json_encodes_what_msgspec_does(value: Any, encoded: str) -> None:
    assert spec(fastgo.json(value))["text"] == encoded


def test_value_that_changes_later_does_not_change_the_answer() -> None:
    value = {"a": 1}
    handler = fastgo.json(value)
    value["a"] = 2
    assert spec(handler)["text"] == '{"a":1}'


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "json cannot encode this object: Encoding objects of type object"),
        ({"a": [object()]}, "json cannot encode this dict: Encoding objects of type object"),
        ({(1, 2): 3}, "json cannot encode this dict: Only dicts with str-like"),
        (1j, "json cannot encode this complex: Encoding objects of type complex"),
        ("\ud800", "json cannot encode this str: 'utf-8' codec can't encode"),
        (CYCLE, "json cannot encode this list: maximum recursion depth"),
    ],
)
def test_json_tells_what_it_cannot_encode_and_what_it_can(value: Any, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.json(value)
    assert str(raised.value).startswith(message)
    assert str(raised.value).endswith("; give it dicts, lists, strings, numbers, dataclasses or "
                                      "other types that msgspec knows")  # fmt: skip


Call = Callable[[], fastgo.Handler]

WRONG: list[tuple[Call, str]] = [
    (lambda: fastgo.html(b"x"), "html must be str, not bytes; decode it first"),
    (lambda: fastgo.html(None), "html must be str, not NoneType"),
    (lambda: fastgo.html("\ud800"), "html is not valid Unicode: character 0"),
    (lambda: fastgo.bytes("x"), "content must be bytes, not str; encode it first, or use fastgo."),
    (lambda: fastgo.bytes(None), "content must be bytes, not NoneType"),
    (lambda: fastgo.bytes([1]), "content must be bytes, not list"),
    (lambda: fastgo.bytes(b"", content_type=None), "content_type must be str, not NoneType"),
    (lambda: fastgo.bytes(b"", content_type=""), "content_type is empty; write "),
    (lambda: fastgo.status("204"), "status must be int, not str"),
    (lambda: fastgo.status(True), "status must be int, not bool"),
    (lambda: fastgo.status(199), "status must be 200 to 599, not 199"),
    (lambda: fastgo.status(600), "status must be 200 to 599, not 600"),
    (lambda: fastgo.html("", status=100), "status must be 200 to 599, not 100"),
    (lambda: fastgo.json(1, status=0), "status must be 200 to 599, not 0"),
    (lambda: fastgo.bytes(b"", status=2**64), "status is out of range"),
]  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG, ids=range(len(WRONG)))
def test_wrong_argument_is_refused_at_once(call: Call, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        call()
    assert str(raised.value).startswith(message)


NO_HEADERS = "headers must be a mapping or pairs of name and value, not "
NO_PAIR = "must be a pair of name and value, not "


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("A: 1", NO_HEADERS + 'str; write {"Name": "value"}'),
        (b"A: 1", NO_HEADERS + "bytes; write "),
        (5, NO_HEADERS + "int; write "),
        (["A: 1"], f'headers[0] {NO_PAIR}\'A: 1\'; write ("Name", "value")'),
        ([("A", "1"), ("B",)], f"headers[1] {NO_PAIR}('B',); write "),
        ({5: "1"}, "the name in headers[0] must be str, not int"),
        ({b"A": "1"}, "the name in headers[0] must be str, not bytes; decode it first"),
        ({"A": 1}, "the value of the header 'A' must be str, not int"),
        ({"A": None}, "the value of the header 'A' must be str, not NoneType"),
        ({"A": "\udc80"}, "the value of the header 'A' is not valid Unicode"),
    ],
)
def test_wrong_headers_are_refused_at_once(headers: Any, message: str) -> None:
    for make, value in (
        (fastgo.text, "x"),
        (fastgo.html, "x"),
        (fastgo.json, "x"),
        (fastgo.bytes, b"x"),
        (fastgo.status, 204),
        (fastgo.template, "x"),
    ):
        with pytest.raises(fastgo.ConfigError) as raised:
            make(value, headers=headers)  # type: ignore[operator]
        assert str(raised.value).startswith(message)


def serving(serve: Serve, handler: fastgo.Handler) -> str:
    """Serves one handler on GET / and returns the URL."""
    app = fastgo.App()
    app.get("/", handler)
    return serve(app).url


ANSWERS: list[tuple[fastgo.Handler, int, str | None, bytes]] = [
    (fastgo.text("grüß"), 200, TEXT, "grüß".encode()),
    (fastgo.text(""), 200, TEXT, b""),
    (fastgo.text("gone", status=410), 410, TEXT, b"gone"),
    (fastgo.text("x" * 200_000), 200, TEXT, b"x" * 200_000),
    (fastgo.html("<p>&amp;</p>"), 200, HTML, b"<p>&amp;</p>"),
    (fastgo.json({"a": [1, None]}), 200, JSON, b'{"a":[1,null]}'),
    (fastgo.json([], status=201, headers={"content-type": "application/problem+json"}),
     201, "application/problem+json", b"[]"),
    (fastgo.bytes(bytes(range(256))), 200, BYTES, bytes(range(256))),
    (fastgo.bytes(b"", content_type="image/png"), 200, "image/png", b""),
    (fastgo.status(404), 404, None, b""),
    (fastgo.status(204), 204, None, b""),
    (fastgo.status(599), 599, None, b""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("handler", "status", "content_type", "body"), ANSWERS, ids=range(len(ANSWERS))
)
def test_constant_answers(
    serve: Serve, handler: fastgo.Handler, status: int, content_type: str | None, body: bytes
) -> None:
    with Client(serving(serve, handler)) as client:
        answer = client.get()
        assert (answer.status, answer.body) == (status, body)
        if content_type is None:
            assert "Content-Type" not in answer
        else:
            assert answer["Content-Type"] == content_type
        head = client.ask("HEAD")
        assert (head.status, head.body) == (status, b"")
        same = {name: value for name, value in answer.fields if name != "Date"}
        assert same == {name: value for name, value in head.fields if name != "Date"}


def test_headers_are_sent(serve: Serve) -> None:
    headers = [
        ("X-A", "1"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Cache-Control", "no-store"),
    ]
    with Client(serving(serve, fastgo.text("x", headers=headers))) as client:
        answer = client.get()
        for name, value in headers:
            assert (name, value) in answer.fields
        assert answer["Content-Type"] == TEXT


def ask_if_none_match(client: Client, tags: str, method: str = "GET") -> int:
    return client.ask(method, "/", fields=f"Host: t\r\nIf-None-Match: {tags}\r\n").status


@pytest.mark.smoke
@pytest.mark.parametrize(
    "handler", [fastgo.text("x"), fastgo.html("x"), fastgo.json("x"), fastgo.bytes(b"x")]
)
def test_client_that_has_a_constant_is_told_so(serve: Serve, handler: fastgo.Handler) -> None:
    with Client(serving(serve, handler)) as client:
        tag = client.get()["ETag"]
        for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            assert ask_if_none_match(client, tags) == 304
            assert ask_if_none_match(client, tags, "HEAD") == 304
        assert ask_if_none_match(client, '"other"') == 200
        unchanged = client.ask("GET", "/", fields=f"Host: t\r\nIf-None-Match: {tag}\r\n")
        assert (unchanged["ETag"], unchanged.body) == (tag, b"")


def test_tag_changes_with_content_and_type(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/a", fastgo.text("a"))
    app.get("/b", fastgo.text("b"))
    app.get("/c", fastgo.html("a"))
    app.get("/d", fastgo.text("a"))
    with Client(serve(app).url) as client:
        a, b, c, d = (client.get(f"/{name}")["ETag"] for name in "abcd")
    assert len({a, b, c}) == 3
    assert a == d


@pytest.mark.parametrize(
    "handler", [fastgo.text("x", status=404), fastgo.status(200), fastgo.text("x", status=201)]
)
def test_only_content_with_status_200_has_a_tag(serve: Serve, handler: fastgo.Handler) -> None:
    with Client(serving(serve, handler)) as client:
        assert "ETag" not in client.get()
        assert ask_if_none_match(client, "*") == handler.spec["status"]


def test_tag_of_the_app_takes_the_place_of_the_computed_one(serve: Serve) -> None:
    handler = fastgo.text("x", headers={"ETag": '"v1"', "Cache-Control": "max-age=60"})
    with Client(serving(serve, handler)) as client:
        assert client.get()["ETag"] == '"v1"'
        answer = client.ask("GET", "/", fields='Host: t\r\nIf-None-Match: "v1"\r\n')
        assert (answer.status, answer["Cache-Control"]) == (304, "max-age=60")
