"""The compiler: makes functions that fastgo's server can call, by Numba.

The server calls `int32 call(int64 *words, double *floats)`, where both are one block of memory:
arguments and result, each number in 64 bits. Such a call is generated around the user's function
as Python, in a file of its own, and compiled with it; it returns 0, or why there is no result.
`gocore/handler/compiled.go` has the places of the words.

The file lies in the cache, under a name that has the fingerprint of all that is compiled. So
Numba's cache beside it is right for as long as the file is there, and what was compiled by one
process is only loaded by the next.
"""

import os
import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from fastgo._errors import ConfigError
from fastgo._fingerprint import fingerprint
from fastgo._scalars import SCALARS
from fastgo._signature import Parameter, Signature, place

# As in compiled.go. Those between the shape and the arguments are of gocore/native.
_WORD_SHAPE, _WORD_ALLOCATE, _WORD_FRAME, _WORD_ARGUMENTS = 1, 5, 6, 8
_MOST_DIMENSIONS = 4

_OPTIONS = {"nogil": True, "boundscheck": True, "error_model": "python"}
# Wrappers for Python, which nobody calls.
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_CALL = types.int32(types.CPointer(types.int64), types.CPointer(types.float64))


@dataclass(frozen=True)
class Result:
    """What a function returns: a scalar or, with dimensions, an array of them."""

    type: str
    dimensions: int


@dataclass(frozen=True)
class Code:
    """A compiled function. It stays in memory as long as this object.

    Attributes:
        address: Where it begins.
        result: What it returns.
        cached: Whether it was loaded and not compiled.
    """

    address: int
    result: Result
    cached: bool
    _owner: object


def compile_function(function: FunctionType, signature: Signature, data: Mapping[str, Any]) -> Code:
    """Compiles a function, or loads it from the cache.

    Args:
        function: The function.
        signature: Its signature.
        data: Arrays, by the names of parameters.

    Raises:
        ConfigError: Numba cannot compile it, it takes the GIL, or it returns something else than
            its signature says.
    """
    if numba.config.DISABLE_JIT:
        raise ConfigError(
            "NUMBA_DISABLE_JIT is set in the environment, so nothing can be compiled; unset it"
        )
    arguments = tuple(_numba_type(each, data) for each in signature.parameters)
    key = fingerprint(function, _VERSIONS, str(arguments), signature.returns, *_shapes(data))
    with _lock:
        if key is None:
            return _Job(function, signature, data, arguments, f"u{next(_unique)}", None).run()
        if key not in _loaded:
            _loaded[key] = _Job(function, signature, data, arguments, key, cache_folder()).run()
        return _loaded[key]


def check_data(name: str, value: object) -> None:
    """Raises ConfigError unless value is an array that a function can use where it lies."""
    if not isinstance(value, np.ndarray):
        raise ConfigError(f"data[{name!r}] must be a numpy.ndarray, not {type(value).__name__}")
    if value.dtype.name not in SCALARS or not value.dtype.isnative:
        raise ConfigError(
            f"data[{name!r}] has the dtype {value.dtype.str!r}, which is not supported; choose one "
            f"of {', '.join(SCALARS)}, in the machine's byte order"
        )
    if not value.flags.c_contiguous or not value.flags.aligned:
        raise ConfigError(
            f"data[{name!r}] is not contiguous in C's order; write numpy.ascontiguousarray(...)"
        )


def cache_folder() -> Path | None:
    """Returns the folder of the cache, or None where there can be none.

    It is in NUMBA_CACHE_DIR where that is set, else in the user's own cache. What lies there is
    run, so nobody else may write to it.
    """
    try:
        if numba.config.CACHE_DIR:
            folder = Path(numba.config.CACHE_DIR, "fastgo")
        else:
            base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
            folder = Path(base, "fastgo", "numba").absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError):  # there is no home
        return None
    private = status.st_uid == os.getuid() and not status.st_mode & 0o022
    return folder if private and os.access(folder, os.W_OK | os.X_OK) else None


