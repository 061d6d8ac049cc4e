"""Wrong routes and handlers: the error names the input, the place and what to write."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve


def refusal(serve: Serve, method: Any, path: Any, handler: Callable[[], fastgo.Handler]) -> str:
    """Returns why an app with that one route is not made or not served."""

    def attempt() -> None:
        app = fastgo.App()
        app.route(method, path, handler())
        serve(app)

    with pytest.raises(fastgo.ConfigError) as raised:
        attempt()
    return str(raised.value)


def hello() -> fastgo.Handler:
    return fastgo.text("Hello")


PATHS = [
    ("hello", '"hello" does not begin with "/"; write "/hello"'),
    ("", '"" does not begin with "/"; write "/"'),
    ("*", '"*" does not begin with "/"'),
    ("/a b", '"/a b" has a byte 0x20 at 2'),
    ("/é", '"/é" has a byte 0xc3 at 1'),
    ("/a?b", '"/a?b" has a byte 0x3f at 2'),
    ("/a#b", '"/a#b" has a byte 0x23 at 2'),
    ('/"', "has a byte 0x22 at 1"),
    ("/a\\b", "has a byte 0x5c at 2"),
    ("/\0", '"/\\x00" has a control character 0x00 at 1'),
    ("/a\r\nb", "has a control character 0x0d at 2"),
    ("/\x7f", "has a control character 0x7f at 1"),
    ("/%zz", '"/%zz" has a "%" at byte 1 without two hexadecimal digits; write "%25"'),
    ("/100%", '"/100%" has a "%" at byte 4 without two hexadecimal digits; write "%25"'),
    ("/%2", '"/%2" has a "%" at byte 1 without two hexadecimal digits; write "%25"'),
    ("/\ud800", r"path is not valid Unicode: character 1 is the lone surrogate '\ud800'"),
    (b"/", "path must be str, not bytes; decode it first"),
    (None, "path must be str, not NoneType"),
]


@pytest.mark.smoke
@pytest.mark.parametrize(("path", "message"), PATHS)
def test_wrong_path_is_refused(serve: Serve, path: Any, message: str) -> None:
    assert message in refusal(serve, "GET", path, hello)


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("/a b", "/a%20b"),
        ("/é", "/%C3%A9"),
        ("/世/界", "/%E4%B8%96/%E7%95%8C"),
        ("/{id}/b c", "/{id}/b%20c"),
    ],
)
def test_path_that_must_be_encoded_is_refused_with_its_encoding(
    serve: Serve, path: str, encoded: str
) -> None:
    assert f'write it as "{encoded}"' in refusal(serve, "GET", path, hello)
    app = fastgo.App()
    app.get(encoded, fastgo.text("found"))
    with Client(serve(app).url) as client:
        assert client.get(encoded.replace("{id}", "id")).body == b"found"


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (
            "get",
            '"get" is not a method of routes; write GET, HEAD, POST, PUT, DELETE, OPTIONS or '
            'PATCH, or "*" for all of them',
        ),
        ("**", '"**" is not a method of routes; write GET, HEAD,'),
        ("BREW", '"BREW" is not a method of routes; write GET, HEAD,'),
        ("CONNECT", '"CONNECT" is not a method of routes; write GET, HEAD,'),
        ("TRACE", '"TRACE" is not a method of routes; write GET, HEAD,'),
        ("", '"" is not a method of routes; write GET, HEAD,'),
        ("GET\0", '"GET\\x00" is not a method of routes'),
        (None, "method must be str, not NoneType"),
        (b"GET", "method must be str, not bytes; decode it first"),
    ],
)
def test_unknown_method_is_refused(serve: Serve, method: Any, message: str) -> None:
    assert message in refusal(serve, method, "/", hello)


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("handler", "described"),
    [
        (str, "the type 'str'"),
        (None, "a NoneType"),
        ("Hello", "a str"),
        (b"Hello", "a bytes"),
        ({"kind": "text"}, "a dict"),
        (fastgo.text, "the function 'text'"),
        (fastgo.Request, "the type 'Request'"),
    ],
)
def test_what_is_no_handler_is_refused_when_it_is_registered(handler: Any, described: str) -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as raised:
        app.get("/path", handler)
    assert str(raised.value) == (
        f"the handler of GET /path is {described}, which is no handler; "
        "write a function, or make one by fastgo.text, html, json, bytes, status, redirect, "
        "template, builtin, native or compiled"
    )
    assert app.routes() == ()


def test_app_as_a_handler_is_refused_with_the_word_for_it() -> None:
    app = fastgo.App()
    with pytest.raises(fastgo.ConfigError) as raised:
        app.get("/shop", fastgo.App())  # type: ignore[arg-type]
    assert str(raised.value) == (
        "the handler of GET /shop is an App, which is no handler; mount an app by mount"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\0b", "text: has a NUL character at byte 1; remove it"),
        ("ab\udc80", r"text is not valid Unicode: character 2 is the lone surrogate '\udc80'"),
        (b"bytes", "text must be str, not bytes; decode it first"),
        (None, "text must be str, not NoneType"),
        (5, "text must be str, not int"),
    ],
)
def test_wrong_text_is_refused(serve: Serve, content: Any, message: str) -> None:
    assert message in refusal(serve, "GET", "/", lambda: fastgo.text(content))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (0, "status must be 200 to 599, not 0"),
        (99, "status must be 200 to 599, not 99"),
        (101, "status must be 200 to 599, not 101"),
        (199, "status must be 200 to 599, not 199"),
        (600, "status must be 200 to 599, not 600"),
        (-200, "status must be 200 to 599, not -200"),
        (2**40, "status must be 200 to 599, not 1099511627776"),
        (204, "status 204 allows no content"),
        (304, "status 304 allows no content"),
        ("200", "status must be int, not str"),
        (True, "status must be int, not bool"),
        (2**64, "status is out of range"),
    ],
)
def test_wrong_status_is_refused(serve: Serve, status: Any, message: str) -> None:
    assert message in refusal(serve, "GET", "/", lambda: fastgo.text("x", status=status))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("turbo", 'no builtin is called "turbo"; choose one of fibonacci'),
        ("", 'no builtin is called ""; choose one of fibonacci'),
        ("fibonacci\0", "no builtin is called "),
        (None, "builtin must be str, not NoneType"),
        (b"fibonacci", "builtin must be str, not bytes"),
    ],
)
def test_unknown_builtin_is_refused(serve: Serve, name: Any, message: str) -> None:
    assert message in refusal(serve, "GET", "/", lambda: fastgo.builtin(name))


@pytest.mark.parametrize(
    ("kind", "spec", "message"),
    [
        (
            "steam",
            {},
            'handler.kind: "steam" is not known; choose one of builtin, compiled, constant',
        ),
        ("constant", {"txet": "x"}, 'handler: has an unknown field "txet"; remove it'),
        ("constant", {"text": 5}, "handler.spec.text: is number; write a string"),
        (
            "constant",
            {"text": "x", "status": "200"},
            "handler.spec.status: is string; write a whole",
        ),
        ("made", {"text": {1, 2}}, "the spec of a made handler must be a JSON object"),
        ("made", {"text": float("nan")}, "the spec of a made handler must be a JSON object"),
        ("made", {"text": "\ud800"}, "the spec of a made handler must be a JSON object"),
        ("made", None, "the spec of a made handler must be a JSON object"),
        (None, {}, "kind must be str, not NoneType"),
    ],
)
def test_handler_made_by_hand_is_checked(serve: Serve, kind: Any, spec: Any, message: str) -> None:
    assert message in refusal(serve, "GET", "/", lambda: fastgo.Handler(kind, spec))


def test_route_that_is_registered_twice_is_refused_with_both_places(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/same", fastgo.text("first"))
    first = line() - 1
    app.post("/same", fastgo.text("another method"))
    app.get("/same", fastgo.text("second"))
    second = line() - 1
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(app)
    assert "GET /same is registered twice" in str(raised.value)
    assert f"at {__file__}:{first} and at {__file__}:{second}; remove one" in str(raised.value)


def test_error_names_the_line_that_registered_the_route(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/fine", fastgo.text("x"))
    app.get("/", fastgo.builtin("turbo"))
    registered = line() - 1
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(app)
    message = str(raised.value)
    assert message.startswith("routes[1].handler.spec.name: ")
    assert message.endswith(f"(GET /, registered at {__file__}:{registered})")
    assert app.routes()[1].source == f"{__file__}:{registered}"


def line() -> int:
    """Returns the number of the caller's line."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno
