"""Requests that have not the arguments of a function, and functions that want what none has."""

import datetime
import functools
import json
import logging
import sys
import uuid
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest

import fastgo
from fastgo import Body, Cookie, Header, Path, Query
from tests.client import Client
from tests.servers import Serve
from tests.telling import JSON, ask, takes


class Item(msgspec.Struct):
    id: int
    names: dict[str, int] = {}
    children: "list[Item]" = []


@pytest.mark.smoke
def test_all_wrong_parameters_are_listed(serve: Serve) -> None:
    def handle(
        key: int,
        page: int,
        item: Item,
        day: datetime.date = datetime.date.min,
        fine: str = "",
        ids: list[int] = [],  # noqa: B006
        token: Annotated[int | None, Header("X-Token")] = None,
        *,
        session: Annotated[uuid.UUID, Cookie("sid")],
    ) -> None:
        raise AssertionError

    app = fastgo.App()
    app.post("/{key}", handle)
    answer = ask(
        serve(app),
        "/a?day=%FF&fine=b&ids=1&ids=c",
        "POST",
        b'{"id": 1, "children": [{"id": 2}, {"id": "3"}]}',
        JSON + "x-token: secret\r\nCookie: sid=secret\r\n",
    )
    assert (answer.status, answer["Content-Type"]) == (422, "application/problem+json")
    problem = json.loads(answer.body)
    errors = problem.pop("errors")
    assert errors == [
        {"in": "path", "name": "key", "detail": 'expected a whole number, got "a"'},
        {"in": "query", "name": "page", "detail": "is missing; expected a whole number"},
        {"in": "body", "path": "$.children[1].id", "detail": "Expected `int`, got `str`"},
        {
            "in": "query",
            "name": "day",
            "detail": "is not valid UTF-8; expected a date such as 2026-01-31",
        },
        {
            "in": "query",
            "name": "ids",
            "detail": 'expected values that are each a whole number, got "c"',
        },
        {"in": "header", "name": "X-Token", "detail": "expected a whole number"},
        {"in": "cookie", "name": "sid", "detail": "expected a UUID"},
    ]
    assert problem.pop("detail").startswith(
        'path key: expected a whole number, got "a"; query page: is missing; expected a whole '
        "number; body $.children[1].id: Expected `int`, got `str`; query day: "
    )
    assert problem == {"title": "Unprocessable Content", "status": 422}
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    ("annotation", "body", "path", "detail"),
    [
        (Item, b"", "$", "is missing; send JSON"),
        (Item, b'{"id":', "$", "Input data was truncated"),
        (Item, b"{} x", "$", "Object missing required field `id`"),
        (Item, b'{"id": 1} x', "$", "JSON is malformed: trailing characters (byte 11)"),
        (Item, b'{"id": 1.5}', "$.id", "Expected `int`, got `float`"),
        (Item, b'{"id": 1, "names": {"a": "b"}}', "$.names[...]", "Expected `int`, got `str`"),
        (Item, b"null", "$", "Expected `object`, got `null`"),
        (dict[int, str], b'{"a": "b"}', "$", "Expected `int`, got `str` for a name"),
        (Annotated[Any, Body()], b'"\xff"', "$", "is not valid UTF-8"),
        (Annotated[Any, Body()], b"[" * 100_000, "$", "is nested too deeply"),
        (Annotated[str, Body()], b"\xff", "$", "is not valid UTF-8"),
        (
            Annotated[bytes, msgspec.Meta(max_length=1)],
            b"ab",
            "$",
            "Expected `bytes` of length <= 1",
        ),
    ],
)
def test_first_mistake_in_a_body_is_told_with_its_path(
    serve: Serve, annotation: Any, body: bytes, path: str, detail: str
) -> None:
    app = fastgo.App()
    app.post("/", takes(annotation))
    answer = ask(serve(app), "/", "POST", body, JSON)
    assert answer.status == 422
    problem = json.loads(answer.body)
    assert problem["errors"] == [{"in": "body", "path": path, "detail": detail}]
    assert problem["detail"] == f"body {path}: {detail}"


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ("", "the body has no Content-Type and must be JSON"),
        ("Content-Type: \r\n", 'the body is "" and must be JSON'),
        ("Content-Type: text/plain\r\n", 'the body is "text/plain" and must be JSON'),
        ("Content-Type: application/jsonx\r\n", 'the body is "application/jsonx" and must be'),
        ("Content-Type: json\r\n", 'the body is "json" and must be JSON'),
        ("Content-Type: text/json\r\n", 'the body is "text/json" and must be JSON'),
        (
            "Content-Type: text/plain; application/json\r\n",
            'the body is "text/plain; application/json" and must be JSON',
        ),
    ],
)
def test_body_that_is_not_said_to_be_json_is_refused(
    serve: Serve, fields: str, detail: str
) -> None:
    app = fastgo.App()
    app.post("/{x}", takes(int))
    app.post("/", takes(Item, None))
    server = serve(app)
    answer = ask(server, "/", "POST", b'{"id": 1}', fields)
    assert (answer.status, answer["Content-Type"]) == (415, "application/problem+json")
    assert answer["Accept"] == "application/json"
    assert json.loads(answer.body)["detail"].startswith(detail)
    assert ask(server, "/", "POST", b"", fields).body == b"None"


