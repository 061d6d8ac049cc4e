"""How long a body is: framing that is clear is kept to, all other is refused (RFC 9112)."""

import socket

import pytest

from tests.client import Client
from tests.servers import Serve
from tests.wire import SMUGGLED, answers, chunked, post, refusal, request, site


@pytest.fixture
def url(unharmed: Serve) -> str:
    """The site, watched for harm."""
    return unharmed(site()).url


# A chunked body that hides the request behind it from a reader of Content-Length.
HIDING = b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"

AMBIGUOUS = {
    "both-6.3": ["Content-Length: 4", "Transfer-Encoding: chunked"],
    "both-coding-first-6.3": ["Transfer-Encoding: chunked", "Content-Length: 4"],
    "both-length-0-6.3": ["Content-Length: 0", "Transfer-Encoding: chunked"],
    "both-capitals-6.3": ["CONTENT-LENGTH: 4", "TRANSFER-ENCODING: CHUNKED"],
    "two-lengths-6.3": ["Content-Length: 4", "Content-Length: 5"],
    "two-lengths-apart-6.3": ["Content-Length: 4", "X: y", "content-length: 5"],
    "two-equal-lengths-6.3": ["Content-Length: 4", "Content-Length: 4"],
    "list-of-lengths-8.6": ["Content-Length: 5, 5"],
    "list-of-different-lengths-8.6": ["Content-Length: 5,6"],
    "list-of-one-length-8.6": ["Content-Length: 5,"],
    "two-codings-6.1": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "two-codings-one-unknown-6.1": ["Transfer-Encoding: chunked", "Transfer-Encoding: foo"],
    "chunked-twice-6.1": ["Transfer-Encoding: chunked, chunked"],
    "chunked-not-last-6.3": ["Transfer-Encoding: chunked, gzip"],
    "chunked-not-at-all-6.3": ["Transfer-Encoding: gzip"],
    "coding-unknown-6.3": ["Transfer-Encoding: foo"],
    "coding-empty-6.3": ["Transfer-Encoding:"],
    "coding-with-empty-element-6.3": ["Transfer-Encoding: chunked,"],
    "coding-with-parameter-6.3": ["Transfer-Encoding: chunked;q=1"],
    "coding-quoted-6.3": ['Transfer-Encoding: "chunked"'],
    "coding-identity-7": ["Transfer-Encoding: identity"],
    "coding-identity-and-chunked-7": ["Transfer-Encoding: identity, chunked"],
    "coding-behind-control-character": ["Transfer-Encoding: \x0bchunked"],
    "coding-before-control-character": ["Transfer-Encoding: chunked\x00"],
    "coding-with-space-in-name-5.1": ["Transfer-Encoding : chunked"],
    "length-with-space-in-name-5.1": ["Content-Length : 4"],
    "coding-folded-5.2": ["Transfer-Encoding:", " chunked"],
    "coding-as-continuation-5.2": ["X: y", " Transfer-Encoding: chunked"],
    "coding-behind-bare-LF-2.2": ["X: y\nTransfer-Encoding: chunked"],
    "coding-behind-bare-CR-2.2": ["X: y\rTransfer-Encoding: chunked"],
}


