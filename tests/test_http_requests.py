"""The request line and the header: what is taken, and what is refused (RFC 9112, RFC 9110)."""

from functools import partial

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve
from tests.waiting import eventually
from tests.wire import SMUGGLED, answers, chunked, post, refusal, refused, request, send, site


@pytest.fixture
def site_server(unharmed: Serve) -> fastgo.Server:
    """The site, watched for harm."""
    return unharmed(site())


@pytest.fixture
def url(site_server: fastgo.Server) -> str:
    return site_server.url


REFUSED = {
    "folded-field-5.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\r\n z\r\n\r\n",
    "folded-by-tab-5.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\r\n\tz\r\n\r\n",
    "folded-empty-5.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\r\n \r\n\r\n",
    "space-before-colon-5.1": b"GET / HTTP/1.1\r\nHost: t\r\nX : y\r\n\r\n",
    "tab-before-colon-5.1": b"GET / HTTP/1.1\r\nHost: t\r\nX\t: y\r\n\r\n",
    "space-in-name-5.1": b"GET / HTTP/1.1\r\nHost: t\r\nX Y: z\r\n\r\n",
    "space-before-Host-colon-5.1": b"GET / HTTP/1.1\r\nHost : t\r\n\r\n",
    "space-before-first-field-2.2": b"GET / HTTP/1.1\r\n Host: t\r\n\r\n",
    "tab-before-first-field-2.2": b"GET / HTTP/1.1\r\n\tHost: t\r\n\r\n",
    "CR-in-value-2.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\rz\r\n\r\n",
    "CR-before-CRLF-2.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\r\r\n\r\n",
    "NUL-in-value-5.5": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\x00z\r\n\r\n",
    "ESC-in-value-5.5": b"GET / HTTP/1.1\r\nHost: t\r\nX: \x1b[31m\r\n\r\n",
    "DEL-in-value-5.5": b"GET / HTTP/1.1\r\nHost: t\r\nX: \x7f\r\n\r\n",
    "NUL-in-name-5.1": b"GET / HTTP/1.1\r\nHost: t\r\nX\x00: y\r\n\r\n",
    "high-byte-in-name-5.1": b"GET / HTTP/1.1\r\nHost: t\r\nX\xe9: y\r\n\r\n",
    "name-empty-5.1": b"GET / HTTP/1.1\r\nHost: t\r\n: y\r\n\r\n",
    "colon-missing-5": b"GET / HTTP/1.1\r\nHost: t\r\nX\r\n\r\n",
    "LF-behind-request-line-2.2": b"GET / HTTP/1.1\nHost: t\r\n\r\n",
    "LF-behind-field-2.2": b"GET / HTTP/1.1\r\nHost: t\nX: y\r\n\r\n",
    "LF-at-the-end-2.2": b"GET / HTTP/1.1\r\nHost: t\r\n\n",
    "LF-everywhere-2.2": b"GET / HTTP/1.1\nHost: t\n\n",
    "LF-before-request-line-2.2": b"\nGET / HTTP/1.1\r\nHost: t\r\n\r\n",
    "CR-before-request-line-2.2": b"\rGET / HTTP/1.1\r\nHost: t\r\n\r\n",
    "empty-lines-before-request-line-2.2": b"\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n",
    "space-before-request-line-3": b" GET / HTTP/1.1\r\nHost: t\r\n\r\n",
    "Host-missing-3.2": b"GET / HTTP/1.1\r\n\r\n",
    "Host-missing-among-others-3.2": b"GET / HTTP/1.1\r\nX: y\r\nHos: t\r\n\r\n",
    "Host-missing-in-absolute-form-3.2": b"GET http://t/ HTTP/1.1\r\n\r\n",
    "Host-twice-3.2": b"GET / HTTP/1.1\r\nHost: t\r\nHost: u\r\n\r\n",
    "Host-twice-the-same-3.2": b"GET / HTTP/1.1\r\nHost: t\r\nX: y\r\nhOST: t\r\n\r\n",
    "Host-list-3.2": b"GET / HTTP/1.1\r\nHost: t, u /\r\n\r\n",
    "Host-with-space-3.2": b"GET / HTTP/1.1\r\nHost: t u\r\n\r\n",
    "Host-with-path-3.2": b"GET / HTTP/1.1\r\nHost: t/a\r\n\r\n",
    "Host-with-user-3.2": b"GET / HTTP/1.1\r\nHost: user@t\r\n\r\n",
    "Host-with-bad-port-3.2": b"GET / HTTP/1.1\r\nHost: t:x\r\n\r\n",
    "Host-with-high-port-3.2": b"GET / HTTP/1.1\r\nHost: t:65536\r\n\r\n",
    "Host-with-open-bracket-3.2": b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "Host-no-IPv6-3.2": b"GET / HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n",
    "Host-with-NUL-3.2": b"GET / HTTP/1.1\r\nHost: t\x00\r\n\r\n",
    "Host-invalid-on-1.0-3.2": b"GET / HTTP/1.0\r\nHost: [\r\n\r\n",
    "version-with-zero-2.3": b"GET / HTTP/01.1\r\nHost: t\r\n\r\n",
    "version-in-small-letters-2.3": b"GET / http/1.1\r\nHost: t\r\n\r\n",
    "version-mixed-2.3": b"GET / Http/1.1\r\nHost: t\r\n\r\n",
    "version-without-point-2.3": b"GET / HTTP/11\r\nHost: t\r\n\r\n",
    "version-without-minor-2.3": b"GET / HTTP/1.\r\nHost: t\r\n\r\n",
    "version-too-long-2.3": b"GET / HTTP/1.10\r\nHost: t\r\n\r\n",
    "version-with-space-behind-3": b"GET / HTTP/1.1 \r\nHost: t\r\n\r\n",
    "version-of-something-else-2.3": b"GET / ICY/1.1\r\nHost: t\r\n\r\n",
    "version-missing-3": b"GET /\r\nHost: t\r\n\r\n",
    "http-0.9-3": b"GET /\r\n",
    "target-missing-3": b"GET HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-empty-3": b"GET  HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-space-3": b"GET /a b HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-behind-two-spaces-3": b"GET  / HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-behind-tab-3": b"GET\t/ HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-asterisk-3.2.4": b"GET * HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-asterisk-and-more-3.2.4": b"OPTIONS *a HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-relative-3.2.1": b"GET a HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-relative-up-3.2.1": b"GET ../a HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-query-alone-3.2.1": b"GET ?a HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-authority-3.2.3": b"GET t:80 HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-of-other-scheme-3.2.2": b"GET ftp://t/ HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-without-host-3.2.2": b"GET http:///a HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-user-3.2.2": b"GET http://user@t/ HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-fragment-3.2": b"GET /a#b HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-NUL-3.2": b"GET /\x00 HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-high-byte-3.2": b"GET /\xe9 HTTP/1.1\r\nHost: t\r\n\r\n",
    "target-with-half-escape-3.2": b"GET /%4 HTTP/1.1\r\nHost: t\r\n\r\n",
    "CONNECT-to-a-path-3.2.3": b"CONNECT / HTTP/1.1\r\nHost: t\r\n\r\n",
    "CONNECT-without-port-3.2.3": b"CONNECT t HTTP/1.1\r\nHost: t\r\n\r\n",
    "method-missing-3": b"/ HTTP/1.1\r\nHost: t\r\n\r\n",
    "method-no-token-9.1": b"G@T / HTTP/1.1\r\nHost: t\r\n\r\n",
    "TLS-on-a-plain-port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 506,
    "zeros": b"\x00" * 100,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_malformed_head_is_refused_in_whatever_pieces_it_comes(url: str, data: bytes) -> None:
    whole, bytewise = refusal(url, data), refusal(url, data, bytewise=True)
    assert (whole.status, whole.body) == (400, bytewise.body)


@pytest.mark.parametrize("kind", ["folded-field-5.2", "version-missing-3", "zeros"])
def test_requests_before_a_malformed_one_are_answered(url: str, kind: str) -> None:
    with Client(url) as client:
        client.send(request("GET /a HTTP/1.1") + post("Content-Length: 1", body=b"x"))
        client.send(REFUSED[kind] + SMUGGLED)
        assert [client.answer().body for _ in range(2)] == [b"a", b"posted"]
        assert refused(client).status == 400


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/9.9"])
def test_other_major_version_is_not_supported(url: str, version: str) -> None:
    assert refusal(url, request(f"GET / {version}")).status == 505


def test_preface_of_http_2_is_refused(url: str) -> None:
    settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    data = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings
    for bytewise in (False, True):
        assert refusal(url, data, bytewise=bytewise).status in (400, 505)


TAKEN = {
    "plain": request("GET /a HTTP/1.1"),
    "higher-minor-version": request("GET /a HTTP/1.9"),
    "empty-line-before": b"\r\n" + request("GET /a HTTP/1.1"),
    "no-space-behind-colon": request("GET /a HTTP/1.1", "X:y", host="Host:t"),
    "blanks-around-value": request("GET /a HTTP/1.1", "X: \t y \t ", host="Host: \t t\t "),
    "value-empty": request("GET /a HTTP/1.1", "X:", "Y: "),
    "value-with-high-bytes": request("GET /a HTTP/1.1", "X: gr\xfc\xdfe \xff"),
    "value-with-colons-and-tabs": request("GET /a HTTP/1.1", "X: :a:\tb"),
    "name-of-all-characters": request("GET /a HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ: y"),
    "name-many-times": request("GET /a HTTP/1.1", *["X: y"] * 50),
    "Host-empty": request("GET /a HTTP/1.1", host="Host:"),
    "Host-with-port": request("GET /a HTTP/1.1", host="Host: t:80"),
    "Host-with-empty-port": request("GET /a HTTP/1.1", host="Host: t:"),
    "Host-IPv4": request("GET /a HTTP/1.1", host="Host: 127.0.0.1:8080"),
    "Host-IPv6": request("GET /a HTTP/1.1", host="Host: [::ffff:1.2.3.4]:1"),
    "Host-last": request("GET /a HTTP/1.1", "X: y", "hOsT: t", host=""),
    "absolute-form-of-another-host": request("GET http://other:81/a HTTP/1.1"),
    "absolute-form-https": request("GET HTTPS://other/a?b HTTP/1.1"),
    "query": request("GET /a?b=/c?d&e=%zz HTTP/1.1"),
    "unknown-fields": request("GET /a HTTP/1.1", "Upgrade: h2c", "HTTP2-Settings: x", "TE: gzip"),
    "1.0-without-Host": request("GET /a HTTP/1.0", "Connection: keep-alive", host=""),
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_well_formed_head_is_taken_in_whatever_pieces_it_comes(url: str, data: bytes) -> None:
    for bytewise in (False, True):
        found = answers(url, data + request("GET /b HTTP/1.1") + data, bytewise=bytewise)
        assert found == [(200, b"a"), (200, b"b"), (200, b"a")]


def has_read(server: fastgo.Server, count: int) -> bool:
    return server.stats().bytes_in == count


@pytest.mark.parametrize(
    "data",
    [
        b"\r\nGET /?q HTTP/1.1\r\nHost: t\r\nX:\r\n\r\n",
        chunked(b"1;a=b\r\nx\r\n", b"0\r\n", trailer=b"Y: z\r\n\r\n"),
    ],
    ids=["head", "chunked"],
)
def test_request_may_be_cut_at_every_byte(site_server: fastgo.Server, data: bytes) -> None:
    with Client(site_server.url) as client:
        read = site_server.stats().bytes_in
        for cut in range(1, len(data)):
            send(client, data[:cut])
            eventually(partial(has_read, site_server, read + cut), "the first part is read")
            send(client, data[cut:])
            assert client.answer().status == 200
            read += len(data)


@pytest.mark.parametrize(
    "line", ["* HTTP/1.1", "http://t HTTP/1.1", "/ HTTP/1.1"], ids=["asterisk", "absolute", "path"]
)
def test_options_takes_every_form_of_target(url: str, line: str) -> None:
    ((status, _),) = answers(url, request(f"OPTIONS {line}"))
    assert status == 204


@pytest.mark.parametrize("method", ["BREW", "get", "Get", "GETT", "M-SEARCH", "PROPFIND"])
def test_unknown_method_is_not_implemented(url: str, method: str) -> None:
    data = request(f"{method} / HTTP/1.1", "Content-Length: 5") + b"12345"
    assert [status for status, _ in answers(url, data + request())] == [501, 200]


@pytest.mark.parametrize("line", ["CONNECT t:443", "TRACE /", "DELETE /", "PUT /a"])
def test_method_that_is_not_allowed_is_told_which_are(url: str, line: str) -> None:
    with Client(url) as client:
        client.send(request(f"{line} HTTP/1.1", "X: secret"))
        answer = client.answer()
        assert answer.status == 405
        assert "GET" in answer["Allow"]
        assert b"secret" not in answer.body
        assert client.get("/a").body == b"a"


@pytest.mark.parametrize("path", ["/a", "/nowhere"])
def test_answer_to_head_is_that_to_get_without_its_body(url: str, path: str) -> None:
    with Client(url) as client:
        get = client.get(path)
        head = client.ask("HEAD", path)
        assert (head.status, head["Content-Length"]) == (get.status, str(len(get.body)))
        assert [name for name, _ in head.fields] == [name for name, _ in get.fields]
        assert client.get("/b").body == b"b"  # no body stood in between


@pytest.mark.parametrize(
    "fields", [["X : y"], ["Content-Length: x"], ["Expect: cake"]], ids=["name", "length", "expect"]
)
def test_refusal_of_head_has_no_body(url: str, fields: list[str]) -> None:
    with Client(url) as client:
        client.send(request("HEAD / HTTP/1.1", *fields) + SMUGGLED)
        answer = client.answer(bodiless=True)
        assert answer.status in (400, 417)
        assert answer.closes
        assert client.rest() == b""


@pytest.mark.parametrize(
    ("framing", "body"),
    [("Content-Length: 5", b"12345"), ("Transfer-Encoding: chunked", b"1\r\nx\r\n0\r\n\r\n")],
    ids=["length", "chunked"],
)
@pytest.mark.parametrize("expectation", ["100-continue", "100-Continue", " 100-continue ,"])
def test_client_that_waits_for_100_gets_it_and_then_its_answer(
    url: str, framing: str, body: bytes, expectation: str
) -> None:
    with Client(url) as client:
        client.send(post(framing, f"Expect: {expectation}"))
        assert client.answer().status == 100
        client.send(body)
        assert client.answer().body == b"posted"
        assert client.get("/a").body == b"a"


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_client_that_does_not_wait_for_100_gets_its_answer(url: str, path: str) -> None:
    data = request(f"POST {path} HTTP/1.1", "Expect: 100-continue", "Content-Length: 5") + b"12345"
    ((status, _), after) = answers(url, data + request("GET /a HTTP/1.1"))
    assert (status, after) == (200 if path == "/" else 404, (200, b"a"))


def test_request_without_a_body_gets_no_100(url: str) -> None:
    with Client(url) as client:
        for length in ([], ["Content-Length: 0"]):
            client.send(request("GET /a HTTP/1.1", "Expect: 100-continue", *length))
            assert client.answer().status == 200


def test_http_1_0_gets_no_100(site_server: fastgo.Server) -> None:
    with Client(site_server.url) as client:
        before = site_server.stats().bytes_in
        head = request("POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 5")
        client.send(head)
        eventually(partial(has_read, site_server, before + len(head)), "the head is read")
        client.send(b"12345")
        assert client.answer().status == 200
        assert client.rest() == b""


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, cake", "100-continue=1", "100"])
def test_unknown_expectation_fails(url: str, expectation: str) -> None:
    data = post(f"Expect: {expectation}", "Content-Length: 5", body=b"12345")
    assert refusal(url, data).status == 417
