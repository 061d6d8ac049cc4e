"""fastgo with the routes of the benchmarks, on a port of its own choice.

Prints its URL when it serves and, with --busy, the native id of the thread that
computes beside the server.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import fastgo
from bench.peers import examples, functions
from bench.peers.busy_loop import compute


def constant(app: fastgo.App) -> None:
    """What the template answers, as a constant."""
    app.get("/greeting/42", fastgo.text("Hello, 42!"))


def template(app: fastgo.App) -> None:
    """A parameter in the answer."""
    app.get("/greeting/{id}", fastgo.template("Hello, {id}!"))


def greet(app: fastgo.App) -> None:
    """What the handler in C writes, from a template."""
    app.get("/hello/{name}", fastgo.template("Hello {name}!"))


def numbered(app: fastgo.App) -> None:
    """What native handlers compute, in Go."""
    app.get("/fibonacci/{n:int}", fastgo.builtin("fibonacci"))


def many(app: fastgo.App) -> None:
    """10,000 routes, half of them with parameters."""
    answer = fastgo.text("Hello, World!")
    for number in range(4_999):
        app.get(f"/service{number % 100}/resource{number}", answer)
        app.get(f"/service{number % 100}/resource{number}/items/{{id}}", answer)


def python(app: fastgo.App) -> None:
    """Functions of Python."""
    app.get("/", functions.hello)
    app.get("/users/{id}", functions.show_user)
    app.post("/orders", functions.post_order)
    app.post("/echo", functions.echo)


def coroutine(app: fastgo.App) -> None:
    """A coroutine of Python."""
    app.get("/", functions.hello_async)


def computing(app: fastgo.App) -> None:
    """A function that computes in Python, beside the native routes of the demo."""
    app.get("/fibonacci/{n}", functions.fibonacci)


# What is added to the two routes of the demo, or stands in their place.
ROUTES: dict[str, Callable[[fastgo.App], None]] = {
    "demo": lambda _app: None,
    "constant": constant,
    "template": template,
    "greet": greet,
    "numbered": numbered,
    "many": many,
    "python": python,
    "async": coroutine,
    "computing": computing,
}

# Those that answer / by a function.
FUNCTIONS = ("python", "async")
# More than 100 connections send at once with 24 requests pipelined on each.
QUEUE = 4_096
# As many as cores: the functions do not wait for anything.
THREADS = 2


def _app(arguments: argparse.Namespace) -> fastgo.App:
    """The app that routes are added to."""
    if arguments.example:
        example: fastgo.App = examples.load(arguments.example, "app").app
        return example
    return fastgo.App() if arguments.routes in FUNCTIONS else fastgo.demo()


def main() -> NoReturn:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--loops", type=int, help="default: fastgo's own choice")
    parser.add_argument("--routes", choices=ROUTES, default="demo")
    parser.add_argument("--example", help="a language of examples/native, in place of the demo")
    parser.add_argument("--busy", action="store_true", help="compute in a thread beside")
    arguments = parser.parse_args()
    options: dict[str, Any] = {} if arguments.loops is None else {"loops": arguments.loops}
    if arguments.routes in FUNCTIONS:
        options["limits"] = fastgo.Limits(python_queue=QUEUE)
        options["threads"] = THREADS

    app = _app(arguments)
    ROUTES[arguments.routes](app)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with fastgo.serve(app, port=0, engine=arguments.engine, **options) as server:
        ready = server.url.rstrip("/")
        if arguments.busy:
            busy = threading.Thread(target=compute, name="busy", daemon=True)
            busy.start()
            ready += f" thread={busy.native_id}"
        print(ready, flush=True)
        threading.Event().wait()
    raise AssertionError("an event that nobody sets was set")


if __name__ == "__main__":
    main()
