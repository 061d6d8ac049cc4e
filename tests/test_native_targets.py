"""fastgo.native: what it takes for a function and for data, what it refuses, what it keeps."""

import copy
import ctypes
import gc
import mmap
import pickle
import types
import weakref
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cffi
import pytest

import fastgo
from fastgo._native import _LAYOUT
from tests.compilers import compile_cffi, compile_cython, refuse_cython
from tests.programs import Programs

HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, *3 * [ctypes.c_void_p])
DECLARATION = "int hello(const void *, void *, void *);"

CYTHON = """
from fastgo cimport export, fastgo_request, fastgo_response, fastgo_write

cdef api int hello(const fastgo_request *request, fastgo_response *response, void *data) {}:
    return fastgo_write(response, b"Hello, World!", 13) or 200

exported = export(hello)
"""


@pytest.fixture(scope="module")
def library(handlers: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(handlers))


@pytest.fixture(scope="module")
def address(library: ctypes.CDLL) -> int:
    """The address of `hello` in the library."""
    found = ctypes.cast(library.hello, ctypes.c_void_p).value
    assert found
    return found


@pytest.fixture(scope="module")
def cython(tmp_path_factory: pytest.TempPathFactory) -> types.ModuleType:
    return compile_cython(tmp_path_factory.mktemp("cython"), CYTHON.format("noexcept nogil"))


# Capsules borrow their names.
NAMES: list[bytes | None] = []


def capsule(name: bytes | None, context: int = 0) -> object:
    NAMES.append(name)
    api = ctypes.PyDLL(None)
    api.PyCapsule_New.restype = ctypes.py_object
    api.PyCapsule_New.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    api.PyCapsule_SetContext.argtypes = (ctypes.py_object, ctypes.c_void_p)
    made: object = api.PyCapsule_New(1, name, None)
    api.PyCapsule_SetContext(made, context)
    return made


def refusal(*arguments: Any, **options: Any) -> str:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.native(*arguments, **options)
    return str(raised.value)


def declared(library: ctypes.CDLL) -> Any:
    library = ctypes.CDLL(library._name)  # declarations stay with one CDLL
    library.hello.argtypes = [ctypes.POINTER(ctypes.c_int), ctypes.c_size_t, ctypes.c_char_p]
    return library.hello


CTYPES: list[tuple[Callable[[ctypes.CDLL], tuple[Any, ...]], str]] = [
    (lambda library: (library, "hello"), "hello"),
    (lambda library: (library.hello,), "hello"),
    (lambda library: (library.hello, "greet"), "greet"),
    (lambda library: (library.hello, ""), ""),
    (lambda library: (declared(library),), "hello"),
    (lambda library: (HANDLER(("hello", library)),), ""),
    (lambda library: (ctypes.cast(library.hello, HANDLER),), ""),
    (lambda library: (types.SimpleNamespace(hi=library.hello), "hi"), "hi"),
]


@pytest.mark.parametrize(("arguments", "name"), CTYPES, ids=range(len(CTYPES)))
def test_function_of_ctypes(
    library: ctypes.CDLL, address: int, arguments: Callable[..., Any], name: str
) -> None:
    assert fastgo.native(*arguments(library)) == fastgo.native(address, name)


def test_address(address: int) -> None:
    handler = fastgo.native(address)
    assert handler.kind == "native"
    assert dict(handler.spec) == {
        "address": address,
        "name": "",
        "data": 0,
        "data_size": 0,
        "blocking": False,
    }
    assert fastgo.native(2**64 - 1, blocking=True).spec["blocking"]
    assert fastgo.native(HANDLER(address)) == handler


def test_function_of_cffi_that_was_opened(handlers: Path, address: int) -> None:
    ffi = cffi.FFI()
    ffi.cdef(DECLARATION)
    library = ffi.dlopen(str(handlers))
    assert fastgo.native(library, "hello") == fastgo.native(address, "hello")
    assert fastgo.native(library.hello) == fastgo.native(address)
    assert fastgo.native(ffi.addressof(library, "hello")) == fastgo.native(address)


