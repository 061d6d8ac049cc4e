"""Native functions for go: step functions, and what fastgo.compiled makes."""

import struct
from typing import Any

from fastgo._handlers import Handler
from fastgo._native import Form, find, pin

STEP = Form(
    "step function",
    "int (fastgo_task *, void *)",
    b"int (fastgo_task *, void *)",
    2,
)

# WordArguments of gocore/handler/compiled.go.
_FIRST_ARGUMENT = 8

# The formats, of module struct, of the numbers that a compiled function takes and returns: each
# has a word of 64 bits, but is checked by its own range.
_FORMATS = {"bool": "?", "float32": "d", "float64": "d"}
_FORMATS |= {f"int{8 * size}": form for size, form in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))}
_FORMATS |= {f"uint{8 * size}": form for size, form in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))}


class Step:
    """A native step function with its data, for `go`. Made by `step`."""

    def __init__(self, name: str, address: int, data: Any, keep: object) -> None:
        """Keeps alive what the addresses lead to."""
        self._view, self._data, _ = pin(data)
        self._name, self._address, self._keep = name, address, keep

    def __repr__(self) -> str:
        """Returns its name."""
        return f"<fastgo.concurrency.Step {self._name}>"

    def spawn(self, scheduler: Any) -> Any:
        """Starts it and returns its task."""
        return scheduler.spawn_native(self._address, self._data, None, "q", self)


def step(
    target: object, name: str | None = None, *, data: object = None, keep: object = None
) -> Step:
    """Makes a native function something that `go` runs outside of the GIL, on all cores.

    The function has the type `fastgo_step` of fastgo_concurrency.h, which says what it may do: it
    is called until it returns FASTGO_DONE, and waits for channels without a thread of its own.
    Nothing can check that what it does is right: a wrong address or type crashes the process.

    Args:
        target: The function: a pointer of ctypes or cffi, a function of `numba.cfunc`, a capsule
            of a `cdef api` function of Cython, or an address. Or what has it under the name.
        name: Which function of the target.
        data: What the function gets as its last argument: None for NULL, an address, or a
            C-contiguous object with a buffer, which it sees in place. Each `go` of the same step
            gets the same.
        keep: Any object that has to live until the task is done, such as channels whose
            addresses are in the data.

    Returns:
        What `go` takes instead of a function, without arguments. The result of the task is None,
        the int or the bytes that the function has set.

    Raises:
        ConfigError: The target is no native function, or of another type; it has no function of
            that name; or data has no C-contiguous buffer.

    Example:
        >>> import ctypes
        >>> from fastgo.concurrency import step
        >>> step(ctypes.CDLL(None), "getpid")  # no step, and never started
        <fastgo.concurrency.Step getpid>
    """
    function, address = find(target, name, STEP)
    known = name or getattr(function, "__name__", "") or f"at {address:#x}"
    return Step(known, address, data, (function, keep))


def spawn(
    scheduler: Any, native: Step | Handler, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Starts a native function and returns its task."""
    if isinstance(native, Step):
        if arguments or keywords:
            raise TypeError(f"{native!r} takes no arguments: give step() its data")
        return native.spawn(scheduler)
    if native.kind != "compiled":
        raise TypeError(
            f"go cannot start a handler of the kind {native.kind!r}: write fastgo.concurrency.step "
            "for native functions, or fastgo.compiled"
        )
    spec = native.spec
    if spec["result"]["dimensions"]:
        raise TypeError(f"go cannot start {spec['name']}, which returns an array: fill one of data")
    words, kept = _words(spec, arguments, keywords)
    form = _FORMATS[spec["result"]["type"]]
    code = form if form in "d?" else "Q" if form.isupper() else "q"
    return scheduler.spawn_native(spec["address"], 0, words, code, (native, kept))


def _words(
    spec: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[bytes, list[Any]]:
    """Returns the block that a compiled function is called with, and what that leads to."""
    given, named = list(reversed(arguments)), dict(keywords)
    words, kept = [bytes(8 * _FIRST_ARGUMENT)], []
    for parameter in spec["parameters"]:
        name, kind = parameter["name"], parameter["type"]
        if kind == "array":
            words.append(struct.pack("Q", parameter["address"]))
            continue
        if given and name not in named:
            value = given.pop()
        elif name in named and not given:
            value = named.pop(name)
        elif "default" in parameter and name not in named:
            value = _default(parameter["default"], kind)
        else:
            raise TypeError(f"{spec['name']}() has no argument {name!r}, or has it twice")
        if kind == "bytes":
            view, address, size = pin(value)
            kept.append(view)
            words.append(struct.pack("QQ", address, size))
        else:
            words.append(_word(value, name, kind))
    if given or named:
        raise TypeError(f"{spec['name']}() takes no such arguments: {[*reversed(given), *named]}")
    return b"".join(words), kept


def _default(text: str, kind: str) -> Any:
    if kind == "bool":
        return text == "true"
    return float(text) if kind.startswith("float") else int(text)


def _word(value: Any, name: str, kind: str) -> bytes:
    form = _FORMATS[kind]
    try:
        struct.pack(form, value)
        return struct.pack(form if form == "d" else "Q" if form.isupper() else "q", value)
    except struct.error as error:
        raise TypeError(
            f"the argument {name!r} is {value!r}, which is no {kind}: {error}"
        ) from None
