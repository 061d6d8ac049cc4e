"""Signatures of functions that are compiled: which values of a request they are called with."""

import inspect
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, get_origin

from fastgo._errors import ConfigError
from fastgo._scalars import scalar_name

_WANTED = "annotate it with int, float, bool or a type such as fastgo.uint32"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function.

    Attributes:
        name: Its name.
        type: The name of a scalar type; "bytes", the body; or "array", one of the data.
        default: The default as a query would have it, None where there is none.
    """

    name: str
    type: str
    default: str | None = None


@dataclass(frozen=True)
class Signature:
    """What a function takes and returns.

    Attributes:
        parameters: The parameters, in order.
        returns: The name of a scalar type; "bytes", an array of bytes; or "array", any array.
    """

    parameters: tuple[Parameter, ...]
    returns: str


def place(function: Callable[..., Any]) -> str:
    """Returns where a function is defined, for errors: "function 'mean' (app.py:7)"."""
    code = function.__code__
    return f"function {function.__name__!r} ({code.co_filename}:{code.co_firstlineno})"


def read_signature(function: Callable[..., Any], data: Collection[str]) -> Signature:
    """Returns the signature of a function.

    Args:
        function: The function.
        data: The names of its parameters that are arrays.

    Raises:
        ConfigError: A parameter or the result has no annotation, or one that is not supported;
            a default is no value of its type; or data has a name that no parameter has.
    """
    where = place(function)
    try:
        read = inspect.signature(function, eval_str=True)
    except Exception as error:  # what annotations in quotes raise
        raise ConfigError(f"an annotation of the {where} cannot be read: {error}") from error
    for name in data:
        if name not in read.parameters:
            raise ConfigError(f"data has {name!r}, which is no parameter of the {where}")
    parameters = tuple(_parameter(each, data, where) for each in read.parameters.values())
    return Signature(parameters, _returned(read.return_annotation, where))


def _parameter(read: inspect.Parameter, data: Collection[str], where: str) -> Parameter:
    what = f"the parameter {read.name!r} of the {where}"
    if read.kind not in (read.POSITIONAL_ONLY, read.POSITIONAL_OR_KEYWORD):
        raise ConfigError(f"{what} is not an ordinary one; write it without * and before any *")
    if read.name in data:
        return Parameter(read.name, "array")
    if read.annotation is read.empty:
        raise ConfigError(f"{what} has no annotation; {_WANTED}")
    name = scalar_name(read.annotation)
    if name is not None:
        default = None if read.default is read.empty else _default(read.default, name, what)
        return Parameter(read.name, name, default)
    if read.annotation is not bytes:
        shown = inspect.formatannotation(read.annotation)
        raise ConfigError(f"{what} is {shown}, which is not supported; {_WANTED}")
    if read.name != "body" or read.default is not read.empty:
        raise ConfigError(f"{what} is bytes; write body: bytes, without default, for the body")
    return Parameter(read.name, "bytes")


def _default(value: object, name: str, what: str) -> str:
    """Returns a default as a query would have it; its range is Go's to check."""
    if name == "bool":
        if isinstance(value, bool):
            return "true" if value else "false"
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    elif isinstance(value, float) and name.startswith("float") and math.isfinite(value):
        return repr(float(value))
    raise ConfigError(f"{what} has the default {value!a}, which is no {name}")


def _returned(annotation: Any, where: str) -> str:
    if annotation is inspect.Signature.empty:
        raise ConfigError(
            f"the {where} does not say what it returns; annotate it, for example with -> float"
        )
    name = "bytes" if annotation is bytes else scalar_name(annotation)
    if name is not None:
        return name
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and (kind.__module__, kind.__name__) == ("numpy", "ndarray"):
        return "array"
    shown = inspect.formatannotation(annotation)
    raise ConfigError(
        f"the {where} returns {shown}, which is not supported; return int, float, bool, a type "
        "such as fastgo.uint32, bytes or an array of NumPy's"
    )
