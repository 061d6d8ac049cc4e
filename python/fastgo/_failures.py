"""Failures: the answers to requests that a function was not called for, or that it failed at."""

import logging
from typing import TYPE_CHECKING

from fastgo._functions import FunctionHandler
from fastgo._problems import Answer, problem
from fastgo._request import Request

if TYPE_CHECKING:
    from fastgo._validation import Wrong

logger = logging.getLogger("fastgo")


def invalid(handler: FunctionHandler, request: Request, problems: "list[Wrong]") -> Answer:
    """Answers a request that has not the arguments of a function."""
    from fastgo._validation import refusal  # most requests are right

    return refusal(handler.arguments, request, problems)


def failed(handler: FunctionHandler, request: Request, error: BaseException) -> Answer:
    """Answers for a function that has raised an exception."""
    place = f"{request.method} {request.path}"
    if isinstance(error, SystemExit | KeyboardInterrupt):
        logger.critical("%s in %s (%s); the server stops", repr(error), handler.name, place)
    else:
        logger.error("%s failed (%s)", handler.name, place, exc_info=error)
    return problem(500)
