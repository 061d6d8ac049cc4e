"""How coroutines end that do not end by themselves: by their clients, by time, with the server."""

import asyncio
import gc
import signal
import threading
import time
import weakref
from typing import Any

import pytest

import fastgo
from tests.client import Client, refuses
from tests.load import Load
from tests.programs import CLEAN, Programs
from tests.servers import Serve
from tests.waiting import eventually


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode()


class Sleeper:
    """Coroutine functions that wait for an event, and what has become of them."""

    def __init__(self) -> None:
        self.inside = 0
        self.ends: list[str] = []
        self._open: asyncio.Event | None = None

    def _event(self) -> asyncio.Event:
        self._open = self._open or asyncio.Event()
        return self._open

    async def wait(self) -> str:
        event = self._event()
        self.inside += 1
        try:
            await event.wait()
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise
        self.ends.append("through")
        return "through"

    async def stubborn(self) -> str:
        try:
            await self.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.001)
            self.ends.append("answered")
        return "stubborn"

    async def open(self) -> str:
        self._event().set()
        return "open"

    def app(self) -> fastgo.App:
        app = fastgo.App()
        app.get("/wait", self.wait)
        app.get("/stubborn", self.stubborn)
        app.get("/open", self.open)
        app.get("/function", lambda: "function")
        app.get("/text", fastgo.text("constant"))
        return app


def thread_of(server: fastgo.Server) -> threading.Thread:
    assert server._workers is not None
    assert server._workers._coroutines is not None
    return server._workers._coroutines.thread


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


def test_client_that_only_ends_its_own_side_gets_its_answer(serve: Serve) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    with Client(server.url) as client, Client(server.url) as other:
        client.send(request("/wait"))
        eventually(lambda: sleeper.inside == 1, "it waits")
        client.socket.shutdown(1)
        for _ in range(3):
            assert other.get("/function").body == b"function"
        other.get("/open")
        assert client.answer().body == b"through"


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
    server = serve(app, limits=fastgo.Limits(coroutine_time=0.05))
    with Client(server.url) as client:
        for path in ("/wait", "/stubborn", "/fails"):
            answer = client.get(path)
            assert (answer.status, answer["Content-Type"]) == (503, "application/problem+json")
            assert b"not answered within 0.05 seconds" in answer.body
        eventually(lambda: sleeper.ends == ["cancelled", "cancelled", "answered"], "they end")
        for _ in range(20):
            assert client.get("/quick").body == b"quick"
    eventually(lambda: "fails failed" in caplog.text, "the failure is logged")
    assert [each.name for each in caplog.records] == ["fastgo"]


def test_stop_lets_coroutines_finish(serve: Serve) -> None:
    sleeper = Sleeper()
    server = serve(sleeper.app())
    with Client(server.url) as client, Client(server.url) as other:
        client.send(request("/wait"))
        eventually(lambda: sleeper.inside == 1, "it waits")
        other.send(request("/wait") + request("/open"))
        server._begin_stop()
        eventually(lambda: refuses(server.url), "the server accepts no more")
        if server.engine == "epoll":  # the other one serves a connection's one by one
            assert client.answer().body == b"through"
        else:
            server._begin_stop(drain=0)
    server.stop()
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
        time.sleep(1)
    assert (one.broken, two.broken, three.broken) == ([], [], [])
    assert min(one.answered, two.answered, three.answered) > 50
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


