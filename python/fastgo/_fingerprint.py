"""Fingerprints: what a function means to the compiler, as one number.

Numba's own cache goes by a function's file alone and does not see what the function refers to.
A fingerprint has the code, its constants, what closures and globals hold, arrays by their
content, and compiled functions that are called, with all that those refer to. Where something
cannot be told from outside there is no fingerprint, and the function is compiled anew.
"""

import builtins
import dis
from hashlib import sha256
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.types import Type

# Modules of which Numba brings its own version; its version stands for them.
_KNOWN = frozenset({"builtins", "cmath", "math", "numba", "numpy", "operator", "random"})

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))

# Numba takes the address of larger ones, and caches nothing.
_LARGEST_ARRAY = 10**6


class _UnknownError(Exception):
    """A value whose meaning cannot be told from outside."""


def fingerprint(function: FunctionType, *more: object) -> str | None:
    """Returns the fingerprint of a function, or None where it can have none.

    Args:
        function: The function.
        more: What it is compiled with: plain values.
    """
    made = _Fingerprint()
    try:
        for each in more:
            made.add(each)
        made.add_function(function)
    except _UnknownError:
        return None
    return made.digest.hexdigest()[:32]


class _Fingerprint:
    """What was added up to now."""

    def __init__(self) -> None:
        self.digest = sha256()
        self._functions: dict[int, int] = {}  # by id, in order: they may call each other

    def put(self, *parts: object) -> None:
        for part in parts:
            text = part if isinstance(part, bytes) else str(part).encode(errors="surrogatepass")
            self.digest.update(b"%d:" % len(text) + text)

    def add(self, value: object) -> None:
        """Adds a value that a function refers to."""
        if type(value) in _PLAIN:
            self.put(type(value).__name__, repr(value))
        elif type(value) is tuple:
            self.put("tuple", len(value))
            for each in value:
                self.add(each)
        elif type(value) is frozenset:
            self.put("set", len(value), *sorted(map(repr, value)))
        elif type(value) is np.ndarray or isinstance(value, np.generic):
            self._add_array(value)
        elif isinstance(value, Dispatcher):
            self._add_dispatcher(value)
        elif isinstance(value, np.dtype | Type):
            self.put(type(value).__name__, repr(value))
        elif isinstance(value, type | np.ufunc | FunctionType | BuiltinFunctionType | ModuleType):
            self._add_known(value)
        else:
            raise _UnknownError(value)

    def add_function(self, function: FunctionType) -> None:
        """Adds a function with all that it refers to."""
        known = id(function) in self._functions
        self.put("function", self._functions.setdefault(id(function), len(self._functions)))
        if known:
            return
        self.add(function.__defaults__)
        for cell in function.__closure__ or ():
            try:
                self.add(cell.cell_contents)
            except ValueError:  # empty yet
                raise _UnknownError(cell) from None
        self._add_code(function.__code__, function)

    def _add_code(self, code: CodeType, function: FunctionType) -> None:
        self.put("code", code.co_code, code.co_exceptiontable, code.co_flags, code.co_argcount)
        for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars):
            self.add(names)
        for value in code.co_consts:
            if isinstance(value, CodeType):
                self._add_code(value, function)
            else:
                self.add(value)
        for name in sorted(
            {each.argval for each in dis.get_instructions(code) if _is_global(each)}
        ):
            scope = function.__globals__ if name in function.__globals__ else vars(builtins)
            if name == function.__name__ or name not in scope:
                self.put("open", name)
            elif isinstance(scope[name], ModuleType):
                self._add_module(scope[name], code)
            else:
                self.add(scope[name])

    def _add_module(self, module: ModuleType, code: CodeType) -> None:
        """Adds what a function may take from a module: all that its code has the names of."""
        if _is_known(module.__name__):
            self.put("module", module.__name__)
            return
        for name in code.co_names:
            value = vars(module).get(name)
            self.put(name)
            if isinstance(value, ModuleType):
                self._add_module(value, code)
            elif name in vars(module):
                self.add(value)

    def _add_array(self, value: Any) -> None:
        if value.nbytes > _LARGEST_ARRAY or value.dtype.hasobject:
            raise _UnknownError(value)
        self.put(type(value).__name__, repr(value.dtype), value.shape, value.strides)
        self.put(value.tobytes())

    def _add_dispatcher(self, value: Any) -> None:
        options = {name: repr(option) for name, option in sorted(value.targetoptions.items())}
        self.put("compiled", options, () if value._can_compile else value.signatures)
        self.add_function(value.py_func)

    def _add_known(self, value: Any) -> None:
        module = getattr(value, "__module__", None) or "numpy"  # which ufuncs do not say
        owner = getattr(value, "__self__", None)  # of a method
        if not _is_known(module) or not (owner is None or isinstance(owner, ModuleType)):
            raise _UnknownError(value)
        self.put(type(value).__name__, module, getattr(value, "__qualname__", value.__name__))


def _is_global(instruction: dis.Instruction) -> bool:
    return instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")


def _is_known(module: str) -> bool:
    return module.partition(".")[0] in _KNOWN
