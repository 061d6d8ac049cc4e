"""Failures: the answers to requests that a function was not called for, or that it failed at."""

import logging

from fastgo._functions import FunctionHandler
from fastgo._problems import Answer, problem
from fastgo._request import Request

_TEXT = "text/plain; charset=utf-8"

logger = logging.getLogger("fastgo")


def invalid(handler: FunctionHandler, request: Request, problems: list[int]) -> Answer:
    """Answers a request whose values of these arguments have not their form."""
    lines = []
    for argument in problems:
        name, form = handler.names[argument], handler.arguments[argument][1]
        lines.append(f"{name} is {request.params.get(name)!a}, which is no {form}\n")
    return 400, _TEXT, "".join(lines).encode()


def failed(handler: FunctionHandler, request: Request, error: BaseException) -> Answer:
    """Answers for a function that has raised an exception."""
    place = f"{request.method} {request.path}"
    if isinstance(error, SystemExit | KeyboardInterrupt):
        logger.critical("%s in %s (%s); the server stops", repr(error), handler.name, place)
    else:
        logger.error("%s failed (%s)", handler.name, place, exc_info=error)
    return problem(500)
