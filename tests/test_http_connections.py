"""Connections: how long they last, pipelines, and clients that are slow or go away."""

import socket
import threading
from contextlib import ExitStack, suppress

import pytest

import fastgo
from tests.client import Client, UnansweredError
from tests.programs import CLEAN, Programs
from tests.servers import Serve
from tests.waiting import eventually
from tests.wire import MEMORY, open_files, post, request, resident, send_until_full, site

LARGE = "0123456789abcdef" * (1 << 19)


@pytest.fixture
def url(unharmed: Serve) -> str:
    """The site, watched for harm."""
    return unharmed(site()).url


def large_site() -> fastgo.App:
    """Returns the site with an answer that no socket takes at once."""
    app = site()
    app.get("/large", fastgo.text(LARGE))
    return app


@pytest.mark.parametrize(
    ("version", "fields", "stays"),
    [
        ("HTTP/1.1", [], True),
        ("HTTP/1.1", ["Connection: keep-alive"], True),
        ("HTTP/1.1", ["Connection: x, y"], True),
        ("HTTP/1.1", ["Connection: close"], False),
        ("HTTP/1.1", ["Connection: CLOSE"], False),
        ("HTTP/1.1", ["Connection: x,close , y"], False),
        ("HTTP/1.1", ["Connection: keep-alive", "Connection: close"], False),
        ("HTTP/1.1", ["Connection: close, keep-alive"], False),
        ("HTTP/1.0", [], False),
        ("HTTP/1.0", ["Connection: x"], False),
        ("HTTP/1.0", ["Connection: close"], False),
        ("HTTP/1.0", ["Connection: keep-alive"], True),
        ("HTTP/1.0", ["Connection: x, Keep-Alive"], True),
        ("HTTP/1.0", ["Connection: keep-alive, close"], False),
    ],
)
def test_connection_stays_as_version_and_client_want(
    url: str, version: str, fields: list[str], stays: bool
) -> None:
    for head, body in ((request(f"GET /a {version}", *fields), b"a"), (None, b"posted")):
        with Client(url) as client:
            if head is None:
                head = request(f"POST / {version}", "Content-Length: 1", *fields) + b"x"
            client.send(head + request("GET /b HTTP/1.1"))
            answer = client.answer()
            assert answer.body == body
            assert answer.closes != stays
            if stays:
                assert ("Connection" in answer) == (version == "HTTP/1.0")
                assert client.answer().body == b"b"
            else:
                assert client.rest() == b""


def pipeline(count: int) -> bytes:
    """Returns requests for /a, /b and / with a body, in turn, and the last one for /end."""
    paths = [request("GET /a HTTP/1.1"), request("GET /b HTTP/1.1")]
    paths.append(post("Content-Length: 3", body=b"xyz"))
    return b"".join(paths[number % 3] for number in range(count))


def read_pipeline(client: Client, count: int) -> None:
    """Reads the answers to `pipeline`."""
    for number in range(count):
        assert client.answer().body == (b"a", b"b", b"posted")[number % 3], number


def test_thousands_of_pipelined_requests_are_answered_in_order(url: str) -> None:
    count = 10_000
    with Client(url) as client:
        sender = threading.Thread(target=client.send, args=(pipeline(count),))
        sender.start()
        read_pipeline(client, count)
        sender.join()
        assert client.get("/end").body == b"end"


def test_pipelines_of_many_connections_do_not_mix(url: str) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(url)) for _ in range(50)]
        for number, client in enumerate(clients):
            client.send(pipeline(100 + number))
        for number, client in enumerate(clients):
            read_pipeline(client, 100 + number)


def test_reader_that_never_reads_takes_no_memory_and_hinders_nobody(unharmed: Serve) -> None:
    app = site()
    app.get("/kilobyte", fastgo.text("k" * 1000))
    url = unharmed(app).url
    asked = request("GET /kilobyte HTTP/1.1")
    before = resident()
    with Client(url) as deaf, Client(url) as other:
        sent = send_until_full(deaf, asked, 100 << 20)
        assert sent < 100 << 20  # the server has stopped reading
        for _ in range(100):
            assert other.get("/a").body == b"a"
        assert resident() - before < MEMORY


