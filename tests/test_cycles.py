"""Starting and stopping many times leaves nothing behind."""

import pytest

from tests.programs import Programs

MEASURE = """
import contextlib, gc, os, socket, sys
from http.client import HTTPConnection
import fastgo

def held():
    gc.collect()
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return {
        "threads": len(os.listdir("/proc/self/task")),
        "files": len(os.listdir("/proc/self/fd")),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
    }

def cycles(count):
    for _ in range(count):
        cycle()

def measure():
    fastgo.serve(port=0, engine=ENGINE).stop()  # opens the files that Go keeps
    cycles(50)  # caches and the heap reach their size
    before = held()
    cycles(int(sys.argv[1]))
    after = held()
    for name in before:
        print(name, before[name], after[name])
"""
SERVE = """
def cycle():
    with fastgo.serve(port=0, engine=ENGINE) as server:
        with contextlib.closing(HTTPConnection("127.0.0.1", server.port)) as client:
            client.request("GET", "/")
            assert client.getresponse().read() == b"Hello, World!"
"""
FUNCTIONS = """
def cycle():
    app = fastgo.App()
    app.get("/", lambda: "x" * 2_000)
    with fastgo.serve(app, port=0, engine=ENGINE) as server:
        with contextlib.closing(HTTPConnection("127.0.0.1", server.port)) as client:
            client.request("GET", "/")
            assert client.getresponse().read() == b"x" * 2_000
"""
COROUTINES = """
import asyncio
async def coroutine():
    await asyncio.sleep(0)
    return "x" * 2_000
def cycle():
    app = fastgo.App()
    app.get("/", coroutine)
    with fastgo.serve(app, port=0, engine=ENGINE) as server:
        with contextlib.closing(HTTPConnection("127.0.0.1", server.port)) as client:
            client.request("GET", "/")
            assert client.getresponse().read() == b"x" * 2_000
"""
UPDATE_FUNCTIONS = """
app = fastgo.App()
app.get("/", lambda: "x")
server = fastgo.serve(app, port=0, engine=ENGINE)
def cycle():
    app = fastgo.App()
    app.get("/", lambda: "x")
    server.update(app)
"""
UPDATE = """
server = fastgo.serve(port=0, engine=ENGINE)
def cycle():
    app = fastgo.App()
    app.get("/", fastgo.text("x" * 10_000))
    server.update(app)
"""
FAIL_TO_BIND = """
listener = socket.create_server(("127.0.0.1", 0))
taken = listener.getsockname()[1]
def cycle():
    try:
        fastgo.serve(port=taken, engine=ENGINE)
    except fastgo.BindError:
        pass
    else:
        raise AssertionError("the port is taken")
"""
FAIL_TO_COMPILE = """
app = fastgo.App()
app.get("no slash", fastgo.text("x"))
def cycle():
    try:
        fastgo.serve(app, port=0, engine=ENGINE)
    except fastgo.ConfigError:
        pass
    else:
        raise AssertionError("the path has no slash")
"""


@pytest.mark.parametrize(
    "cycle",
    [SERVE, FUNCTIONS, COROUTINES, UPDATE, UPDATE_FUNCTIONS, FAIL_TO_BIND, FAIL_TO_COMPILE],
    ids=[
        "serve and stop",
        "serve functions and stop",
        "serve coroutines and stop",
        "update",
        "update functions",
        "fail to bind",
        "fail to compile",
    ],
)
def test_cycles_leave_no_thread_file_or_memory(programs: Programs, soak: bool, cycle: str) -> None:
    count, deadline = (1000, 600) if soak else (200, 50)
    out = programs.run(f"{MEASURE}{cycle}\nmeasure()", str(count), deadline=deadline)
    held = {name: (int(was), int(now)) for name, was, now in map(str.split, out.splitlines())}
    was, now = held["threads"]
    assert now <= was + 2  # Go may start one at any time, and keeps it
    was, now = held["files"]
    assert now == was
    was, now = held["memory"]
    assert now - was < 8 << 20  # Go's heap reaches its size within a few megabytes
