"""Groups: prefixes and hosts that routes share."""

from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from fastgo.testing import Client
from tests.places import here

OK = fastgo.text("ok")


def places(group: fastgo.Group) -> list[str]:
    """Returns host and path of each route."""
    return [route.host + route.path for route in group.routes()]


@pytest.mark.parametrize(
    ("prefix", "path", "joined"),
    [
        ("/api", "", "/api"),
        ("/api", "/", "/api/"),
        ("/api", "/users", "/api/users"),
        ("/api", "/users/", "/api/users/"),
        ("/users/{id}", "/name", "/users/{id}/name"),
        ("/users/{id:int}", "/{rest...}", "/users/{id:int}/{rest...}"),
        ("/a//b", "//c", "/a//b//c"),
    ],
)
def test_prefix_and_path_are_put_together_as_they_are(prefix: str, path: str, joined: str) -> None:
    app = fastgo.App()
    app.group(prefix).get(path, OK)
    assert places(app) == [joined]


def test_every_method_of_a_group_registers_on_its_app() -> None:
    app = fastgo.App()
    group = app.group("/api")
    for method in ("get", "post", "put", "patch", "delete"):
        getattr(group, method)("/x", OK)
    group.route("OPTIONS", "/x", OK)
    group.route("*", "/x", OK)
    expected = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*"]
    assert [route.method for route in app.routes()] == expected
    assert app.routes() == group.routes()


GROUPS: list[tuple[Callable[[fastgo.App], fastgo.Group], str]] = [
    (lambda app: app.group("/a").group("/b"), "/a/b/x"),
    (lambda app: app.group("/a").group("/b").group("/{c}"), "/a/b/{c}/x"),
    (lambda app: app.host("h.test"), "h.test/x"),
    (lambda app: app.host("h.test").group("/a"), "h.test/a/x"),
    (lambda app: app.group("/a").host("h.test"), "h.test/a/x"),
    (lambda app: app.group("/a").host("h.test").group("/b"), "h.test/a/b/x"),
    (lambda app: app.host("h.test").host("H.test"), "H.test/x"),
]


@pytest.mark.parametrize(("group", "place"), GROUPS, ids=[place for _, place in GROUPS])
def test_groups_nest(group: Callable[[fastgo.App], fastgo.Group], place: str) -> None:
    app = fastgo.App()
    group(app).get("/x", OK)
    assert places(app) == [place]


def test_routes_stand_in_the_order_of_their_registration() -> None:
    app = fastgo.App()
    group = app.group("/group")
    inner = group.group("/inner")
    app.get("/1", OK)
    inner.get("/2", OK)
    app.get("/3", OK)
    group.get("/4", OK)
    assert places(app) == ["/1", "/group/inner/2", "/3", "/group/4"]
    assert places(group) == ["/group/inner/2", "/group/4"]
    assert places(inner) == ["/group/inner/2"]


def test_group_has_the_policy_of_its_app() -> None:
    app = fastgo.App(trailing_slash="redirect")
    app.group("/a").host("h.test").get("/x", OK)
    assert [route.trailing_slash for route in app.routes()] == ["redirect"]


def test_source_is_the_line_that_registered_the_route() -> None:
    app = fastgo.App()
    group = app.host("h.test").group("/a")
    group.get("/x", OK)
    expected = [here(-1)]

    def register(target: fastgo.Group) -> None:
        target.route("POST", "/x", OK)

    expected.append(here(-2))
    register(group)
    assert [route.source for route in app.routes()] == expected


def test_route_is_a_value() -> None:
    app = fastgo.App()
    app.host("h.test").post("/x", OK)
    assert app.routes() == (fastgo.Route("POST", "h.test", "/x", OK, "strict", here(-1)),)


