"""Arguments: where those of a Python function come from, as its signature says.

Of the following, the first that a parameter fits:

    its annotation is Request, or it is `request` without one   the request
    it has a marker (_markers.py)                               what that says
    its name is in the pattern of the route                     the path
    it is called `body`, or is of a type that no text can hold  the body
    else                                                        the query

An app may be mounted under a prefix with parameters that nobody knows yet when its routes are
registered. So the last of them, without a marker, is from the path first, where that has the name.
"""

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, get_type_hints

from fastgo._annotations import Reading, read_body, read_values, split
from fastgo._callers import caller
from fastgo._checks import check_text, describe
from fastgo._errors import ConfigError
from fastgo._markers import Body, Cookie, Header, Marker, Named, Path, Query
from fastgo._request import Request

# FASTGO_MAX_ARGUMENTS of plan.h.
_MOST = 64

_SOURCES: dict[type[Marker], str] = {
    Path: "path",
    Query: "query",
    Header: "header",
    Cookie: "cookie",
    Body: "body",
}

_PARAMETER = re.compile(r"\{([^{}:.]+)(:[^{}]*|\.\.\.)?\}")


@dataclass(frozen=True)
class Argument:
    """Where an argument comes from, and how it is made.

    Attributes:
        name: What the function calls it.
        source: "path", "query", "header", "cookie", "body" or "request"; or "parameter", which is
            the path where that has the name, else the query.
        alias: What requests call it.
        wanted: Its type, without None and markers.
        reading: How it is made.
        keyword: Whether the function takes it by its name alone.
        default: A tuple of what it is where the request has it not, or of nothing.
    """

    name: str
    source: str
    alias: str
    wanted: Any
    reading: Reading
    keyword: bool
    default: tuple[Any, ...]

    @property
    def row(self) -> tuple[object, ...]:
        """What `fastgo_plan_read` takes."""
        reading, form = self.reading, self.reading.form
        if self.source in ("header", "cookie") and form == "str":
            form = "field"
        keyword = self.name if self.keyword else ""
        return self.source, self.alias, form, reading.many, reading.steps, keyword, self.default


def read_arguments(function: Callable[..., object], pattern: str) -> tuple[Argument, ...]:
    """Returns the arguments of a function, in its order.

    Args:
        function: The function.
        pattern: The pattern of the route that it answers.

    Raises:
        ConfigError: The function wants something that no request has, or its signature cannot be
            read.
    """
    called = place(function)
    try:
        signature = inspect.signature(function)
        annotations = _annotations(function, signature)
    except Exception as error:  # annotations may be any code
        raise ConfigError(f"{called}, whose signature cannot be read: {error}") from None
    bound = function.keywords if isinstance(function, functools.partial) else ()
    in_path = dict(_PARAMETER.findall(pattern))
    read = [
        _read_argument(each, annotations[each.name], in_path, called)
        for each in signature.parameters.values()
        if each.name not in bound
    ]
    if hasattr(function, "__wrapped__"):
        read = _by_name(function, read, called)
    if len(read) > _MOST:
        raise ConfigError(f"{called}, which has {len(read)} parameters; {_MOST} are supported")
    bodies = [repr(each.name) for each in read if each.source == "body"]
    if len(bodies) > 1:
        raise ConfigError(
            f"{called}, and its parameters {' and '.join(bodies)} are all the body, of which a "
            "request has one; write one type that has all of it, or fastgo.Query() for the others"
        )
    return tuple(read)


def _by_name(function: Any, arguments: list[Argument], called: str) -> list[Argument]:
    """Returns the arguments as a decorator's function takes them, whose signature is another's."""
    names = [each.name for each in arguments]
    try:
        inspect.signature(function, follow_wrapped=False).bind(**dict.fromkeys(names))
    except TypeError as error:
        raise ConfigError(
            f"{called}, which a decorator has wrapped: what that calls cannot be given {names} by "
            f"name: {error}; let it take *args and **kwargs alone, or the same parameters"
        ) from None
    return [replace(each, keyword=True) for each in arguments]


