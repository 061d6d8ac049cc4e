"""The threads that run Python functions: what they hold up and what not, and their end."""

import contextlib
import signal
import socket
import threading
import time
import weakref

import pytest

import fastgo
from tests.client import Client, refuses
from tests.load import Load
from tests.programs import CLEAN, Programs
from tests.servers import Serve
from tests.waiting import eventually


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode()


class Gate:
    """A function that waits until it is opened, and counts who waits; `spin` computes."""

    def __init__(self) -> None:
        self.inside = 0
        self._open = threading.Event()

    def __call__(self) -> str:
        self.inside += 1
        assert self._open.wait(30)
        return "through"

    def spin(self) -> str:
        self.inside += 1
        end = time.monotonic() + 30
        while not self._open.is_set():
            assert time.monotonic() < end
        return "through"

    def open(self) -> None:
        self._open.set()


def alive(server: fastgo.Server) -> list[threading.Thread]:
    """Returns the workers of a server that have not ended."""
    assert server._workers is not None
    return [each for each in server._workers._threads if each.is_alive()]


def app_with(gate: Gate) -> fastgo.App:
    app = fastgo.App()
    app.get("/gate", gate)
    app.get("/spin", gate.spin)
    app.get("/quick", lambda: "quick")
    app.get("/text", fastgo.text("constant"))
    return app


def test_pipelined_answers_keep_their_order_while_others_go_on(serve: Serve) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=2)
    with Client(server.url) as slow, Client(server.url) as other:
        for path in ("/quick", "/gate", "/text", "/quick"):
            slow.send(request(path))
        assert slow.answer().body == b"quick"
        eventually(lambda: gate.inside == 1, "the function waits")
        for _ in range(100):
            assert other.get("/quick").body == b"quick"
        gate.open()
        assert [slow.answer().body for _ in range(3)] == [b"through", b"constant", b"quick"]


def test_functions_that_wait_run_side_by_side(serve: Serve) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=6)
    clients = [Client(server.url) for _ in range(6)]
    for client in clients:
        client.send(request("/gate"))
    eventually(lambda: gate.inside == 6, "all of them wait")
    gate.open()
    for client in clients:
        assert client.answer().body == b"through"
        client.close()


@pytest.mark.parametrize("path", ["/gate", "/spin"])
def test_other_routes_are_served_while_all_workers_are_busy(serve: Serve, path: str) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=2)
    clients = [Client(server.url) for _ in range(4)]
    for client in clients:
        client.send(request(path))
    eventually(lambda: gate.inside == 2, "all workers are busy")
    with Client(server.url) as other:
        for _ in range(100):
            assert other.get("/text").body == b"constant"
    gate.open()
    for client in clients:
        assert client.answer().body == b"through"
        client.close()


def test_requests_beyond_the_queue_are_refused_and_counted(serve: Serve) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=1, loops=1, limits=fastgo.Limits(python_queue=3))
    clients = [Client(server.url) for _ in range(9)]
    for client in clients[:1]:
        client.send(request("/gate"))
    eventually(lambda: gate.inside == 1, "the function waits")
    for client in clients[1:]:
        client.send(request("/quick"))
    eventually(lambda: server.stats().python_refused == 5, "what is too much is refused")
    gate.open()
    answers = [client.answer() for client in clients]
    refused = [each for each in answers if each.status == 503]
    assert len(refused) == 5
    assert refused[0]["Retry-After"] == "1"
    assert [each.status for each in answers].count(200) == 4
    for client in clients:
        client.close()