@pytest.mark.parametrize("fields", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_framing_is_refused_and_hides_no_request(url: str, fields: list[str]) -> None:
    assert refusal(url, post(*fields, body=HIDING)).status == 400
    assert refusal(url, post(*fields, body=b"0\r\n\r\n")).status == 400
    assert refusal(url, request("GET / HTTP/1.1", *fields)).status == 400


LENGTHS = """
+5 -1 -0 0x5 5_0 5.0 1e1 5; "5" five \xb2
9223372036854775808 18446744073709551621 9999999999999999999999999999999999999999
"""


@pytest.mark.parametrize("length", ["", " ", "5 5", "5\t6", *LENGTHS.split()])
def test_length_that_is_no_decimal_number_is_refused(url: str, length: str) -> None:
    assert refusal(url, post(f"Content-Length: {length}", body=b"12345")).status == 400


@pytest.mark.parametrize("coding", ["foo, chunked", "gzip, chunked", "gzip,foo ,\tCHUNKED"])
def test_unknown_transfer_coding_is_not_implemented(url: str, coding: str) -> None:
    assert refusal(url, post(f"Transfer-Encoding: {coding}", body=HIDING)).status == 501


@pytest.mark.parametrize("coding", ["chunked", "identity", "foo, chunked"])
@pytest.mark.parametrize("fields", [[], ["Connection: keep-alive"]], ids=["close", "keep-alive"])
def test_transfer_coding_is_refused_on_http_1_0(url: str, coding: str, fields: list[str]) -> None:
    data = request("POST / HTTP/1.0", f"Transfer-Encoding: {coding}", *fields) + HIDING
    assert refusal(url, data).status in (400, 501)


RIGHT = {
    "no-body": post(),
    "length-0": post("Content-Length: 0"),
    "length": post(f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED),
    "length-with-zeros": post("Content-Length: 0005", body=b"12345"),
    "length-with-blanks-around": post("Content-Length: \t 5 \t", body=b"12345"),
    "length-in-capitals": post("CONTENT-LENGTH: 5", body=b"12345"),
    "http-1.0": request("POST / HTTP/1.0", "Connection: keep-alive", "Content-Length: 2") + b"12",
    "chunk": chunked(HIDING),
    "chunks": chunked(b"1\r\na\r\n", b"A\r\n0123456789\r\n", b"0\r\n\r\n"),
    "chunk-size-with-zeros": chunked(b"0005\r\n12345\r\n", b"000\r\n\r\n"),
    "chunk-size-in-both-cases": chunked(b"aA\r\n" + b"x" * 0xAA + b"\r\n", b"0\r\n\r\n"),
    "chunk-data-with-CRLF": chunked(b"9\r\n\r\n0\r\n\r\n\r\n\r\n", b"0\r\n\r\n"),
    "chunks-empty": chunked(b"0\r\n\r\n"),
    "chunked-in-capitals": post("Transfer-Encoding: ChunKed", body=HIDING),
    "chunked-behind-tab": post("Transfer-Encoding:\tchunked\t", body=HIDING),
    "extension": chunked(b"1;a\r\nx\r\n", b'1;b=c;d="e;\\"f"\r\nx\r\n', b"0;g\r\n\r\n"),
    "extension-with-blanks": chunked(b"1 ; a = b\r\nx\r\n", b"0\r\n\r\n"),
    "trailer": chunked(HIDING[:-2], trailer=b"X: y\r\nZ:\r\n\r\n"),
    "body-of-GET": request("GET /a HTTP/1.1", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED,
    "body-of-DELETE": request("DELETE / HTTP/1.1", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED,
    "body-for-nothing": request("POST /x HTTP/1.1", "Transfer-Encoding: chunked") + HIDING,
}
EXPECTED = {
    "body-of-GET": (200, b"a"),
    "body-of-DELETE": (405, b"405 Method Not Allowed\n"),
    "body-for-nothing": (404, b"404 Not Found\n"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_request_behind_a_body_is_answered_next(url: str, kind: str) -> None:
    expected = EXPECTED.get(kind, (200, b"posted"))
    data = RIGHT[kind] + request("GET /b HTTP/1.1") + RIGHT[kind]
    for bytewise in (False, True):
        assert answers(url, data, bytewise=bytewise) == [expected, (200, b"b"), expected]


def test_every_request_of_a_long_pipeline_of_bodies_is_answered(url: str) -> None:
    expected = [EXPECTED.get(kind, (200, b"posted")) for kind in RIGHT]
    assert answers(url, b"".join(RIGHT.values()) * 20) == expected * 20


SIZES = """
0x1 -1 +1 1_0 g 1, '1' \xb2
8000000000000000 ffffffffffffffff 10000000000000000 00000000000000001
"""


@pytest.mark.parametrize("size", ["", " 1", "\t1", "1 1", "1\0", "1\v", "f" * 1000, *SIZES.split()])
def test_chunk_size_that_is_no_hexadecimal_number_is_refused(url: str, size: str) -> None:
    assert refusal(url, chunked(size.encode("latin-1"), b"\r\nx\r\n0\r\n\r\n")).status == 400
    body = b"1\r\nx\r\n" + size.encode("latin-1") + b"\r\nx\r\n0\r\n\r\n"
    assert refusal(url, chunked(body)).status == 400


CHUNKS = {
    "LF-behind-size": b"1\nx\r\n0\r\n\r\n",
    "CR-behind-size": b"1\rx\r\n0\r\n\r\n",
    "LF-behind-data": b"1\r\nx\n0\r\n\r\n",
    "CR-behind-data": b"1\r\nx\r0\r\n\r\n",
    "LF-behind-extension": b"1;a=b\nx\r\n0\r\n\r\n",
    "CR-in-extension": b"1;a\rb\r\nx\r\n0\r\n\r\n",
    "LF-behind-last-size": b"0\n\r\n",
    "LF-at-the-end": b"0\r\n\n",
    "LF-alone": b"1\nx\n0\n\n",
    "LF-behind-trailer": b"0\r\nX: y\n\r\n",
    "CR-in-trailer": b"0\r\nX: y\rz\r\n\r\n",
    "data-longer-than-size": b"1\r\nxy\r\n0\r\n\r\n",
    "data-shorter-than-size": b"3\r\nx\r\n0\r\n\r\n",
    "empty-line-before-size": b"\r\n1\r\nx\r\n0\r\n\r\n",
    "extension-without-name": b"1;\r\nx\r\n0\r\n\r\n",
    "extension-without-value": b"1;a=\r\nx\r\n0\r\n\r\n",
    "extension-that-is-no-token": b"1;a=@\r\nx\r\n0\r\n\r\n",
    "extension-with-open-quote": b'1;a="b\r\nx\r\n0\r\n\r\n',
    "extension-with-NUL": b"1;a=\x00\r\nx\r\n0\r\n\r\n",
    "blank-behind-size": b"1 \r\nx\r\n0\r\n\r\n",
    "trailer-folded": b"0\r\nX: y\r\n z\r\n\r\n",
    "trailer-without-colon": b"0\r\nX\r\n\r\n",
    "trailer-without-name": b"0\r\n: y\r\n\r\n",
    "trailer-with-space-before-colon": b"0\r\nX : y\r\n\r\n",
    "trailer-with-NUL": b"0\r\nX: \x00\r\n\r\n",
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS)
def test_malformed_chunk_framing_is_refused_in_whatever_pieces_it_comes(
    url: str, body: bytes
) -> None:
    whole, bytewise = refusal(url, chunked(body)), refusal(url, chunked(body), bytewise=True)
    assert (whole.status, whole.body) == (400, bytewise.body)


@pytest.mark.parametrize(
    "framing",
    [
        b"1;" + b"a" * 65536 + b"\r\nx\r\n",
        b"1" + b";a" * 32768 + b"\r\nx\r\n",
        b'1;a="' + b"\\a" * 32768 + b'"\r\nx\r\n',
        b"1" + b" " * 65536 + b";a\r\nx\r\n",
        b"1;a=b\r\nx\r\n" * 20_000,
        b"0;" + b"a" * 65536 + b"\r\n",
    ],
    ids=["long-name", "many", "long-value", "blanks", "one-for-each-byte", "last-chunk"],
)
def test_chunk_extensions_are_bounded(url: str, framing: bytes) -> None:
    assert refusal(url, chunked(framing, b"0\r\n\r\n")).status == 400


def test_few_extensions_on_much_data_are_taken(url: str) -> None:
    chunks = (b"100;a=b\r\n" + b"x" * 256 + b"\r\n") * 1000
    assert answers(url, chunked(chunks, b"0\r\n\r\n")) == [(200, b"posted")]


@pytest.mark.parametrize(
    "trailer",
    [
        b"Content-Length: 35\r\n",
        b"Content-Length: x\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: foo\r\n",
        b"Host: other\r\nHost: [\r\n",
        b"Connection: close\r\n",
        b"Expect: 200-maybe\r\n",
    ],
    ids=["length", "bad-length", "chunked", "bad-coding", "hosts", "close", "expectation"],
)
def test_trailer_fields_change_nothing(url: str, trailer: bytes) -> None:
    data = chunked(b"1\r\nx\r\n0\r\n", trailer=trailer + b"\r\n") + request("GET /a HTTP/1.1")
    assert answers(url, data) == [(200, b"posted"), (200, b"a")]


def test_large_body_hides_the_requests_in_it(url: str) -> None:
    for size in (4095, 4096, 4097, 65535, 65536, 65537, 200_000):
        body = (SMUGGLED * (size // len(SMUGGLED) + 1))[:size]
        whole = post(f"Content-Length: {size}", body=body)
        in_chunks = chunked(b"%x\r\n" % size + body + b"\r\n0\r\n\r\n")
        assert answers(url, (whole + in_chunks) * 2) == [(200, b"posted")] * 4


@pytest.mark.parametrize("body", [b"", b"1234", b"12345"], ids=["none", "a-part", "all"])
def test_body_that_ends_with_the_connection_is_not_posted(unharmed: Serve, body: bytes) -> None:
    server = unharmed(site())
    before = server.stats().statuses["2xx"]
    for framing in (f"Content-Length: {len(body) + 1}", "Transfer-Encoding: chunked"):
        with Client(server.url) as client:
            sent = body if "Length" in framing else b"5\r\n" + body
            client.send(post(framing, body=sent))
            client.socket.shutdown(socket.SHUT_WR)
            assert b" 200 " not in client.rest()
    assert server.stats().statuses["2xx"] == before