def place(function: Any) -> str:
    """Returns a function and where it is, for errors: "the function 'user' (app.py:7)"."""
    code = getattr(_defined(function), "__code__", None)
    line = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    return f"{describe(function)}{line}"


def _defined(function: Any) -> Any:
    """Returns the function that a callable runs in the end, itself where nobody knows."""
    for _ in range(100):  # it may go round in a circle
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif hasattr(function, "__func__"):
            function = function.__func__
        elif hasattr(function, "__code__") or not hasattr(type(function).__call__, "__code__"):
            break
        else:
            function = type(function).__call__
    return function


def _annotations(function: Any, signature: inspect.Signature) -> dict[str, Any]:
    """Returns the annotations by name, those in quotes evaluated, wherever these are."""
    written = {name: each.annotation for name, each in signature.parameters.items()}
    for name, annotation in written.items():
        if annotation is inspect.Parameter.empty:
            written[name] = Request if name == "request" else str
    holder = SimpleNamespace(__annotations__=written)
    names = getattr(_defined(function), "__globals__", {})
    try:
        return get_type_hints(holder, names, include_extras=True)
    except NameError:  # it may be local where the function is registered
        return get_type_hints(holder, names, dict(caller().f_locals), include_extras=True)


def _read_argument(
    parameter: inspect.Parameter, annotation: Any, pattern: dict[str, str], called: str
) -> Argument:
    check_text("the name of a parameter", parameter.name)
    try:
        return _argument(parameter, annotation, pattern)
    except ConfigError as error:
        reason = str(error)
    except Exception as error:  # annotations may be anything
        shown = inspect.formatannotation(annotation)
        reason = f"has the annotation {shown}, which is not supported: {error}"
    raise ConfigError(f"{called}, and its parameter {parameter.name!r} {reason}")


def _argument(parameter: inspect.Parameter, annotation: Any, pattern: dict[str, str]) -> Argument:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise ConfigError("takes any number of values; write each by its name")
    name, keyword = parameter.name, parameter.kind is parameter.KEYWORD_ONLY
    default = () if parameter.default is parameter.empty else (parameter.default,)
    if default and isinstance(default[0], Marker):
        mark = f"fastgo.{type(default[0]).__name__}()"
        raise ConfigError(f"has {mark} as its default; write Annotated[str, {mark}]")
    wanted, optional, markers = split(annotation)
    if wanted is Request:
        return Argument(name, "request", name, wanted, Reading("str"), keyword, ())
    if len(markers) > 1:
        marked = " and ".join(f"fastgo.{type(each).__name__}" for each in markers)
        raise ConfigError(f"is marked {marked}; keep one of them")
    marker = markers[0] if markers else None
    source = _source(name, marker, pattern)
    reading = None if source == "body" else read_values(wanted)
    if source == "body" or (reading is None and source == "parameter"):
        reading = read_body(wanted, optional=optional)
        return Argument(name, "body", name, wanted, reading, keyword, default)
    if reading is None or (reading.many and source == "path"):
        shown = inspect.formatannotation(wanted)
        where = "parameter of the path" if source == "path" else source
        raise ConfigError(f"is {shown}, which a {where} cannot hold; take it from the body")
    if reading.many and source == "parameter":
        source = "query"
    alias = _alias(name, marker)
    if source == "path" and pattern.get(alias) == "..." and reading == Reading("str"):
        default = default or ("",)  # for the prefix itself that the function is mounted on
    return Argument(name, source, alias, wanted, reading, keyword, default)


def _source(name: str, marker: Marker | None, pattern: dict[str, str]) -> str:
    """Returns where a parameter comes from that is not the request, by its marker and name."""
    if marker is not None:
        return _SOURCES[type(marker)]
    if name in pattern:
        return "path"
    return "body" if name == "body" else "parameter"


def _alias(name: str, marker: Marker | None) -> str:
    """Returns what requests call the value of a parameter."""
    if isinstance(marker, Named) and marker.name:
        return marker.name
    return name.replace("_", "-") if isinstance(marker, Header) else name
