"""The type of the fixture `serve`, and small apps."""

from collections.abc import Callable

import fastgo

Serve = Callable[..., fastgo.Server]


def texts(**contents: str) -> fastgo.App:
    """Returns an app that answers GET /name with each text; `root` stands for /."""
    app = fastgo.App()
    for name, content in contents.items():
        app.get("/" if name == "root" else f"/{name}", fastgo.text(content))
    return app


def upload() -> fastgo.App:
    """Returns an app that answers POST /, for `Client.begin_upload`."""
    app = fastgo.App()
    app.post("/", fastgo.text("uploaded"))
    return app
