"""Native handlers, being served: what they are given, what they answer, what is kept for them."""

import _ctypes
import ctypes
import gc
import logging
import re
import weakref
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cffi
import pytest

import fastgo
from tests.client import Client
from tests.compilers import compile_c, compile_cffi, compile_cython
from tests.servers import Serve, texts
from tests.waiting import eventually


@pytest.fixture(scope="module")
def library(handlers: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(handlers))


def app_of(handler: fastgo.Handler, path: str = "/") -> fastgo.App:
    app = fastgo.App()
    app.route("*", path, handler)
    return app


@pytest.mark.smoke
def test_compiled_function_answers(serve: Serve, library: ctypes.CDLL) -> None:
    with Client(serve(app_of(fastgo.native(library, "hello"))).url) as client:
        for method in ("GET", "POST", "HEAD") * 2:
            answer = client.ask(method, "/")
            assert answer.status == 200
            assert answer["Content-Type"] == "text/plain; charset=utf-8"
            assert answer["Content-Length"] == "13"
            assert answer.body == (b"" if method == "HEAD" else b"Hello, World!")


@pytest.mark.parametrize("blocking", [False, True])
def test_function_sees_all_of_a_request(serve: Serve, library: ctypes.CDLL, blocking: bool) -> None:
    handler = fastgo.native(library, "echo", blocking=blocking)
    path = "/echo/a%20b/-7?q=x+y&count=3"
    with Client(serve(app_of(handler, "/echo/{name}/{number:int}")).url) as client:
        answer = client.ask("POST", path, b"body", "Host: test\r\nUser-Agent: me\r\n")
        assert (answer.status, answer["Content-Type"], answer["X-Params"]) == (
            201,
            "text/x-echo",
            "2",
        )
        assert answer.body.decode().splitlines() == [
            "method=POST",
            "path=/echo/a%20b/-7",
            "name=a b",
            "first=a b",
            "q=x y",
            "agent=me",
            "body=body",
            "number=-7",
            "count=3",
        ]
        assert b"\nq=none\n" in client.get("/echo/a/1").body
        wrong = client.get("/echo/a/1?count=many")
        assert wrong.status == 400
        assert b"count" in wrong.body


def test_function_sees_what_changes_in_its_data(serve: Serve, library: ctypes.CDLL) -> None:
    numbers = array("d", [1.0, 2.0, 3.5])
    with Client(serve(app_of(fastgo.native(library, "sum", data=numbers))).url) as client:
        assert client.get().body == b"6.5 of 24 bytes"
        numbers[0] = -5.5
        assert client.get().body == b"0 of 24 bytes"


FAILURES: list[tuple[str, str, str]] = [
    ("answer", "/0", "it returned 0, which is no final status (200 to 599)"),
    ("answer", "/100", "it returned 100, which is no final status"),
    ("answer", "/600", "it returned 600, which is no final status"),
    ("answer", "/-1", "it returned -1, which is no final status"),
    ("forget", "/0", "it returned without a commit"),
    ("flood", "/0", "limits.native_memory"),
    ("failing", "/0", "out of ideas"),
]


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize(("name", "path", "reason"), FAILURES)
def test_function_that_fails_is_a_500_and_is_logged_with_its_route(
    serve: Serve,
    library: ctypes.CDLL,
    caplog: pytest.LogCaptureFixture,
    name: str,
    path: str,
    reason: str,
    blocking: bool,
) -> None:
    app = app_of(fastgo.native(library, name, blocking=blocking), "/{status:int}")
    app.get("/hello", fastgo.native(library, "hello"))
    server = serve(app, limits=fastgo.Limits(native_memory=2**20))
    with caplog.at_level(logging.ERROR, "fastgo"), Client(server.url) as client:
        answer = client.get(path)
        assert answer.status == 500
        assert reason.encode() not in answer.body
        assert client.get("/hello").body == b"Hello, World!"
        eventually(lambda: bool(caplog.records), "the failure is logged")
    logged = caplog.text
    assert reason in logged
    assert "/{status:int}" in logged
    assert name in logged