@dataclass(frozen=True)
class _Job:
    """One function to compile."""

    function: FunctionType
    signature: Signature
    data: Mapping[str, Any]
    arguments: tuple[Any, ...]
    key: str
    folder: Path | None

    def run(self) -> Code:
        name = re.sub(r"\W", "_", f"call_{self.function.__name__}_{self.key}", flags=re.ASCII)
        dispatcher = self._dispatcher(name)
        path = self.folder and self.folder / f"{name}.py"
        try:
            source = path.read_text("utf-8") if path else ""
        except OSError:
            source = ""
        if not source:
            result = self._compile(dispatcher)
            source = _source(name, self.signature, self.data, result)
            path = path and _write(path, source)
        # Numba finds the environment of what it loads by this module.
        names = {"__name__": __name__, "function": dispatcher, **_NAMES}
        exec(compile(source, path or f"<{name}>", "exec"), names)
        made = _make(names[name], cache=path is not None)
        return Code(made.address, Result(*names["RESULT"]), bool(made.cache_hits), made)

    def _dispatcher(self, name: str) -> Any:
        """Returns the function, to be compiled, with its own name for itself in it.

        The name is another one in what is compiled, where one name must have one meaning.
        """
        known = dict(self.function.__globals__)
        code = self.function.__code__
        copied = FunctionType(code, known, name, None, self.function.__closure__)
        copied.__module__ = self.function.__module__
        dispatcher = njit(**_OPTIONS, **_BARE)(copied)
        known[self.function.__name__] = dispatcher
        return dispatcher

    def _compile(self, dispatcher: Any) -> Result:
        where = place(self.function)
        try:
            dispatcher.compile(self.arguments)
        except Exception as error:
            raise ConfigError(
                f"Numba cannot compile the {where}: {_reason(error, self.function)}"
            ) from None  # Numba's own traceback is a page of its inside
        compiled = dispatcher.overloads[self.arguments]
        if "numba_gil_ensure" in compiled.library.get_llvm_str():
            raise ConfigError(
                f"the {where} takes Python's GIL, as print and numba.objmode do; a request "
                "cannot wait for that: leave it out"
            )
        return _result(compiled.signature.return_type, self.signature.returns, where)


def _numba_type(parameter: Parameter, data: Mapping[str, Any]) -> Any:
    if parameter.type == "bytes":
        return types.Array(types.uint8, 1, "C", readonly=True)
    if parameter.type == "array":
        return numba.typeof(data[parameter.name])
    return getattr(types, parameter.type)


