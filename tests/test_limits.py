"""Limits, as clients meet them."""

import resource
import socket
import threading
from functools import partial

import pytest

import fastgo
from tests.client import Client, connect, refuses
from tests.programs import Programs
from tests.servers import Serve, texts, upload
from tests.waiting import eventually


def head(size: int) -> bytes:
    """Returns the head of a request that has exactly that many bytes."""
    begin, end = b"GET / HTTP/1.1\r\nHost: t\r\nX: ", b"\r\n\r\n"
    return begin + b"x" * (size - len(begin) - len(end)) + end


@pytest.mark.smoke
@pytest.mark.parametrize("limit", [1024, 4096, 65536])
def test_head_beyond_the_limit_is_answered_431(serve: Serve, limit: int) -> None:
    server = serve(limits=fastgo.Limits(header=limit))
    with Client(server.url) as within, Client(server.url) as beyond:
        within.send(head(limit - 100))
        assert within.answer().status == 200
        beyond.send(head(limit + 100))
        answer = beyond.answer()
        assert (answer.status, answer.closes) == (431, True)
        assert beyond.rest() == b""
        assert within.get().status == 200  # the server goes on
    assert server.stats().statuses["4xx"] == 1


def test_head_that_never_ends_is_answered_431(serve: Serve) -> None:
    server = serve(limits=fastgo.Limits(header=1024))
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300)
        assert client.answer().status == 431


@pytest.mark.parametrize("limit", [0, 1, 1000, 2**20])
def test_body_at_the_limit_is_taken_and_beyond_it_answered_413(serve: Serve, limit: int) -> None:
    server = serve(upload(), limits=fastgo.Limits(body=limit))
    with Client(server.url) as client:
        assert client.ask("POST", body=b"x" * limit).body == b"uploaded"
        assert client.ask("POST", body=b"x" * limit).body == b"uploaded"
        answer = client.ask("POST", body=b"x" * (limit + 1))
        assert (answer.status, answer.closes) == (413, True)
        assert client.rest() == b""
    with Client(server.url) as client:
        assert client.ask("POST").status == 200


@pytest.mark.parametrize("limit", [10, 1000])
def test_chunked_body_is_held_to_the_limit(serve: Serve, limit: int) -> None:
    server = serve(upload(), limits=fastgo.Limits(body=limit))
    start = b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"

    def chunks(size: int) -> bytes:
        return b"1\r\nx\r\n" * size + b"0\r\n\r\n"

    with Client(server.url) as within, Client(server.url) as beyond:
        within.send(start + chunks(limit))
        assert within.answer().body == b"uploaded"
        beyond.send(start + chunks(limit + 1))
        assert beyond.answer().status == 413
        assert within.ask("POST").status == 200


def test_body_that_is_announced_too_large_is_refused_before_it_is_sent(serve: Serve) -> None:
    server = serve(upload(), limits=fastgo.Limits(body=1000))
    with Client(server.url) as client:
        fields = "Host: t\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n"
        assert client.ask("POST", fields=fields).status == 413


def test_huge_body_is_refused_without_being_stored(programs: Programs) -> None:
    out = programs.run(
        """
        import re, socket, fastgo
        with fastgo.serve(port=0, engine=ENGINE) as server:
            client = socket.create_connection(("127.0.0.1", server.port))
            client.send(b"GET / HTTP/1.1\\r\\nHost: t\\r\\nContent-Length: 9000000000000\\r\\n")
            client.send(b"\\r\\n" + b"x" * 20_000)
            print(client.recv(12).decode())
            client.close()
        peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
        print(int(peak[1]) < 100_000)
        """
    )
    assert out == "HTTP/1.1 413\nTrue\n"


def has_read(server: fastgo.Server, count: int) -> bool:
    return server.stats().bytes_in == count


@pytest.mark.smoke
def test_slow_client_gets_its_answer(server: fastgo.Server) -> None:
    with Client(server.url) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = b"GET /fibonacci HTTP/1.1\r\nHost: test\r\n\r\n"
        for sent in range(len(request)):
            eventually(partial(has_read, server, sent), "all is read")
            client.send(request[sent : sent + 1])
        assert client.answer().status == 200


