"""fastgo: configure in Python, serve in Go.

Python describes routes; a server written in Go serves them on all cores, outside the
GIL::

    import fastgo

    app = fastgo.App()
    app.get("/", fastgo.text("Hello, World!"))
    fastgo.run(app, port=8080)

`run` blocks until Ctrl-C; `serve` works in the background. Importing this package loads
no Go: the library is loaded by the first `run` or `serve`. The parts of the package are
loaded by the first use of one of their names.
"""

from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it; to import typing takes longer than all else

if TYPE_CHECKING:
    from fastgo._app import App
    from fastgo._compiled import compiled
    from fastgo._constants import bytes, html, json, status, text  # noqa: A004 (public names)
    from fastgo._demo import demo
    from fastgo._errors import BindError, ConfigError, Error, ForkError, StateError
    from fastgo._groups import Group
    from fastgo._handlers import Handler, builtin
    from fastgo._http_error import HTTPError
    from fastgo._limits import Limits
    from fastgo._markers import Body, Cookie, Header, Path, Query
    from fastgo._multimapping import MultiMapping
    from fastgo._native import get_include, native
    from fastgo._redirect import redirect
    from fastgo._request import Request
    from fastgo._response import Response
    from fastgo._route import Route
    from fastgo._run import run
    from fastgo._scalars import (
        float32,
        float64,
        int8,
        int16,
        int32,
        int64,
        uint8,
        uint16,
        uint32,
        uint64,
    )
    from fastgo._serve import serve
    from fastgo._server import Server
    from fastgo._stats import Stats
    from fastgo._systemd import systemd_socket
    from fastgo._template import template

__version__ = "0.1.0"

__all__ = [
    "App",
    "BindError",
    "Body",
    "ConfigError",
    "Cookie",
    "Error",
    "ForkError",
    "Group",
    "HTTPError",
    "Handler",
    "Header",
    "Limits",
    "MultiMapping",
    "Path",
    "Query",
    "Request",
    "Response",
    "Route",
    "Server",
    "StateError",
    "Stats",
    "builtin",
    "bytes",
    "compiled",
    "demo",
    "float32",
    "float64",
    "get_include",
    "html",
    "int8",
    "int16",
    "int32",
    "int64",
    "json",
    "native",
    "redirect",
    "run",
    "serve",
    "status",
    "systemd_socket",
    "template",
    "text",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

_PARTS = {
    "_app": ("App",),
    "_compiled": ("compiled",),
    "_constants": ("bytes", "html", "json", "status", "text"),
    "_demo": ("demo",),
    "_errors": ("BindError", "ConfigError", "Error", "ForkError", "StateError"),
    "_groups": ("Group",),
    "_handlers": ("Handler", "builtin"),
    "_http_error": ("HTTPError",),
    "_limits": ("Limits",),
    "_markers": ("Body", "Cookie", "Header", "Path", "Query"),
    "_multimapping": ("MultiMapping",),
    "_native": ("get_include", "native"),
    "_redirect": ("redirect",),
    "_request": ("Request",),
    "_response": ("Response",),
    "_route": ("Route",),
    "_run": ("run",),
    "_scalars": (
        *("float32", "float64", "int8", "int16", "int32", "int64"),
        *("uint8", "uint16", "uint32", "uint64"),
    ),
    "_serve": ("serve",),
    "_server": ("Server",),
    "_stats": ("Stats",),
    "_systemd": ("systemd_socket",),
    "_template": ("template",),
}


def __getattr__(name: str) -> object:
    """Loads the part that has the name (PEP 562)."""
    for part, names in _PARTS.items():
        if name in names:
            module = import_module(f"{__name__}.{part}")
            for each in names:
                value = getattr(module, each)
                value.__module__ = __name__  # tracebacks and help show what users write
                globals()[each] = value
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Returns the public names, loaded or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