def _shapes(data: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple((name, array.shape) for name, array in data.items())


def _result(found: Any, wanted: str, where: str) -> Result:
    """Returns what a function returns, where its annotation agrees with what Numba found."""
    found = types.unliteral(found)
    if isinstance(found, types.Array):
        name, dimensions = str(found.dtype), found.ndim
        if wanted == "bytes":
            agrees = (name, dimensions) == ("uint8", 1)
        else:
            agrees = wanted == "array" and name in SCALARS and dimensions <= _MOST_DIMENSIONS
        result = Result(name, dimensions)
    else:
        result = Result(wanted, 0)
        whole = isinstance(found, types.Integer | types.Boolean)
        if wanted == "bool":
            agrees = isinstance(found, types.Boolean)
        elif wanted.startswith("float"):
            agrees = whole or isinstance(found, types.Float)
        else:
            agrees = whole and wanted in SCALARS
    if not agrees or (result.dimensions == 0 and isinstance(found, types.Array)):
        wants = {"array": "an array of numbers of 1 to 4 dimensions", "bytes": "an array of bytes"}
        raise ConfigError(
            f"the {where} returns {found}, and its annotation says {wants.get(wanted, wanted)}; "
            "change one of them"
        )
    return result


def _reason(error: Exception, function: FunctionType) -> str:
    """Returns the beginning of what Numba says, and the line that it says it of."""
    lines: list[str] = []
    for line in map(str.strip, re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()):
        if line.startswith("Failed in nopython mode"):
            continue
        if line.startswith(("File ", "During:", "There are ", "There is ")) or len(lines) == 3:
            break
        if line:
            lines.append(line)
    reason = " ".join(lines) or type(error).__name__
    reason, _, raised = reason.partition(" Raised from ")
    location = getattr(error, "loc", None)
    line_number = re.search(r"\((\d+)\)$", raised)
    number = int(line_number[1]) if line_number else getattr(location, "line", 0)
    if location is not None and location.filename != function.__code__.co_filename:
        number = 0
    return reason.rstrip(".") + (f" (line {number})" if number else "")


def _source(name: str, signature: Signature, data: Mapping[str, Any], result: Result) -> str:
    """Returns the module that has the call."""
    word = _WORD_ARGUMENTS
    arguments = []
    for each in signature.parameters:
        text, size = _argument(each, data, word)
        arguments.append(text)
        word += size
    lines = [
        "# fastgo has written this, to call a function; it may be deleted at any time.",
        f"RESULT = ({result.type!r}, {result.dimensions})",
        "",
        "",
        f"def {name}(words, floats):",
        "    try:",
        f"        result = function({', '.join(arguments)})",
        "    except Exception:",
        "        return 1",
        *(f"    {line}" for line in _store(result)),
        "    return 0",
        "",
    ]
    return "\n".join(lines)


def _argument(parameter: Parameter, data: Mapping[str, Any], word: int) -> tuple[str, int]:
    """Returns the argument for a parameter, and how many words it has."""
    match parameter.type:
        case "bytes":
            return f"carray(pointer(words[{word}], uint8), (words[{word + 1}],))", 2
        case "array":
            array = data[parameter.name]
            element = _element(array.dtype.name)
            return f"carray(pointer(words[{word}], {element}), {array.shape})", 1
        case "bool":
            return f"words[{word}] != 0", 1
        case "float32" | "float64" as name:
            return f"{name}(floats[{word}])", 1
        case name:
            return f"{name}(words[{word}])", 1


def _store(result: Result) -> list[str]:
    """Returns what stores the result."""
    if not result.dimensions:
        if result.type.startswith("float"):
            return [f"floats[0] = {result.type}(result)"]
        return [f"words[0] = int64({_element(result.type)}(result))"]
    size = np.dtype(result.type).itemsize
    allocate = f"allocate(words[{_WORD_ALLOCATE}], words[{_WORD_FRAME}], result.size * {size})"
    return [
        f"memory = {allocate}",
        "if memory == 0:",
        "    return 2",
        f"array = carray(pointer(memory, {_element(result.type)}), result.shape)",
        "array[...] = result",
        "words[0] = memory",
        *(f"words[{_WORD_SHAPE + i}] = result.shape[{i}]" for i in range(result.dimensions)),
    ]


def _element(name: str) -> str:
    return "boolean" if name == "bool" else name


def _write(path: Path, source: str) -> Path | None:
    """Writes a file at once and with no date, which Numba's cache would ask for."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(source.encode())
        os.utime(file.name, (0, 0))
        Path(file.name).replace(path)
    except OSError:
        return None
    return path


def _make(call: Callable[..., Any], cache: bool) -> Any:
    try:
        return cfunc(_CALL, cache=cache, **_CALL_OPTIONS)(call)
    except Exception:
        if not cache:
            raise
    return cfunc(_CALL, **_CALL_OPTIONS)(call)  # the cache is full or broken


_CALL_OPTIONS = {"error_model": "python"}


def _pointer(_typing: Any, address: Any, element: Any) -> Any:
    """What makes a pointer of a number, in compiled code."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(element.dtype)(types.int64, element), generate


def _allocate(_typing: Any, function: Any, frame: Any, size: Any) -> Any:
    """What calls the function at an address, in compiled code: void *(void *frame, size_t)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(word, (word, word)).as_pointer()
        return builder.call(builder.inttoptr(arguments[0], kind), arguments[1:])

    return types.int64(types.int64, types.int64, types.int64), generate


# What generated code refers to.
_NAMES = {
    "carray": carray,
    "pointer": intrinsic(_pointer),
    "allocate": intrinsic(_allocate),
    **{_element(name): getattr(types, _element(name)) for name in SCALARS},
}

# What else decides what is compiled; the processor is in Numba's own cache.
_VERSIONS = (
    *(numba.__version__, np.__version__),
    *(Path(__file__).read_bytes(), Path(__file__).with_name("_signature.py").read_bytes()),
    tuple(
        sorted(
            (name, str(value))
            for name, value in vars(numba.config).items()
            if name
            in {
                "OPT",
                "BOUNDSCHECK",
                "LOOP_VECTORIZE",
                "SLP_VECTORIZE",
                "ENABLE_AVX",
                "DEBUGINFO_DEFAULT",
            }
        )
    ),
)

_lock = threading.Lock()
# By key. What was loaded stays, as another object of the same code must not take its place.
_loaded: dict[str, Code] = {}
_unique = count()
