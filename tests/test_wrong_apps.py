"""Apps that Go refuses: the error names the route, its place, its line and what to write."""

from collections.abc import Callable

import pytest

import fastgo
from tests.servers import Serve


def hello() -> fastgo.Handler:
    return fastgo.text("Hello")


Register = Callable[[fastgo.App], object]

# What is found then: how it is registered, which route that is, its place in the
# document, what is wrong with it, and what to write.
# fmt: off
FOUND: list[tuple[Register, str, str, str, str]] = [
    (lambda app: app.route("get", "/", hello()),
     "get /", "method", '"get" is not a method of routes', "write GET, HEAD,"),
    (lambda app: app.get("x", hello()),
     "GET x", "path", '"x" does not begin with "/"', 'write "/x"'),
    (lambda app: app.get("/é", hello()),
     "GET /é", "path", '"/é" has a byte 0xc3 at 1 that a path cannot', 'write it as "/%C3%A9"'),
    (lambda app: app.get("/50%", hello()),
     "GET /50%", "path", '"/50%" has a "%" at byte 3 without two hexadecimal', 'write "%25"'),
    (lambda app: app.get("/a%00", hello()),
     "GET /a%00", "path", '"/a%00" has "%00" at byte 2, which stands for a control', "remove it"),
    (lambda app: app.get("/a/../b", hello()),
     "GET /a/../b", "path", 'has the segment "..", which clients resolve', "remove it"),
    (lambda app: app.get("/%2E", hello()),
     "GET /%2E", "path", 'has the segment "%2E", which clients resolve', "remove it"),
    (lambda app: app.get("/v{n}", hello()),
     "GET /v{n}", "path", 'has the segment "v{n}"; a parameter such as {id} takes a whole', "%7B"),
    (lambda app: app.get("/{", hello()),
     "GET /{", "path", 'has the segment "{"; a parameter such as {id} takes a whole', "%7B"),
    (lambda app: app.get("/{}", hello()),
     "GET /{}", "path", 'has the parameter {}, whose name "" is no identifier', "such as {id}"),
    (lambda app: app.get("/{a-b}", hello()),
     "GET /{a-b}", "path", 'whose name "a-b" is no identifier', "write a name such as {id}"),
    (lambda app: app.get("/{1}", hello()),
     "GET /{1}", "path", 'whose name "1" is no identifier', "write a name such as {id}"),
    (lambda app: app.get("/{a:float}", hello()),
     "GET /{a:float}", "path", 'whose type "float" is not known', "write {a} or {a:int}"),
    (lambda app: app.get("/{a...}/b", hello()),
     "GET /{a...}/b", "path", "goes on behind {a...}, which takes all that is left", "write {a}"),
    (lambda app: app.get("/{a}/{a:int}", hello()),
     "GET /{a}/{a:int}", "path", 'has two parameters called "a"', "rename one"),
    (lambda app: app.get("/{a}" + "/{b}" * 16, hello()),
     "GET /{a}/{b}/{b}", "path", "has two parameters", "rename one"),
    (lambda app: app.get("".join(f"/{{p{n}}}" for n in range(17)), hello()),
     "GET /{p0}/{p1}", "path", "has more than 16 parameters", "take some of them from the query"),
    (lambda app: app.host("a.test:80").get("/", hello()),
     "GET a.test:80/", "host", '"a.test:80" has a port', 'write "a.test"'),
    (lambda app: app.host("*.test").get("/", hello()),
     "GET *.test/", "host", '"*.test" is no host name', "write a name such as"),
    (lambda app: app.host("é").get("/", hello()),
     "GET é/", "host", '"é" is no host name', "write a name such as"),
    (lambda app: app.host("[x]").get("/", hello()),
     "GET [x]/", "host", '"[x]" is no IPv6 address in brackets', "write one such as [::1]"),
    (lambda app: app.group("/{id}").group("/{id}").get("", hello()),
     "GET /{id}/{id}", "path", 'has two parameters called "id"', "rename one"),
    (lambda app: app.mount("/{a...}", hello()),
     "* /{a...}/{path...}", "path", "goes on behind {a...}", "end with it or write {a}"),
    (lambda app: app.get("/", fastgo.builtin("turbo")),
     "GET /", "handler.spec.name", 'no builtin is called "turbo"', "choose one of fibonacci"),
    (lambda app: app.get("/", fastgo.Handler("steam")),
     "GET /", "handler.kind", '"steam" is not known', "choose one of builtin, compiled, constant,"),
    (lambda app: app.get("/", fastgo.Handler("constant", {"txet": "x"})),
     "GET /", "handler", 'has an unknown field "txet"', "remove it"),
    (lambda app: app.get("/", fastgo.text("a\0")),
     "GET /", "handler.spec.text", "has a NUL character at byte 1", "remove it"),
    (lambda app: app.get("/", fastgo.text("x", status=204)),
     "GET /", "handler.spec.status", "status 204 allows no content", ""),
    (lambda app: app.get("/", fastgo.text("x", headers={"A b": "1"})),
     "GET /", "handler.spec.headers[0]", '"A b" is not a name of a header', "write letters"),
    (lambda app: app.get("/", fastgo.text("x", headers={"": "1"})),
     "GET /", "handler.spec.headers[0]", '"" is not a name of a header', "write letters"),
    (lambda app: app.get("/", fastgo.html("x", headers={"A": "1", "B": "1\r\nC: 2"})),
     "GET /", "handler.spec.headers[1]", "B", "remove it"),
    (lambda app: app.get("/", fastgo.html("x", headers={"B": "\0"})),
     "GET /", "handler.spec.headers[0]", "B", "remove it"),
    (lambda app: app.get("/", fastgo.json("x", headers={"content-length": "1"})),
     "GET /", "handler.spec.headers[0]", "content-length is written by the server", "remove it"),
    (lambda app: app.get("/", fastgo.status(200, headers={"Transfer-Encoding": "chunked"})),
     "GET /", "handler.spec.headers[0]", "Transfer-Encoding is written by", "remove it"),
    (lambda app: app.get("/", fastgo.status(426, headers={"Upgrade": "h2c"})),
     "GET /", "handler.spec.headers[0]", "Upgrade is written by the server", "remove it"),
    (lambda app: app.get("/", fastgo.text("x", headers={"A": "1", "trailer": "A"})),
     "GET /", "handler.spec.headers[1]", "trailer is written by the server", "remove it"),
    (lambda app: app.get("/", fastgo.text("x", headers={"Content-Type": ""})),
     "GET /", "handler.spec.headers[0]", "Content-Type is empty", "write a value, or remove it"),
    (lambda app: app.get("/", fastgo.text("x", headers=2 * [("Content-Encoding", "a")])),
     "GET /", "handler.spec.headers[1]", "Content-Encoding is there already", "remove one"),
    (lambda app: app.get("/", fastgo.bytes(b"x", content_type="a\n")),
     "GET /", "handler.spec.headers[0]", "Content-Type", "remove it"),
    (lambda app: app.get("/", fastgo.text("x", headers=2 * [("Content-Type", "a/b")])),
     "GET /", "handler.spec.headers[1]", "Content-Type is there already", "remove one of the two"),
    (lambda app: app.get("/", fastgo.text("x", headers={"ETag": "v1"})),
     "GET /", "handler.spec.headers[0]", '"v1" is no entity-tag', "write it in double quotes"),
    (lambda app: app.get("/{a}", fastgo.redirect("/{b}")),
     "GET /{a}", "handler.spec.to", "{b} at byte 1 is not known", "choose one of {a}"),
    (lambda app: app.get("/", fastgo.redirect("/{a}")),
     "GET /", "handler.spec.to", "{a} at byte 1 is not known", "write one there, or leave"),
    (lambda app: app.mount("/a", fastgo.redirect("/b/{path}")),
     "* /a", "handler.spec.to", "{path} at byte 3 is not known", "the path has no parameters"),
    (lambda app: app.get("/", fastgo.redirect("/{a")),
     "GET /", "handler.spec.to", 'has a "{" at byte 1 that nothing closes', 'write "{{"'),
    (lambda app: app.get("/", fastgo.redirect("//evil.test")),
     "GET /", "handler.spec.to", '"//evil.test" begins with two slashes', "write one, or "),
    (lambda app: app.get("/", fastgo.redirect("javascript:alert(1)")),
     "GET /", "handler.spec.to", '"javascript:alert(1)" is no target', 'begins with "/"'),
    (lambda app: app.get("/{a}", fastgo.redirect("https://{a}/")),
     "GET /{a}", "handler.spec.to", "{a} at byte 8 is in the host", "without parameters"),
    (lambda app: app.get("/", fastgo.redirect("/a b")),
     "GET /", "handler.spec.to", 'has " " at byte 2, which a URL cannot', 'write it as "%20"'),
    (lambda app: app.get("/{a...}", fastgo.redirect("/.{a}")),
     "GET /{a...}", "handler.spec.to", 'has a segment "." or can get', "write the path without"),
    (lambda app: app.get("/{a...}", fastgo.redirect("/b/{a}/c")),
     "GET /{a...}", "handler.spec.to", "{a} at byte 3 may be empty, which would", "end the path"),
    (lambda app: app.get("/{a}", fastgo.template("{b}")),
     "GET /{a}", "handler.spec.template", "{b} at byte 0 is not known", "choose one of {a}, {"),
    (lambda app: app.get("/", fastgo.template("a{")),
     "GET /", "handler.spec.template", 'has a "{" at byte 1 that nothing closes', 'write "{{"'),
    (lambda app: app.get("/", fastgo.template("a}")),
     "GET /", "handler.spec.template", 'has a "}" at byte 1 that closes nothing', 'write "}}"'),
    (lambda app: app.get("/", fastgo.template("{}")),
     "GET /", "handler.spec.template", "{} at byte 0 has no name", "choose one of {query.NAME}"),
    (lambda app: app.get("/", fastgo.template("{query.}")),
     "GET /", "handler.spec.template", "{query.} at byte 0 is not known", "{header.NAME}"),
    (lambda app: app.get("/", fastgo.template("{header.a b}")),
     "GET /", "handler.spec.template", "{header.a b} at byte 0 is not known", "{header.NAME}"),
    (lambda app: app.get("/", fastgo.template("a\0")),
     "GET /", "handler.spec.template", "has a NUL character at byte 1", "remove it"),
    (lambda app: app.get("/{a}", fastgo.template('{{"a": {a}', format="json")),
     "GET /{a}", "handler.spec.template", "is not JSON, with values for", "braces"),
    (lambda app: app.get("/{a}", fastgo.template("{a}", status=204)),
     "GET /{a}", "handler.spec.status", "status 204 allows no content", ""),
    (lambda app: app.get("/", fastgo.template("x", headers={"Date": "now"})),
     "GET /", "handler.spec.headers[0]", "Date is written by the server", "remove it"),
]
# fmt: on