SERVE = """
import asyncio, fastgo, os, sys, threading, time, warnings
warnings.simplefilter("ignore")
app = fastgo.App()
async def hello(): return "Hello, World!"
async def turn():
    await asyncio.sleep(0)
    return "turned"
async def wait(): print("waits", flush=True); await asyncio.Event().wait()
async def block(): print("blocks", flush=True); threading.Event().wait()
async def block_later():
    await asyncio.sleep(0)
    await block()
app.get("/", hello)
app.get("/turn", turn)
app.get("/wait", wait)
app.get("/block", block)
app.get("/block_later", block_later)
limits = fastgo.Limits(drain_time=0.2)
"""


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/", "/turn"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_under_load_ends_the_server_cleanly(
    programs: Programs, number: signal.Signals, path: str
) -> None:
    program = programs.start(f"{SERVE}\nfastgo.run(app, port=0, engine=ENGINE)")
    url = program.line().split()[2]
    with Load(url, path=path) as load:
        program.signal(number)
        assert program.end() == CLEAN
        load.join()
    assert load.broken == []


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/wait", "/block", "/block_later"])
def test_coroutine_that_never_ends_does_not_hold_up_the_exit(programs: Programs, path: str) -> None:
    program = programs.start(
        f"""{SERVE}
server = fastgo.serve(app, port=0, engine=ENGINE, limits=limits)
print(server.url, flush=True)
input()
"""
    )
    with Client(program.line()) as client:
        client.send(request(path))
        assert program.line() in ("waits", "blocks")
        begun = time.monotonic()
        program.tell()
        outcome = program.end()
        assert outcome.status == 0
        assert time.monotonic() - begun < 20
        assert client.rest() == b""


@pytest.mark.parametrize("ending", ["SystemExit", "KeyboardInterrupt"])
@pytest.mark.parametrize("way", ["now", "later", "task"])
def test_coroutine_that_asks_for_the_end_ends_run(
    programs: Programs, ending: str, way: str
) -> None:
    program = programs.start(
        f"""{SERVE}
async def now(): raise {ending}
async def later():
    await asyncio.sleep(0)
    raise {ending}
async def task():
    asyncio.get_running_loop().kept = asyncio.create_task(now())
    return "started"
app.get("/now", now)
app.get("/later", later)
app.get("/task", task)
fastgo.run(app, port=0, engine=ENGINE, loop="asyncio")
print("ended")
"""
    )
    url = program.line().split()[2]
    with Client(url) as client:
        assert client.get(f"/{way}").status == (200 if way == "task" else 500)
    outcome = program.end()
    assert (outcome.status, outcome.out) == (0, "ended\n")
    assert "the server stops" in outcome.err


@pytest.mark.parametrize("loop", ["asyncio", "auto"])
@pytest.mark.parametrize("waits", ["", "await asyncio.sleep(0)"])
def test_process_forked_by_a_coroutine_serves_nobody(
    programs: Programs, loop: str, waits: str
) -> None:
    program = programs.start(
        f"""{SERVE}
async def fork():
    {waits}
    child = os.fork()
    if child == 0:
        return "child"
    return f"parent {{os.waitpid(child, 0)[1]}}"
app.get("/fork", fork)
server = fastgo.serve(app, port=0, engine=ENGINE, loop="{loop}")
print(server.url, flush=True)
input()
"""
    )
    with Client(program.line()) as client:
        for _ in range(3):
            assert client.get("/fork").body == b"parent 0"
            assert client.get("/turn").body == b"turned"
    program.tell()
    assert program.end() == CLEAN


@pytest.mark.smoke
def test_debug_mode_of_asyncio_has_nothing_to_say(programs: Programs) -> None:
    output = programs.run(
        f"""{SERVE}
import urllib.request
os.environ["PYTHONASYNCIODEBUG"] = "1"
server = fastgo.serve(app, port=0, engine=ENGINE, loop="asyncio")
for path in 5 * ("/", "/turn"):
    print(urllib.request.urlopen(server.url + path).read().decode())
server.stop()
"""
    )
    assert output == 5 * "Hello, World!\nturned\n"


def test_asyncio_is_loaded_only_where_there_are_coroutines(programs: Programs) -> None:
    output = programs.run(
        """
import fastgo, sys
app = fastgo.App()
app.get("/", lambda: "plain")
server = fastgo.serve(app, port=0, engine=ENGINE)
server.stop()
print("asyncio" in sys.modules)
"""
    )
    assert output == "False\n"


@pytest.mark.parametrize("loop", ["trio", ""])
def test_loop_that_is_not_known_is_refused(loop: str) -> None:
    with pytest.raises(fastgo.ConfigError, match='loop must be "auto", "asyncio" or "uvloop"'):
        fastgo.serve(port=0, loop=loop)


def test_uvloop_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(fastgo.ConfigError, match="install it by `pip install uvloop`"):
        fastgo.serve(port=0, loop="uvloop")
