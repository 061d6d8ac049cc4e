"""Mounts: other apps, and handlers for all paths, under a prefix."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

import fastgo
from fastgo.testing import Client
from tests.places import here
from tests.servers import texts

OK = fastgo.text("ok")


def places(app: fastgo.Group) -> list[str]:
    """Returns method, host and path of each route."""
    return [f"{route.method} {route.host}{route.path}" for route in app.routes()]


def one(path: str = "/x", *, host: str = "") -> fastgo.App:
    """Returns an app with one route."""
    app = fastgo.App()
    (app.host(host) if host else app).get(path, OK)
    return app


MOUNTS: list[tuple[Callable[[fastgo.App], object], list[str]]] = [
    (lambda app: app.mount("/a", one()), ["GET /a/x"]),
    (lambda app: app.mount("/a", one("/")), ["GET /a/"]),
    (lambda app: app.mount("/a", one("")), ["GET /a"]),
    (lambda app: app.mount("/", one()), ["GET /x"]),
    (lambda app: app.mount("/{user}", one("/{id:int}")), ["GET /{user}/{id:int}"]),
    (lambda app: app.group("/g").mount("/a", one()), ["GET /g/a/x"]),
    (lambda app: app.group("/g").mount("/", one()), ["GET /g/x"]),
    (lambda app: app.host("h.test").mount("/a", one()), ["GET h.test/a/x"]),
    (lambda app: app.mount("/a", one(host="h.test")), ["GET h.test/a/x"]),
    (lambda app: app.host("H.test").mount("/a", one(host="h.test")), ["GET h.test/a/x"]),
    (lambda app: app.mount("/a", OK), ["* /a", "* /a/{path...}"]),
    (lambda app: app.mount("/", OK), ["* /{path...}"]),
    (lambda app: app.mount("/{id}", OK), ["* /{id}", "* /{id}/{path...}"]),
    (lambda app: app.group("/g").mount("/a", OK), ["* /g/a", "* /g/a/{path...}"]),
    (lambda app: app.group("/g").mount("/", OK), ["* /g/{path...}"]),
    (lambda app: app.host("h.test").mount("/", OK), ["* h.test/{path...}"]),
]


@pytest.mark.parametrize(("mount", "expected"), MOUNTS, ids=range(len(MOUNTS)))
def test_mount_puts_the_prefix_before_each_path(
    mount: Callable[[fastgo.App], object], expected: list[str]
) -> None:
    app = fastgo.App()
    mount(app)
    assert places(app) == expected


def test_mounts_nest_and_stand_where_they_were_mounted() -> None:
    inner, middle, app = fastgo.App(), fastgo.App(), fastgo.App()
    app.get("/first", OK)
    app.mount("/middle", middle)
    app.get("/last", OK)
    middle.mount("/inner", inner)
    middle.get("/own", OK)
    inner.get("/x", OK)
    assert places(app) == ["GET /first", "GET /middle/inner/x", "GET /middle/own", "GET /last"]


def test_app_may_be_mounted_twice() -> None:
    app, other = fastgo.App(), one()
    app.mount("/a", other)
    app.mount("/b", other)
    assert places(app) == ["GET /a/x", "GET /b/x"]


def test_routes_that_the_mounted_app_gets_later_are_seen() -> None:
    app, other = fastgo.App(), fastgo.App()
    app.group("/g").mount("/a", other)
    assert places(app) == []
    other.get("/later", OK)
    assert places(app) == ["GET /g/a/later"]
    assert places(other) == ["GET /later"]


def test_mounted_app_keeps_its_own_policy() -> None:
    app, other = fastgo.App(trailing_slash="redirect"), one()
    app.mount("/a", other)
    app.mount("/b", OK)
    assert [route.trailing_slash for route in app.routes()] == ["strict", "redirect", "redirect"]


def test_source_of_a_mounted_route_is_where_it_was_registered() -> None:
    other, app = fastgo.App(), fastgo.App()
    other.get("/x", OK)
    expected = [here(-1)]
    app.mount("/a", other)
    app.mount("/b", OK)
    expected += 2 * [here(-1)]
    assert [route.source for route in app.routes()] == expected


def test_app_shows_its_mounts() -> None:
    app = one()
    app.mount("/a", one())
    assert repr(app) == "<fastgo.App with 1 routes and 1 mounted apps>"


def test_cycle_of_mounts_is_refused_at_once() -> None:
    first, second, third = fastgo.App(), fastgo.App(), fastgo.App()
    first.mount("/second", second)
    second.group("/g").mount("/third", third)
    for app, mounted in ((first, first), (second, first), (third, first), (third, second)):
        with pytest.raises(fastgo.ConfigError) as raised:
            app.mount("/back", mounted)
        assert str(raised.value) == (
            'the app that is mounted on "/back" contains the app that mounts it; '
            "mount it in one direction only"
        )
    with pytest.raises(fastgo.ConfigError, match='mounted on "/g/h" contains the app'):
        third.group("/g").mount("/h", first)
    third.get("/x", OK)
    assert places(first) == ["GET /second/g/third/x"]


def test_long_chain_of_diamonds_is_no_cycle() -> None:
    apps = [fastgo.App() for _ in range(40)]  # 2^39 ways lead from the first to the last
    for app, mounted in pairwise(apps):
        app.mount("/a", mounted)
        app.mount("/b", mounted)
    with pytest.raises(fastgo.ConfigError, match="contains the app that mounts it"):
        apps[-1].mount("/c", apps[0])


@pytest.mark.parametrize(
    ("what", "described"),
    [
        (None, "a NoneType"),
        ("x", "a str"),
        (fastgo.text, "the function 'text'"),
        (fastgo.App, "the type 'App'"),
        (fastgo.App().group("/g"), "a Group"),
        (5, "an int"),
    ],
)
def test_what_is_neither_app_nor_handler_is_refused(what: Any, described: str) -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as raised:
        app.mount("/a", what)
    assert str(raised.value) == (
        f'what is mounted on "/a" is {described}; write a fastgo.App, a handler or a function'
    )
    assert app.routes() == ()


@pytest.mark.parametrize("prefix", ["/{path}", "/{path:int}", "/a/{path}/b"])
@pytest.mark.parametrize("group", ["", "/g"])
def test_prefix_that_takes_the_name_of_the_rest_is_refused(prefix: str, group: str) -> None:
    app = fastgo.App()
    target = app.group(group) if group else app
    with pytest.raises(fastgo.ConfigError) as raised:
        target.mount(prefix, OK)
    assert str(raised.value) == (
        f'"{group}{prefix}" has a parameter {{path}}, the name that mount needs for the rest of '
        "the path; give it another name"
    )
    target.mount(prefix, one())  # an app needs no name
    target.mount("/{pathname}", OK)


def test_route_for_another_host_than_that_of_its_mount_is_refused() -> None:
    other, app = fastgo.App(), fastgo.App()
    other.host("b.test").get("/x", OK)
    registered = here(-1)
    app.host("a.test").mount("/m", other)
    mounted = here(-1)
    with pytest.raises(fastgo.ConfigError) as raised:
        app.routes()
    assert str(raised.value) == (
        f"GET /x (registered at {registered}) is for the host 'b.test', and its app is mounted on "
        f"the host 'a.test' at {mounted}; mount it outside of that host"
    )


def test_mounted_path_without_its_slash_is_refused() -> None:
    other, app = fastgo.App(), fastgo.App()
    other.get("x", OK)
    registered = here(-1)
    app.mount("/m", other)
    mounted = here(-1)
    with pytest.raises(fastgo.ConfigError) as raised:
        app.routes()
    assert str(raised.value) == (
        f'GET x (registered at {registered}) does not begin with "/", and its app is mounted on '
        f'"/m" at {mounted}; write "/x"'
    )


@pytest.mark.smoke
def test_mounted_app_serves_below_its_prefix(engine: str) -> None:
    app = texts(root="site")
    app.mount("/shop", texts(root="shop", cart="cart"))
    app.host("api.test").mount("/", texts(root="api"))
    with Client(app, engine=engine) as client:
        assert client.get("/").content == b"site"
        assert client.get("/shop/").content == b"shop"
        assert client.get("/shop/cart").content == b"cart"
        assert client.get("/shop").status_code == 404
        assert client.get("/cart").status_code == 404
        assert client.get("/", headers={"Host": "api.test"}).content == b"api"


def test_mounted_app_that_has_grown_is_served_by_an_update(engine: str) -> None:
    app, shop = texts(root="site"), fastgo.App()
    app.mount("/shop", shop)
    with Client(app, engine=engine) as client:
        shop.get("/later", fastgo.text("later"))
        assert client.get("/shop/later").status_code == 404
        client.server.update(app)
        assert client.get("/shop/later").content == b"later"


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("/echo", None),
        ("/echo/", b"<>"),
        ("/echo/a", b"<a>"),
        ("/echo/a/b/", b"<a/b/>"),
        ("/echo/%41%2Fb", b"<A/b>"),
        ("/echoes", None),
    ],
)
def test_mounted_handler_answers_all_below_its_prefix(
    engine: str, path: str, rest: bytes | None
) -> None:
    app = fastgo.App()
    app.group("/echo").mount("/", fastgo.template("<{path}>"))
    with Client(app, engine=engine) as client:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            answer = client.request(method, path)
            expected = (200, rest) if rest else (404, b"404 Not Found\n")
            assert (answer.status_code, answer.content) == expected


def test_mounted_handler_answers_the_prefix_itself(engine: str) -> None:
    app = fastgo.App()
    app.mount("/all", OK)
    app.get("/all/own", fastgo.text("own"))
    app.post("/all", fastgo.text("posted"))
    with Client(app, engine=engine) as client:
        for path in ("/all", "/all/", "/all/x/y"):
            assert client.get(path).content == b"ok"
            assert client.request("BREW", path).content == b"ok"
        assert client.get("/all/own").content == b"own"
        assert client.post("/all").content == b"posted"
        assert client.post("/all/own").content == b"ok"
        assert client.get("/al").status_code == 404
