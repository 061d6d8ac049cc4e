"""Queries, header fields and cookies as Python functions get them, against plain models."""

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastgo
from fastgo import Cookie, Header, Path, Query
from tests.client import Client
from tests.conftest import ENGINES

NAMES = ["a", "A", "a b", "ab", "ż", "%", "+", "a=", "x-a", "cookie"]
TOKENS = ["a", "A", "ab", "x-a", "~", "cookie", "host"]


def app() -> fastgo.App:
    """Returns an app that tells all values of a name, and reads numbers."""
    app = fastgo.App()

    def tell(marker: Any) -> Callable[..., str]:
        def values(values: Any = ()) -> str:
            return ascii([*values])

        values.__annotations__["values"] = Annotated[list[str], marker]
        return values

    for number, name in enumerate(NAMES):
        app.get(f"/query/{number}", tell(Query(name)))
    for number, name in enumerate(TOKENS):
        app.get(f"/header/{number}", tell(Header(name)))
        app.get(f"/cookie/{number}", tell(Cookie(name)))

    def first(a: str = "none") -> str:
        return ascii([a])

    def read(kind: Any) -> Callable[..., str]:
        def value(value: Any) -> str:
            return repr(value)

        value.__annotations__["value"] = Annotated[kind, Path()]
        return value

    app.get("/first", first)
    for kind in (int, float, bool):
        app.get(f"/{kind.__name__}/{{value}}", read(kind))
    return app


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with (
        fastgo.serve(app(), port=0, threads=1, engine=request.param) as server,
        Client(server.url) as client,
    ):
        yield client


def told(client: Client, path: str, fields: bytes = b"") -> str | None:
    """Returns what the function tells of a request, None where it was refused."""
    client.send(f"GET {path} HTTP/1.1\r\nHost: test\r\n".encode() + fields + b"\r\n")
    answer = client.answer()
    assert answer.status in (200, 422)
    return answer.body.decode() if answer.status == 200 else None


def parsed(query: str, name: str) -> list[str]:
    """Returns the values of a name as the standard library reads them."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return [value for key, value in pairs if key == name]


def shown(values: list[str]) -> str | None:
    """Returns the values as the functions tell them; None where one is no UTF-8."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return None
    return ascii(values)


def queries() -> st.SearchStrategy[str]:
    """Queries of pieces that mean something there."""
    pieces = ["a", "A", "b", "x-a", "&", "&", "=", "=", "+", ";", "?", "/"]
    pieces += ["%", "%2", "%zz", "%61", "%41", "%20", "%2B", "%26", "%3D", "%25", "%00"]
    pieces += ["%C5%BC", "%c5%bc", "%FF", "%C5", "cookie"]
    return st.lists(st.sampled_from(pieces), max_size=30).map("".join)


@given(query=queries(), number=st.integers(0, len(NAMES) - 1))
def test_query_is_read_as_by_the_standard_library(client: Client, query: str, number: int) -> None:
    model = shown(parsed(query, NAMES[number]))
    assert told(client, f"/query/{number}?{query}") == model


@given(query=queries())
def test_first_value_of_a_name_is_taken(client: Client, query: str) -> None:
    model = shown(parsed(query, "a")[:1] or ["none"])
    assert told(client, f"/first?{query}") == model


@given(
    length=st.integers(200, 300) | st.integers(0, 7000), escape=st.sampled_from(["a", "+", "%61"])
)
def test_value_of_any_length_is_unescaped(client: Client, length: int, escape: str) -> None:
    model = parsed(f"a={'b' * length}{escape}", "a")
    assert told(client, f"/first?a={'b' * length}{escape}") == ascii(model)


def fields(names: list[str], values: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[Any]]:
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(["", " ", "\t ", "  "]), values)
    return st.lists(pairs, max_size=6)


def lines(fields: list[tuple[str, str, bytes]]) -> bytes:
    return b"".join(f"{n}:{s}".encode() + v + s.encode() + b"\r\n" for n, s, v in fields)


