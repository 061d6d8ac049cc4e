"""How coroutines end that do not end by themselves: by their clients, by time, with the server."""

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest

import fastgo
from tests.client import Client, refuses
from tests.coroutines import Sleeper, request, thread_of
from tests.load import Load
from tests.servers import Serve
from tests.waiting import eventually


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/wait", "/stubborn"])
def test_coroutine_is_cancelled_when_its_client_goes(
    serve: Serve, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    with Client(server.url) as other:
        for number in range(1, 4):
            client = Client(server.url)
            client.send(request(path))
            eventually(lambda number=number: sleeper.inside == number, "it waits")  # type: ignore[misc]
            client.reset()
            eventually(
                lambda number=number: sleeper.ends.count("cancelled") == number,  # type: ignore[misc]
                "it is cancelled",
            )
        assert other.get("/function").body == b"function"
        assert other.get("/open").body == b"open"
    assert server.stop() == 0
    assert "through" not in sleeper.ends
    assert caplog.text == ""


def test_coroutines_of_a_client_that_closes_a_unix_socket_are_cancelled(
    serve: Serve, tmp_path: Any
) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app(), uds=str(tmp_path / "socket"))
    client = Client(server.url)
    client.send(request("/wait"))
    eventually(lambda: sleeper.inside == 1, "it waits")
    client.close()
    eventually(lambda: sleeper.ends == ["cancelled"], "it is cancelled")


def test_coroutine_that_waits_is_cancelled_when_its_client_closes(serve: Serve) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    client = Client(server.url)
    client.send(request("/wait"))
    eventually(lambda: sleeper.inside == 1, "it waits")
    client.close()
    eventually(lambda: sleeper.ends == ["cancelled"], "it is cancelled")


def test_client_that_ends_its_own_side_is_answered_by_what_does_not_wait(serve: Serve) -> None:
    app = Sleeper().app()

    async def quick() -> str:
        return "quick"

    app.get("/quick", quick)
    server = serve(app)
    for path in ("/quick", "/function"):
        for _ in range(20):
            with Client(server.url) as client:
                client.send(request(path))
                client.socket.shutdown(1)
                assert client.answer().body.decode() == path[1:]


def test_coroutine_is_cancelled_when_its_client_is_cut(serve: Serve) -> None:
    sleeper = Sleeper()
    app = sleeper.app()
    large = b"x" * (64 << 20)
    app.get("/large", lambda: large)
    server = serve(app, limits=fastgo.Limits(write_time=0.2), loops=1)
    with Client(server.url) as client:
        client.send(request("/large") + request("/wait"))
        if server.engine == "fasthttp":  # which reads the second behind the first answer
            eventually(lambda: server.stats().connections_open == 0, "it is cut")
        else:
            eventually(lambda: sleeper.ends == ["cancelled"], "it is cancelled")


