"""Functions: Python functions as handlers.

Where each argument of a call comes from is the plan of a function, which is made once, of its
signature. Go is told of the plan by the document, and finds the parameters of the path that it
names; the workers (_workers.py, pybind/glue/plan.c) fill the arguments in for each request.

A function is known by a number, as the document can hold no function. Numbers are never used
again, so that no request can reach another function than the one it was for.
"""

from itertools import count
from typing import Any

from fastgo._checks import check_text, describe
from fastgo._coroutines import is_coroutine_function
from fastgo._errors import ConfigError
from fastgo._handlers import ExceptionHandlers, Handler
from fastgo._request import Request
from fastgo._routes import Function

# What a parameter of the path is turned into, by its annotation.
_FORMS: dict[object, str] = {str: "str", int: "int", float: "float"}

# FASTGO_MAX_ARGUMENTS of plan.h.
_MOST_ARGUMENTS = 16

_numbers = count(1)


class FunctionHandler(Handler):
    """Answers by a Python function.

    Attributes:
        function: The function.
        name: What messages call it.
        arguments: Its plan: for each argument where it comes from and what it is turned into,
            as `_glue.Queue.register` takes it.
        names: The names of the arguments.
        route: Method, host and pattern of its route.
        exception_handlers: Those of its app, then those of the apps around.
        is_coroutine: Whether it is a coroutine function.
    """

    function: Function
    name: str
    arguments: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    route: str
    exception_handlers: tuple[ExceptionHandlers, ...]
    is_coroutine: bool

    def __init__(self, function: Function) -> None:
        """Makes a plan of the function's signature.

        Raises:
            ConfigError: The function wants something that it cannot be given.
        """
        plan = _plan(function)
        is_coroutine = is_coroutine_function(function)
        runs = {"runs": "coroutine"} if is_coroutine else {}
        super().__init__("python", {"number": next(_numbers), **runs, "plan": plan})
        for name, value in (
            ("function", function),
            ("name", getattr(function, "__qualname__", None) or repr(function)),
            ("arguments", tuple((each["from"], each.get("as", "")) for each in plan)),
            ("names", tuple(each["name"] for each in plan)),
            ("route", ""),
            ("exception_handlers", ()),
            ("is_coroutine", is_coroutine),
        ):
            object.__setattr__(self, name, value)

    @property
    def number(self) -> int:
        """The number by which workers know the function."""
        return int(self.spec["number"])

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes copies, and pickles for spawned workers, of the function."""
        kept = {name: vars(self)[name] for name in ("route", "exception_handlers")}
        return FunctionHandler, (self.function,), kept

    def _placed(self, route: str, exception_handlers: ExceptionHandlers) -> "FunctionHandler":
        """Returns the handler of the same function under another number.

        By their numbers workers tell the routes of a function apart.
        """
        placed = object.__new__(FunctionHandler)
        vars(placed).update(
            vars(self),
            spec={**self.spec, "number": next(_numbers)},
            route=route,
            exception_handlers=(*self.exception_handlers, exception_handlers),
        )
        placed.__post_init__()
        return placed


def _plan(function: Function) -> list[dict[str, str]]:
    import inspect  # which takes longer to load than all of fastgo

    called = describe(function)
    for is_other, kind in (
        (inspect.isgeneratorfunction, "a generator function"),
        (inspect.isasyncgenfunction, "an asynchronous generator function"),
    ):
        if is_other(function):
            raise ConfigError(f"{called}, {kind}, which is not supported")
    try:
        signature = inspect.signature(function, eval_str=True)
    except Exception as error:  # annotations may be any code
        raise ConfigError(f"{called}, whose signature cannot be read: {error}") from None
    plan = [_argument(each, called) for each in signature.parameters.values()]
    if len(plan) > _MOST_ARGUMENTS:
        raise ConfigError(
            f"{called}, which has {len(plan)} parameters; {_MOST_ARGUMENTS} are supported"
        )
    return plan


def _argument(parameter: Any, called: str) -> dict[str, str]:
    where = f"{called}, and its parameter {parameter.name!r}"
    check_text("the name of a parameter", parameter.name)
    if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
        raise ConfigError(f"{where} is not positional, which is not supported")
    annotation = parameter.annotation
    unknown = annotation is parameter.empty
    if annotation is Request or (unknown and parameter.name == "request"):
        return {"from": "request", "name": parameter.name}
    form = "str" if unknown else _FORMS.get(annotation) if _hashable(annotation) else None
    if form is None:
        raise ConfigError(
            f"{where} has the annotation {annotation!r}, which is not supported; write str, int "
            "or float for a parameter of the path, or fastgo.Request"
        )
    if parameter.default is not parameter.empty:
        raise ConfigError(f"{where} has a default, which is not supported")
    return {"from": "path", "name": parameter.name, "as": form}


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
