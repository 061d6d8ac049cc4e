"""The types of parameters of Python functions: what values of a request become."""

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import typing
import uuid
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict

import msgspec
import pytest

import fastgo
from fastgo import Body, Cookie, Header, Query
from tests.servers import Serve
from tests.telling import JSON, ask, takes


def given(serve: Serve, annotation: Any, query: str, *default: Any) -> str:
    """Returns what a function is given for a query, as `repr` has it; or why it is not."""
    app = fastgo.App()
    app.get("/", takes(annotation, *default))
    answer = ask(serve(app), f"/?{query}")
    if answer.status == 200:
        return answer.body.decode()
    assert (answer.status, answer["Content-Type"]) == (422, "application/problem+json")
    return str(json.loads(answer.body)["errors"][0]["detail"])


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


UserId = NewType("UserId", int)
Positive = Annotated[int, msgspec.Meta(ge=1)]
DAY = datetime.date(2026, 1, 31)
ID = uuid.UUID("0e37a6b4-40b7-4d4e-9c5c-2c1c6e2ea0ee")


@pytest.mark.parametrize(
    ("annotation", "query", "value"),
    [
        (str, "x=a+b%20c%C5%BC", "a b cż"),
        (str, "x=", ""),
        (str, "x", ""),
        (str, "a=1&x=1&x=2", "1"),
        (str, "&&%78=1", "1"),
        (str, "x=a=b", "a=b"),
        (str, "x=%zz%4", "%zz%4"),
        (str, f"x={'%61' * 1000}", "a" * 1000),
        (Any, "x=1", "1"),
        (int, "x=%2B007", 7),
        (int, f"x={10**40}", 10**40),
        (float, "x=-1e3", -1000.0),
        (bool, "x=TRUE", True),
        (bool, "x=1", True),
        (bool, "x=False", False),
        (bool, "x=0", False),
        (int | None, "x=7", 7),
        (Positive, "x=%2B007", 7),
        (Positive, f"x={10**40}", 10**40),
        (Positive | None, "x=1", 1),
        (Annotated[Positive, Query("y")], "y=3", 3),
        (Annotated[float, msgspec.Meta(lt=1)], "x=.5", 0.5),
        (Annotated[str, msgspec.Meta(min_length=2)], "x=%C5%BC%22", 'ż"'),
        (Annotated[int, "what others say"], "x=1", 1),
        (fastgo.uint8, "x=1", 1),
        (UserId, "x=7", 7),
        (datetime.date, "x=2026-01-31", DAY),
        (datetime.datetime, "x=2026-01-31T00:00:00", datetime.datetime(2026, 1, 31)),
        (datetime.time, "x=12:00:00", datetime.time(12)),
        (datetime.timedelta, "x=PT90S", datetime.timedelta(seconds=90)),
        (decimal.Decimal, "x=1.50", decimal.Decimal("1.50")),
        (uuid.UUID, f"x={ID}", ID),
        (Color, "x=blue", Color.BLUE),
        (Level, "x=1", Level.LOW),
        (Literal["a", "b"], "x=b", "b"),
        (Literal[1, 2], "x=2", 2),
        (int | datetime.date, "x=2026-01-31", DAY),
        (int | float, "x=1.5", 1.5),
        (list[str], "x=b&x=a&x", ["b", "a", ""]),
        (list[int], "x=1&y=2&x=3", [1, 3]),
        (list[bool], "x=1", [True]),
        (list[Color] | None, "x=red", [Color.RED]),
        (list[Positive], "x=1&x=2", [1, 2]),
        (Annotated[list[int], msgspec.Meta(max_length=1)], "x=1", [1]),
        (set[int], "x=1&x=1", {1}),
        (frozenset[str], "x=a", frozenset("a")),
        (tuple[uuid.UUID, ...], f"x={ID}", (ID,)),
        (tuple[int, str], "x=1&x=2", (1, "2")),
        (collections.abc.Sequence[float], "x=1", [1.0]),
    ],
)
def test_value_of_the_query_becomes_the_type_of_the_annotation(
    serve: Serve, annotation: Any, query: str, value: object
) -> None:
    assert given(serve, annotation, query) == repr(value)


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        *((int, 7), (int | None, None), (list[int], (1, 2)), (Positive, 0), (Color, Color.RED)),
        *((Annotated[str, Header("x-token")], "h"), (Annotated[list[str], Cookie()], "c")),
        *((bytes, b"b"), (dict[str, int] | None, None), (Annotated[str, Body()], "s")),
        *((Annotated[int, fastgo.Path("nowhere")], 3),),
    ],
)
def test_default_is_used_where_the_request_has_no_value(
    serve: Serve, annotation: Any, default: object
) -> None:
    assert given(serve, annotation, "y=1", default) == repr(default)


