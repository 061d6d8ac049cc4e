"""Routing: which route a request gets, and what it gets where there is none."""

import random

import pytest

import fastgo
from tests.client import Answer, Client
from tests.servers import Serve


def ask(client: Client, target: str, method: str = "GET", host: str = "test") -> Answer:
    return client.ask(method, target, fields=f"Host: {host}\r\n")


def echoing(*patterns: str) -> fastgo.App:
    """Returns an app whose answers are the patterns that matched."""
    app = fastgo.App()
    for pattern in patterns:
        app.get(pattern, fastgo.text(pattern))
    return app


PATTERNS = [
    "/",
    "/users",
    "/users/",
    "/users/me",
    "/users/{id:int}",
    "/users/{name}",
    "/users/{name}/posts",
    "/users/{name}/posts/{rest...}",
    "/users/{rest...}",
    "/{rest...}",
    "/a%20b",
    "/caf%C3%A9/{x}",
    "/brace/%7Bid%7D",
    "/dot.s/...",
]
MATCHES = [
    ("/", "/"),
    ("/users", "/users"),
    ("/users/", "/users/"),
    ("/users/me", "/users/me"),
    ("/users/m%65", "/users/me"),
    ("/users/42", "/users/{id:int}"),
    ("/users/-42", "/users/{id:int}"),
    ("/users/0", "/users/{id:int}"),
    ("/users/%34%32", "/users/{id:int}"),
    ("/users/9223372036854775807", "/users/{id:int}"),
    ("/users/-9223372036854775808", "/users/{id:int}"),
    ("/users/9223372036854775808", "/users/{name}"),
    ("/users/-9223372036854775809", "/users/{name}"),
    ("/users/042", "/users/{name}"),
    ("/users/-0", "/users/{name}"),
    ("/users/+1", "/users/{name}"),
    ("/users/1.5", "/users/{name}"),
    ("/users/ann", "/users/{name}"),
    ("/users/me%2Fyou", "/users/{name}"),
    ("/users/ME", "/users/{name}"),
    ("/users/me/", "/users/{rest...}"),
    ("/users/me/posts", "/users/{name}/posts"),
    ("/users/42/posts", "/users/{name}/posts"),
    ("/users/42/posts/", "/users/{name}/posts/{rest...}"),
    ("/users/42/posts/a/b", "/users/{name}/posts/{rest...}"),
    ("/users//posts", "/users/{rest...}"),
    ("/users/a/b/c", "/users/{rest...}"),
    ("/user", "/{rest...}"),
    ("/users?x=/me", "/users"),
    ("//", "/{rest...}"),
    ("/a%20b", "/a%20b"),
    ("/%61%20%62", "/a%20b"),
    ("/a%2520b", "/{rest...}"),
    ("/caf%c3%a9/1", "/caf%C3%A9/{x}"),
    ("/brace/%7bid%7d", "/brace/%7Bid%7D"),
    ("/dot.s/...", "/dot.s/..."),
]


@pytest.mark.smoke
def test_most_specific_pattern_wins_in_any_order(serve: Serve) -> None:
    orders = [PATTERNS, PATTERNS[::-1], random.Random(1).sample(PATTERNS, len(PATTERNS))]
    server = serve()
    with Client(server.url) as client:
        for patterns in orders:
            server.update(echoing(*patterns))
            found = {target: ask(client, target).body.decode() for target, _ in MATCHES}
            assert found == dict(MATCHES)


@pytest.mark.parametrize(
    ("pattern", "target", "status"),
    [
        ("/{id}", "/", 404),
        ("/{id}/x", "//x", 404),
        ("/{id:int}", "/x", 404),
        ("/{id:int}", "/1/", 404),
        ("/a/{rest...}", "/a", 404),
        ("/a/{rest...}", "/a/", 200),
        ("/a/b", "/a%2Fb", 404),
        ("/a%2Fb", "/a%2fb", 200),
        ("/a%2Fb", "/a/b", 404),
        ("/a", "/A", 404),
        ("/a", "/a/", 404),
        ("/a/", "/a", 404),
        ("/a", "/a;b", 404),
        ("/a//b", "/a//b", 200),
        ("/a//b", "/a/b", 404),
    ],
)
def test_path_matches_a_pattern_or_not(
    serve: Serve, pattern: str, target: str, status: int
) -> None:
    with Client(serve(echoing(pattern)).url) as client:
        assert ask(client, target).status == status


