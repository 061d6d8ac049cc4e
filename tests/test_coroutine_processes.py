"""Coroutine functions in programs of their own: signals, exits, forks, and event loops."""

import signal
import time

import pytest

import fastgo
from tests.client import Client
from tests.coroutines import request
from tests.load import Load
from tests.programs import CLEAN, Programs

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


@pytest.mark.parametrize("ending", ["SystemExit(3)", "KeyboardInterrupt"])
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
    if ending == "KeyboardInterrupt":
        assert (outcome.status, outcome.out) == (0, "ended\n")
    else:
        assert (outcome.status, outcome.out) == (3, "")
    assert "the server stops" in outcome.err


EXIT = """
import logging
class Exit(logging.Handler):
    def emit(self, record):
        sys.exit(4)
logging.getLogger("fastgo").addHandler(Exit())
"""


def test_handler_of_the_logger_that_exits_as_a_coroutine_fails_ends_run_after_the_others(
    programs: Programs,
) -> None:
    program = programs.start(
        f"""{SERVE}{EXIT}
failed = asyncio.Event()
async def fail():
    failed.set()
    raise ValueError
async def outlast():
    print("waits", flush=True)
    await failed.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    return "outlasted"
app.get("/fail", fail)
app.get("/outlast", outlast)
fastgo.run(app, port=0, engine=ENGINE, loop="asyncio")
""",
    )
    url = program.line().split()[2]
    with Client(url) as client, Client(url) as other:
        other.send(request("/outlast"))
        assert program.line() == "waits"
        assert client.get("/fail").status == 500
        assert other.answer().body == b"outlasted"
    outcome = program.end()
    assert (outcome.status, outcome.out) == (4, "")


def test_handler_of_the_logger_that_exits_does_not_end_the_event_loop(
    programs: Programs,
) -> None:
    program = programs.start(
        f"""{SERVE}{EXIT}
async def stop():
    asyncio.get_running_loop().stop()
    return "stopped"
app.get("/stop", stop)
server = fastgo.serve(app, port=0, engine=ENGINE, loop="asyncio")
print(server.url, flush=True)
input()
""",
    )
    with Client(program.line()) as client:
        for path, body in [("/stop", b"stopped"), ("/turn", b"turned")]:
            assert client.get(path).body == body
    program.tell()
    assert program.end() == CLEAN


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