def test_clients_that_leave_do_not_disturb_others(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/slow", lambda: time.sleep(0.001) or "x" * 100_000)
    app.get("/", lambda: "mine")
    server = serve(app, threads=4)
    with Client(server.url) as steady:
        for number in range(60):
            client = Client(server.url)
            client.send(3 * request("/slow"))
            if number % 2:
                client.reset()
            else:
                client.close()
            assert steady.get().body == b"mine"
    assert server.stop(drain=5) == 0


def test_load_of_functions_and_constants_is_answered_right(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{key}", lambda key: f"{key} " * 300)
    app.get("/text", fastgo.text("constant"))
    server = serve(app)
    with (
        Load(server.url, path="/a", accept=lambda answer: answer.body == b"a " * 300) as one,
        Load(server.url, path="/b", accept=lambda answer: answer.body == b"b " * 300) as two,
        Load(server.url, path="/text") as three,
    ):
        eventually(lambda: min(one.answered, two.answered, three.answered) > 100, "all are served")
    assert (one.broken, two.broken, three.broken) == ([], [], [])


def test_update_while_functions_are_served(serve: Serve) -> None:
    class Function:
        def __init__(self, number: int) -> None:
            self.number = number

        def __call__(self) -> str:
            return f"number {self.number}"

    def app(number: int) -> fastgo.App:
        made = fastgo.App()
        functions.append(weakref.ref(function := Function(number)))
        made.get("/", function)
        return made

    functions: list[weakref.ref[Function]] = []
    server = serve(app(0))
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


def test_first_function_may_come_by_an_update(serve: Serve) -> None:
    server = serve(fastgo.App(), threads=2)
    app = fastgo.App()
    app.get("/", lambda: "new")
    server.update(app)
    with Client(server.url) as client:
        assert client.get().body == b"new"


def test_update_that_fails_leaves_the_functions_as_they_were(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/", lambda: "first")
    server = serve(app)
    for _ in range(3):
        wrong = fastgo.App()
        wrong.get("no slash", lambda: "second")
        with pytest.raises(fastgo.ConfigError):
            server.update(wrong)
    with Client(server.url) as client:
        assert client.get().body == b"first"


@pytest.mark.parametrize("first", [None, "thread", "coroutine"])
@pytest.mark.parametrize("second", ["thread", "coroutine"])
def test_server_that_has_stopped_takes_no_more_functions(
    serve: Serve, first: str | None, second: str
) -> None:
    async def coroutine() -> str:
        return "coroutine"

    def app_of(kind: str | None) -> fastgo.App:
        app = fastgo.App()
        if kind is not None:
            app.get("/", coroutine if kind == "coroutine" else lambda: "thread")
        return app

    server = serve(app_of(first))
    server.stop()
    for _ in range(3):
        with pytest.raises(fastgo.StateError):
            server.update(app_of(second))


def test_requests_that_wait_while_a_server_starts_are_answered(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/function", lambda: "x")

    @app.get("/coroutine")
    async def coroutine() -> str:
        return "x"

    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as clients:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        waiting = [clients.enter_context(Client(url)) for _ in range(8)]
        for number, client in enumerate(waiting):
            client.send(request("/coroutine" if number % 2 else "/function"))
        serve(app, fd=listener.fileno())
        assert [client.answer().body for client in waiting] == [b"x"] * 8


def test_function_may_stop_its_server(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/", lambda: str(server.stop()))
    server = serve(app, threads=2)
    with Client(server.url) as client:
        assert client.get().body == b"0"
    server.stop()
    assert refuses(server.url)


def test_stop_lets_functions_finish(serve: Serve) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=1)
    with Client(server.url) as client:
        client.send(2 * request("/gate"))
        eventually(lambda: gate.inside == 1, "the function waits")
        server._begin_stop()
        eventually(lambda: refuses(server.url), "the server accepts no more")
        gate.open()
        assert client.answer().body == b"through"
    assert server.stop() == 0
    assert not alive(server)


def test_stop_does_not_wait_for_functions_for_ever(serve: Serve) -> None:
    gate = Gate()
    server = serve(app_with(gate), threads=1)
    with Client(server.url) as client:
        client.send(request("/gate"))
        eventually(lambda: gate.inside == 1, "the function waits")
        assert server.stop(drain=0) == 1
    gate.open()  # what it still touches is still there
    eventually(lambda: not alive(server), "its thread ends")


SERVE = """
import fastgo, sys, threading, time
app = fastgo.App()
app.get("/", lambda: "Hello, World!")
app.get("/stuck", lambda: (print("stuck", flush=True), threading.Event().wait()))
app.get("/spin", lambda: [print("spins", flush=True), exec("while True: pass")])
limits = fastgo.Limits(drain_time=0.2)

async def coroutine():
    return "Hello, World!"

async def later():
    import asyncio
    await asyncio.sleep(0.001)
    return "Hello, World!"

app.get("/coroutine", coroutine)
app.get("/later", later)
"""


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/", "/coroutine", "/later"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_under_load_ends_the_server_cleanly(
    programs: Programs, soak: bool, number: signal.Signals, path: str
) -> None:
    for _ in range(50 if soak else 1):
        program = programs.start(f"{SERVE}\nfastgo.run(app, port=0, engine=ENGINE)")
        url = program.line().split()[2]
        with Load(url, path=path) as load:
            program.signal(number)
            assert program.end() == CLEAN
            load.join()
        assert load.broken == []


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/stuck", "/spin"])
def test_function_that_never_returns_does_not_hold_up_the_exit(
    programs: Programs, path: str
) -> None:
    program = programs.start(
        f"""{SERVE}
server = fastgo.serve(app, port=0, engine=ENGINE, limits=limits)
print(server.url, flush=True)
input()
"""
    )
    url = program.line()
    with Client(url) as client:
        client.send(request(path))
        assert program.line() in ("stuck", "spins")
        begun = time.monotonic()
        program.tell()
        outcome = program.end()
        assert outcome.status == 0
        assert time.monotonic() - begun < 20
        assert client.rest() == b""


@pytest.mark.parametrize("ending", ["SystemExit(3)", "KeyboardInterrupt"])
def test_function_that_asks_for_the_end_ends_run(programs: Programs, ending: str) -> None:
    program = programs.start(
        f"""{SERVE}
def end(): raise {ending}
app.get("/end", end)
fastgo.run(app, port=0, engine=ENGINE)
print("ended")
"""
    )
    url = program.line().split()[2]
    with Client(url) as client:
        assert client.get("/end").status == 500
    outcome = program.end()
    if ending == "KeyboardInterrupt":
        assert (outcome.status, outcome.out) == (0, "ended\n")
    else:
        assert (outcome.status, outcome.out) == (3, "")


def test_process_forked_by_a_function_serves_nobody(programs: Programs) -> None:
    program = programs.start(
        f"""{SERVE}
import os, warnings
warnings.simplefilter("ignore")
def fork():
    child = os.fork()
    if child == 0:
        return "child"
    return f"parent {{os.waitpid(child, 0)[1]}}"
app.get("/fork", fork)
server = fastgo.serve(app, port=0, engine=ENGINE)
print(server.url, flush=True)
input()
"""
    )
    with Client(program.line()) as client:
        for _ in range(3):
            assert client.get("/fork").body == b"parent 0"
            assert client.get("/").body == b"Hello, World!"
    program.tell()
    assert program.end() == CLEAN


def test_many_servers_have_workers_of_their_own(serve: Serve) -> None:
    servers = []
    for number in range(4):
        app = fastgo.App()
        app.get("/", f"server {number}".__str__)
        servers.append(serve(app, threads=2))
    for number, server in enumerate(servers):
        with Client(server.url) as client:
            assert client.get().body == f"server {number}".encode()
