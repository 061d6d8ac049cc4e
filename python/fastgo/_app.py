"""App: the routes of a server."""

import json
import os
import sys
from dataclasses import dataclass

from fastgo._checks import check_text
from fastgo._errors import ConfigError
from fastgo._handlers import Handler
from fastgo._limits import Limits

_PACKAGE = os.path.dirname(__file__)  # noqa: PTH120 (pathlib would be a fifth of the import)


@dataclass(frozen=True)
class Route:
    """A method, a path and what answers them.

    Attributes:
        method: The method, for example "GET".
        path: The path, beginning with "/".
        handler: What answers.
        source: Where the route was registered, as "file:line".
    """

    method: str
    path: str
    handler: Handler
    source: str


class App:
    """The routes of a server.

    An app is a description: nothing is served before it is given to `run`, `serve` or
    `Server.update`, and changing it later does not change a running server. The document
    that it makes is checked as a whole by Go then; errors name the line that registered
    the route.

    Example:
        >>> app = App()
        >>> app.get("/", text("Hello, World!"))
        >>> app.get("/fibonacci", builtin("fibonacci"))
    """

    def __init__(self) -> None:
        """Makes an app without routes."""
        self._routes: list[Route] = []

    def __repr__(self) -> str:
        """Returns how many routes there are."""
        return f"<fastgo.App with {len(self._routes)} routes>"

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes, in the order of their registration."""
        return tuple(self._routes)

    def get(self, path: str, handler: Handler) -> None:
        """Answers GET, and HEAD where no other route does, on a path.

        Args:
            path: The exact path, beginning with "/", percent-encoded where it has to be.
            handler: What answers, for example made by `text`.

        Raises:
            ConfigError: An argument has the wrong type. A path that is wrong or taken is
                found when the app is served.
        """
        self.route("GET", path, handler)

    def post(self, path: str, handler: Handler) -> None:
        """Answers POST on a path; see `get`."""
        self.route("POST", path, handler)

    def put(self, path: str, handler: Handler) -> None:
        """Answers PUT on a path; see `get`."""
        self.route("PUT", path, handler)

    def patch(self, path: str, handler: Handler) -> None:
        """Answers PATCH on a path; see `get`."""
        self.route("PATCH", path, handler)

    def delete(self, path: str, handler: Handler) -> None:
        """Answers DELETE on a path; see `get`."""
        self.route("DELETE", path, handler)

    def route(self, method: str, path: str, handler: Handler) -> None:
        """Answers a method on a path.

        Args:
            method: GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH.
            path: See `get`.
            handler: See `get`.

        Raises:
            ConfigError: See `get`.
        """
        check_text("method", method)
        check_text("path", path)
        if not isinstance(handler, Handler):
            raise ConfigError(
                f"the handler of {method} {path} is {_describe(handler)}, which is no handler; "
                "make one by fastgo.text or fastgo.builtin"
            )
        self._routes.append(Route(method, path, handler, _caller()))

    def document(self, limits: Limits) -> str:
        """Returns the route document that Go reads.

        Args:
            limits: The limits to serve with.

        Returns:
            The document, JSON of version 1.
        """
        routes = [
            {
                "method": route.method,
                "path": route.path,
                "handler": {"kind": route.handler.kind, "spec": dict(route.handler.spec)},
                "source": route.source,
            }
            for route in self._routes
        ]
        return json.dumps({"version": 1, "routes": routes, "limits": limits.document()})


def _describe(value: object) -> str:
    if callable(value) and hasattr(value, "__name__"):
        return f"the {type(value).__name__} {value.__name__!r}"
    return f"a {type(value).__name__}"


def _caller() -> str:
    """Returns the line outside of this package that registers a route."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    # A file name may hold bytes that are no Unicode; the document cannot.
    name = frame.f_code.co_filename.encode(errors="replace").decode()
    return f"{name}:{frame.f_lineno}"
