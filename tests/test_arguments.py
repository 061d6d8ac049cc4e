"""The arguments of Python functions: where they come from."""

import datetime
import functools
import gc
import json
import pickle
import types
import weakref
from typing import Annotated, Any

import msgspec
import pytest

import fastgo
from fastgo import Cookie, Header, Query
from tests.client import Client
from tests.compilers import compile_cython
from tests.programs import Programs
from tests.servers import Serve
from tests.telling import JSON, ask, takes
from tests.waiting import eventually


class Item(msgspec.Struct):
    id: int
    tags: list[str] = []


@pytest.mark.smoke
def test_every_source_serves_one_call(serve: Serve) -> None:
    def tell(
        key: int,
        request: fastgo.Request,
        item: Item,
        tags: Annotated[list[str], Query("tag")],
        user_agent: Annotated[str, Header],
        token: Annotated[str, Header("X-Token")],
        session: Annotated[str, Cookie()],
        /,
        page: int = 1,
        *,
        until: datetime.date | None = None,
        flag: bool,
    ) -> list[Any]:
        return [
            *(key, request.path, item, tags, user_agent, token, session, page, until, flag),
        ]

    app = fastgo.App()
    app.post("/{key}", tell)
    fields = JSON + "User-Agent: me\r\nx-token: \t secret \r\nCookie: a=b; session=c\r\n"
    query = "tag=a&flag=1&until=2026-01-31&tag=b"
    answer = ask(serve(app), f"/7?{query}", "POST", b'{"id": 3}', fields)
    assert json.loads(answer.body) == [
        *(7, "/7", {"id": 3, "tags": []}, ["a", "b"], "me", "secret", "c", 1, "2026-01-31", True),
    ]


def test_annotations_in_quotes_are_found_where_the_function_is_registered(serve: Serve) -> None:
    class Local(msgspec.Struct):
        id: int

    def whole(local: "Local") -> "Local":
        return local

    def inside(locals: "list[Local] | None" = None, x: list["int"] = []) -> Any:  # noqa: A002, B006
        return [locals, x]

    app = fastgo.App()
    app.post("/whole", whole)
    app.post("/inside")(inside)
    server = serve(app)
    assert ask(server, "/whole", "POST", b'{"id":1}', JSON).body == b'{"id":1}'
    assert ask(server, "/inside?x=3", "POST", b'[{"id":1}]', JSON).body == b'[[{"id":1}],[3]]'


@pytest.mark.parametrize("count", [16, 17, 64])
@pytest.mark.parametrize("keywords", ["", "*, "])
def test_many_arguments_come_in_their_order(serve: Serve, count: int, keywords: str) -> None:
    names = [f"a{number}" for number in range(count)]
    declared = ", ".join([*(f"{each}: int" for each in names[:-1]), f"{keywords}{names[-1]}: int"])
    space: dict[str, Any] = {}
    exec(f"def tell({declared}): return [{', '.join(names)}]", space)
    app = fastgo.App()
    app.get("/{a3}", space["tell"])
    query = "&".join(f"{each}={number}" for number, each in enumerate(names) if number != 3)
    assert json.loads(ask(serve(app), f"/3?{query}").body) == list(range(count))


class Counter:
    def __call__(self, x: "int") -> str:
        return f"called {x}"

    def method(self, x: "int" = 3) -> str:
        return f"method {x}"

    @classmethod
    def of_class(cls, x: "int") -> str:
        return f"{cls.__name__} {x}"


def add(x: "int", y: "int", z: "int" = 0) -> str:
    return f"{x} {y} {z}"


@functools.wraps(add)
def wrapped(*arguments: Any, **keywords: Any) -> str:
    return "wrapped " + add(*arguments, **keywords)


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (Counter(), "called 1"),
        (Counter().method, "method 1"),
        (Counter.of_class, "Counter 1"),
        (functools.partial(add, 5), "5 2 3"),
        (functools.partial(add, y=5), "1 5 3"),
        (functools.partial(functools.partial(add, z=5), y=6), "1 6 5"),
        (functools.partial(add, z=5), "1 2 5"),
        (functools.partial(Counter().method), "method 1"),
        (wrapped, "wrapped 1 2 3"),
    ],
)
def test_callables_of_all_kinds_have_their_arguments(
    serve: Serve, function: Any, answer: str
) -> None:
    app = fastgo.App()
    app.get("/", function)
    assert ask(serve(app), "/?x=1&y=2&z=3").body.decode() == answer


