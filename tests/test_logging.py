"""Log records of the Go library arrive at logging.getLogger("fastgo")."""

import logging

import pytest

import fastgo
from tests.client import Client
from tests.programs import Programs
from tests.servers import Serve, upload


def cut(serve: Serve) -> fastgo.Server:
    """Makes a server say that its drain cut a connection."""
    server = serve(upload())
    with Client(server.url) as client:
        client.begin_upload()
        assert server.stop(drain=0) == 1
    return server


def test_record_has_level_message_and_details(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    cut(serve)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("fastgo", logging.WARNING)
    assert record.getMessage() == "the drain has ended: connections were cut connections=1"


def test_quiet_stop_logs_nothing(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve()
    with Client(server.url) as client:
        client.get()
        server.stop()
    assert caplog.records == []


def test_level_of_the_logger_is_respected(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "fastgo"):
        cut(serve)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("level", "expected"),
    [(-4, logging.DEBUG), (0, logging.INFO), (4, logging.WARNING), (8, logging.ERROR)],
)
def test_every_level_of_go_has_its_level_of_python(
    level: int, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    from fastgo._events import _log

    with caplog.at_level(logging.DEBUG, "fastgo"):
        _log(
            {"kind": "log", "level": level, "message": "m", "attributes": {"stack": "s", "a": "b"}}
        )
    (record,) = caplog.records
    assert record.levelno == expected
    assert record.getMessage() == "m a=b\ns"


def test_handler_that_fails_does_not_end_the_reading_of_events(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(record: logging.LogRecord) -> bool:
        raise RuntimeError(record)

    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger = logging.getLogger("fastgo")
    logger.addFilter(fail)
    try:
        cut(serve)  # returns: the event behind the record has been read
    finally:
        logger.removeFilter(fail)


CUT = """
import socket, fastgo
{configure}
app = fastgo.App()
app.post("/", fastgo.text("uploaded"))
server = fastgo.serve(app, port=0, engine=ENGINE)
client = socket.create_connection(("127.0.0.1", server.port))
client.send(b"POST / HTTP/1.1\\r\\nHost: t\\r\\nContent-Length: 9\\r\\n")
client.send(b"Expect: 100-continue\\r\\n\\r\\n")
assert client.recv(100).startswith(b"HTTP/1.1 100")
{stop}
"""
STOPS = {"by stop": "server.stop(drain=0)", "at exit": "server._begin_stop(0)"}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
def test_logging_that_is_not_configured_tells_warnings(programs: Programs, stop: str) -> None:
    outcome = programs.start(CUT.format(configure="", stop=stop)).end()
    assert outcome.status == 0
    assert outcome.err == "the drain has ended: connections were cut connections=1\n"


def test_logging_that_is_configured_formats_the_record(programs: Programs) -> None:
    configure = "import logging; logging.basicConfig(format='%(levelname)s %(name)s %(message)s')"
    outcome = programs.start(CUT.format(configure=configure, stop="server.stop(drain=0)")).end()
    assert outcome.status == 0
    assert outcome.err.startswith("WARNING fastgo the drain has ended")


EXIT = """
import logging
class Exit(logging.Handler):
    def emit(self, record):
        raise {error}
logging.getLogger("fastgo").addHandler(Exit())
"""


@pytest.mark.parametrize("error", ["SystemExit(1)", "KeyboardInterrupt"])
def test_handler_of_the_logger_that_exits_does_not_end_the_reading_of_events(
    programs: Programs, error: str
) -> None:
    script = CUT.format(configure=EXIT.format(error=error), stop="print(server.stop(drain=0))")
    assert programs.run(script) == "1\n"


def test_handler_of_the_logger_may_stop_the_server(programs: Programs) -> None:
    out = programs.run(
        """
        import logging, socket, fastgo
        class Stop(logging.Handler):
            def emit(self, record):
                print(record.getMessage(), server.stop(), flush=True)
        logging.getLogger("fastgo").addHandler(Stop())
        app = fastgo.App()
        app.get("/", fastgo.bytes(bytes(20_000_000)))
        server = fastgo.serve(app, port=0, engine=ENGINE)
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n")
        client.recv(1)
        assert server.stop(drain=0) == 1
        """
    )
    assert out == "the drain has ended: connections were cut connections=1 0\n"


def test_handler_of_the_logger_may_stop_the_server_during_an_update(programs: Programs) -> None:
    out = programs.run(
        """
        import contextlib, logging, fastgo, fastgo._workers
        class Stop(logging.Handler):
            def emit(self, record):
                print(record.getMessage(), flush=True)
                server.stop()
        logging.getLogger("fastgo").addHandler(Stop())
        def fail(*_):
            raise RuntimeError("no more threads")
        fastgo._workers.Watchdog = fail
        server = fastgo.serve(port=0, engine=ENGINE)
        app = fastgo.App()
        app.get("/", lambda: "x")
        with contextlib.suppress(fastgo.StateError):  # as the server stops already
            server.update(app)
        server.stop()
        print(server)
        """,
    )
    assert out == (
        "slow functions are not reported: no thread can be started for that\n"
        "<fastgo.Server stopped>\n"
    )