def test_client_that_reads_late_gets_all_of_a_large_answer(serve: Serve) -> None:
    content = "0123456789" * 2_000_000
    server = serve(texts(root=content))
    with Client(server.url) as late, Client(server.url) as other:
        late.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        for _ in range(20):
            assert other.get("/nowhere").status == 404  # nobody waits for the late one
        assert late.answer().body == content.encode()


def test_idle_connection_is_closed(serve: Serve) -> None:
    server = serve(limits=fastgo.Limits(idle_time=0.5))
    with Client(server.url) as silent, Client(server.url) as client:
        assert client.get().status == 200
        assert (silent.rest(), client.rest()) == (b"", b"")
    eventually(lambda: server.stats().connections_open == 0, "both are closed")


def test_client_that_stops_inside_of_its_request_is_let_go(serve: Serve) -> None:
    server = serve(upload(), limits=fastgo.Limits(body_time=0.1))
    with Client(server.url) as client:
        client.begin_upload(b"part")
        assert client.answer().status == 408
        assert client.rest() == b""


def test_client_that_takes_no_answer_is_let_go(serve: Serve) -> None:
    server = serve(texts(root="x" * (32 << 20)), limits=fastgo.Limits(write_time=0.1))
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        eventually(lambda: server.stats().connections_open == 0, "it is closed")


def test_connections_beyond_the_limit_wait_for_one_to_close(serve: Serve) -> None:
    server = serve(limits=fastgo.Limits(connections=2))
    with Client(server.url) as first, Client(server.url) as second, Client(server.url) as third:
        assert first.get().status == second.get().status == 200
        third.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        for _ in range(20):
            assert first.get().status == 200
        assert server.stats().connections_accepted == 2
        second.close()
        assert third.answer().status == 200
        assert first.get().status == 200


def test_server_whose_connections_are_all_taken_stops(serve: Serve) -> None:
    server = serve(limits=fastgo.Limits(connections=1))
    with Client(server.url) as first, Client(server.url) as waiting:
        assert first.get().status == 200
        assert server.stop() == 0
        assert (first.rest(), waiting.rest()) == (b"", b"")
    assert refuses(server.url)


SERVE = """
import resource, fastgo
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
with fastgo.serve(port=0, engine=ENGINE) as server:
    print(server.url, flush=True)
    input()
    print(server.stats().connections_open, flush=True)
    input()
"""


@pytest.fixture
def many_files() -> int:
    """Raises the limit of open files as far as it goes, and returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def test_thousands_of_connections_at_once_are_all_served(
    programs: Programs, soak: bool, many_files: int
) -> None:
    count = min(10_000 if soak else 2_000, many_files - 200)
    program = programs.start(SERVE, deadline=600 if soak else 50)
    url = program.line()
    clients: list[Client] = []
    lock = threading.Lock()

    def open_some(share: int) -> None:
        for _ in range(share):
            client = Client(url)
            with lock:
                clients.append(client)

    threads = [threading.Thread(target=open_some, args=(count // 8,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert {client.answer().body for client in clients} == {b"Hello, World!"}
    program.tell()
    assert program.line() == str(len(clients)) == str(count // 8 * 8)
    for client in clients[::2]:
        client.reset()
    assert {client.get().status for client in clients[1::2]} == {200}
    program.tell()
    outcome = program.end()
    assert (outcome.status, outcome.err) == (0, "")
    assert {client.rest() for client in clients[1::2]} == {b""}
    for client in clients[1::2]:
        client.close()


def test_more_connections_than_files_wait_and_harm_nobody(programs: Programs) -> None:
    program = programs.start(
        """
        import resource, fastgo
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        fastgo.serve(port=0, engine=ENGINE).stop()  # loading Go raises the limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
        with fastgo.serve(port=0, engine=ENGINE) as server:
            print(server.url, flush=True)
            input()
        """
    )
    url = program.line()
    with Client(url) as steady:
        assert steady.get().status == 200
        crowd = [connect(url) for _ in range(300)]
        for _ in range(20):
            assert steady.get().status == 200
        for each in crowd:
            each.close()
        with Client(url) as late:
            assert late.get().status == 200
    program.tell()
    assert program.end().status == 0
