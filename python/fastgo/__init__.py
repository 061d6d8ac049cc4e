"""fastgo: configure in Python, serve in Go.

Python describes routes; a server written in Go serves them on all cores, outside the
GIL::

    import fastgo

    app = fastgo.App()
    app.get("/", fastgo.text("Hello, World!"))
    fastgo.run(app, port=8080)

`run` blocks until Ctrl-C; `serve` works in the background. Importing this package loads
no Go: the library is loaded by the first `run` or `serve`.
"""

from fastgo._app import App, Route
from fastgo._demo import demo
from fastgo._errors import BindError, ConfigError, Error, ForkError, StateError
from fastgo._handlers import Handler, builtin, text
from fastgo._limits import Limits
from fastgo._run import run
from fastgo._server import Server, serve
from fastgo._stats import Stats
from fastgo._systemd import systemd_socket

__version__ = "0.1.0"

__all__ = [
    "App",
    "BindError",
    "ConfigError",
    "Error",
    "ForkError",
    "Handler",
    "Limits",
    "Route",
    "Server",
    "StateError",
    "Stats",
    "builtin",
    "demo",
    "run",
    "serve",
    "systemd_socket",
    "text",
]

for _name in __all__:  # tracebacks and help show the names that users write
    globals()[_name].__module__ = __name__
del _name
