"""The end of a process that serves: clean, whatever it has left open."""

import pytest

from tests.client import Client, refuses
from tests.load import Load
from tests.programs import CLEAN, Programs
from tests.waiting import eventually

SERVE = """
import fastgo, sys
app = fastgo.App()
app.get("/", fastgo.text("Hello, World!"))
app.post("/", fastgo.text("uploaded"))
server = fastgo.serve(app, port=0, engine=ENGINE)
print(server.url, flush=True)
input()
"""


@pytest.mark.smoke
def test_exit_without_stop_is_clean(programs: Programs) -> None:
    program = programs.start(SERVE)
    program.line()
    program.tell()
    assert program.end() == CLEAN


def test_exit_without_stop_closes_the_connections_of_idle_clients(programs: Programs) -> None:
    program = programs.start(SERVE)
    url = program.line()
    with Client(url) as silent, Client(url) as client:
        assert client.get().status == 200
        program.tell()
        assert program.end() == CLEAN
        assert (silent.rest(), client.rest()) == (b"", b"")


def test_exit_without_stop_under_load_leaves_no_request_half_answered(programs: Programs) -> None:
    program = programs.start(SERVE)
    with Load(program.line()) as load:
        program.tell()
        assert program.end() == CLEAN
        load.join()
    assert load.broken == []


def test_exit_without_stop_lets_a_request_in_flight_finish(programs: Programs) -> None:
    program = programs.start(SERVE)
    url = program.line()
    with Client(url) as client:
        client.begin_upload(b"half", length=8)
        program.tell()
        eventually(lambda: refuses(url), "the server accepts no more")
        client.send(b"half")
        assert client.answer().body == b"uploaded"
        assert program.end() == CLEAN


def test_exit_drains_all_servers_at_once(programs: Programs) -> None:
    program = programs.start(
        """
        import fastgo
        limits = fastgo.Limits(drain_time=1.0)
        app = fastgo.App()
        app.post("/", fastgo.text("uploaded"))
        for _ in range(30):
            print(fastgo.serve(app, port=0, engine=ENGINE, limits=limits).url, flush=True)
        input()
        """,
        deadline=20,  # one after the other they would take 30 seconds
    )
    clients = [Client(program.line()) for _ in range(30)]
    for client in clients:
        client.begin_upload()
    program.tell()
    assert program.end().status == 0
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("sys.exit(5)", 5),
        ("raise SystemExit", 0),
        ("raise KeyboardInterrupt", -2),
        ("raise ValueError('mine')", 1),
        ("import os; os._exit(6)", 6),
    ],
)
@pytest.mark.parametrize("inside", [True, False], ids=["inside the with", "without a with"])
def test_exit_has_the_status_that_the_program_chose(
    programs: Programs, end: str, status: int, inside: bool
) -> None:
    begin = "with server: " if inside else ""
    program = programs.start(SERVE + begin + end)
    with Client(program.line()) as client:
        assert client.get().status == 200
        program.tell()
        outcome = program.end()
        assert client.rest() == b""
    assert outcome.status == status
    assert outcome.err.count("Traceback") == (status in (1, -2))


def test_exit_waits_for_the_programs_threads_that_serve(programs: Programs) -> None:
    out = programs.run(
        """
        import fastgo, threading
        serves = threading.Event()
        def serve():
            with fastgo.serve(port=0, engine=ENGINE):
                serves.set()
                threading.main_thread().join()
                print("still serves", flush=True)
        threading.Thread(target=serve).start()
        serves.wait()
        """
    )
    assert out == "still serves\n"


def test_handlers_of_atexit_may_use_the_server(programs: Programs) -> None:
    out = programs.run(
        """
        import atexit, fastgo
        def last():
            print(server.stats().requests, server.stop())
        server = fastgo.serve(port=0, engine=ENGINE)
        atexit.register(last)
        """
    )
    assert out == "0 0\n"


def test_server_that_is_dropped_goes_on_until_the_exit(programs: Programs) -> None:
    program = programs.start(
        """
        import fastgo, gc
        print(fastgo.serve(port=0, engine=ENGINE).url, flush=True)
        gc.collect()
        print("collected", flush=True)
        input()
        """
    )
    url = program.line()
    assert program.line() == "collected"
    with Client(url) as client:
        assert client.get().status == 200
    program.tell()
    assert program.end() == CLEAN
