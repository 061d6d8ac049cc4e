"""Functions: Python functions as handlers.

Where each argument of a call comes from is the plan of a function, which is made once, of its
signature (_arguments.py); the workers (_workers.py, pybind/glue/plan.c) fill the arguments in for
each request. Go knows of them only which parameters the path must have.

A function is known by a number, as the document can hold no function. Numbers are never used
again, so that no request can reach another function than the one it was for.
"""

from itertools import count
from typing import TYPE_CHECKING, Any

from fastgo._coroutines import is_coroutine_function
from fastgo._errors import ConfigError
from fastgo._groups import Function
from fastgo._handlers import ExceptionHandlers, Handler

if TYPE_CHECKING:
    from fastgo._arguments import Argument

_numbers = count(1)


class FunctionHandler(Handler):
    """Answers by a Python function.

    Attributes:
        function: The function.
        pattern: The pattern of the paths that it answers, as far as it is known where the
            function is registered: the app may be mounted under a prefix.
        name: What messages call it.
        arguments: Its arguments, in its order.
        route: Method, host and pattern of its route.
        exception_handlers: Those of its app, then those of the apps around.
        is_coroutine: Whether it is a coroutine function.
    """

    function: Function
    pattern: str
    name: str
    arguments: "tuple[Argument, ...]"
    route: str
    exception_handlers: tuple[ExceptionHandlers, ...]
    is_coroutine: bool

    def __init__(self, function: Function, pattern: str) -> None:
        """Makes a plan of the function's signature.

        Raises:
            ConfigError: The function wants something that it cannot be given.
        """
        arguments = _arguments(function, pattern)
        needed = [each.alias for each in arguments if each.source == "path" and not each.default]
        is_coroutine = is_coroutine_function(function)
        runs = {"runs": "coroutine"} if is_coroutine else {}
        super().__init__("python", {"number": next(_numbers), **runs, "params": needed})
        for name, value in (
            ("function", function),
            ("pattern", pattern),
            ("name", getattr(function, "__qualname__", None) or repr(function)),
            ("arguments", arguments),
            ("route", ""),
            ("exception_handlers", ()),
            ("is_coroutine", is_coroutine),
        ):
            object.__setattr__(self, name, value)

    @property
    def number(self) -> int:
        """The number by which workers know the function."""
        return int(self.spec["number"])

    @property
    def plan(self) -> tuple[tuple[object, ...], ...]:
        """How it is called, as `_glue.Queue.register` takes it."""
        return tuple(each.row for each in self.arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes copies, and pickles for spawned workers, of the function."""
        kept = {name: vars(self)[name] for name in ("route", "exception_handlers")}
        return FunctionHandler, (self.function, self.pattern), kept

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


def _arguments(function: Function, pattern: str) -> "tuple[Argument, ...]":
    import inspect  # which takes longer to load than all of fastgo

    from fastgo._arguments import place, read_arguments

    for is_other, kind in (
        (inspect.isgeneratorfunction, "a generator function"),
        (inspect.isasyncgenfunction, "an asynchronous generator function"),
    ):
        if is_other(function):
            raise ConfigError(f"{place(function)}, {kind}, which is not supported")
    return read_arguments(function, pattern)
