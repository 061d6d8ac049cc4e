"""Forks: a child cannot serve once its parent has, is told so, and holds nothing of it."""

import pytest

from tests.client import Client
from tests.programs import CLEAN, Programs

FORK = """
import os, sys, warnings
import fastgo
warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of any fork

def in_child(work):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
            sys.stdout.flush()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child

def join(child):
    assert os.waitpid(child, 0)[1] == 0

def refused(call, *arguments):
    try:
        call(*arguments)
    except fastgo.ForkError as error:
        assert str(os.getppid()) in str(error) and "spawn" in str(error), error
    else:
        raise AssertionError(f"{call} works in a forked process")

def get(url):
    from http.client import HTTPConnection
    client = HTTPConnection(url.removeprefix("http://"))
    client.request("GET", "/")
    body = client.getresponse().read()
    client.close()
    return body
"""


@pytest.mark.smoke
def test_child_is_refused_with_the_reason_and_the_parent_goes_on(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
server = fastgo.serve(port=0, engine=ENGINE)

def child():
    refused(fastgo.serve)
    refused(fastgo.run)
    refused(server.stats)
    refused(server.update, fastgo.demo())
    refused(server.stop)
    refused(server.__exit__, None, None, None)
    assert server.url.startswith("http://")

for _ in range(3):
    join(in_child(child))
assert get(server.url) == b"Hello, World!"
"""
    )


def test_child_is_refused_after_the_parent_has_stopped_its_server(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
fastgo.serve(port=0, engine=ENGINE).stop()
join(in_child(lambda: refused(fastgo.serve)))
"""
    )


def test_grandchild_is_refused(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
server = fastgo.serve(port=0, engine=ENGINE)

def grandchild():
    try:
        server.stats()
    except fastgo.ForkError:
        os._exit(0)

join(in_child(lambda: join(in_child(grandchild))))
"""
    )


def test_child_of_a_process_that_updates_is_refused_at_once(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
import threading
from fastgo import _lib
server = fastgo.serve(port=0, engine=ENGINE)
update, inside, forked = _lib.Server.Update, threading.Event(), threading.Event()

def wait(*arguments):
    inside.set()
    forked.wait()
    return update(*arguments)

_lib.Server.Update = wait
updater = threading.Thread(target=server.update, args=(fastgo.demo(),))
updater.start()
inside.wait()
join(in_child(lambda: refused(server.update, fastgo.demo())))
forked.set()
updater.join()
""",
    )


def test_child_ends_cleanly_by_every_way(programs: Programs) -> None:
    outcome = programs.start(
        f"""{FORK}
import gc
server = fastgo.serve(port=0, engine=ENGINE)
if os.fork() == 0:
    del server
    gc.collect()
    sys.exit(3)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 3
if os.fork() == 0:
    raise SystemExit  # handlers of atexit run, with the server still there
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
assert get(server.url) == b"Hello, World!"
"""
    ).end()
    assert outcome == CLEAN


HOLD = """
{fork}
import multiprocessing, signal
{listen}
server = fastgo.serve(engine=ENGINE, **listen)
print(server.url, flush=True)
input()
lives, begun = os.pipe()
read, write = os.pipe()

def child():
    os.close(write)
    os.write(begun, b"x")
    os.read(read, 1)  # until the parent lets it go

{start}
os.read(lives, 1)
os.close(read)
server.stop()
if "port" in listen:
    import socket
    socket.create_server(("127.0.0.1", server.port)).close()  # the port is free
again = fastgo.serve(engine=ENGINE, **(listen | ({{"port": server.port}} if server.port else {{}})))
print("stopped", flush=True)
input()
os.close(write)
{end}
"""
BY_FORK = {"start": "forked = in_child(child)", "end": "join(forked)"}
BY_MULTIPROCESSING = {
    "start": "p = multiprocessing.get_context('fork').Process(target=child); p.start()",
    "end": "p.join(); assert p.exitcode == 0",
}
LISTENS = {
    "IPv4": "listen = {'port': 0}",
    "all of IPv4": "listen = {'port': 0, 'host': '0.0.0.0'}",
    "all of IPv6": "listen = {'port': 0, 'host': '::'}",
    "Unix socket": "import tempfile; listen = {'uds': tempfile.mkdtemp() + '/fork.sock'}",
}


