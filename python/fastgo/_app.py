"""App: the routes of a server, and the document that tells Go of them."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, overload

from fastgo._checks import check_choice, describe
from fastgo._errors import ConfigError
from fastgo._groups import Group
from fastgo._limits import Limits
from fastgo._route import Route

_SLASHES = ("strict", "redirect")

_ExceptionHandler = TypeVar("_ExceptionHandler", bound=Callable[[Any, Any], object])

# In place of a function: the decorator that exception_handler returns takes it.
_DECORATED: Any = object()


class App(Group):
    """The routes of a server.

    An app is a description: nothing is served before it is given to `run`, `serve` or
    `Server.update`, and changing it later does not change a running server. The document
    that it makes is checked as a whole by Go then; errors name the line that registered
    the route.

    Args:
        trailing_slash: What happens to a request whose path has no route, where there is one
            for the path with a slash more or less at its end: "strict" answers 404, "redirect"
            answers 308 with the other path.

    Raises:
        ConfigError: trailing_slash is something else.

    Example:
        >>> app = App()
        >>> app.get("/", text("Hello, World!"))
        >>> app.get("/fibonacci", builtin("fibonacci"))
    """

    def __init__(self, *, trailing_slash: str = "strict") -> None:
        """Makes an app without routes."""
        check_choice("trailing_slash", trailing_slash, _SLASHES)
        super().__init__(None, "", "", trailing_slash)

    @overload
    def exception_handler(
        self, kind: type[Exception]
    ) -> Callable[[_ExceptionHandler], _ExceptionHandler]: ...
    @overload
    def exception_handler(self, kind: type[Exception], function: _ExceptionHandler) -> None: ...
    def exception_handler(self, kind: type[Exception], function: Any = _DECORATED) -> Any:
        """Answers for Python functions of this app that raise an exception of a type.

        Of several that fit, that of the nearest base class answers; where this app has none, those
        of the app are asked that it is mounted in. One for `HTTPError` also answers what the server
        itself says of arguments that are missing or wrong. A server that runs already knows of it
        at once.

        Args:
            kind: The type, a subclass of Exception.
            function: Called with the `Request` and the exception; what it returns is the answer,
                as for a handler, and it may raise an HTTPError. Another exception in it is a 500,
                and both are logged. Without it the result is a decorator.

        Raises:
            ConfigError: kind is no such type or has a function already; or what is given is no
                function, or not one of two arguments.

        Example:
            >>> app = App()
            >>> @app.exception_handler(KeyError)
            ... def missing(request: Request, error: KeyError) -> tuple[str, int]:
            ...     return f"there is no {error.args[0]}", 404
        """
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            raise ConfigError(
                f"exceptions are handled by their type, a subclass of Exception, not by {kind!a}"
            )

        def register(function: _ExceptionHandler) -> _ExceptionHandler:
            _check_exception_handler(kind, function)
            if kind in self._exception_handlers:
                raise ConfigError(f"the app has an exception handler for {kind.__name__} already")
            self._exception_handlers[kind] = function
            return function

        if function is _DECORATED:
            return register
        register(function)
        return None

    def document(self, limits: Limits) -> str:
        """Returns the route document that Go reads.

        Args:
            limits: The limits to serve with.

        Returns:
            The document, JSON of version 1; `document.schema.json` in the package is its schema.

        Raises:
            ConfigError: See `routes`.
        """
        return document(self.routes(), limits)


def _check_exception_handler(kind: type[Exception], function: object) -> None:
    import inspect  # which most apps do not need

    where = f"the exception handler for {kind.__name__} is {describe(function)}"
    if not callable(function) or isinstance(function, type):
        raise ConfigError(f"{where}; write a function of a request and an exception")
    try:
        inspect.signature(function).bind(None, None)
    except ValueError:  # it has none that can be read
        pass
    except TypeError as error:
        raise ConfigError(
            f"{where}, which cannot be called with a request and an exception: {error}"
        ) from None


def document(routes: Iterable[Route], limits: Limits) -> str:
    """Returns the route document of these routes; see `App.document`."""
    described = ", ".join(_describe(route) for route in routes)
    return f'{{"version": 1, "routes": [{described}], "limits": {json.dumps(limits.document())}}}'


def _describe(route: Route) -> str:
    """Returns a route as the document has it, without what is the default there."""
    host = {"host": route.host} if route.host else {}
    slash = {} if route.trailing_slash == "strict" else {"trailing_slash": route.trailing_slash}
    place = {"method": route.method, **host, "path": route.path, **slash, "source": route.source}
    return f'{json.dumps(place, ensure_ascii=False)[:-1]}, "handler": {route.handler._text}}}'