def test_function_of_cffi_that_was_compiled(tmp_path: Path) -> None:
    library = compile_cffi(
        tmp_path,
        """
        typedef ... fastgo_request;
        typedef ... fastgo_response;
        int hello(const fastgo_request *, fastgo_response *, void *);
        """,
        Path(__file__).with_name("handlers.c").read_text(),
    )
    handler = fastgo.native(library, "hello")
    assert handler.spec["name"] == "hello"
    assert fastgo.native(library.hello, "hello") == handler


def test_function_of_numba() -> None:
    numba = pytest.importorskip("numba")
    pointer = numba.types.voidptr

    def hello(request: object, response: object, data: object) -> int:
        return 200

    right = numba.cfunc(numba.types.int32(pointer, pointer, numba.types.intp))(hello)
    assert fastgo.native(right) == fastgo.native(right.address, "hello")
    for wrong in (
        numba.types.int64(pointer, pointer, pointer),
        numba.types.int32(pointer, pointer, numba.types.float64),
        numba.types.int32(pointer, pointer, numba.types.int32),
    ):
        message = refusal(numba.cfunc(wrong)(hello))
        assert "a handler is int (const fastgo_request *, fastgo_response *, void *)" in message


def test_exported_function_of_cython(cython: types.ModuleType) -> None:
    handler = fastgo.native(cython.exported)
    assert handler.spec["name"] == ""
    assert fastgo.native(cython, "exported").spec["address"] == handler.spec["address"]


def test_api_function_of_cython(cython: types.ModuleType) -> None:
    handler = fastgo.native(cython, "hello")
    assert handler.spec["name"] == "hello"
    assert handler.spec["address"] == fastgo.native(cython.exported).spec["address"]
    assert fastgo.native(cython.__pyx_capi__["hello"], "hello") == handler


@pytest.mark.parametrize("suffix", ["", "nogil", "noexcept", "except -1 nogil", "except *"])
def test_function_that_needs_the_gil_or_may_raise_is_not_exported(
    tmp_path: Path, suffix: str
) -> None:
    message = refuse_cython(tmp_path, CYTHON.format(suffix))
    assert "to 'fastgo_handler' (alias of 'int (*)(const fastgo_request *" in message


def test_layout_is_that_of_the_header(library: ctypes.CDLL) -> None:
    assert ctypes.c_uint64.in_dll(library, "fastgo_layout").value == _LAYOUT


OLD = "target was compiled against ABI 2 of fastgo.h, and this fastgo has ABI 1; compile it again"
OTHER = "target was compiled against another layout of fastgo.h, and this fastgo has ABI 1;"


@pytest.mark.parametrize(
    ("layout", "message"), [(_LAYOUT + (1 << 48), OLD), (_LAYOUT + 8, OTHER), (0, "against ABI 0")]
)
def test_capsule_of_another_layout_is_refused(layout: int, message: str) -> None:
    assert message in refusal(capsule(b"fastgo.handler", context=layout))


class Callback:
    """A callback of cffi needs its ffi."""

    ffi = cffi.FFI()
    function = ffi.callback("int(void *, void *, void *)", lambda *arguments: 200)


ACCEPTED = "which is no native function; write a function pointer of ctypes or cffi, a function of"
COMPILE = (
    "which is called through Python; compile it, for example by fastgo.compiled, numba.cfunc or"
)
GIL = "that calls a Python function, for which the server's threads would have to wait for the GIL"
WANTED = "; a handler is int (const fastgo_request *, fastgo_response *, void *), as in fastgo.h"
POINTERS = 3 * [ctypes.c_void_p]
FFI = Callback.ffi


def function() -> int:
    return 200


