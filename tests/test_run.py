"""`run`: how it ends, by signals, idle and under load, in the main thread and in others."""

import re
import signal

import pytest

from tests.client import Client, refuses
from tests.load import Load
from tests.programs import CLEAN, Programs
from tests.waiting import eventually

RUN = """
import fastgo
app = fastgo.App()
app.get("/", fastgo.text("Hello, World!"))
app.post("/", fastgo.text("uploaded"))
fastgo.run(app, port=0, engine=ENGINE, limits=fastgo.Limits(drain_time=1000))
"""
STOPS = [signal.SIGINT, signal.SIGTERM]


def url_of(line: str) -> str:
    """Returns the URL in the line by which run announces itself."""
    return line.split()[2]


@pytest.mark.smoke
@pytest.mark.parametrize("stop", STOPS)
def test_signal_ends_an_idle_server(programs: Programs, stop: signal.Signals) -> None:
    program = programs.start(RUN)
    url = url_of(program.line())
    program.signal(stop)
    assert program.end() == CLEAN
    assert refuses(url)


@pytest.mark.parametrize("stop", STOPS)
def test_signal_ends_a_server_with_idle_clients(programs: Programs, stop: signal.Signals) -> None:
    program = programs.start(RUN)
    url = url_of(program.line())
    with Client(url) as silent, Client(url) as client:
        assert client.get().status == 200
        program.signal(stop)
        assert program.end() == CLEAN
        assert (silent.rest(), client.rest()) == (b"", b"")


@pytest.mark.smoke
@pytest.mark.parametrize("keep_alive", [True, False], ids=["keep-alive", "close"])
@pytest.mark.parametrize("stop", STOPS)
def test_signal_under_load_leaves_no_request_half_answered(
    programs: Programs, stop: signal.Signals, keep_alive: bool
) -> None:
    program = programs.start(RUN)
    with Load(url_of(program.line()), keep_alive=keep_alive) as load:
        program.signal(stop)
        assert program.end() == CLEAN
        load.join()  # all end by themselves: nobody listens any more
    assert load.answered > 0
    assert load.broken == []


@pytest.mark.parametrize("stop", STOPS)
def test_signal_lets_a_request_in_flight_finish(programs: Programs, stop: signal.Signals) -> None:
    program = programs.start(RUN)
    url = url_of(program.line())
    with Client(url) as client:
        client.begin_upload(b"half", length=8)
        program.signal(stop)
        eventually(lambda: refuses(url), "the server accepts no more")
        client.send(b"half")
        assert client.answer().body == b"uploaded"
        assert program.end() == CLEAN


@pytest.mark.parametrize("second", STOPS)
@pytest.mark.parametrize("first", STOPS)
def test_second_signal_ends_the_drain(
    programs: Programs, first: signal.Signals, second: signal.Signals
) -> None:
    program = programs.start(RUN)
    url = url_of(program.line())
    with Client(url) as client:
        client.begin_upload()
        program.signal(first)
        eventually(lambda: refuses(url), "the server accepts no more")
        assert program.process.poll() is None
        program.signal(second)
        outcome = program.end()
        assert client.rest() == b""
    assert (outcome.status, outcome.out) == (0, "")
    # One, and perhaps one by which refuses has asked, whose end the server has not seen yet.
    assert re.fullmatch("the drain has ended: connections were cut connections=[12]\n", outcome.err)


@pytest.mark.parametrize("count", [1, 2])
def test_signal_that_does_not_wake_the_main_thread_is_heeded(
    programs: Programs, count: int
) -> None:
    program = programs.start(
        """
        import os, signal, threading, fastgo

        def interrupt():
            while os.read(0, 1):
                signal.pthread_kill(threading.get_ident(), signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        app = fastgo.App()
        app.post("/", fastgo.text("uploaded"))
        fastgo.run(app, port=0, engine=ENGINE, limits=fastgo.Limits(drain_time=1000))
        """
    )
    url = url_of(program.line())
    with Client(url) as client:
        if count == 2:
            client.begin_upload()
            program.tell()
            eventually(lambda: refuses(url), "the server accepts no more")
        program.tell()
        assert program.end().status == 0


def test_signal_handlers_are_put_back(programs: Programs) -> None:
    program = programs.start(
        """
        import signal, fastgo
        def mine(*_): print("mine", flush=True)
        signal.signal(signal.SIGTERM, mine)
        fastgo.run(port=0, engine=ENGINE)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        signal.raise_signal(signal.SIGTERM)
        """
    )
    program.line()
    program.signal(signal.SIGTERM)
    assert program.end().out == "mine\n"


def test_run_can_be_called_again_in_one_process(programs: Programs) -> None:
    program = programs.start("import fastgo\nfor _ in range(3): fastgo.run(port=0, engine=ENGINE)")
    for _ in range(3):
        with Client(url_of(program.line())) as client:
            assert client.get().status == 200
        program.signal(signal.SIGINT)
    assert program.end() == CLEAN


def test_signal_while_it_starts_ends_run_before_it_serves(programs: Programs) -> None:
    out = programs.run(
        """
        import signal, fastgo, fastgo._run
        start = fastgo._run.serve
        def interrupted(*arguments, **options):
            signal.raise_signal(signal.SIGINT)
            return start(*arguments, **options)
        fastgo._run.serve = interrupted
        fastgo.run(port=0, engine=ENGINE)
        print("ended")
        """
    )
    assert out == "ended\n"


@pytest.mark.parametrize("stop", STOPS)
def test_run_in_another_thread_ends_with_the_interpreter(
    programs: Programs, stop: signal.Signals
) -> None:
    program = programs.start(
        """
        import signal, sys, threading, time, fastgo
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
        options = {"port": 0, "engine": ENGINE}
        threading.Thread(target=fastgo.run, kwargs=options, daemon=True).start()
        while True:  # no wait would do: Go's threads may take the signal
            time.sleep(0.01)
        """
    )
    url = url_of(program.line())
    with Client(url) as client:
        assert client.get().status == 200
        program.signal(stop)
        outcome = program.end()
        assert client.rest() == b""
    assert (outcome.status, outcome.err) == (7, "")


def test_run_in_another_thread_leaves_signals_alone(programs: Programs) -> None:
    program = programs.start(
        """
        import signal, threading, fastgo
        options = {"port": 0, "engine": ENGINE}
        threading.Thread(target=fastgo.run, kwargs=options, daemon=True).start()
        input()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        """
    )
    program.line()
    program.tell()
    assert program.end() == CLEAN