def as_field(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


VALUES = st.lists(
    st.sampled_from(
        [b"a", b" ", b"\t", b'"', b"=", b";", b",", b":", b"\xc5\xbc", b"\xff", b"%41"]
    ),
    max_size=12,
).map(b"".join)


@given(
    fields=fields(["a", "A", "ab", "X-A", "~", "Cookie", "b"], VALUES),
    number=st.integers(0, len(TOKENS) - 1),
)
def test_header_fields_are_read_by_their_names(
    client: Client, fields: list[tuple[str, str, bytes]], number: int
) -> None:
    every = [("Host", " ", b"test"), *fields]
    wanted = TOKENS[number].lower()
    model = [as_field(value.strip(b" \t")) for name, _, value in every if name.lower() == wanted]
    assert told(client, f"/header/{number}", lines(fields)) == ascii(model)


def cookies(line: bytes) -> list[tuple[bytes, bytes]]:
    """Returns the cookies of a field: RFC 6265, section 4.2.1, read generously."""
    pairs = [pair.partition(b"=") for pair in line.split(b";")]
    found = [(name.strip(b" \t"), value.strip(b" \t")) for name, equals, value in pairs if equals]
    return [(name, re.sub(rb'^"(.*)"$', rb"\1", value)) for name, value in found]


PAIRS = st.tuples(
    st.sampled_from([b"a", b"a", b"a", b"A", b"ab", b"~", b""]),
    st.sampled_from([b"=", b"=", b" =\t", b""]),
    st.sampled_from([b"", b'"']),
    st.sampled_from([b"", b"1", b"two words", b"a=b", b"\xc5\xbc", b"\xff", b",", b'"']),
    st.sampled_from([b"", b'"', b" "]),
    st.sampled_from([b"; ", b";", b" ;;"]),
).map(b"".join)

COOKIES = st.lists(PAIRS, max_size=4).map(b"".join)


@given(
    fields=fields(["Cookie", "cookie", "COOKIE", "Set-Cookie", "Cookies", "a"], COOKIES),
    number=st.sampled_from([TOKENS.index(name) for name in ("a", "a", "ab", "A", "~")]),
)
def test_cookies_are_read_from_all_their_fields(
    client: Client, fields: list[tuple[str, str, bytes]], number: int
) -> None:
    found = [pair for name, _, v in fields if name.lower() == "cookie" for pair in cookies(v)]
    model = [as_field(value) for name, value in found if name == TOKENS[number].encode()]
    assert told(client, f"/cookie/{number}", lines(fields)) == ascii(model)


def model_of(kind: type, text: str) -> str | None:
    """Returns a number as Python reads it, without what is not for requests."""
    if kind is bool:
        known = {"true": True, "1": True, "false": False, "0": False}
        return repr(known[text.lower()]) if text.lower() in known else None
    if not re.fullmatch(r"[+-]?[0-9]+" if kind is int else r"[-+.eE0-9]+", text):
        return None
    try:
        value = kind(text)
    except ValueError:
        return None
    return repr(value) if value - value == 0 else None


@given(
    kind=st.sampled_from([int, float, bool]),
    text=st.integers().map(str)
    | st.floats().map(repr)
    | st.sampled_from(["true", "TRUE", "False", "FALSe", "tru", "truee", "yes", "on"])
    | st.text("+-.eE0123456789_ x", min_size=1, max_size=24)
    | st.from_regex(r"[0-9]{15,25}", fullmatch=True),
)
def test_numbers_are_read_as_by_python(client: Client, kind: type, text: str) -> None:
    path = f"/{kind.__name__}/{text.replace(' ', '%20')}"
    if text not in (".", ".."):  # dot segments
        assert told(client, path) == model_of(kind, text)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (b"a=1; a=2", ["1", "2"]),
        (b'a="1";a=""; a=";a=2', ["1", "", '"', "2"]),
        (b"a; b=1; =2; ;; a", []),
        (b" a = b=c ;A=1;ab=2", ["b=c"]),
        (b"a=a%20b+c", ["a%20b+c"]),
    ],
)
def test_cookies_of_a_field(client: Client, line: bytes, values: list[str]) -> None:
    path = f"/cookie/{TOKENS.index('a')}"
    assert told(client, path, b"Cookie: " + line + b"\r\n") == ascii(values)
