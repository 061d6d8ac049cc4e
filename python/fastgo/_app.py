"""App: the routes of a server, and the document that tells Go of them."""

import json
from collections.abc import Iterable

from fastgo._checks import check_choice
from fastgo._limits import Limits
from fastgo._routes import Group, Route

_SLASHES = ("strict", "redirect")


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