@pytest.mark.parametrize(
    ("register", "route", "place", "reason", "advice"), FOUND, ids=range(len(FOUND))
)
def test_error_names_the_route_its_place_its_line_and_what_to_write(
    serve: Serve, register: Register, route: str, place: str, reason: str, advice: str
) -> None:
    app = fastgo.App()
    app.get("/fine", hello())
    register(app)
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(app)
    message = str(raised.value)
    number = 2 if message.startswith("routes[2]") else 1  # a handler is mounted by two routes
    assert message.startswith(f"routes[{number}].{place}: ")
    assert reason in message
    assert advice in message.partition(reason)[2]
    written = f"{__file__}:{register.__code__.co_firstlineno}"
    assert app.routes()[number].source == written
    assert message.endswith(f", registered at {written})")
    assert f" ({route}" in message


# Two routes that cannot both be: how, what is wrong with them, and what to do.
# fmt: off
CONFLICTS: list[tuple[Register, Register, str, str]] = [
    (lambda app: app.get("/same", hello()),
     lambda app: app.get("/same", hello()),
     "GET /same is registered twice", "remove one"),
    (lambda app: app.get("/{a}", hello()),
     lambda app: app.get("/{b}", hello()),
     "match the same requests", "remove one"),
    (lambda app: app.get("/a%62", hello()),
     lambda app: app.get("/ab", hello()),
     "match the same requests", "remove one"),
    (lambda app: app.host("a.test").get("/", hello()),
     lambda app: app.host("A.test").get("/", hello()),
     "match the same requests", "remove one"),
    (lambda app: app.route("*", "/x", hello()),
     lambda app: app.group("/x").route("*", "", hello()),
     "* /x is registered twice", "remove one"),
    (lambda app: app.get("/users/{id}/posts", hello()),
     lambda app: app.get("/users/me/{page}", hello()),
     'both match "/users/me/posts", and neither is more specific', "change one of them"),
    (lambda app: app.get("/{a}/{b:int}", hello()),
     lambda app: app.get("/{a:int}/{b}", hello()),
     "and neither is more specific", "change one of them"),
    (lambda app: app.get("/static/{path...}", hello()),
     lambda app: app.get("/{user}/{repo}", hello()),
     "and neither is more specific", "change one of them"),
    (lambda app: app.mount("/shop", hello()),
     lambda app: app.get("/{user}/{repo}", hello()),
     "and neither is more specific", "change one of them"),
]
# fmt: on


@pytest.mark.parametrize("swapped", [False, True], ids=["", "swapped"])
@pytest.mark.parametrize(
    ("first", "second", "reason", "advice"), CONFLICTS, ids=range(len(CONFLICTS))
)
def test_conflict_names_both_routes_and_their_lines(
    serve: Serve, first: Register, second: Register, reason: str, advice: str, swapped: bool
) -> None:
    app = fastgo.App()
    for register in (second, first) if swapped else (first, second):
        register(app)
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(app)
    message = str(raised.value)
    assert reason in message
    assert advice in message
    for register in (first, second):
        assert f"{__file__}:{register.__code__.co_firstlineno}" in message


def test_patterns_that_share_no_method_or_host_are_no_conflict(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/users/{id}/posts", hello())
    app.post("/users/me/{page}", hello())
    app.host("a.test").get("/users/me/{page}", hello())
    app.host("b.test").get("/users/{name}/posts", hello())
    serve(app)
