"""Every limit on the size of a request at its exact edge."""

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve
from tests.wire import answers, chunked, post, refusal, refused, request, site

EDGES = [False, True]
DEFAULT = fastgo.Limits()


def line_of(size: int) -> str:
    """Returns a request line of that many bytes."""
    return "GET /a?" + "q" * (size - len("GET /a? HTTP/1.1")) + " HTTP/1.1"


def fields_of(size: int, count: int) -> list[str]:
    """Returns that many fields, of so many bytes together with Host and all CRLFs."""
    fields = ["X: y"] * (count - 1)
    used = len("Host: t\r\n") + len("X: y\r\n") * (count - 2)
    return [*fields[1:], "X: " + "y" * (size - used - len("X: \r\n"))]


@pytest.mark.parametrize("bytewise", [False, True], ids=["at-once", "bytewise"])
@pytest.mark.parametrize("limit", [64, 1000, DEFAULT.request_line])
def test_request_line_at_its_limit_is_taken_and_one_byte_beyond_it_is_414(
    unharmed: Serve, limit: int, bytewise: bool
) -> None:
    url = unharmed(site(), limits=fastgo.Limits(request_line=limit)).url
    within = request(line_of(limit))
    assert answers(url, within + b"\r\n" + within, bytewise=bytewise) == [(200, b"a")] * 2
    assert refusal(url, request(line_of(limit + 1)), bytewise=bytewise).status == 414
    with Client(url) as client:
        client.send(line_of(limit + 2).encode())  # its end has not come
        assert refused(client).status == 414


@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize("limit", [200, 4096, DEFAULT.header])
def test_header_at_its_limit_is_taken_and_one_byte_beyond_it_is_431(
    unharmed: Serve, limit: int, count: int
) -> None:
    url = unharmed(site(), limits=fastgo.Limits(header=limit)).url
    within = request("GET /a HTTP/1.1", *fields_of(limit, count))
    assert len(within) == len("GET /a HTTP/1.1\r\n") + limit + len("\r\n")
    assert answers(url, within * 2) == [(200, b"a")] * 2
    beyond = request("GET /a HTTP/1.1", *fields_of(limit + 1, count))
    assert refusal(url, beyond).status == 431


@pytest.mark.parametrize("limit", [2, 10, DEFAULT.header_fields])
def test_fields_at_their_limit_are_taken_and_one_more_is_431(unharmed: Serve, limit: int) -> None:
    # END, which the client sends behind them, has two fields.
    url = unharmed(site(), limits=fastgo.Limits(header_fields=limit)).url
    within = request("GET /a HTTP/1.1", *["X: y"] * (limit - 1))
    assert answers(url, within * 2) == [(200, b"a")] * 2
    assert refusal(url, request("GET /a HTTP/1.1", *["X: y"] * limit)).status == 431


def test_request_line_and_header_have_limits_of_their_own(unharmed: Serve) -> None:
    url = unharmed(site(), limits=fastgo.Limits(request_line=1000, header=1000)).url
    data = request(line_of(1000), *fields_of(1000, 2))
    assert answers(url, data * 3) == [(200, b"a")] * 3


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("GET /" + "a" * 100_000 + " HTTP/1.1"), 414),
        (b"G" * 100_000, 414),
        (request("GET / HTTP/1.1", "X: " + "y" * 100_000), 431),
        (request("GET / HTTP/1.1", "X" * 100_000 + ": y"), 431),
        (request("GET / HTTP/1.1", *["X: y"] * 10_000), 431),
        (request("GET / HTTP/1.1", *["X:" + "y" * 1000] * 99), 431),
    ],
    ids=["target", "method", "value", "name", "fields", "all-fields"],
)
def test_huge_head_is_refused_by_default(unharmed: Serve, data: bytes, status: int) -> None:
    assert refusal(unharmed(site()).url, data).status == status


@pytest.mark.parametrize("limit", [0, 1, 1000, 70_000, DEFAULT.body])
def test_body_at_its_limit_is_taken_and_one_byte_beyond_it_is_413(
    unharmed: Serve, limit: int
) -> None:
    url = unharmed(site(), limits=fastgo.Limits(body=limit)).url

    def sized(size: int) -> bytes:
        return post(f"Content-Length: {size}", body=b"x" * size)

    assert answers(url, sized(limit) * 2) == [(200, b"posted")] * 2
    assert refusal(url, sized(limit + 1)).status == 413
    with Client(url) as client:
        client.send(post(f"Content-Length: {limit + 1}"))  # none of it has come
        assert refused(client).status == 413


def in_chunks(size: int, chunk: int) -> bytes:
    """Returns a chunked body of that size."""
    sizes = [chunk] * (size // chunk) + [size % chunk] * (size % chunk > 0)
    return b"".join(b"%x\r\n%b\r\n" % (each, b"x" * each) for each in sizes)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20], ids=["bytes", "small", "one"])
@pytest.mark.parametrize("limit", [0, 1, 1000, 70_000])
def test_chunked_body_at_its_limit_is_taken_and_one_byte_beyond_it_is_413(
    unharmed: Serve, limit: int, chunk: int
) -> None:
    url = unharmed(site(), limits=fastgo.Limits(body=limit)).url
    within = chunked(in_chunks(limit, chunk), b"0\r\n\r\n")
    assert answers(url, within * 2) == [(200, b"posted")] * 2
    assert refusal(url, chunked(in_chunks(limit + 1, chunk), b"0\r\n\r\n")).status == 413


def test_body_over_the_limit_is_refused_wherever_it_goes(unharmed: Serve) -> None:
    url = unharmed(site(), limits=fastgo.Limits(body=10)).url
    for line in ("GET / HTTP/1.1", "POST /nowhere HTTP/1.1", "BREW / HTTP/1.1", "POST / HTTP/1.0"):
        data = request(line, "Content-Length: 11") + b"x" * 11
        assert refusal(url, data).status == 413


@pytest.mark.parametrize("size", [2**31, 2**32, 2**40, 2**63 - 1])
def test_announced_giant_is_refused_by_default(unharmed: Serve, size: int) -> None:
    url = unharmed(site()).url
    assert refusal(url, post(f"Content-Length: {size}", body=b"x" * 100_000)).status == 413
    # A chunk may be announced so large: it is refused when its data pass the limit.
    data = chunked(b"%x\r\n" % size, b"x" * (DEFAULT.body + 1))
    assert refusal(url, data).status == 413


def test_chunked_body_that_never_ends_is_refused(unharmed: Serve) -> None:
    url = unharmed(site(), limits=fastgo.Limits(body=10_000)).url
    with Client(url) as client:
        client.send(chunked(in_chunks(100_000, 10)))
        assert refused(client).status == 413


def test_trailer_at_the_limits_of_the_header_is_taken_and_beyond_them_is_431(
    unharmed: Serve,
) -> None:
    url = unharmed(site(), limits=fastgo.Limits(header=100, header_fields=4)).url
    for size, count, status in ((100, 1, 200), (101, 1, 431), (60, 4, 200), (60, 5, 431)):
        fields = b"X:\r\n" * (count - 1)
        fields += b"Y:" + b"z" * (size - len(fields) - len(b"Y:\r\n")) + b"\r\n"
        data = chunked(b"0\r\n", trailer=fields + b"\r\n")
        if status == 200:
            assert answers(url, data * 2) == [(200, b"posted")] * 2
        else:
            assert refusal(url, data).status == status
