"""Cookies: what Response sets, and what requests bring."""

import http.cookies
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastgo
from fastgo._cookies import read_cookies
from tests.servers import Serve, app_of, ask

SOON = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)

COOKIES: list[tuple[dict[str, Any], str]] = [
    ({}, "name=; Path=/; SameSite=Lax"),
    ({"value": "a=b/c!"}, "name=a=b/c!; Path=/; SameSite=Lax"),
    ({"max_age": 0}, "name=; Max-Age=0; Path=/; SameSite=Lax"),
    ({"expires": SOON}, "name=; Expires=Mon, 03 Feb 2031 04:05:06 GMT; Path=/; SameSite=Lax"),
    (
        {"expires": SOON.astimezone(timezone(timedelta(hours=5)))},
        "name=; Expires=Mon, 03 Feb 2031 04:05:06 GMT; Path=/; SameSite=Lax",
    ),
    ({"path": None, "samesite": None}, "name="),
    ({"path": "/a b/ż".replace("ż", "z")}, "name=; Path=/a b/z; SameSite=Lax"),
    ({"domain": "example.com"}, "name=; Path=/; Domain=example.com; SameSite=Lax"),
    ({"secure": True, "httponly": True}, "name=; Path=/; Secure; HttpOnly; SameSite=Lax"),
    ({"samesite": "strict"}, "name=; Path=/; SameSite=Strict"),
    ({"samesite": "none", "secure": True}, "name=; Path=/; Secure; SameSite=None"),
    (
        {"partitioned": True, "secure": True},
        "name=; Path=/; Secure; SameSite=Lax; Partitioned",
    ),
    ({"name": "__Host-a", "secure": True}, "__Host-a=; Path=/; Secure; SameSite=Lax"),
]


@pytest.mark.parametrize(("options", "line"), COOKIES, ids=str)
def test_cookie_is_written_as_its_options_say(options: dict[str, Any], line: str) -> None:
    response = fastgo.Response()
    response.set_cookie(**{"name": "name", **options})
    assert response.headers == (("Set-Cookie", line),)


def test_cookies_are_sent_in_their_order(serve: Serve) -> None:
    def handle() -> fastgo.Response:
        response = fastgo.Response("hello", headers={"X-Before": "1"})
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", max_age=60)
        response.delete_cookie("three", path="/x")
        return response

    answer = ask(serve(app_of(handle)))
    assert [value for name, value in answer.fields if name == "Set-Cookie"] == [
        "one=1; Path=/; SameSite=Lax",
        "two=2; Max-Age=60; Path=/; SameSite=Lax",
        "three=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x; SameSite=Lax",
    ]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "the name of a cookie is ''; write letters"),
    ({"name": "a b"}, "the name of a cookie is 'a b'"),
    ({"name": "a=b"}, "the name of a cookie is 'a=b'"),
    ({"name": 5}, "the name of a cookie must be str, not int"),
    ({"value": "a;b"}, "the value of the cookie 'name' is 'a;b'; write ASCII without"),
    ({"value": "a b"}, "the value of the cookie 'name' is 'a b'"),
    ({"value": 'a"b'}, "the value of the cookie 'name' is 'a\"b'"),
    ({"value": "a,b"}, "the value of the cookie 'name' is 'a,b'"),
    ({"value": "a\\b"}, "the value of the cookie 'name' is 'a\\\\b'"),
    ({"value": "a\n"}, "the value of the cookie 'name' is 'a\\n'"),
    ({"value": "ż"}, "the value of the cookie 'name' is '\\u017c'"),
    ({"value": None}, "the value of the cookie 'name' must be str, not NoneType"),
    ({"max_age": "60"}, "max_age must be int, not str"),
    ({"max_age": 2**64}, "max_age is out of range"),
    ({"expires": "tomorrow"}, "expires is 'tomorrow'; write a datetime that has a time zone"),
    ({"expires": SOON.replace(tzinfo=None)}, "expires is datetime.datetime(2031"),
    ({"path": "a"}, "path is 'a'; write a path that begins with"),
    ({"path": "/;x"}, "path is '/;x'"),
    ({"path": "/\r\n"}, "path is '/\\r\\n'"),
    ({"domain": ""}, "domain is ''; write the name of a host"),
    ({"domain": "a;b"}, "domain is 'a;b'"),
    ({"domain": "a..b"}, "domain is 'a..b'"),
    ({"secure": 1}, "secure must be True or False, not int"),
    ({"httponly": None}, "httponly must be True or False"),
    ({"samesite": "Lax"}, 'samesite must be "lax", "strict" or "none", not "Lax"'),
    ({"samesite": "none"}, 'a cookie with samesite="none" needs secure=True'),
    ({"partitioned": True}, "a cookie with partitioned=True needs secure=True"),
    ({"name": "__Secure-a"}, "a cookie with the name '__Secure-a' needs secure=True"),
    ({"name": "__Host-a", "secure": True, "path": "/x"}, "'__Host-a' needs path=\"/\" and no"),
    ({"name": "__Host-a", "secure": True, "domain": "a.b"}, 'needs path="/" and no domain'),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_wrong_cookie_is_refused(options: dict[str, Any], message: str) -> None:
    response = fastgo.Response()
    with pytest.raises(fastgo.ConfigError) as refused:
        response.set_cookie(**{"name": "name", **options})
    assert message in str(refused.value)
    assert response.headers == ()


@pytest.mark.parametrize(
    ("fields", "cookies"),
    [
        ([], {}),
        (["a=1"], {"a": "1"}),
        (["a=1; b=2", "c=3"], {"a": "1", "b": "2", "c": "3"}),
        (["a=1;b=2 ;\tc=3"], {"a": "1", "b": "2", "c": "3"}),
        (["a=first; a=second"], {"a": "first"}),
        (["a=b=c; d="], {"a": "b=c", "d": ""}),
        (['a="quoted"; b="; c="'], {"a": "quoted", "b": '"', "c": '"'}),
        (['a=""'], {"a": ""}),
        (["none; =value; ;"], {}),
        (["a=%C5%BC; b=ż"], {"a": "%C5%BC", "b": "ż"}),
        (["Case=1; case=2"], {"Case": "1", "case": "2"}),
    ],
)
def test_cookies_of_a_request_are_found(fields: list[str], cookies: dict[str, str]) -> None:
    assert read_cookies(fields) == cookies


NAMES = st.from_regex(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", fullmatch=True)
VALUES = st.from_regex(r"[!#-+\--:<-\[\]-~]*", fullmatch=True)


@given(st.dictionaries(NAMES.filter(lambda name: not name.startswith("__")), VALUES))
def test_cookies_that_are_set_come_back(cookies: dict[str, str]) -> None:
    response = fastgo.Response()
    for name, value in cookies.items():
        response.set_cookie(name, value)
    pairs = [value.split("; ")[0] for _, value in response.headers]
    assert read_cookies(["; ".join(pairs)]) == cookies


@given(st.text(st.characters(max_codepoint=0x17F), max_size=40))
def test_any_cookie_field_is_read(field: str) -> None:
    cookies = read_cookies([field])
    assert all(name and name == name.strip(" \t") for name in cookies)
    assert all(";" not in value for value in cookies.values())


def test_standard_library_understands_what_is_set() -> None:
    response = fastgo.Response()
    response.set_cookie("a", "b", max_age=5, domain="example.com", secure=True, httponly=True)
    parsed = http.cookies.SimpleCookie(response.headers[0][1])["a"]
    assert (parsed.value, parsed["max-age"], parsed["domain"]) == ("b", "5", "example.com")
    assert parsed["secure"]
    assert parsed["httponly"]