@pytest.mark.parametrize(
    "kind",
    [
        *("application/json", "APPLICATION/JSON;charset=utf-8", "application/json ; a=b"),
        *("application/merge-patch+json", "application/ld+JSON; profile=x"),
    ],
)
def test_types_of_json_are_known_with_parameters(serve: Serve, kind: str) -> None:
    app = fastgo.App()
    app.get("/", takes(dict[str, int]))
    assert ask(serve(app), "/", "GET", b'{"a": 1}', f"content-type:{kind} \r\n").status == 200


@pytest.mark.parametrize("annotation", [bytes, Annotated[str, Body()]])
def test_raw_body_may_be_of_any_type(serve: Serve, annotation: Any) -> None:
    app = fastgo.App()
    app.post("/", takes(annotation))
    server = serve(app)
    for fields in ("", "Content-Type: text/plain\r\n", JSON):
        assert ask(server, "/", "POST", b"a", fields).status == 200
    assert ask(server, "/", "POST").status == 200


class Strict(msgspec.Struct):
    kind: str

    def __post_init__(self) -> None:
        if self.kind == "value":
            raise ValueError("a value that I do not like")
        raise {"key": KeyError, "deep": RecursionError, "exit": SystemExit}[self.kind](self.kind)


@pytest.mark.parametrize("kind", ["key", "deep"])
def test_failure_of_a_decoder_is_a_failure_of_the_function(
    serve: Serve, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    app = fastgo.App()
    app.post("/", takes(Strict))
    answer = ask(serve(app), "/", "POST", json.dumps({"kind": kind}).encode(), JSON)
    assert answer.status == 500
    records = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(records) == 1
    assert records[0].exc_info is not None
    assert kind in repr(records[0].exc_info[1])


def test_value_that_a_type_refuses_itself_is_refused(serve: Serve) -> None:
    app = fastgo.App()
    app.post("/", takes(Strict))
    answer = ask(serve(app), "/", "POST", b'{"kind": "value"}', JSON)
    assert answer.status == 422
    assert json.loads(answer.body)["errors"][0]["detail"] == "a value that I do not like"


def test_decoder_that_asks_for_the_end_stops_the_server(serve: Serve) -> None:
    app = fastgo.App()
    app.post("/", takes(Strict))
    server = serve(app)
    assert ask(server, "/", "POST", b'{"kind": "exit"}', JSON).status == 500
    assert server.stop() == 0


def wants_many(*ids: int) -> None: ...
def wants_any(**ids: int) -> None: ...
def wants_two_bodies(one: dict[str, int], two: bytes) -> None: ...
def wants_too_much(a: Annotated[int, Query(), Header()]) -> None: ...
def has_marker(a: Any = Query()) -> None: ...  # noqa: B008
def wants_unknown(a: "Unknown") -> None: ...  # type: ignore[name-defined] # noqa: F821
def wants_inside(a: "list[Unknown]") -> None: ...  # type: ignore[name-defined] # noqa: F821
def is_wrong(a: "1 +") -> None: ...  # type: ignore[valid-type] # noqa: F722


class Plain: ...


class Callable_:  # noqa: N801
    def __call__(self, a: Plain) -> None: ...


WRONG: list[tuple[Any, str]] = [
    (wants_many, "and its parameter 'ids' takes any number of values; write each by its name"),
    (wants_any, "and its parameter 'ids' takes any number of values"),
    (wants_two_bodies, "and its parameters 'one' and 'two' are all the body"),
    (wants_too_much, "its parameter 'a' is marked fastgo.Query and fastgo.Header; keep one"),
    (has_marker, "has fastgo.Query() as its default; write Annotated[str, fastgo.Query()]"),
    (wants_unknown, "whose signature cannot be read: name 'Unknown' is not defined"),
    (wants_inside, "whose signature cannot be read: name 'Unknown' is not defined"),
    (is_wrong, "whose signature cannot be read: "),
    (functools.partial(wants_many), "its parameter 'ids' takes any number"),
    (Callable_(), "has the annotation tests.test_wrong_arguments.Plain, which is not supported"),
    (takes(Plain), "not supported: nothing that a request has can be turned into it"),
    (takes(list[Plain]), "nothing that a request has can be turned into it"),
    (takes(Plain | None), "nothing that a request has can be turned into it"),
    (takes(bytearray), "nothing that a request has can be turned into it"),
    (takes(None), "nothing that a request has can be turned into it"),
    (takes(complex), "nothing that a request has can be turned into it"),
    (takes(5), "has the annotation 5, which is not supported: Type '5' is not supported"),
    (takes({}), "has the annotation {}, which is not supported"),
    (takes(uuid.UUID | datetime.date), "may not contain more than one str-like type"),
    (takes(Annotated[int, msgspec.Meta(min_length=1)]), "Can only set `min_length` on a str"),
    (takes(Annotated[bytes, Query()]), "is bytes, which a query cannot hold; take it from the"),
    (takes(Annotated[Item, Header()]), "which a header cannot hold; take it from the body"),
    (takes(fastgo.Request | int), "has the annotation fastgo.Request | int, which is not"),
    (takes(Annotated[list[int], Path("key")]), "is list[int], which a parameter of the path"),
    (takes(Annotated[Item, Path("key")]), "which a parameter of the path cannot hold"),
    (eval(f"lambda {', '.join(f'a{n}' for n in range(65))}: 0"), "has 65 parameters; 64 are"),
]


@pytest.mark.parametrize(("function", "message"), WRONG)
def test_function_that_no_request_fits_is_refused(
    function: Callable[..., Any], message: str
) -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as refused:
        app.get("/{key}", function)
    text = str(refused.value)
    assert message in text
    assert text.startswith("the handler of GET /{key} is ")
    code = getattr(function, "__code__", None)
    line = f":{code.co_firstlineno}), " if code else ".py:"
    assert line in text
    assert app.routes() == ()


@pytest.mark.parametrize("annotation", [list[int], Item, bytes])
def test_parameter_of_the_path_is_one_text(annotation: Any) -> None:
    with pytest.raises(fastgo.ConfigError, match="which a parameter of the path cannot hold"):
        fastgo.App().get("/{x}", takes(annotation))


def test_mounted_function_that_no_request_fits_is_refused() -> None:
    with pytest.raises(fastgo.ConfigError, match=r"handler of \* /a/{path...} is the function"):
        fastgo.App().mount("/a", wants_many)


def test_parameter_that_no_path_has_is_refused_with_its_route(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{key}", takes(Annotated[str, Path()]))
    with pytest.raises(fastgo.ConfigError, match=r'the path has no parameter "x".*_arguments.py:'):
        serve(app)
    outer = fastgo.App()
    outer.mount("/{x}", app)
    assert ask(serve(outer), "/7/8").body == b"'7'"


@pytest.mark.parametrize("name", ["a b", "a:", "ż", "a\n"])
@pytest.mark.parametrize("marker", [Header, Cookie])
def test_name_that_no_field_can_have_is_refused(marker: Any, name: str) -> None:
    with pytest.raises(
        fastgo.ConfigError, match=rf"cannot be the name of a {marker.__name__.lower()}"
    ):
        marker(name)


@pytest.mark.parametrize("marker", [Header, Cookie, Query, Path])
def test_name_that_is_no_text_is_refused(marker: Any) -> None:
    with pytest.raises(
        fastgo.ConfigError, match=rf"the name of a fastgo.{marker.__name__} must be str"
    ):
        marker(5)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is new in 3.12")
def test_alias_of_a_type_is_looked_through(serve: Serve) -> None:
    space: dict[str, Any] = {"Annotated": Annotated, "Header": Header}
    exec("type Token = Annotated[int, Header('x-token')] | None", space)
    app = fastgo.App()
    app.get("/", takes(space["Token"], 3))
    assert ask(serve(app), fields="X-Token: 7\r\n").body == b"7"


def test_decorator_that_wants_what_its_function_has_not_is_refused() -> None:
    def wants_request(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(request: fastgo.Request, *arguments: Any, **named: Any) -> Any:
            return function(*arguments, **named)

        return wrapper

    @wants_request
    def user(key: int) -> None: ...

    with pytest.raises(fastgo.ConfigError, match="cannot be given \\['key'\\] by name: missing"):
        fastgo.App().get("/{key}", user)


def test_function_that_a_decorator_has_wrapped_is_called_by_names(serve: Serve) -> None:
    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            return [len(arguments), function(*arguments, **named)]

        return wrapper

    @decorate
    def user(key: int, page: int = 1) -> list[int]:
        return [key, page]

    app = fastgo.App()
    app.get("/{key}", user)
    with Client(serve(app).url) as client:
        assert client.get("/7?page=2").body == b"[0,[7,2]]"
