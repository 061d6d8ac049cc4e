"""Route, and Mount: the routes of another app."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fastgo._errors import ConfigError
from fastgo._handlers import ExceptionHandlers, Handler

if TYPE_CHECKING:
    from fastgo._groups import Group


@dataclass(frozen=True)
class Route:
    """A method, a host and a path, and what answers them.

    Attributes:
        method: The method, for example "GET"; "*" is every one.
        host: The host, for example "api.example.com"; "" is every one.
        path: The pattern of paths, beginning with "/".
        handler: What answers.
        trailing_slash: What happens to a path that differs by a final slash alone: "strict" or
            "redirect"; see `App`.
        source: Where the route was registered, as "file:line".
    """

    method: str
    host: str
    path: str
    handler: Handler
    trailing_slash: str
    source: str


@dataclass(frozen=True)
class Mount:
    """Another app's routes, under a prefix and perhaps on a host."""

    host: str
    prefix: str
    app: "Group"
    source: str
    exception_handlers: ExceptionHandlers
    # Handlers of the app, by their identity, and as they are here: the same at each look.
    placed: dict[int, tuple[Handler, Handler]] = field(default_factory=dict, compare=False)

    def routes(self) -> Iterator[Route]:
        """Yields the app's routes as they are seen from here."""
        for route in self.app.routes():
            seen = replace(route, host=self._host(route), path=self._path(route))
            yield replace(seen, handler=self._handler(seen))

    def _handler(self, route: Route) -> Handler:
        given = route.handler
        known = self.placed.get(id(given))
        if known is None or known[0] is not given:  # a copied mount has the identities of others
            placed = given._placed(name(route), self.exception_handlers)
            known = self.placed[id(given)] = given, placed
        return known[1]

    def _host(self, route: Route) -> str:
        if not self.host or not route.host or same_host(self.host, route.host):
            return route.host or self.host
        raise ConfigError(
            f"{route.method} {route.path} (registered at {route.source}) is for the host "
            f"{route.host!r}, and its app is mounted on the host {self.host!r} at {self.source}; "
            "mount it outside of that host"
        )

    def _path(self, route: Route) -> str:
        if not self.prefix or route.path[:1] in ("", "/"):
            return self.prefix + route.path
        raise ConfigError(
            f"{route.method} {route.path} (registered at {route.source}) does not begin with "
            f'"/", and its app is mounted on "{self.prefix}" at {self.source}; '
            f'write "/{route.path}"'
        )


def name(route: Route) -> str:
    return f"{route.method} {route.host}{route.path}"


def same_host(one: str, other: str) -> bool:
    return one.lower() == other.lower()
