"""Functions: Python functions as handlers.

Where each argument of a call comes from is the plan of a function, which is made once, of its
signature (_arguments.py); the workers (_workers.py, pybind/glue/plan.c) fill the arguments in for
each request. Go knows of them only which parameters the path must have.

A function is known by a number, as the document can hold no function. Numbers are never used
again, so that no request can reach another function than the one it was for.
"""

from itertools import count
from typing import TYPE_CHECKING, Any

from fastgo._errors import ConfigError
from fastgo._handlers import Handler
from fastgo._routes import Function

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
    """

    function: Function
    pattern: str
    name: str
    arguments: "tuple[Argument, ...]"

    def __init__(self, function: Function, pattern: str) -> None:
        """Makes a plan of the function's signature.

        Raises:
            ConfigError: The function wants something that it cannot be given.
        """
        arguments = _arguments(function, pattern)
        needed = [each.alias for each in arguments if each.source == "path" and not each.default]
        super().__init__("python", {"number": next(_numbers), "params": needed})
        for name, value in (
            ("function", function),
            ("pattern", pattern),
            ("name", getattr(function, "__qualname__", None) or repr(function)),
            ("arguments", arguments),
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
        return FunctionHandler, (self.function, self.pattern)


def _arguments(function: Function, pattern: str) -> "tuple[Argument, ...]":
    import inspect  # which takes longer to load than all of fastgo

    from fastgo._arguments import place, read_arguments

    for is_other, kind in (
        (inspect.iscoroutinefunction, "a coroutine function"),
        (inspect.isgeneratorfunction, "a generator function"),
        (inspect.isasyncgenfunction, "an asynchronous generator function"),
    ):
        if is_other(function):
            raise ConfigError(f"{place(function)}, {kind}, which is not supported")
    return read_arguments(function, pattern)