def test_coroutine_that_takes_too_long_is_answered_for_and_cancelled(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    sleeper = Sleeper()
    app = sleeper.app()

    async def quick() -> str:
        await asyncio.sleep(0)
        return "quick"

    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    app.get("/quick", quick)
    app.get("/fails", fails)
    server = serve(app, limits=fastgo.Limits(coroutine_time=0.3))
    with Client(server.url) as client:
        for path in ("/wait", "/stubborn", "/fails"):
            answer = client.get(path)
            assert (answer.status, answer["Content-Type"]) == (503, "application/problem+json")
            assert b"not answered within 0.3 seconds" in answer.body
        eventually(lambda: sleeper.ends == ["cancelled", "cancelled", "answered"], "they end")
        for _ in range(20):
            assert client.get("/quick").body == b"quick"
    eventually(lambda: "fails failed" in caplog.text, "the failure is logged")
    assert [each.name for each in caplog.records] == ["fastgo"]


def test_stop_lets_coroutines_finish(serve: Serve) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    with Client(server.url) as client:
        client.send(request("/wait"))
        eventually(lambda: sleeper.inside == 1, "it waits")
        server._begin_stop()
        eventually(lambda: refuses(server.url), "the server accepts no more")
        sleeper.release()
        assert client.answer().body == b"through"
    assert server.stop() == 0
    assert not thread_of(server).is_alive()


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/wait", "/stubborn"])
def test_stop_cancels_coroutines_when_the_drain_is_over(serve: Serve, path: str) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    with Client(server.url) as client:
        client.send(request(path))
        eventually(lambda: sleeper.inside == 1, "it waits")
        assert server.stop(drain=0) == 1
        assert client.rest() == b""
    assert sleeper.ends[0] == "cancelled"
    assert not thread_of(server).is_alive()


def test_stop_ends_tasks_and_generators_that_coroutines_have_left(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[str] = []
    kept: list[Any] = []

    async def task() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ends.append("task")

    async def generator() -> Any:
        try:
            yield 1
        finally:
            ends.append("generator")

    async def start() -> str:
        kept.append(asyncio.create_task(task()))
        kept.append(generator())
        await anext(kept[1])
        return "started"

    app = fastgo.App()
    app.get("/", start)
    server = serve(app)
    with Client(server.url) as client:
        assert client.get().body == b"started"
    server.stop()
    assert ends == ["task", "generator"]
    assert caplog.text == ""


def test_stop_does_not_wait_for_ever_for_coroutines(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    end = threading.Event()
    inside: list[int] = []

    async def never() -> None:
        inside.append(1)
        while not end.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    app = fastgo.App()
    app.get("/", never)
    server = serve(app)
    with Client(server.url) as client:
        client.send(request("/"))
        eventually(lambda: inside == [1], "it runs")
        assert server.stop(drain=0) == 1
    assert not thread_of(server).is_alive()
    assert "coroutines do not end" in caplog.text
    end.set()
    del server
    gc.collect()  # what is left of it is said in this test


def test_other_routes_are_served_while_a_coroutine_blocks_the_loop(serve: Serve) -> None:
    inside: list[int] = []
    end = threading.Event()

    async def block() -> str:
        inside.append(1)
        assert end.wait(30)
        return "blocked"

    app = Sleeper().app()
    app.get("/block", block)
    limits = fastgo.Limits(python_queue=3)
    server = serve(app, limits=limits, loops=1)
    clients = [Client(server.url) for _ in range(6)]
    clients[0].send(request("/block"))
    eventually(lambda: inside == [1], "it blocks")
    for client in clients[1:]:
        client.send(request("/open"))
    eventually(lambda: server.stats().python_refused == 2, "what is too much is refused")
    with Client(server.url) as other:
        for _ in range(50):
            assert other.get("/text").body == b"constant"
            assert other.get("/function").body == b"function"
    end.set()
    statuses = [client.answer().status for client in clients]
    assert sorted(statuses) == [200] * 4 + [503] * 2
    for client in clients:
        client.close()


@pytest.mark.smoke
def test_load_of_coroutines_and_functions_is_answered_right(serve: Serve) -> None:
    async def sleeps(key: str) -> str:
        await asyncio.sleep(0.0001)
        return f"{key} " * 300

    async def hello() -> str:
        return "hello"

    app = fastgo.App()
    app.get("/sleeps/{key}", sleeps)
    app.get("/hello", hello)
    app.get("/{key}", lambda key: key)
    server = serve(app)
    with (
        Load(server.url, path="/sleeps/a", accept=lambda it: it.body == b"a " * 300) as one,
        Load(server.url, path="/hello", accept=lambda it: it.body == b"hello") as two,
        Load(server.url, path="/b", accept=lambda it: it.body == b"b") as three,
    ):
        for _ in range(30):  # clients that leave
            client = Client(server.url)
            client.send(3 * request("/sleeps/x"))
            client.reset()
        eventually(lambda: min(one.answered, two.answered, three.answered) > 100, "all are served")
    assert (one.broken, two.broken, three.broken) == ([], [], [])
    assert server.stop(drain=5) == 0


def test_update_while_coroutines_are_served(serve: Serve) -> None:
    class Function:
        def __init__(self, number: int) -> None:
            self.number = number

        async def __call__(self) -> str:
            await asyncio.sleep(0)
            return f"number {self.number}"

    def app(number: int) -> fastgo.App:
        made = fastgo.App()
        functions.append(weakref.ref(function := Function(number)))
        made.get("/", function)
        return made

    functions: list[weakref.ref[Function]] = []
    first = fastgo.App()
    first.get("/", lambda: "number 0")
    server = serve(first)
    with Load(server.url, accept=lambda answer: answer.body.startswith(b"number ")) as load:
        for number in range(1, 30):
            server.update(app(number))
            with Client(server.url) as client:
                assert client.get().body == f"number {number}".encode()
    assert load.broken == []
    eventually(
        lambda: sum(each() is not None for each in functions) == 1,
        "the functions of retired tables are let go",
    )


def test_servers_of_coroutines_start_and_stop_many_times(unharmed: Serve) -> None:
    app = Sleeper().app()
    app.get("/end", fastgo.text("end"))
    keeper = unharmed(app)
    with Client(keeper.url) as client:
        assert client.get("/open").body == b"open"
    for _ in range(30):
        server = fastgo.serve(Sleeper().app(), port=0, engine=keeper.engine)
        client = Client(server.url)
        client.send(request("/wait") + request("/open"))
        server.stop(drain=0)
        client.close()
        assert not thread_of(server).is_alive()


def test_coroutine_may_stop_its_server(serve: Serve) -> None:
    async def stop() -> str:
        await asyncio.sleep(0)
        return str(server.stop())

    app = fastgo.App()
    app.get("/", stop)
    server = serve(app)
    with Client(server.url) as client:
        assert client.get().body == b"0"
    server.stop()
    assert refuses(server.url)