@pytest.mark.parametrize(
    ("group", "shown"),
    [
        (fastgo.App(), "<fastgo.App with 0 routes>"),
        (fastgo.App().host("h.test").group("/a"), "<fastgo.Group h.test/a with 0 routes>"),
        (fastgo.demo(), "<fastgo.App with 2 routes>"),
    ],
)
def test_group_shows_where_it_is(group: fastgo.Group, shown: str) -> None:
    assert repr(group) == shown


WRONG_PREFIXES = [
    ("api", 'the prefix "api" does not begin with "/"; write "/api"'),
    ("api/", 'the prefix "api/" does not begin with "/"; write "/api"'),
    ("/api/", 'the prefix "/api/" ends with "/"; write "/api"'),
    ("/a/b//", 'the prefix "/a/b//" ends with "/"; write "/a/b"'),
    ("//", 'the prefix "//" names no path; write '),
    ("", 'the prefix "" names no path; write '),
    (None, "prefix must be str, not NoneType"),
    (b"/api", "prefix must be str, not bytes; decode it first"),
    ("/\ud800", "prefix is not valid Unicode"),
]


@pytest.mark.parametrize(("prefix", "message"), WRONG_PREFIXES)
def test_wrong_prefix_is_refused_at_once(prefix: Any, message: str) -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as raised:
        app.group(prefix)
    assert str(raised.value).startswith(message)
    with pytest.raises(fastgo.ConfigError) as raised:
        app.mount(prefix, OK)
    assert str(raised.value).startswith(message)
    assert app.routes() == ()


def test_slash_alone_is_a_prefix_to_mount_on_but_not_to_group_by() -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError, match='"/" names no path; write a path such as "/api"'):
        app.group("/")
    app.mount("/", fastgo.App())


WRONG_CALLS: list[tuple[Callable[[fastgo.App], object], str]] = [
    (
        lambda app: app.group("/api").get("users", OK),
        '"users" in the group "/api" does not begin with "/"; write "/users"',
    ),
    (
        lambda app: app.group("/api").get("/x", "x"),  # type: ignore[arg-type]
        "the handler of GET /api/x is a str, which is no handler; write a function",
    ),
    (lambda app: app.host(""), "host is empty; write a name, or register on the app itself"),
    (lambda app: app.host(None), "host must be str, not NoneType"),  # type: ignore[arg-type]
    (
        lambda app: app.host("a.test").host("b.test"),
        "a group of the host 'a.test' cannot have routes of the host 'b.test'; "
        "write app.host('b.test')",
    ),
    (
        lambda app: app.host("a.test").group("/x").host("b.test"),
        "a group of the host 'a.test' cannot have routes of the host 'b.test'; ",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG_CALLS, ids=[text for _, text in WRONG_CALLS])
def test_what_a_group_cannot_have_is_refused_at_once(
    call: Callable[[fastgo.App], object], message: str
) -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as raised:
        call(app)
    assert str(raised.value).startswith(message)
    assert app.routes() == ()


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("remove", 'trailing_slash must be "strict" or "redirect", not "remove"'),
        ("", 'trailing_slash must be "strict" or "redirect", not ""'),
        (True, "trailing_slash must be str, not bool"),
        (None, "trailing_slash must be str, not NoneType"),
    ],
)
def test_unknown_policy_is_refused(policy: Any, message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.App(trailing_slash=policy)
    assert str(raised.value) == message


@pytest.mark.smoke
def test_group_serves_below_its_prefix(engine: str) -> None:
    app = fastgo.App()
    user = app.group("/users/{id:int}")
    user.get("", fastgo.template("user {id}"))
    user.get("/", fastgo.template("slash of {id}"))
    user.get("/posts/{post}", fastgo.template("post {post} of {id}"))
    with Client(app, engine=engine) as client:
        assert client.get("/users/7").content == b"user 7"
        assert client.get("/users/7/").content == b"slash of 7"
        assert client.get("/users/7/posts/a").content == b"post a of 7"
        assert client.get("/users/x").status_code == 404
        assert client.get("/posts/a").status_code == 404
