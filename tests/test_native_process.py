"""What native handlers can do to the process: crash it, or never return."""

import signal
from pathlib import Path

import pytest

from tests.client import Client, UnansweredError
from tests.programs import Programs

SERVE = """
    import ctypes, sys
    import fastgo

    library = ctypes.CDLL(sys.argv[1])
    app = fastgo.App()
    app.get("/hello", fastgo.native(library, "hello"))
    app.get("/crash/{id}", fastgo.native(library, "crash", blocking="blocking" in sys.argv))
    with fastgo.serve(app, port=0, engine=ENGINE, debug="debug" in sys.argv) as server:
        print(server.url, flush=True)
        input()
    """


def crash(programs: Programs, handlers: Path, *arguments: str, before: str = "") -> tuple[int, str]:
    """Has a handler crash, and returns how the process has ended."""
    program = programs.start(before + SERVE, str(handlers), *arguments)
    with Client(program.line()) as client:
        assert client.get("/hello").body == b"Hello, World!"
        with pytest.raises((UnansweredError, ConnectionResetError)):
            client.get("/crash/7")
    outcome = program.end()
    return outcome.status, outcome.err


@pytest.mark.parametrize("blocking", ["inline", "blocking"])
def test_crash_is_reported_with_route_and_function_in_debug_mode(
    programs: Programs, handlers: Path, blocking: str
) -> None:
    status, err = crash(programs, handlers, "debug", blocking)
    assert status != 0
    report, _, rest = err.partition("\n")
    assert report == (
        f"fastgo: SIGSEGV in the native handler of GET /crash/{{id}}, at crash ({handlers})"
    )
    assert rest.startswith("SIGSEGV: segmentation violation"), "Go's own report follows"


def test_crash_is_not_reported_else(programs: Programs, handlers: Path) -> None:
    status, err = crash(programs, handlers)
    assert status != 0
    assert "fastgo: " not in err


def test_crash_is_reported_before_that_of_a_faulthandler_which_was_there_first(
    programs: Programs, handlers: Path
) -> None:
    before = """
    import faulthandler
    faulthandler.enable()
    """
    status, err = crash(programs, handlers, "debug", before=before)
    assert status != 0
    assert err.startswith("fastgo: SIGSEGV in the native handler of GET /crash/{id}, at crash ")
    assert "Fatal Python error: Segmentation fault" in err


WAIT = """
    import ctypes, gc, sys, threading, time
    from array import array
    import fastgo

    def tell():
        while not gate[0]:
            time.sleep(0.001)
        print("runs", flush=True)

    gate = array("i", [0, 0])
    app = fastgo.App()
    library = ctypes.CDLL(sys.argv[1])
    blocking = sys.argv[2] == "blocking"
    app.get("/", fastgo.native(library, "wait_for_go", data=gate, blocking=blocking))
    options = {"port": 0, "engine": ENGINE, "loops": 1, "limits": fastgo.Limits(drain_time=0.1)}
    teller = threading.Thread(target=tell, daemon=True)
    """

# How a program ends while one of its handlers does not return.
ENDINGS = {
    "exit": """
    server = fastgo.serve(app, **options)
    print(server.url, flush=True)
    tell()
    """,
    "stop": """
    server = fastgo.serve(app, **options)
    print(server.url, flush=True)
    tell()
    server.stop()
    del app, gate, library  # which the handler uses still
    gc.collect()
    """,
    "Ctrl-C": """
    teller.start()
    fastgo.run(app, **options)
    """,
}


@pytest.mark.parametrize("blocking", ["inline", "blocking"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_handler_that_never_returns_does_not_hold_the_end(
    programs: Programs, handlers: Path, ending: str, blocking: str
) -> None:
    program = programs.start(WAIT + ENDINGS[ending], str(handlers), blocking)
    url = next(word for word in program.line().split() if word.startswith("http"))
    with Client(url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        assert program.line() == "runs"
        if ending == "Ctrl-C":
            program.signal(signal.SIGINT)
        outcome = program.end()
    assert outcome.status == 0, outcome
    assert "handlers do not return" in outcome.err