class Gate:
    """What `wait_for_go` waits for."""

    def __init__(self) -> None:
        self.numbers = (ctypes.c_int * 2)()

    def wait(self, running: int = 1) -> None:
        eventually(lambda: self.numbers[0] == running, "the handler runs")

    def open(self) -> None:
        self.numbers[1] = 1


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate, which is open at the end: the server can stop."""
    made = Gate()
    yield made
    made.open()


def waiting(library: ctypes.CDLL, gate: Gate) -> fastgo.App:
    """An app that answers / when the gate is open, and /hello at once."""
    app = app_of(fastgo.native(library, "wait_for_go", data=gate.numbers, blocking=True))
    app.get("/hello", fastgo.native(library, "hello"))
    return app


def test_blocking_function_holds_up_nobody(serve: Serve, library: ctypes.CDLL, gate: Gate) -> None:
    server = serve(waiting(library, gate), loops=1)
    with Client(server.url) as slow, Client(server.url) as quick:
        slow.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        gate.wait()
        assert quick.get("/hello").body == b"Hello, World!"
        gate.open()
        assert slow.answer().body == b"waited"


def test_what_a_handler_needs_is_kept_while_a_request_uses_it(
    serve: Serve, library: ctypes.CDLL, gate: Gate
) -> None:
    server = serve(waiting(library, gate))
    kept = weakref.ref(gate.numbers)
    with Client(server.url) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        gate.wait()
        for number in range(3):
            server.update(texts(root=str(number)))
        eventually(lambda: len(server._tables) == 2, "the tables nobody uses are let go")
        address = ctypes.addressof(gate.numbers)
        gate.numbers = (ctypes.c_int * 2)()
        gc.collect()
        assert kept() is not None
        ctypes.c_int.from_address(address + ctypes.sizeof(ctypes.c_int)).value = 1
        assert client.answer().body == b"waited"
        eventually(lambda: len(server._tables) == 1, "the table is let go after its request")
    gc.collect()
    assert kept() is None


class Kept:
    """What a weak reference can see go."""


def test_stop_lets_go_of_what_handlers_kept(serve: Serve, library: ctypes.CDLL) -> None:
    keep = Kept()
    kept = weakref.ref(keep)
    server = serve(app_of(fastgo.native(library, "hello", keep=keep)))
    del keep
    gc.collect()
    with Client(server.url) as client:
        assert client.get().body == b"Hello, World!"
    assert kept() is not None
    server.stop()
    gc.collect()
    assert kept() is None


def test_function_of_cython_answers(serve: Serve, tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "native.md").read_text()
    source = re.search("^```cython\n(.*?)^```$", page, re.M | re.S)
    assert source
    module = compile_cython(tmp_path, source[1])
    with Client(serve(app_of(fastgo.native(module.hello), "/{name}")).url) as client:
        assert client.get("/World").body == b"Hello, World!"


def test_function_of_cffi_answers(serve: Serve, tmp_path: Path) -> None:
    library = compile_cffi(
        tmp_path,
        "int hello(const void *, void *, void *);",
        """
        #include <fastgo.h>
        static int hello(const void *request, void *response, void *data)
        {
            return fastgo_write(response, "Hello, World!", 13) ? 500 : 200;
        }
        """,
    )
    with Client(serve(app_of(fastgo.native(library, "hello"))).url) as client:
        assert client.get().body == b"Hello, World!"


def test_function_of_numba_answers(serve: Serve) -> None:
    numba = pytest.importorskip("numba")
    pointer = numba.types.voidptr

    @numba.cfunc(numba.types.int32(pointer, pointer, pointer))
    def teapot(request: Any, response: Any, data: Any) -> int:
        return 418

    with Client(serve(app_of(fastgo.native(teapot))).url) as client:
        assert client.get().status == 418


def refusal(serve: Serve, handler: fastgo.Handler) -> str:
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(app_of(handler))
    return str(raised.value)


def test_address_without_code_is_refused(serve: Serve) -> None:
    buffer = bytearray(100)
    address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    for wrong in (1, 2**64 - 1, address):
        message = refusal(serve, fastgo.native(wrong))
        assert message.startswith(f"routes[0].handler.spec.address: has no code at {wrong:#x}; ")
        assert "test_native.py" in message


def test_library_that_was_closed_is_refused(serve: Serve, handlers: Path, tmp_path: Path) -> None:
    copies = [tmp_path / f"copy{number}.so" for number in range(2)]
    for copied in copies:
        copied.write_bytes(handlers.read_bytes())
    library = ctypes.CDLL(str(copies[0]))
    ffi = cffi.FFI()
    ffi.cdef("int hello(const void *, void *, void *);")
    opened = ffi.dlopen(str(copies[1]))
    closed = [fastgo.native(library, "hello"), fastgo.native(opened, "hello")]
    _ctypes.dlclose(library._handle)
    ffi.dlclose(opened)
    for handler in closed:
        assert "or its library has been closed" in refusal(serve, handler)


@pytest.mark.parametrize("layout", ["(uint64_t)2 << 48", "FASTGO_LAYOUT + 8"])
def test_library_of_another_layout_is_refused(serve: Serve, tmp_path: Path, layout: str) -> None:
    source = f"""
    #include <fastgo.h>
    extern const uint64_t fastgo_layout;
    const uint64_t fastgo_layout = {layout};
    int f(void) {{ return 200; }}
    """
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))
    message = refusal(serve, fastgo.native(library, "f"))
    assert "was compiled with another fastgo.h" in message
    assert "compile it again" in message


def test_app_is_refused_as_a_whole_for_one_wrong_handler(
    serve: Serve, library: ctypes.CDLL
) -> None:
    server = serve(app_of(fastgo.native(library, "hello")))
    with pytest.raises(fastgo.ConfigError, match="has no code at 0x1"):
        server.update(app_of(fastgo.native(1)))
    with Client(server.url) as client:
        assert client.get().body == b"Hello, World!"
