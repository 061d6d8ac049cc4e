"""The type of the fixture `serve`, small apps, and questions to them."""

import json
from collections.abc import Callable
from typing import Any

import fastgo
from tests.client import Answer, Client

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


def app_of(function: Callable[..., Any], path: str = "/") -> fastgo.App:
    """Returns an app with one function."""
    app = fastgo.App()
    app.get(path, function)
    return app


def ask(
    server: fastgo.Server,
    path: str = "/",
    method: str = "GET",
    body: bytes = b"",
    fields: str = "Host: test\r\n",
) -> Answer:
    """Asks by a connection of its own."""
    with Client(server.url) as client:
        return client.ask(method, path, body, fields)


def told(answer: Answer) -> dict[str, Any]:
    """Returns the problem that an answer tells of."""
    assert answer["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.body)
    assert problem["status"] == answer.status
    return problem