@pytest.mark.parametrize(
    "target",
    ["/.", "/..", "/a/../b", "/a/./b", "/a/..", "/%2e%2E/b", "/a/.%2e", "/a%2F..%2Fb", "/a%00b"],
)
def test_dot_segments_and_nul_are_refused(serve: Serve, target: str) -> None:
    with Client(serve(echoing("/{rest...}", "/{a}/{b}", "/a")).url) as client:
        assert ask(client, target).status == 400
        assert ask(client, "/a").body == b"/a"


def test_sixteen_parameters_are_taken(serve: Serve) -> None:
    names = [f"p{number}" for number in range(16)]
    app = fastgo.App()
    braces = [f"{{{name}}}" for name in names]
    app.get("/" + "/".join(braces), fastgo.template("-".join(braces)))
    with Client(serve(app).url) as client:
        assert ask(client, "/" + "/".join(names)).body.decode() == "-".join(names)


METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]


def test_route_for_every_method_gives_way_to_a_method_of_its_own(serve: Serve) -> None:
    app = fastgo.App()
    app.route("*", "/x", fastgo.status(210))
    app.post("/x", fastgo.status(211))
    app.get("/{any}", fastgo.status(212))
    with Client(serve(app).url) as client:
        for method in [*METHODS, "BREW"]:
            assert ask(client, "/x", method).status == (211 if method == "POST" else 210)
        assert ask(client, "/y").status == 212


