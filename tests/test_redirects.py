"""Redirects: where they lead, and where no request can make them lead."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve

SITE = "http://site.test"


def location(serve: Serve, pattern: str, handler: fastgo.Handler, target: str) -> str:
    """Returns where a request for the target is sent."""
    app = fastgo.App()
    app.get(pattern, handler)
    with Client(serve(app).url) as client:
        answer = client.get(target)
        assert answer.status == handler.spec["status"], answer
        return answer["Location"]


def test_document_says_target_status_and_query() -> None:
    handler = fastgo.redirect("/people/{id}", status=308, query="drop")
    assert handler.kind == "redirect"
    assert handler.spec == {"to": "/people/{id}", "status": 308, "query": "drop"}
    assert fastgo.redirect("/").spec == {"to": "/", "status": 307, "query": "keep"}


@pytest.mark.smoke
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_has_its_status(serve: Serve, status: int) -> None:
    assert location(serve, "/old", fastgo.redirect("/new", status=status), "/old") == "/new"


TARGETS = [
    ("/users/{id}", "/people/{id}", "/users/7", "/people/7"),
    ("/{a}/{b}", "/{b}/{a}", "/x/y", "/y/x"),
    ("/{id:int}", "/id-{id}.html", "/42", "/id-42.html"),
    ("/old/{rest...}", "/new/{rest}", "/old/a/b/", "/new/a/b/"),
    ("/old/{rest...}", "/new/{rest}", "/old/", "/new/"),
    ("/old/{rest...}", "/new/{rest}", "/old/a%2Fb%20c", "/new/a/b%20c"),
    ("/old/{rest...}", "/{rest}", "/old/%2Fa%2Fb", "/%2Fa/b"),
    ("/old/{rest...}", "/{rest}.html", "/old/", "/.html"),
    ("/{name}", "/hello/{name}", "/gr%C3%BC%C3%9F%20a", "/hello/gr%C3%BC%C3%9F%20a"),
    ("/{name}", "/hello/{name}", "/a%2Fb%3Fc%23d%25", "/hello/a%2Fb%3Fc%23d%25"),
    ("/docs", "https://docs.test/start", "/docs", "https://docs.test/start"),
    ("/docs/{page}", "https://docs.test/{page}", "/docs/a", "https://docs.test/a"),
]


@pytest.mark.parametrize(("pattern", "to", "target", "expected"), TARGETS)
def test_redirect_takes_parameters_along(
    serve: Serve, pattern: str, to: str, target: str, expected: str
) -> None:
    assert location(serve, pattern, fastgo.redirect(to), target) == expected


@pytest.mark.parametrize(
    ("query", "target", "expected"),
    [
        ("keep", "/old?a=1&b=%20", "/new?a=1&b=%20"),
        ("keep", "/old", "/new"),
        ("drop", "/old?a=1", "/new"),
        ("drop", "/old", "/new"),
    ],
)
def test_query_is_kept_or_dropped(serve: Serve, query: str, target: str, expected: str) -> None:
    assert location(serve, "/old", fastgo.redirect("/new", query=query), target) == expected


CRAFTED = [
    "//evil.test",
    "//evil.test/",
    "///evil.test",
    "/%2F/evil.test",
    "/%2Fevil.test",
    "/%5Cevil.test",
    "/%5C%5Cevil.test",
    "/%2F%5Cevil.test",
    "/%09/evil.test",
    "/%0D%0ALocation:%20http://evil.test",
    "/http://evil.test",
    "/@evil.test",
    "/.evil.test",
    "/%252Fevil.test",
]


@pytest.mark.parametrize("to", ["/{rest}", "/x/{rest}", f"{SITE}/{{rest}}", f"{SITE}/x?{{rest}}"])
@pytest.mark.parametrize("target", CRAFTED)
def test_no_path_leads_to_another_host(serve: Serve, to: str, target: str) -> None:
    found = location(serve, "/{rest...}", fastgo.redirect(to), target)
    assert found.isascii()
    assert found.isprintable()
    assert "\\" not in found  # which browsers take for a slash
    assert not found.startswith("//")
    assert urlsplit(urljoin(SITE, found)).hostname == "site.test"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"to": None}, "to must be str, not NoneType"),
        ({"to": b"/"}, "to must be str, not bytes; decode it first"),
        ({"to": "/\ud800"}, "to is not valid Unicode"),
        ({"to": "/", "status": 200}, "status must be 301, 302, 303, 307 or 308, not 200"),
        ({"to": "/", "status": 304}, "status must be 301, 302, 303, 307 or 308, not 304"),
        ({"to": "/", "status": "308"}, "status must be int, not str"),
        ({"to": "/", "status": True}, "status must be int, not bool"),
        ({"to": "/", "query": "remove"}, 'query must be "keep" or "drop", not "remove"'),
        ({"to": "/", "query": True}, "query must be str, not bool"),
    ],
)
def test_wrong_argument_is_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.redirect(**arguments)
    assert str(raised.value).startswith(message)
