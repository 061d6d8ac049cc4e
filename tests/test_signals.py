"""Signals that the library must leave as they are: SIGPIPE, and those of faulthandler."""

import signal

import pytest

from tests.client import Client
from tests.programs import CLEAN, Programs
from tests.servers import Serve, texts
from tests.waiting import eventually


@pytest.mark.smoke
def test_write_to_a_closed_pipe_stays_an_exception(programs: Programs) -> None:
    out = programs.run(
        """
        import os, fastgo
        with fastgo.serve(port=0, engine=ENGINE):
            for _ in range(3):
                read, write = os.pipe()
                os.close(read)
                try:
                    os.write(write, b"x")
                except BrokenPipeError:
                    print("broken pipe")
        """
    )
    assert out == "broken pipe\n" * 3


def test_write_to_a_closed_socket_stays_an_exception(programs: Programs) -> None:
    out = programs.run(
        """
        import socket, fastgo
        with fastgo.serve(port=0, engine=ENGINE):
            mine, other = socket.socketpair()
            other.close()
            try:
                mine.send(b"x")
            except BrokenPipeError:
                print("broken pipe")
        """
    )
    assert out == "broken pipe\n"


def test_client_that_resets_inside_of_an_answer_harms_nobody(serve: Serve) -> None:
    server = serve(texts(root="small", large="x" * (8 << 20)))
    with Client(server.url) as steady:
        for _ in range(20):
            client = Client(server.url)
            client.send(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
            assert client.socket.recv(100)
            client.reset()
            assert steady.get().body == b"small"
        eventually(lambda: server.stats().connections_open == 1, "the server lets them go")


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_faulthandler_may_be_enabled_before_and_after_the_library_loads(
    programs: Programs, before: bool
) -> None:
    enable = "import faulthandler; faulthandler.enable()"
    out = programs.run(
        f"""
import fastgo
{enable if before else ""}
server = fastgo.serve(port=0, engine=ENGINE)
{"" if before else enable}
app = fastgo.App()
app.get("no slash", fastgo.text("x"))
try:
    server.update(app)
except fastgo.ConfigError:
    print("refused")
from http.client import HTTPConnection
client = HTTPConnection("127.0.0.1", server.port)
client.request("GET", "/")
print(client.getresponse().read().decode())
client.close()
"""
    )
    assert out == "refused\nHello, World!\n"


def test_faulthandler_still_tells_of_a_crash(programs: Programs) -> None:
    outcome = programs.start(
        """
        import faulthandler, fastgo
        server = fastgo.serve(port=0, engine=ENGINE)
        faulthandler.enable()
        faulthandler._sigsegv()
        """
    ).end()
    assert outcome.status == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in outcome.err


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP, signal.SIGALRM])
def test_handlers_of_the_program_go_on_to_be_called(
    programs: Programs, number: signal.Signals
) -> None:
    program = programs.start(
        f"""
        import signal, time, fastgo
        handled = []
        signal.signal({int(number)}, lambda *_: handled.append("handled"))
        with fastgo.serve(port=0, engine=ENGINE) as server:
            print(server.url, flush=True)
            while not handled:  # no wait would do: Go's threads may take the signal
                time.sleep(0.01)
        """
    )
    program.line()
    program.signal(number)
    assert program.end() == CLEAN