def test_pattern_without_the_method_gives_way_to_one_that_has_it(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/users/me", fastgo.text("me"))
    app.post("/users/{id}", fastgo.text("posted"))
    with Client(serve(app).url) as client:
        assert ask(client, "/users/me").body == b"me"
        assert ask(client, "/users/me", "POST").body == b"posted"


def test_get_answers_head_where_no_route_for_head_does(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/x", fastgo.text("four"))
    app.get("/y", fastgo.text("y"))
    app.route("HEAD", "/y", fastgo.status(204))
    with Client(serve(app).url) as client:
        answer = ask(client, "/x", "HEAD")
        assert (answer.status, answer["Content-Length"]) == (200, "4")
        assert ask(client, "/y", "HEAD").status == 204


def allowed(answer: Answer) -> set[str]:
    return set(answer["Allow"].split(", "))


def test_method_that_a_path_lacks_is_answered_with_those_it_has(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/x", fastgo.text("x"))
    app.put("/x", fastgo.text("x"))
    app.delete("/{id}", fastgo.text("x"))
    app.post("/only", fastgo.text("x"))
    with Client(serve(app).url) as client:
        answer = ask(client, "/x", "POST")
        assert answer.status == 405
        assert allowed(answer) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
        answer = ask(client, "/only")
        assert answer.status == 405
        assert allowed(answer) == {"POST", "DELETE", "OPTIONS"}
        assert ask(client, "/no/where", "POST").status == 404


def test_options_are_answered_by_the_table_unless_a_route_does(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/x", fastgo.text("x"))
    app.patch("/y", fastgo.text("y"))
    app.route("OPTIONS", "/own", fastgo.text("own"))
    with Client(serve(app).url) as client:
        answer = ask(client, "/x", "OPTIONS")
        assert (answer.status, answer.body) == (204, b"")
        assert allowed(answer) == {"GET", "HEAD", "OPTIONS"}
        assert ask(client, "/own", "OPTIONS").body == b"own"
        assert ask(client, "/nowhere", "OPTIONS").status == 404
        whole = ask(client, "*", "OPTIONS")
        assert whole.status == 204
        assert allowed(whole) == {"GET", "HEAD", "PATCH", "OPTIONS"}


def hosts() -> fastgo.App:
    app = fastgo.App()
    app.get("/", fastgo.text("any"))
    app.get("/shared/{id}", fastgo.text("any"))
    app.get("/only", fastgo.text("any"))
    api = app.host("api.test")
    api.get("/", fastgo.text("api"))
    api.get("/shared/{rest...}", fastgo.text("api"))
    app.host("127.0.0.1").get("/", fastgo.text("address"))
    app.host("[::1]").get("/", fastgo.text("six"))
    return app


@pytest.mark.parametrize(
    ("host", "target", "expected"),
    [
        ("api.test", "/", "api"),
        ("API.Test", "/", "api"),
        ("api.test:8080", "/", "api"),
        ("www.api.test", "/", "any"),
        ("test", "/", "any"),
        ("127.0.0.1:80", "/", "address"),
        ("[::1]:80", "/", "six"),
        ("api.test", "/shared/x", "api"),
        ("test", "/shared/x", "any"),
        ("api.test", "/only", "any"),
        ("test", "http://api.test/", "api"),
        ("api.test", "http://test/", "any"),
    ],
)
def test_routes_of_a_host_win_for_that_host(
    serve: Serve, host: str, target: str, expected: str
) -> None:
    with Client(serve(hosts()).url) as client:
        assert ask(client, target, host=host).body.decode() == expected


def slashes(policy: str) -> fastgo.App:
    app = fastgo.App(trailing_slash=policy)
    app.get("/bare", fastgo.text("bare"))
    app.get("/slash/", fastgo.text("slash"))
    app.get("/users/{id}", fastgo.text("user"))
    app.get("/both", fastgo.text("both"))
    app.get("/both/", fastgo.text("both slash"))
    app.post("/post/", fastgo.text("posted"))
    app.get("/", fastgo.text("root"))
    app.get("/a%20b/", fastgo.text("space"))
    return app


SLASHES = [
    ("GET", "/bare/", "/bare"),
    ("GET", "/slash", "/slash/"),
    ("HEAD", "/slash", "/slash/"),
    ("POST", "/post", "/post/"),
    ("GET", "/users/7/", "/users/7"),
    ("GET", "/users/a%2Fb/", "/users/a%2Fb"),
    ("GET", "/a%20b", "/a%20b/"),
    ("GET", "/slash?a=1&b=/", "/slash/?a=1&b=/"),
    ("GET", "/bare/?a", "/bare?a"),
]


@pytest.mark.parametrize(("method", "target", "location"), SLASHES)
def test_policy_decides_about_a_slash_too_many_or_too_few(
    serve: Serve, method: str, target: str, location: str
) -> None:
    server = serve(slashes("redirect"))
    with Client(server.url) as client:
        answer = client.ask(method, target)
        assert (answer.status, answer["Location"]) == (308, location)
        assert client.ask(method, location).status == 200
        server.update(slashes("strict"))
        assert client.ask(method, target).status == 404


@pytest.mark.parametrize(
    ("target", "status"),
    [("/both", 200), ("/both/", 200), ("/", 200), ("/nowhere/", 404), ("/bare//", 404)],
)
def test_path_that_has_a_route_is_not_redirected(serve: Serve, target: str, status: int) -> None:
    with Client(serve(slashes("redirect")).url) as client:
        assert ask(client, target).status == status


@pytest.mark.parametrize("target", ["//evil.test", "//evil.test/", "/%2Fevil.test/", "///"])
def test_slash_policy_leads_to_no_other_host(serve: Serve, target: str) -> None:
    app = fastgo.App(trailing_slash="redirect")
    app.get("/{a}/{b}", fastgo.text("x"))
    app.get("/{a}/{b}/{c}/", fastgo.text("x"))
    app.get("//{b}", fastgo.text("x"))
    app.get("//{b}/{c}/", fastgo.text("x"))
    with Client(serve(app).url) as client:
        answer = ask(client, target)
        assert answer.status != 308 or not answer["Location"].startswith(("//", "/\\"))


def test_policy_is_that_of_the_app_that_has_the_route(serve: Serve) -> None:
    app, other = fastgo.App(), fastgo.App(trailing_slash="redirect")
    app.get("/strict", fastgo.text("x"))
    other.get("/x", fastgo.text("x"))
    app.mount("/other", other)
    with Client(serve(app).url) as client:
        assert ask(client, "/strict/").status == 404
        assert ask(client, "/other/x/")["Location"] == "/other/x"


def test_thousands_of_routes_are_served(serve: Serve) -> None:
    app = fastgo.App()
    for number in range(5000):
        app.get(f"/group{number % 50}/item{number}/{{id}}", fastgo.template(f"{number}:{{id}}"))
    with Client(serve(app).url) as client:
        for number in range(0, 5000, 37):
            target = f"/group{number % 50}/item{number}/x"
            assert ask(client, target).body.decode() == f"{number}:x"