@pytest.fixture(scope="module")
def cython(tmp_path_factory: pytest.TempPathFactory) -> types.ModuleType:
    return compile_cython(
        tmp_path_factory.mktemp("cython"),
        """
        # cython: language_level=3
        import fastgo

        def tell(key: int, x: float, request: fastgo.Request, *, tags: list[str] = []):
            return repr((key, x, request, tags))

        class Counter:
            def method(self, x: int):
                return repr(x)
        """,
    )


def test_function_of_cython_has_its_arguments(serve: Serve, cython: types.ModuleType) -> None:
    app = fastgo.App()
    app.get("/method", cython.Counter().method)
    app.get("/tell/{key}", cython.tell)
    server = serve(app)
    assert ask(server, "/method?x=3").body == b"3"
    told = b"(7, 1.0, <fastgo.Request GET /tell/7>, ['a'])"
    assert ask(server, "/tell/7?x=1&tags=a").body == told


def test_mounted_app_finds_its_values_in_the_prefix_or_the_query(serve: Serve) -> None:
    inner = fastgo.App()
    inner.get("/{b}", lambda b, a="default": f"{a} {b}")
    numbers = fastgo.App()
    numbers.get("/", takes(list[int]))
    app = fastgo.App()
    app.mount("/plain", inner)
    app.mount("/in/{a}", inner)
    app.mount("/numbers/{x}", numbers)
    server = serve(app)
    for path, body in [
        ("/plain/2", b"default 2"),
        ("/plain/2?a=1", b"1 2"),
        ("/in/0/2?a=1", b"0 2"),
        ("/in/a%2Fb/2", b"a/b 2"),
        ("/numbers/5/?x=1", b"[1]"),
    ]:
        assert ask(server, path).body == body, path


def test_mounted_function_answers_the_prefix_and_all_below(serve: Serve) -> None:
    app = fastgo.App()
    app.mount("/files", takes(str))
    app.mount("/rest", lambda path: repr(path))
    app.group("/of/{owner}").mount("/own", lambda owner, path="none": f"{owner} {path}")
    server = serve(app)
    assert ask(server, "/files/a?x=1", "DELETE").body == b"'1'"
    for path, body in [
        ("/rest", b"''"),
        ("/rest?path=x", b"''"),
        ("/rest/", b"''"),
        ("/rest/a%20b/c", b"'a b/c'"),
        ("/of/me/own", b"me none"),
        ("/of/me/own/x", b"me x"),
    ]:
        assert ask(server, path).body == body, path


def test_handler_is_pickled_with_its_place() -> None:
    app = fastgo.App()
    app.get("/{x}", add)
    handler = pickle.loads(pickle.dumps(app.routes()[0].handler))
    assert [each.source for each in handler.arguments] == ["path", "parameter", "parameter"]
    assert handler.number != app.routes()[0].handler.spec["number"]


def test_msgspec_is_loaded_by_the_first_argument_that_needs_it(programs: Programs) -> None:
    out = programs.run(
        """
        import sys, datetime, fastgo
        from typing import Annotated
        app = fastgo.App()
        def plain(id: int, request, q: str | None = None, tags: list[float] = [],
                  token: Annotated[str, fastgo.Header()] = "", body: bytes = b""): ...
        app.get("/{id}", plain)
        print("msgspec" in sys.modules)
        def other(day: datetime.date): ...
        app.get("/", other)
        print("msgspec" in sys.modules)
        """
    )
    assert out == "False\nTrue\n"


class Watched:
    """A value whose end can be seen."""


def test_plans_are_let_go_with_their_functions(serve: Serve) -> None:
    default = Watched()
    gone = weakref.ref(default)
    app = fastgo.App()
    app.get("/", takes(int, default))
    server = serve(app)
    assert ask(server).body.startswith(b"<tests.")
    server.update(fastgo.App())
    del default, app

    def let_go() -> bool:
        gc.collect()
        return gone() is None

    eventually(let_go, "the default is let go")


def test_wrong_requests_leave_nothing_behind(serve: Serve) -> None:
    def handle(
        x: int,
        y: Annotated[int, msgspec.Meta(ge=1)],
        item: Item,
        z: list[bool],
        h: Annotated[int, Header()],
    ) -> None: ...

    app = fastgo.App()
    app.post("/", handle)
    with Client(serve(app, threads=1).url) as client:

        def wrong(times: int) -> int:
            for _ in range(times):
                fields = "Host: t\r\nh: x\r\n" + JSON
                answer = client.ask("POST", "/?x=a&y=0&z=1&z=2", b'{"id": "x"}', fields)
                assert len(json.loads(answer.body)["errors"]) == 5
            gc.collect()
            return len(gc.get_objects())

        before = wrong(50)
        assert wrong(500) - before < 250