def test_reader_that_reads_late_gets_every_answer(unharmed: Serve) -> None:
    app = site()
    app.get("/kilobyte", fastgo.text("k" * 1000))
    asked = request("GET /kilobyte HTTP/1.1")
    with Client(unharmed(app).url) as late:
        late.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        sent = send_until_full(late, asked, 100 << 20)
        late.socket.settimeout(30)
        whole, begun = divmod(sent, len(asked))
        for _ in range(whole):
            assert late.answer().body == b"k" * 1000
        late.send(asked[begun:])
        assert late.answer().body == b"k" * 1000


def test_many_large_answers_to_a_deaf_reader_take_no_memory(unharmed: Serve) -> None:
    url = unharmed(large_site()).url
    before = resident()
    with Client(url) as deaf, Client(url) as other:
        deaf.send(request("GET /large HTTP/1.1") * 1000)
        for _ in range(100):
            assert other.get("/a").body == b"a"
        assert resident() - before < MEMORY


STALLS = {
    "nothing": b"",
    "empty-line": b"\r\n",
    "one-byte": b"G",
    "request-line": b"GET / HTTP/1.1\r\n",
    "half-a-field": b"GET / HTTP/1.1\r\nHo",
    "no-end": b"GET / HTTP/1.1\r\nHost: t\r\n",
    "no-body": post("Content-Length: 5"),
    "half-a-body": post("Content-Length: 5", body=b"12"),
    "no-chunk": post("Transfer-Encoding: chunked"),
    "half-a-size": post("Transfer-Encoding: chunked", body=b"5"),
    "half-a-chunk": post("Transfer-Encoding: chunked", body=b"5\r\n12"),
    "half-a-trailer": post("Transfer-Encoding: chunked", body=b"0\r\nX: "),
}


@pytest.mark.parametrize("before", [b"", request("GET /a HTTP/1.1")], ids=["first", "second"])
def test_stalled_clients_are_let_go(unharmed: Serve, before: bytes) -> None:
    limits = fastgo.Limits(header_time=0.1, body_time=0.1, idle_time=0.1)
    url = unharmed(site(), limits=limits).url
    with ExitStack() as stack:
        clients = {kind: stack.enter_context(Client(url)) for kind in STALLS}
        for kind, client in clients.items():
            client.send(before + STALLS[kind])
        for kind, client in clients.items():
            if before:
                assert client.answer().body == b"a", kind
            if kind == "nothing":
                assert client.rest() == b""
                continue
            with suppress(UnansweredError):
                answer = client.answer()
                assert (answer.status, answer.closes) == (408, True), kind
                assert client.rest() == b"", kind


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nX: "], ids=["request-line", "field"])
def test_head_that_drips_is_let_go(unharmed: Serve, begin: bytes) -> None:
    with Client(unharmed(site(), limits=fastgo.Limits(header_time=0.2)).url) as client:
        client.send(begin)
        client.socket.settimeout(0.01)
        while True:
            client.send(b"G")
            try:
                client.socket.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                continue
            except ConnectionResetError:
                return
            break
        client.socket.settimeout(30)
        assert b" 408 " in client.rest()[:15]


def test_client_that_half_closes_gets_its_answers(url: str) -> None:
    large = request("GET /a HTTP/1.1") + post("Content-Length: 3", body=b"xyz")
    for data, expected in (
        (request("GET /a HTTP/1.1"), [b"a"]),
        (request("GET /a HTTP/1.0"), [b"a"]),
        (large, [b"a", b"posted"]),
        (large * 20, [b"a", b"posted"] * 20),
        (large + b"GET / HT", [b"a", b"posted"]),
    ):
        with Client(url) as client:
            client.send(data)
            client.socket.shutdown(socket.SHUT_WR)
            assert [client.answer().body for _ in expected] == expected
            assert b" 200 " not in client.rest()


def test_client_that_half_closes_gets_all_of_a_large_answer(unharmed: Serve) -> None:
    with Client(unharmed(large_site()).url) as client:
        client.send(request("GET /large HTTP/1.1") + request("GET /a HTTP/1.1"))
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer().body == LARGE.encode()
        assert client.answer().body == b"a"
        assert client.rest() == b""


