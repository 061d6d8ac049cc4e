"""Native handlers: compiled functions, which Go calls by their address.

`native` finds the address in whatever holds the function. Of ctypes and cffi it looks at the
modules only where the program has loaded them: without them nothing of theirs can be there.

The handler owns what its address rests on: the target, a view of the data that keeps the memory
where it is, and what the user wants kept. A server holds the handlers of every table until Go
tells that no request uses the table any more, so all of it outlives the last call.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinMethodType
from typing import Any, NoReturn, Self

from fastgo._checks import check_bool, check_text, describe
from fastgo._errors import ConfigError
from fastgo._handlers import Handler

# FASTGO_LAYOUT of fastgo.h: FASTGO_ABI, and the sizes of request, response and functions.
_LAYOUT = 1 << 48 | 152 << 32 | 96 << 16 | 160

_CAPSULE = b"fastgo.handler"  # FASTGO_CAPSULE


@dataclass(frozen=True)
class Form:
    """The type of a native function: what it is for, in C, in Cython, and how many pointers."""

    name: str
    c: str
    cython: bytes
    pointers: int


HANDLER = Form(
    "handler",
    "int (const fastgo_request *, fastgo_response *, void *)",
    b"int (fastgo_request const *, fastgo_response *, void *)",
    3,
)

_COMPILE = "compile it, for example by fastgo.compiled, numba.cfunc or Cython"

# The first letters of the formats that pointers of ctypes have as buffers.
_POINTERS = tuple("&PzZX")


def get_include() -> str:
    """Returns the folder of fastgo.h, for compilers of native handlers.

    Returns:
        The absolute path. Cython needs it for the C that it writes, and finds what is declared
        for `from fastgo cimport ...` by itself.

    Example:
        >>> import os
        >>> os.listdir(get_include()).count("fastgo.h")
        1
    """
    return str(Path(__file__).resolve().parent / "include")


def native(
    target: object,
    name: str | None = None,
    *,
    data: object = None,
    blocking: bool = False,
    keep: object = None,
) -> Handler:
    """Answers by a compiled function, which Go calls outside of the GIL.

    The function has the type `fastgo_handler` of fastgo.h, which says what it may do. Nothing
    can check that what it does is right: a wrong address or a wrong type crashes the process.

    Args:
        target: The function: a pointer of ctypes or cffi, a function of `numba.cfunc`, a capsule
            made in Cython by `from fastgo cimport export`, one of a `cdef api` function, or an
            address. Or what has it under the name: a module, a `ctypes.CDLL`, a library of cffi.
        name: Which function of the target; where that is a function itself, what logs call it.
            None takes the function's own name for logs, as far as it has one.
        data: What the function gets as its last argument: None for NULL, an address, or a
            C-contiguous object with a buffer, such as a NumPy array, a bytearray or a structure
            of ctypes. That is not copied: the function sees what Python changes in it, and may
            itself write to it where the object is mutable. It cannot be resized meanwhile.
        blocking: Whether the function may wait or compute for long: it is then called on a pool
            of threads, and not on that of the connection.
        keep: Any object that has to live as long as the handler.

    Returns:
        A handler for `App.get` and its kin. It keeps target, data and keep alive, and is kept by
        servers while a request may use it. It cannot be pickled.

    Raises:
        ConfigError: The target is no native function, is null, was compiled with another layout
            of fastgo.h, or would call Python; it has no function of that name; or data has no
            C-contiguous buffer. Whether there is code at the address, and what layout its
            library declares, is found when the app is served.

    Example:
        >>> import ctypes
        >>> library = ctypes.CDLL(None)
        >>> native(library, "getpid").spec["name"]  # no handler, and never called
        'getpid'
    """
    if name is not None:
        check_text("name", name)
    check_bool("blocking", blocking)
    function, address = find(target, name, HANDLER)
    view, data_address, data_size = pin(data)
    own = getattr(function, "__name__", "")  # "<cdata>" for all of cffi's
    known = name if name is not None else own if own.isidentifier() else ""
    spec = {
        "address": address,
        "name": known,
        "data": data_address,
        "data_size": data_size,
        "blocking": blocking,
    }
    return _NativeHandler(spec, (target, function, view, keep))


class _NativeHandler(Handler):
    """A handler that keeps alive what its addresses lead to."""

    def __init__(self, spec: dict[str, Any], kept: tuple[object, ...]) -> None:
        super().__init__("native", spec)
        object.__setattr__(self, "_kept", kept)

    def __reduce__(self) -> NoReturn:
        """Refuses to be pickled: in another process there is something else at the address."""
        raise ConfigError(
            f"the native handler {self.spec['name']!r} cannot be pickled, as its addresses hold in "
            "this process alone; call fastgo.native in the process that serves"
        )

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def find(target: object, name: str | None, form: Form) -> tuple[object, int]:
    """Returns a native function, which the target is or has under the name, and its address."""
    function = target
    address = _address(function, form)
    if address is None and name:
        function = _look_up(target, name)
        address = _address(function, form)
    if address is None:
        _refuse(function)
    return function, address


def _address(target: Any, form: Form) -> int | None:
    """Returns the address of a native function, None where the target is no such thing."""
    if isinstance(target, int) and not isinstance(target, bool):
        return _check_address("target", target)
    kind = type(target)
    if kind.__name__ == "PyCapsule":
        return _of_capsule(target, form)
    if (kind.__module__, kind.__name__) == ("numba.core.ccallback", "CFunc"):
        return _of_ctypes(target.ctypes, form)
    if (ctypes := sys.modules.get("ctypes")) and isinstance(target, ctypes._CFuncPtr):
        return _of_ctypes(target, form)
    if cffi := sys.modules.get("_cffi_backend"):
        # Functions of a library that cffi has compiled are called through Python, but it has
        # their addresses too.
        if isinstance(target, BuiltinMethodType) and isinstance(target.__self__, cffi.Lib):
            target = cffi.FFI().addressof(target.__self__, target.__name__)
        if isinstance(target, cffi._CDataBase):
            return _of_cffi(cffi.FFI(), target, form)
    return None


def _look_up(target: object, name: str) -> object:
    """Returns what a module or a library has under a name."""
    capsules: dict[str, object] = getattr(target, "__pyx_capi__", {})
    if name in capsules:
        return capsules[name]
    try:
        found: object = getattr(target, name)
    except AttributeError:
        names = [*capsules, *(each for each in dir(target) if not each.startswith("_"))]
        known = f"; it has {', '.join(names[:8])}" if names else ""
        raise ConfigError(f'the target, {describe(target)}, has no "{name}"{known}') from None
    return found


def _refuse(target: object) -> NoReturn:
    if callable(target) and not isinstance(target, type):
        raise ConfigError(
            f"target is {describe(target)}, which is called through Python; {_COMPILE}"
        )
    raise ConfigError(
        f"target is {describe(target)}, which is no native function; write a function pointer of "
        "ctypes or cffi, a function of numba.cfunc, a capsule or an address, or a module or "
        "library and the name of its function"
    )


def _of_capsule(capsule: object, form: Form) -> int:
    api = _python_api()
    name: bytes | None = api.PyCapsule_GetName(capsule)
    if name == _CAPSULE and form is HANDLER:
        _check_layout(api.PyCapsule_GetContext(capsule) or 0)
    elif name is None or b"(" not in name:
        shown = "without a name" if name is None else f'"{name.decode(errors="replace")}"'
        raise ConfigError(
            f"target is a capsule {shown}, which is no {form.name}'s; in Cython, make it by "
            "`from fastgo cimport export`"
        )
    elif name != form.cython:
        _check_type(name.decode(errors="replace"), False, form)
    pointer: int = api.PyCapsule_GetPointer(capsule, name)
    return pointer


def _of_ctypes(function: Any, form: Form) -> int:
    import ctypes

    owned = (function._objects or {}).values()
    if any(type(each).__name__ == "CThunkObject" for each in owned):
        _refuse_callback("ctypes")
    if function.argtypes is not None:
        arguments = [each.__name__ for each in function.argtypes]
        result = getattr(function.restype, "__name__", function.restype)
        _check_type(
            f"{result} ({', '.join(arguments)})",
            len(arguments) == form.pointers
            and all(_is_pointer(each) for each in function.argtypes)
            and function.restype is ctypes.c_int,
            form,
        )
    # Not by ctypes.cast, which would make the function refer to itself.
    return _check_pointer(ctypes.c_void_p.from_buffer(function).value or 0)


def _is_pointer(argument: Any) -> bool:
    """Reports whether C passes a type of ctypes as it does pointers."""
    kind = getattr(argument, "_type_", None)
    return kind is not None and (kind in tuple("PzZlLqQ") or not isinstance(kind, str))


def _of_cffi(ffi: Any, pointer: Any, form: Form) -> int:
    found = ffi.typeof(pointer)
    _check_type(
        found.cname,
        found.kind == "function"
        and [each.kind for each in found.args] == form.pointers * ["pointer"]
        and found.result.cname in ("int", "int32_t"),
        form,
    )
    if type(pointer).__name__ == "__CDataOwnGC":
        _refuse_callback("cffi")
    return _check_pointer(int(ffi.cast("uintptr_t", pointer)))


def _check_type(found: str, right: bool, form: Form) -> None:
    if not right:
        raise ConfigError(f"target has the type {found}; a {form.name} is {form.c}, as in fastgo.h")


def _refuse_callback(module: str) -> NoReturn:
    raise ConfigError(
        f"target is a callback of {module} that calls a Python function, for which the server's "
        f"threads would have to wait for the GIL; give the function itself, and {_COMPILE}"
    )


def _check_layout(found: int) -> None:
    if found != _LAYOUT:
        abi, wanted = found >> 48, _LAYOUT >> 48
        other = "another layout" if abi == wanted else f"ABI {abi}"
        raise ConfigError(
            f"target was compiled against {other} of fastgo.h, and this fastgo has ABI {wanted}; "
            "compile it again with the header in the folder fastgo.get_include()"
        )


def _check_pointer(address: int) -> int:
    if not address:
        raise ConfigError("target is a null pointer; give it a function")
    return address


def _check_address(name: str, value: int) -> int:
    if not 0 < value < 2**64:
        raise ConfigError(f"{name} is {value}, which is no address; addresses are 1 to 2**64 - 1")
    return value


def pin(data: Any) -> tuple[memoryview | None, int, int]:
    """Returns a view that keeps data where it is, its address and its size in bytes."""
    if data is None:
        return None, 0, 0
    if isinstance(data, int) and not isinstance(data, bool):
        return None, _check_address("data", data), 0
    kind = type(data).__name__
    try:
        view = memoryview(data)
    except (TypeError, ValueError, BufferError) as error:
        raise ConfigError(
            f"data is a {kind}, whose memory cannot be had ({error}); write an address or "
            "an object with a buffer, such as a NumPy array, a bytearray, or ffi.buffer of cffi"
        ) from None
    if not view.c_contiguous:
        raise ConfigError(
            f"data is a {kind} that is not contiguous in the order of C; copy it, for "
            "example by numpy.ascontiguousarray"
        )
    if view.format.lstrip("@=<>!").startswith(_POINTERS):
        raise ConfigError(
            f"data is a {kind}, a pointer, whose buffer is an address; give the object "
            "that it points to, or the address as an int"
        )
    import ctypes

    # A Py_buffer, whose layout the stable ABI fixes; buf is the first of its ten words.
    buffer = (ctypes.c_size_t * 10)()
    api = _python_api()
    api.PyObject_GetBuffer(ctypes.py_object(view), buffer, 0)
    api.PyBuffer_Release(buffer)
    return view, buffer[0], view.nbytes


def _python_api() -> Any:
    """Returns what is needed of Python's C API, by ctypes."""
    import ctypes

    # Not ctypes.pythonapi, whose functions are everybody's to declare.
    api = ctypes.PyDLL(None)
    api.PyCapsule_GetName.argtypes = (ctypes.py_object,)
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetContext.argtypes = (ctypes.py_object,)
    api.PyCapsule_GetContext.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = (ctypes.py_object, ctypes.c_char_p)
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    return api
