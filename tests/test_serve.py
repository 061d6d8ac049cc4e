"""`serve` and the server that it returns."""

import os
import signal
import socket
import threading

import pytest

import fastgo
from tests.client import Client, refuses
from tests.programs import Programs
from tests.servers import Serve, texts, upload
from tests.waiting import eventually


@pytest.mark.smoke
def test_server_serves_inside_the_with_and_not_behind_it(serve: Serve) -> None:
    with serve(texts(root="here")) as server:
        with Client(server.url) as client:
            assert client.get().body == b"here"
        assert not refuses(server.url)
    assert refuses(server.url)


def test_server_tells_where_and_how_it_serves(serve: Serve, engine: str) -> None:
    server = serve(host="127.0.0.1", loops=1)
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.port > 0
    assert (server.engine, server.loops) == (engine, 1)
    assert repr(server) == f"<fastgo.Server {server.url}>"
    server.stop()
    assert repr(server) == "<fastgo.Server stopped>"


def test_auto_chooses_an_engine(serve: Serve) -> None:
    server = serve(engine="auto")
    assert server.engine != "auto"
    with Client(server.url) as client:
        assert client.get().status == 200


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("localhost", "http://")]
)
def test_server_listens_on_an_address_or_name(serve: Serve, host: str, url: str) -> None:
    server = serve(host=host)
    assert server.url.startswith(url)
    with Client(server.url) as client:
        assert client.get().status == 200


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(
    ("host", "reached", "not_reached"),
    [("::1", ["[::1]"], ["127.0.0.1"]), ("::", ["[::1]", "127.0.0.1"], [])],
)
def test_server_listens_on_ipv6(
    serve: Serve, host: str, reached: list[str], not_reached: list[str]
) -> None:
    server = serve(host=host)
    assert server.url == f"http://[{host}]:{server.port}"
    for address in reached:
        with Client(f"http://{address}:{server.port}") as client:
            assert client.get().status == 200
    for address in not_reached:
        assert refuses(f"http://{address}:{server.port}")


def test_every_method_and_path_has_its_own_handler(serve: Serve) -> None:
    app = fastgo.App()
    methods = ("get", "post", "put", "patch", "delete")
    for method in methods:
        for path in ("/", "/a", "/a/", "/a/b", "/%C3%A9", "/a:b@c;d=e"):
            getattr(app, method)(path, fastgo.text(f"{method} {path}"))
    with Client(serve(app).url) as client:
        for route in app.routes():
            expected = f"{route.method.lower()} {route.path}".encode()
            assert client.ask(route.method, route.path).body == expected


def test_head_has_a_route_of_its_own_where_the_app_says_so(serve: Serve) -> None:
    app = fastgo.App()
    app.route("HEAD", "/", fastgo.text("head", status=418))
    app.get("/", fastgo.text("get"))
    with Client(serve(app).url) as client:
        assert client.ask("HEAD").status == 418
        assert client.get().body == b"get"


def test_app_without_routes_answers_404(serve: Serve) -> None:
    with Client(serve(fastgo.App()).url) as client:
        assert client.get().status == 404


def test_query_does_not_take_part_in_the_choice_of_a_route(serve: Serve) -> None:
    with Client(serve(texts(a="a")).url) as client:
        assert client.get("/a?b=/c").body == b"a"


@pytest.mark.parametrize(
    "content", ["", "grüß 世界 🚀", "line\r\n\r\nHTTP/1.1 200 OK\r\n", "x" * 2**20]
)
def test_text_arrives_byte_for_byte(serve: Serve, content: str) -> None:
    with Client(serve(texts(root=content)).url) as client:
        assert client.get().body == content.encode()
        assert client.get("/next").status == 404


@pytest.mark.parametrize("status", [200, 201, 299, 404, 418, 503, 599])
def test_text_is_sent_with_its_status(serve: Serve, status: int) -> None:
    app = fastgo.App()
    app.get("/", fastgo.text("x", status=status))
    server = serve(app)
    with Client(server.url) as client:
        assert client.get().status == status
    assert server.stats().statuses[f"{status // 100}xx"] == 1


def test_stats_count_connections_requests_and_bytes(serve: Serve) -> None:
    server = serve(texts(root="x"))
    request = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"
    with Client(server.url) as client:
        for _ in range(3):
            client.send(request)
            client.answer()
        client.get("/nowhere")
        stats = server.stats()
    assert (stats.connections_open, stats.connections_accepted, stats.requests) == (1, 1, 4)
    assert dict(stats.statuses) == {"1xx": 0, "2xx": 3, "3xx": 0, "4xx": 1, "5xx": 0}
    assert stats.bytes_in > 4 * len(request)
    assert stats.bytes_out > 0
    assert stats.events_dropped == 0


def test_stats_stay_readable_when_the_server_has_stopped(serve: Serve) -> None:
    server = serve()
    with Client(server.url) as client:
        client.get()
    server.stop()
    assert (server.stats().requests, server.stats().connections_open) == (1, 0)


@pytest.mark.smoke
def test_two_servers_serve_side_by_side(serve: Serve) -> None:
    first, second = serve(texts(root="first")), serve(texts(root="second"))
    with Client(first.url) as one, Client(second.url) as two:
        assert (one.get().body, two.get().body) == (b"first", b"second")
        first.stop()
        assert two.get().body == b"second"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_loops_are_the_cores_that_the_process_may_use(programs: Programs) -> None:
    out = programs.run(
        """
        import os, fastgo
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
        with fastgo.serve(port=0, engine=ENGINE) as server:
            print(server.loops)
        """
    )
    assert out == "1\n"


def test_loops_of_a_second_server_do_not_depend_on_the_first(serve: Serve) -> None:
    alone = serve()
    alone.stop()
    few = serve(loops=1)
    assert (few.loops, serve().loops) == (1, alone.loops)


def test_exception_inside_the_with_passes_and_the_server_is_stopped(serve: Serve) -> None:
    server = serve()
    with pytest.raises(KeyError, match="mine"), server:
        raise KeyError("mine")
    assert refuses(server.url)


def test_stop_may_be_called_again_and_from_many_threads(serve: Serve) -> None:
    server = serve()
    threads = [threading.Thread(target=server.stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.stop() == 0


def test_stop_lets_a_request_in_flight_finish(serve: Serve) -> None:
    server = serve(upload())
    with Client(server.url) as client:
        client.begin_upload(b"half", length=8)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        eventually(lambda: refuses(server.url), "the server accepts no more")
        client.send(b"half")
        assert client.answer().body == b"uploaded"
        assert client.rest() == b""
        stopping.join()


def test_stop_cuts_what_has_not_finished_at_the_end_of_the_drain(serve: Serve) -> None:
    server = serve(upload(), limits=fastgo.Limits(drain_time=0.05))
    with Client(server.url) as idle, Client(server.url) as busy:
        assert idle.get().status == 405
        busy.begin_upload()
        assert server.stop() == 1
        assert (idle.rest(), busy.rest()) == (b"", b"")


def test_second_stop_shortens_the_drain_of_the_first(serve: Serve) -> None:
    server = serve(upload())
    with Client(server.url) as client:
        client.begin_upload()
        patient = threading.Thread(target=server.stop)
        patient.start()
        eventually(lambda: refuses(server.url), "the server accepts no more")
        assert server.stop(drain=0) == 1
        patient.join()


def test_server_does_not_take_over_signals(serve: Serve) -> None:
    before = [signal.getsignal(number) for number in signal.valid_signals()]
    serve().stop()
    assert [signal.getsignal(number) for number in signal.valid_signals()] == before