@pytest.mark.parametrize(
    ("annotation", "query", "detail"),
    [
        (str, "x=%FF", "is not valid UTF-8; expected text"),
        (str, "y=1", "is missing; expected text"),
        (int, "x=", 'expected a whole number, got ""'),
        (int, "x=1_0", 'expected a whole number, got "1_0"'),
        (int, "x=+1", 'expected a whole number, got " 1"'),
        (int, f"x={'9' * 5000}", f'expected a whole number, got "{"9" * 99}...'),
        (float, "x=nan", 'expected a number, got "nan"'),
        (bool, "x=yes", 'expected true or false, got "yes"'),
        (int | None, "x=null", 'expected a whole number, got "null"'),
        (Positive, "x=0", "expected a whole number >= 1, got 0"),
        (Positive, "x=1.0", 'expected a whole number >= 1, got "1.0"'),
        (
            Annotated[int, msgspec.Meta(gt=1, le=3, multiple_of=2)],
            "x=4",
            "expected a whole number > 1 and <= 3 and divisible by 2, got 4",
        ),
        (
            Annotated[str, msgspec.Meta(pattern="^a", max_length=3, title="A")],
            "x=b",
            'expected text of length <= 3 and matching ^a, got "b"',
        ),
        (datetime.date, "x=1", 'expected a date such as 2026-01-31, got "1"'),
        (uuid.UUID, "y", "is missing; expected a UUID"),
        (Color, "x=RED", 'expected one of "red", "blue", got "RED"'),
        (Level, "x=2", 'expected one of 1, got "2"'),
        (Literal["a", 1], "x=c", 'expected one of 1, "a", got "c"'),
        (
            int | datetime.date,
            "x=c",
            'expected a whole number or a date such as 2026-01-31, got "c"',
        ),
        (list[int], "y=1", "is missing; expected values that are each a whole number"),
        (list[int], "x=1&x=b", 'expected values that are each a whole number, got "b"'),
        (list[Positive], "x=0", "expected values that are each a whole number >= 1, got [0]"),
        (tuple[int, str], "x=1", 'expected the values a whole number and text, got ["1"]'),
        (
            Annotated[list[str], msgspec.Meta(max_length=1)],
            "x=1&x=2",
            'expected values that are each text of length <= 1, got ["1", "2"]',
        ),
    ],
)
def test_other_value_is_refused_with_what_is_expected(
    serve: Serve, annotation: Any, query: str, detail: str
) -> None:
    assert given(serve, annotation, query).startswith(detail)


class Item(msgspec.Struct):
    id: int
    tags: list[str] = []


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    name: str


@dataclasses.dataclass
class Point:
    x: int


class Named(TypedDict):
    name: str


class Pair(NamedTuple):
    one: int
    two: int


@pytest.mark.parametrize(
    ("annotation", "body", "value"),
    [
        (Item, b'{"id": 1}', Item(1)),
        (Item | None, b"null", None),
        (Annotated[Item | None, Body()], b"null", None),
        (Annotated[Item, Body] | None, b"null", None),
        (Cat | Dog, b'{"type": "Dog", "name": "Rex"}', Dog("Rex")),
        (list[Item], b'[{"id": 1}]', [Item(1)]),
        (Point, b'{"x": 1}', Point(1)),
        (Named, b'{"name": "a"}', {"name": "a"}),
        (Pair, b"[1, 2]", Pair(1, 2)),
        (dict, b'{"a": [1.5]}', {"a": [1.5]}),
        (dict[str, int], b'{"a": 1}', {"a": 1}),
        (dict[str, Any] | None, b'{"a": 1}', {"a": 1}),
        (list, b"[1]", [1]),
        (typing.List, b"[1]", [1]),  # noqa: UP006
        (list[Any], b"[1]", [1]),
        (int | list[int], b"[1]", [1]),
        (Annotated[int, Body()], b"7", 7),
        (Annotated[Positive, Body()], b"7", 7),
        (Annotated[list[int], Body()], b"[7]", [7]),
        (Annotated[Any, Body()], b'"a"', "a"),
        (bytes, b"\0\xff", b"\0\xff"),
        (bytes | None, b"", b""),
        (Annotated[bytes, msgspec.Meta(max_length=2)], b"\0\xff", b"\0\xff"),
        (Annotated[str, Body()], "ż".encode(), "ż"),
        (Annotated[str, Body(), msgspec.Meta(max_length=1)], "ż".encode(), "ż"),
    ],
)
def test_body_becomes_the_type_of_the_annotation(
    serve: Serve, annotation: Any, body: bytes, value: object
) -> None:
    app = fastgo.App()
    app.post("/", takes(annotation))
    answer = ask(serve(app), "/", "POST", body, JSON)
    assert (answer.status, answer.body.decode()) == (200, repr(value))


@pytest.mark.parametrize(
    ("annotation", "body", "value"),
    [(Any, b"[1]", [1]), (str, b"[1]", "[1]"), (list[int], b"[1]", [1]), (int, b"1", 1)],
)
def test_parameter_called_body_is_the_body(
    serve: Serve, annotation: Any, body: bytes, value: object
) -> None:
    def tell(body: Any) -> str:
        return repr(body)

    tell.__annotations__["body"] = annotation
    app = fastgo.App()
    app.post("/", tell)
    assert ask(serve(app), "/", "POST", body, JSON).body.decode() == repr(value)


def test_large_body_arrives_whole(serve: Serve) -> None:
    app = fastgo.App()
    app.post("/", lambda body, q: f"{len(body)} {q}")
    assert ask(serve(app), "/?q=%20", "POST", b"x" * 500_000).body == b"500000  "