def test_half_closed_connection_without_a_request_is_closed(url: str) -> None:
    for data in (b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: t\r\n"):
        with Client(url) as client:
            client.send(data)
            client.socket.shutdown(socket.SHUT_WR)
            assert b" 200 " not in client.rest()


@pytest.mark.parametrize("count", [1, 3])
def test_client_that_resets_in_mid_answer_harms_nobody(unharmed: Serve, count: int) -> None:
    server = unharmed(large_site())
    with Client(server.url) as other:
        for _ in range(20):
            client = Client(server.url)
            client.send(request("GET /large HTTP/1.1") * count)
            assert client.socket.recv(100).startswith(b"HTTP/1.1 200")
            client.reset()
            assert other.get("/a").body == b"a"
        eventually(lambda: server.stats().connections_open == 1, "the others are closed")


def test_client_that_resets_in_mid_request_harms_nobody(unharmed: Serve) -> None:
    server = unharmed(site())
    with Client(server.url) as other:
        for data in STALLS.values():
            for _ in range(3):
                client = Client(server.url)
                client.send(data)
                client.reset()
            assert other.get("/a").body == b"a"
        eventually(lambda: server.stats().connections_open == 1, "the others are closed")


VANISHING = request("GET /fibonacci HTTP/1.1") + request("GET / HTTP/1.1")


# Go's own sockets, which the fasthttp engine uses, rely on Go's handler of SIGPIPE: a
# program must not replace it after the first serve there.
@pytest.mark.parametrize(
    ("engine", "when"), [("epoll", "before"), ("epoll", "after"), ("fasthttp", "before")]
)
def test_clients_that_vanish_raise_no_sigpipe(programs: Programs, engine: str, when: str) -> None:
    """A program may give SIGPIPE its default action, which ends it."""
    program = programs.start(
        """
        import signal, sys, fastgo
        app = fastgo.App()
        app.get("/", fastgo.text("x" * 100_000))
        app.get("/fibonacci", fastgo.builtin("fibonacci"))
        if sys.argv[1] == "before":
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        with fastgo.serve(app, port=0, engine=ENGINE) as server:
            if sys.argv[1] == "after":
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            print(server.url, flush=True)
            input()
        """,
        when,
    )
    url = program.line()
    # Closed with FIN before it is answered: the first answer is met by RST, the next by EPIPE.
    for _ in range(30):
        leaving = Client(url)
        leaving.send(VANISHING * 4)
        leaving.close()
        resetting = Client(url)
        resetting.send(VANISHING * 4)
        resetting.reset()
    with Client(url) as client:
        assert client.get().status == 200
    program.tell()
    assert program.end() == CLEAN


# The server's limit of connections lies beyond that of open files: it is accept that fails.
FEW_FILES = """
import resource, fastgo
fastgo.serve(port=0, engine=ENGINE).stop()  # loading Go raises the soft limit
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
with fastgo.serve(port=0, engine=ENGINE, limits=fastgo.Limits(connections=100_000)) as server:
    print(server.url, flush=True)
    while input() != "end":
        print(server.stats().connections_open, flush=True)
"""


def crowd(url: str) -> ExitStack:
    """Opens more connections than the server has descriptors for; they close with the result."""
    with ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(Client(url))
        return stack.pop_all()


def test_server_without_free_descriptors_goes_on_and_accepts_when_some_close(
    programs: Programs,
) -> None:
    program = programs.start(FEW_FILES)
    url = program.line()

    def connections() -> int:
        program.tell()
        return int(program.line())

    with Client(url) as steady:
        assert steady.get().status == 200
        files = open_files(program.pid)
        for _ in range(2):
            with crowd(url) as first, Client(url) as waiting:
                eventually(lambda: connections() == 1 + 60 - files, "no descriptor is left")
                for _ in range(20):
                    assert steady.get().status == 200
                first.close()
                assert waiting.get().status == 200
            eventually(lambda: connections() == 1, "all others are closed")
            eventually(lambda: open_files(program.pid) == files, "so are their descriptors")
        with Client(url) as late:
            assert late.get().status == 200
    program.tell("end")
    outcome = program.end()
    assert outcome.status == 0
    assert outcome.err.count("\n") == 1
    assert "cannot accept connections" in outcome.err


def test_server_without_free_descriptors_stops(programs: Programs) -> None:
    program = programs.start(FEW_FILES)
    with crowd(program.line()):
        eventually(lambda: open_files(program.pid) == 60, "no descriptor is left")
        program.tell("end")
        assert program.end().status == 0