REFUSED: list[tuple[Any, str]] = [
    (None, f"is a NoneType, {ACCEPTED}"),
    ("hello", f"is a str, {ACCEPTED}"),
    (1.5, f"is a float, {ACCEPTED}"),
    (True, f"is a bool, {ACCEPTED}"),
    (int, f"is the type 'int', {ACCEPTED}"),
    (ctypes, f"is a module, {ACCEPTED}"),
    (ctypes.CDLL(None), f"is a CDLL, {ACCEPTED}"),
    (0, "is 0, which is no address; addresses are 1 to 2**64 - 1"),
    (-1, "is -1, which is no address"),
    (2**64, "is 18446744073709551616, which is no address"),
    (function, f"is the function 'function', {COMPILE}"),
    (len, f"is the builtin_function_or_method 'len', {COMPILE}"),
    (HANDLER(lambda *arguments: 200), f"is a callback of ctypes {GIL}"),
    (Callback.function, f"is a callback of cffi {GIL}"),
    (HANDLER(), "is a null pointer; give it a function"),
    (FFI.cast("int(*)(void *, void *, void *)", 0), "is a null pointer"),
    (ctypes.CFUNCTYPE(None)(1), f"has the type None (){WANTED}"),
    (ctypes.CFUNCTYPE(ctypes.c_long, *POINTERS)(1), "has the type c_long (c_void_p, c_void_p, "),
    (ctypes.CFUNCTYPE(ctypes.c_int, *3 * [ctypes.c_int])(1), "has the type c_int (c_int, c_int, "),
    (FFI.cast("int(*)(int)", 1), f"has the type int(*)(int){WANTED}"),
    (FFI.cast("long(*)(void *, void *, void *)", 1), "has the type long(*)(void *, void *, void"),
    (FFI.cast("void *", 1), f"has the type void *{WANTED}"),
    (capsule(None), "is a capsule without a name, which is no handler's; in Cython, make it by"),
    (capsule(b"numpy.array"), 'is a capsule "numpy.array", which is no handler\'s'),
    (capsule(b"int (void)"), f"has the type int (void){WANTED}"),
]


@pytest.mark.parametrize(("target", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_native_function_is_refused(target: Any, message: str) -> None:
    assert f"target {message}" in refusal(target)


def test_name_that_is_missing_is_refused_with_those_that_are_there(
    library: ctypes.CDLL, handlers: Path, cython: types.ModuleType
) -> None:
    assert refusal(ctypes.CDLL(str(handlers)), "jello") == 'the target, a CDLL, has no "jello"'
    message = 'the target, a module, has no "jello"; it has hello, exported'
    assert refusal(cython, "jello") == message
    ffi = cffi.FFI()
    ffi.cdef(DECLARATION)
    opened = ffi.dlopen(str(handlers))
    assert refusal(opened, "jello").endswith('has no "jello"; it has hello')
    assert 'the target, a str, has no "hello"; it has capitalize, casefold' in refusal("", "hello")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": 5}, "name must be str, not int"),
        ({"name": b"f"}, "name must be str, not bytes"),
        ({"name": "\ud800"}, "name is not valid Unicode"),
        ({"blocking": 1}, "blocking must be True or False, not int"),
        ({"blocking": None}, "blocking must be True or False, not NoneType"),
    ],
)
def test_wrong_option_is_refused(options: dict[str, Any], message: str) -> None:
    assert message in refusal(1, **options)


class Point(ctypes.Structure):
    _fields_ = (("x", ctypes.c_int), ("y", ctypes.POINTER(ctypes.c_int)))


DATA: list[Any] = [
    b"bytes",
    b"",
    bytearray(b"bytes"),
    array("d", [1.0, 2.0]),
    memoryview(array("d", [1.0, 2.0, 3.0, 4.0])).cast("B").cast("d", (2, 2)),
    memoryview(b"a longer one")[2:5],
    Point(1),
    (Point * 2)(),
    ctypes.c_int(5),
    FFI.buffer(FFI.new("int[3]")),
    mmap.mmap(-1, 10),
]


@pytest.mark.parametrize("data", DATA, ids=[type(each).__name__ for each in DATA])
def test_data_is_the_memory_of_a_buffer(data: Any) -> None:
    spec = fastgo.native(1, data=data).spec
    content = memoryview(data).tobytes()
    assert spec["data_size"] == len(content)
    assert ctypes.string_at(spec["data"], spec["data_size"]) == content


