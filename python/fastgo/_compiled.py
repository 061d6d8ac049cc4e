"""Compiled functions: plain Python that Numba compiles, served without the GIL."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

from fastgo._checks import check_choice, check_status, check_text
from fastgo._errors import ConfigError
from fastgo._handlers import Handler
from fastgo._headers import Headers, fields
from fastgo._signature import place, read_signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMATS = ("text", "html", "json", "bytes")


def compiled(
    template: str | None = None,
    *,
    format: str | None = None,  # noqa: A002 (the word for it)
    status: int = 200,
    headers: Headers = None,
    data: "Mapping[str, NDArray[Any]] | None" = None,
    blocking: bool = False,
) -> Callable[[Callable[..., Any]], Handler]:
    """Answers with what a Python function returns, which Numba compiles to machine code.

    The function runs on the thread that serves the connection and without the GIL. Each of its
    parameters is annotated with `int`, `float`, `bool` or a type such as `fastgo.uint32`, and has
    the value of the path's parameter of that name or, where the path has none, of the query's;
    `body: bytes` is the body of the request, whose elements are numbers. A value that is missing
    and has no default, is no number or is out of range, is answered with 400; an exception in the
    function with 500, and the log has the route and the arguments.

    Needs Numba: `pip install fastgo[numba]`.

    Args:
        template: What to answer, as for `template`, where `{result}` is what the function
            returned. None is the result alone, as JSON; or the bytes of the array, where the
            function returns `bytes`.
        format: "text", "html" or "json", as for `template`; or, without a template, "bytes": the
            memory of the array that is returned, as `application/octet-stream`. None is "text"
            with a template, and else as said there.
        status: The status code, 200 to 599 (RFC 9110, section 15).
        headers: Header fields to add; see `template`.
        data: Arrays of NumPy, by the names of the parameters that have them. The function reads
            them where they lie, and sees what is changed in them later.
        blocking: Whether the function computes for long: it is then called on a pool of threads,
            and not on that of the connection.

    Returns:
        A decorator, which compiles a function and returns a handler for `App.get` and its kin.
        The function is the handler's `__wrapped__`.

    Raises:
        ConfigError: By this call: an argument has the wrong type, or is out of range. By the
            decorator: Numba is not installed, or cannot compile the function; an annotation is
            missing or not supported; data is not contiguous, or no parameter's.

    Example:
        >>> app = App()
        >>> @compiled("{n} squared is {result}")
        ... def square(n: int) -> int:
        ...     return n * n
        >>> app.get("/square/{n}", square)
    """
    if template is not None:
        check_text("template", template)
    if format is not None:
        check_choice("format", format, _FORMATS)
    if template is not None and format == "bytes":
        raise ConfigError('the format "bytes" has no template; leave one of them out')
    check_status(status)
    if data is not None and not isinstance(data, Mapping):
        raise ConfigError(
            f'data must be a mapping, not {type(data).__name__}; write data={{"name": array}}'
        )
    if not isinstance(blocking, bool):
        raise ConfigError(f"blocking must be bool, not {type(blocking).__name__}")
    options = _Options(template, format, status, fields(headers), dict(data or {}), blocking)
    return options.compile


@dataclass(frozen=True)
class _Options:
    """The arguments of `compiled`, checked."""

    template: str | None
    format: str | None
    status: int
    headers: tuple[tuple[str, str], ...]
    data: dict[str, Any]
    blocking: bool

    def compile(self, function: Callable[..., Any]) -> Handler:
        """Returns the handler of a function."""
        if not isinstance(function, FunctionType):
            raise ConfigError(
                f"what is compiled must be a function, not {type(function).__name__}; write "
                "@fastgo.compiled() above its def"
            )
        compiler = _load_compiler()
        for name, array in self.data.items():
            compiler.check_data(name, array)
        signature = read_signature(function, self.data)
        code = compiler.compile_function(function, signature, self.data)
        if self.template is not None:
            answer = self.format or "text"
        else:
            answer = self.format or ("bytes" if signature.returns == "bytes" else "json")
        if answer == "bytes" and not code.result.dimensions:
            raise ConfigError(
                f'the format "bytes" is for arrays, and the {place(function)} returns '
                f"{code.result.type}; choose another one"
            )
        spec = {
            "address": code.address,
            "name": function.__name__,
            "blocking": self.blocking,
            "parameters": [self._describe(each) for each in signature.parameters],
            "result": {"type": code.result.type, "dimensions": code.result.dimensions},
            "template": self._template(answer),
            "format": answer,
            "status": self.status,
            "headers": self.headers,
        }
        return _Compiled(spec, function, self, code)

    def _describe(self, parameter: Any) -> dict[str, Any]:
        described = {"name": parameter.name, "type": parameter.type}
        if parameter.default is not None:
            described["default"] = parameter.default
        if parameter.type == "array":
            described["address"] = self.data[parameter.name].ctypes.data
        return described

    def _template(self, answer: str) -> str:
        if self.template is not None:
            return self.template
        return "" if answer == "bytes" else "{result}"


class _Compiled(Handler):
    """The handler of a compiled function, which keeps its code and its data in memory."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        function: FunctionType,
        options: _Options,
        code: object,
    ) -> None:
        super().__init__("compiled", spec)
        # As pickle looks for the handler where the function was defined.
        vars(self).update(__module__=function.__module__, __wrapped__=function)
        vars(self).update(_options=options, _code=code)
        # While there are views, NumPy resizes no array.
        vars(self).update(_views=[memoryview(array) for array in options.data.values()])

    def __reduce__(self) -> Any:
        """Refers to the handler by its name, or has another process compile the function again.

        An address means nothing there.
        """
        function: FunctionType = vars(self)["__wrapped__"]
        found: Any = sys.modules.get(function.__module__)
        for name in function.__qualname__.split("."):
            found = getattr(found, name, None)
        if found is self:
            return function.__qualname__
        return _Options.compile, (vars(self)["_options"], function)


def _load_compiler() -> Any:
    try:
        return import_module("fastgo._compiler")
    except ImportError as error:
        raise ConfigError(
            f"fastgo.compiled needs Numba, which cannot be loaded ({error}); "
            "run pip install 'fastgo[numba]'"
        ) from error
