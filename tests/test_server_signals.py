"""Signal handlers that raise in serve and update, or stop and update what they have interrupted."""

import threading
from pathlib import Path

import pytest

from fastgo._server import _Event
from tests.client import PATIENCE
from tests.programs import Programs

# A signal comes at the moment that a test chooses; `act` is what its handler does, once.
HEAD = """
import faulthandler, os, signal, socket, sys, threading, time, urllib.request
import fastgo
from fastgo import _lib
faulthandler.dump_traceback_later(40, exit=True)

class Interrupted(Exception):
    pass

def fail():
    raise Interrupted

def app_of(text):
    app = fastgo.App()
    app.get("/", lambda: text)
    return app

def get():
    return urllib.request.urlopen(server.url).read().decode()

handled = False
def handle(*_):
    global handled
    if not handled:
        handled = True
        act()
signal.signal(signal.SIGUSR1, handle)

def interrupt_after(name):
    # Whichever thread calls that method of the library, the main thread handles the signal before
    # the caller goes on. It is sent until then: a wait does not see what comes just before it.
    method = getattr(_lib.Server, name)
    def interrupted(*arguments):
        setattr(_lib.Server, name, method)
        answer = method(*arguments)
        while not handled:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
            time.sleep(0.001)
        return answer
    setattr(_lib.Server, name, interrupted)
"""


def test_update_that_a_handler_interrupts_is_whole(programs: Programs) -> None:
    out = programs.run(
        f"""{HEAD}
act = fail
with fastgo.serve(app_of("old"), port=0, engine=ENGINE, threads=1) as server:
    interrupt_after("Update")
    try:
        server.update(app_of("new"))
    except Interrupted:
        print(get())
"""
    )
    assert out == "new\n"


ACTIONS = {
    "stop": ("server.stop(0)", "server", "<fastgo.Server stopped>"),
    "update": ("server.update(app_of('newer'))", "get()", "newer"),
}


@pytest.mark.parametrize(("action", "shown", "result"), ACTIONS.values(), ids=ACTIONS)
def test_handler_may_stop_and_update_a_server_whose_update_it_interrupts(
    programs: Programs, action: str, shown: str, result: str
) -> None:
    out = programs.run(
        f"""{HEAD}
def act():
    {action}

with fastgo.serve(app_of("old"), port=0, engine=ENGINE, threads=1) as server:
    interrupt_after("Update")
    server.update(app_of("new"))
    print({shown})
"""
    )
    assert out == result + "\n"


def test_serve_that_a_handler_interrupts_leaves_no_server(
    programs: Programs, tmp_path: Path
) -> None:
    out = programs.run(
        f"""{HEAD}
import logging
logging.disable(logging.CRITICAL)  # of a drain that cuts who looks whether it is served
act = fail
path = sys.argv[1]
maker = fastgo.Server.__init__.__code__  # each of whose calls and returns is a moment

def is_served():
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0

def interrupt_at(moment):
    def look(frame, event, _argument):
        nonlocal moment
        inside = frame.f_code is maker and event.startswith("c_")
        if inside or (frame.f_back and frame.f_back.f_code is maker):
            moment -= 1
            if moment < 0:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGUSR1)
    return look

moment = 0
while True:
    handled = False
    sys.setprofile(interrupt_at(moment))
    try:
        server = fastgo.serve(app_of("x"), uds=path, engine=ENGINE, threads=1)
    except Interrupted:
        deadline = time.monotonic() + 10
        while is_served():
            assert time.monotonic() < deadline, f"it serves on after moment {{moment}}"
            time.sleep(0.001)
        moment += 1
    else:
        sys.setprofile(None)
        server.stop()
        break
print(moment > 20)
""",
        str(tmp_path / "socket"),
    )
    assert out == "True\n"


def test_handler_waits_for_the_end_at_every_moment_of_a_wait_for_it(programs: Programs) -> None:
    out = programs.run(
        f"""{HEAD}
server = fastgo.serve(port=0, engine=ENGINE)
sys.setprofile(lambda *_: server._stopped.wait(0.001))
waited = server._stopped.wait(0.01)
sys.setprofile(None)
server.stop()
print(waited, server._stopped.wait(0))
"""
    )
    assert out == "False True\n"


def test_event_is_told_to_all_who_wait_for_it() -> None:
    event, told = _Event(), []
    assert not event.is_set()
    assert not event.wait(0)
    waiting = [threading.Thread(target=lambda: told.append(event.wait(PATIENCE))) for _ in range(4)]
    for thread in waiting:
        thread.start()
    event.set()
    event.set()  # once more changes nothing
    for thread in waiting:
        thread.join()
    assert told == [True] * 4
    assert event.is_set()
    assert event.wait(0)