@pytest.mark.parametrize("way", [BY_FORK, BY_MULTIPROCESSING], ids=["fork", "multiprocessing"])
@pytest.mark.parametrize("listen", LISTENS.values(), ids=LISTENS)
def test_child_holds_neither_the_port_nor_connections(
    programs: Programs, way: dict[str, str], listen: str
) -> None:
    program = programs.start(HOLD.format(fork=FORK, listen=listen, **way))
    url = program.line().replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
    with Client(url) as client, Client(url) as silent:
        assert client.get().body == b"Hello, World!"
        program.tell()
        assert program.line() == "stopped"
        assert (client.rest(), silent.rest()) == (b"", b"")  # closed, while the child lives
        program.tell()
        assert program.end() == CLEAN


def test_child_keeps_sockets_that_are_not_the_servers(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
import socket
server = fastgo.serve(port=0, engine=ENGINE)
mine, other = socket.socketpair()
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(("127.0.0.1", server.port))

def child():
    mine.send(b"x")
    assert other.recv(1) == b"x"
    assert listener.getsockname() and client.getpeername()

join(in_child(child))
"""
    )


def test_process_forked_before_the_first_serve_serves_as_its_parent_does(
    programs: Programs,
) -> None:
    programs.run(
        f"""{FORK}
def serve():
    with fastgo.serve(port=0, engine=ENGINE) as server:
        assert get(server.url) == b"Hello, World!"

children = [in_child(serve) for _ in range(3)]
serve()
for child in children:
    join(child)
"""
    )


@pytest.mark.smoke
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_worker_that_is_spawned_serves_while_its_parent_does(
    programs: Programs, method: str
) -> None:
    programs.run(
        f"""{FORK}
import multiprocessing

def work(engine, connection):
    with fastgo.serve(port=0, engine=engine) as server:
        connection.send(get(server.url))

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with fastgo.serve(port=0, engine=ENGINE) as server:
        mine, its = context.Pipe()
        worker = context.Process(target=work, args=(ENGINE, its))
        worker.start()
        assert mine.recv() == get(server.url) == b"Hello, World!"
        worker.join()
        assert worker.exitcode == 0
"""
    )


def test_commands_run_beside_a_server_without_its_sockets(programs: Programs) -> None:
    programs.run(
        f"""{FORK}
import subprocess
server = fastgo.serve(port=0, engine=ENGINE)
out = subprocess.run(["ls", "-l", "/proc/self/fd"], close_fds=False, capture_output=True, text=True)
assert out.returncode == 0 and "pipe:" in out.stdout and "socket:" not in out.stdout, out
"""
    )


def test_closed_connection_that_a_child_still_holds_is_not_taken_for_another(
    programs: Programs,
) -> None:
    programs.run(
        f"""{FORK}
import ctypes, socket, struct, threading, time
entered, answer = threading.Event(), threading.Event()

def wait():
    entered.set()
    answer.wait()
    return "answered"

app = fastgo.App()
app.get("/", fastgo.text("constant"))
app.get("/wait", wait)
server = fastgo.serve(app, port=0, engine=ENGINE, loops=1, threads=1)
first, second = socket.socket(), socket.socket()

def ask(client, path):
    client.connect(("127.0.0.1", server.port))
    client.send(f"GET {{path}} HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n".encode())

read, write = os.pipe()
ask(first, "/")
assert first.recv(1000)
child = ctypes.PyDLL(None).fork()  # as subprocess does: without the hooks of os.fork
if child == 0:
    os.close(first.fileno())
    os.close(write)
    os.read(read, 1)
    os._exit(0)
numbers = os.listdir("/proc/self/fd")
first.shutdown(socket.SHUT_WR)
while server.stats().connections_open:
    time.sleep(0.001)
ask(second, "/wait")
entered.wait()
assert os.listdir("/proc/self/fd") == numbers, "the second connection has the first one's"
first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
first.close()
assert get(server.url) == b"constant"  # the event of that has come
answer.set()
assert second.recv(1000).endswith(b"answered")
os.close(write)
join(child)
""",
    )
