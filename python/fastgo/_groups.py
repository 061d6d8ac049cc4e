"""Groups: what registers routes.

A group keeps what was registered on it, in order: routes, and mounts of other apps. Each is
complete, with the prefix and the host of the group, and is kept by the groups around it as well,
so that an app has all of its own. A mount is looked through when somebody asks for the routes,
and not before: the mounted app may still grow. Mounts make no cycle, which `mount` sees to.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeGuard, TypeVar, overload

from fastgo._callers import calling_line
from fastgo._checks import check_text, describe
from fastgo._errors import ConfigError
from fastgo._handlers import ExceptionHandlers, Handler
from fastgo._route import Mount, Route, name, same_host

_MAKERS = (
    "write a function, or make one by fastgo.text, html, json, bytes, status, redirect, template, "
    "builtin, native or compiled"
)

# The parameter for the rest of a path under which a handler is mounted.
_REST = "path"

Function = Callable[..., object]

_H = TypeVar("_H", bound=Handler | Function)

# In place of a handler: the decorator that a method returns takes it.
_DECORATED: Any = object()


class Group:
    """Routes that share a prefix, a host or both. Made by `App.group` and `App.host`.

    What is registered on a group is registered on its app. An `App` is a group too, without
    prefix and host.

    Example:
        >>> app = App()
        >>> api = app.group("/api")
        >>> api.get("/users/{id}", template("User {id}"))
        >>> api.get("", text("The API"))
        >>> [route.path for route in app.routes()]
        ['/api/users/{id}', '/api']
    """

    def __init__(self, around: "Group | None", prefix: str, host: str, trailing_slash: str) -> None:
        """Makes a group without routes."""
        self._around = around
        self._prefix = prefix
        self._host = host
        self._trailing_slash = trailing_slash
        self._registered: list[Route | Mount] = []
        # One for the app and all of its groups.
        self._exception_handlers: ExceptionHandlers = around._exception_handlers if around else {}

    def __repr__(self) -> str:
        """Returns where the group is, and how much was registered on it."""
        place = f" {self._host}{self._prefix}" if self._host or self._prefix else ""
        mounts = sum(isinstance(each, Mount) for each in self._registered)
        mounted = f" and {mounts} mounted apps" if mounts else ""
        routes = len(self._registered) - mounts
        return f"<fastgo.{type(self).__name__}{place} with {routes} routes{mounted}>"

    def routes(self) -> tuple[Route, ...]:
        """Returns the routes in the order of their registration, those of mounted apps included.

        Raises:
            ConfigError: A mounted app has a route for another host than the one on which it is
                mounted, or one whose path does not begin with "/".

        Example:
            >>> [(route.method, route.path) for route in demo().routes()]
            [('GET', '/'), ('GET', '/fibonacci')]
        """
        found: list[Route] = []
        for each in tuple(self._registered):
            if isinstance(each, Route):
                found.append(each)
            else:
                found.extend(each.routes())
        return tuple(found)

    @overload
    def get(self, path: str) -> Callable[[_H], _H]: ...
    @overload
    def get(self, path: str, handler: Handler | Function) -> None: ...
    def get(self, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers GET on a path, and HEAD where no route for HEAD does (RFC 9110, section 9.3).

        Args:
            path: The pattern of paths, beginning with "/", percent-encoded where it has to be.
                A segment may be a parameter: `{id}` is any text but none, `{id:int}` a decimal
                number, and `{rest...}`, as the last one, all that is left. In a group the
                pattern goes behind the prefix, and may be empty.
            handler: What answers, for example made by `text`, or a Python function. Without it
                the result is a decorator, which registers what it is put on.

        Raises:
            ConfigError: An argument has the wrong type, or the path does not begin with "/" in a
                group. Other mistakes, and paths that are taken, are found when the app is served.

        Example:
            >>> app = App()
            >>> app.get("/users/{id:int}", template("User {id}"))
            >>> home = app.get("/")(text("Home"))
        """
        return self._answer("GET", path, handler)

    @overload
    def post(self, path: str) -> Callable[[_H], _H]: ...
    @overload
    def post(self, path: str, handler: Handler | Function) -> None: ...
    def post(self, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers POST on a path; see `get`."""
        return self._answer("POST", path, handler)

    @overload
    def put(self, path: str) -> Callable[[_H], _H]: ...
    @overload
    def put(self, path: str, handler: Handler | Function) -> None: ...
    def put(self, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers PUT on a path; see `get`."""
        return self._answer("PUT", path, handler)

    @overload
    def patch(self, path: str) -> Callable[[_H], _H]: ...
    @overload
    def patch(self, path: str, handler: Handler | Function) -> None: ...
    def patch(self, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers PATCH on a path; see `get`."""
        return self._answer("PATCH", path, handler)

    @overload
    def delete(self, path: str) -> Callable[[_H], _H]: ...
    @overload
    def delete(self, path: str, handler: Handler | Function) -> None: ...
    def delete(self, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers DELETE on a path; see `get`."""
        return self._answer("DELETE", path, handler)

    @overload
    def route(self, method: str, path: str) -> Callable[[_H], _H]: ...
    @overload
    def route(self, method: str, path: str, handler: Handler | Function) -> None: ...
    def route(self, method: str, path: str, handler: Handler | Function = _DECORATED) -> Any:
        """Answers a method on a path.

        Args:
            method: GET, HEAD, POST, PUT, DELETE, OPTIONS or PATCH; or "*", every method that
                has no route of its own there, unknown ones included, but not CONNECT and TRACE.
            path: See `get`.
            handler: See `get`.

        Raises:
            ConfigError: See `get`.

        Example:
            >>> app = App()
            >>> app.route("*", "/teapot", status(418))
        """
        return self._answer(method, path, handler)

    def host(self, name: str) -> "Group":
        """Returns a group whose routes are for requests to one host (RFC 9110, section 7.2).

        They win over routes for every host; where none of them matches, those are tried.

        Args:
            name: The host's name or IP address, without a port; its case does not matter.

        Raises:
            ConfigError: The name is no string or empty, or this group is for another host.

        Example:
            >>> app = App()
            >>> app.host("api.example.com").get("/", text("The API"))
            >>> app.get("/", text("The site"))
        """
        check_text("host", name)
        if not name:
            raise ConfigError(
                "host is empty; write a name, or register on the app itself for every host"
            )
        if self._host and not same_host(self._host, name):
            raise ConfigError(
                f"a group of the host {self._host!r} cannot have routes of the host {name!r}; "
                f"write app.host({name!r})"
            )
        return Group(self, self._prefix, name, self._trailing_slash)

    def group(self, prefix: str) -> "Group":
        """Returns a group whose paths begin with a prefix.

        Args:
            prefix: What stands before each path, for example "/api" or "/users/{id}". It begins
                with "/" and does not end with it.

        Raises:
            ConfigError: The prefix is no string, does not begin with "/", or ends with it.

        Example:
            >>> app = App()
            >>> user = app.group("/users/{id}")
            >>> user.get("/name", template("The name of {id}"))
        """
        _check_prefix(prefix, or_root=False)
        return Group(self, self._prefix + prefix, self._host, self._trailing_slash)

    def mount(self, prefix: str, what: "Group | Handler | Function") -> None:
        """Puts another app, or one handler for every path and method, under a prefix.

        Routes that the other app gets later are served too, from the next `run`, `serve` or
        `Server.update` on. It keeps its own policy of trailing slashes.

        Args:
            prefix: What stands before each path; see `group`. "/" puts nothing before.
            what: An `App`, or a handler or Python function, which then answers every method on
                the prefix and on all paths below it. Below, but not on the prefix itself, the
                rest of the path is the parameter `path`; for a function it is "" there.

        Raises:
            ConfigError: The prefix is wrong, as for `group`, or has a parameter `path` itself;
                what is mounted is neither app nor handler; or an app would contain itself.

        Example:
            >>> shop = App()
            >>> shop.get("/cart", text("The cart"))
            >>> app = App()
            >>> app.mount("/shop", shop)
            >>> app.mount("/forum", status(410))
            >>> [route.path for route in app.routes()]
            ['/shop/cart', '/forum', '/forum/{path...}']
        """
        _check_prefix(prefix, or_root=True)
        prefix = "" if prefix == "/" else prefix
        if isinstance(what, Handler) or _is_function(what):
            self._mount_handler(prefix, what)
            return
        # A group that is no app has a prefix of its own, which would come twice.
        if not isinstance(what, Group) or what._around is not None:
            raise ConfigError(
                f'what is mounted on "{self._prefix}{prefix or "/"}" is {describe(what)}; '
                "write a fastgo.App, a handler or a function"
            )
        if what._contains(self._app()):
            raise ConfigError(
                f'the app that is mounted on "{self._prefix}{prefix or "/"}" contains the app '
                "that mounts it; mount it in one direction only"
            )
        place = self._host, self._prefix + prefix
        self._register(Mount(*place, what, calling_line(), self._exception_handlers))

    def _mount_handler(self, prefix: str, given: Handler | Function) -> None:
        if re.search(rf"\{{{_REST}(:[^}}]*)?\}}", self._prefix + prefix):
            raise ConfigError(
                f'"{self._prefix}{prefix}" has a parameter {{{_REST}}}, the name that mount needs '
                "for the rest of the path; give it another name"
            )
        below = f"{prefix}/{{{_REST}...}}"
        handler = self._handler("*", below, given)
        if prefix:
            self._register(self._route("*", prefix, handler))
        self._register(self._route("*", below, handler))

    def _answer(
        self, method: str, path: str, handler: Handler | Function
    ) -> Callable[[_H], _H] | None:
        """Registers a handler, or returns the decorator that does."""
        check_text("method", method)
        check_text("path", path)
        if self._prefix and path[:1] not in ("", "/"):
            raise ConfigError(
                f'"{path}" in the group "{self._prefix}" does not begin with "/"; write "/{path}"'
            )

        def register(handler: _H) -> _H:
            self._register(self._route(method, path, self._handler(method, path, handler)))
            return handler

        if handler is _DECORATED:
            return register
        register(handler)
        return None

    def _handler(self, method: str, path: str, given: object) -> Handler:
        """Returns the handler, which a function is made to be."""
        if isinstance(given, Handler):
            return given
        if _is_function(given):
            from fastgo._functions import FunctionHandler  # which most apps do not need

            try:
                return FunctionHandler(given, self._prefix + path)
            except ConfigError as error:
                raise ConfigError(
                    f"the handler of {method} {self._prefix}{path} is {error}"
                ) from None
        wanted = "mount an app by mount" if isinstance(given, Group) else _MAKERS
        raise ConfigError(
            f"the handler of {method} {self._prefix}{path} is {describe(given)}, which "
            f"is no handler; {wanted}"
        )

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        place = method, self._host, self._prefix + path
        route = Route(*place, handler, self._trailing_slash, calling_line())
        return replace(route, handler=handler._placed(name(route), self._exception_handlers))

    def _register(self, what: "Route | Mount") -> None:
        group: Group | None = self
        while group is not None:
            group._registered.append(what)
            group = group._around

    def _app(self) -> "Group":
        """Returns the group around all: the app."""
        return self if self._around is None else self._around._app()

    def _contains(self, app: "Group") -> bool:
        """Reports whether this app is that one, or has it mounted at any depth."""
        seen: set[int] = set()
        left: list[Group] = [self]
        while left:
            each = left.pop()
            if each is app:
                return True
            if id(each) not in seen:
                seen.add(id(each))
                left += [it.app for it in each._registered if isinstance(it, Mount)]
        return False


def _is_function(what: object) -> TypeGuard[Function]:
    """Reports whether something can be a Python handler: makers of handlers are none."""
    ours = getattr(what, "__module__", None) == "fastgo"
    return callable(what) and not ours and not isinstance(what, Group | type)


def _check_prefix(prefix: str, *, or_root: bool) -> None:
    check_text("prefix", prefix)
    if prefix.startswith("/") and (not prefix.endswith("/") or (or_root and prefix == "/")):
        return
    if not prefix.strip("/"):
        wanted = 'write "/"' if or_root else 'write a path such as "/api"'
        raise ConfigError(f'the prefix "{prefix}" names no path; {wanted}')
    wrong = "ends with" if prefix.startswith("/") else "does not begin with"
    raise ConfigError(f'the prefix "{prefix}" {wrong} "/"; write "/{prefix.strip("/")}"')
