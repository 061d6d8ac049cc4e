"""The demo: what `fastgo.run()` serves when it is given no app."""

from fastgo._app import App
from fastgo._constants import text
from fastgo._handlers import builtin


def demo() -> App:
    """Returns an app with the two routes of the demo.

    "/" answers `Hello, World!`; "/fibonacci" computes on every request.

    Example:
        >>> [route.path for route in demo().routes()]
        ['/', '/fibonacci']
    """
    app = App()
    app.get("/", text("Hello, World!"))
    app.get("/fibonacci", builtin("fibonacci"))
    return app