def test_data_may_be_an_array_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    table = numpy.arange(12.0).reshape(3, 4)
    spec = fastgo.native(1, data=table).spec
    assert (spec["data"], spec["data_size"]) == (table.ctypes.data, table.nbytes)
    for wrong in (table.T, table[:, 1:]):
        assert "a ndarray that is not contiguous in the order of C" in refusal(1, data=wrong)


def test_data_may_be_an_address() -> None:
    spec = fastgo.native(1, data=2**64 - 1).spec
    assert (spec["data"], spec["data_size"]) == (2**64 - 1, 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("text", "a str, whose memory cannot be had (memoryview: a bytes-like object is required"),
        ([1], "an object with a buffer, such as a NumPy array, a bytearray, or ffi.buffer of cffi"),
        (FFI.new("int *"), "a __CDataOwn, whose memory cannot be had"),
        (memoryview(b"bytes")[::2], "a memoryview that is not contiguous in the order of C; copy"),
        (ctypes.pointer(Point()), "a LP_Point, a pointer, whose buffer is an address; give the"),
        (ctypes.c_void_p(1), "a c_void_p, a pointer"),
        (ctypes.c_char_p(b"x"), "a c_char_p, a pointer"),
        (HANDLER(1), "a CFunctionType, a pointer"),
        (0, "data is 0, which is no address; addresses are 1 to 2**64 - 1"),
        (-1, "data is -1, which is no address"),
        (2**64, "data is 18446744073709551616, which is no address"),
        (True, "a bool, whose memory cannot be had"),
    ],
)
def test_data_without_memory_of_its_own_is_refused(data: Any, message: str) -> None:
    assert message in refusal(1, data=data)


def test_data_stays_where_it_is_while_the_handler_lives() -> None:
    data, closed = bytearray(b"data"), mmap.mmap(-1, 10)
    handlers = [fastgo.native(1, data=data), fastgo.native(1, data=closed)]
    with pytest.raises(BufferError):
        data.append(1)
    with pytest.raises(BufferError):
        closed.close()
    data[0:1] = b"D"  # in place
    handlers.clear()
    data.append(1)
    closed.close()


class Kept:
    """What a weak reference can see go."""


def test_target_data_and_keep_live_as_long_as_the_handler(handlers: Path) -> None:
    library, keep, data = ctypes.CDLL(str(handlers)), Kept(), Point()
    kept = [weakref.ref(each) for each in (library, library.hello, keep, data)]
    named = fastgo.native(library, "hello", data=data, keep=keep)
    copied = copy.deepcopy(named)
    del library, keep, data, named
    gc.collect()
    assert all(each() is not None for each in kept)
    del copied
    gc.collect()
    assert [each() for each in kept] == [None] * len(kept)


def test_handlers_are_compared_by_what_they_call() -> None:
    handler = fastgo.native(1, "f", data=2, keep=Kept())
    assert handler == fastgo.native(1, "f", data=2)
    assert hash(handler) == hash(fastgo.native(1, "f", data=2))
    assert handler != fastgo.native(3, "f", data=2)
    assert handler != fastgo.native(1, "f")
    assert "'address': 1, 'name': 'f', 'data': 2" in repr(handler)


def test_handler_cannot_be_pickled() -> None:
    app = fastgo.App()
    app.get("/", fastgo.native(1, "hello"))
    with pytest.raises(fastgo.ConfigError) as raised:
        pickle.dumps(app)
    assert str(raised.value) == (
        "the native handler 'hello' cannot be pickled, as its addresses hold in this process "
        "alone; call fastgo.native in the process that serves"
    )
    assert copy.deepcopy(app).routes()[0].handler is app.routes()[0].handler
    assert copy.copy(app.routes()[0].handler) is app.routes()[0].handler


def test_native_loads_neither_go_nor_what_it_does_not_need(programs: Programs) -> None:
    out = programs.run(
        """
        import sys, fastgo
        fastgo.native(1)
        print("ctypes" in sys.modules)
        fastgo.native(1, data=b"data")
        print("_cffi_backend" in sys.modules, "fastgo._lib" in sys.modules)
        """
    )
    assert out == "False\nFalse False\n"
