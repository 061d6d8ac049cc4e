"""Failures: the answers to requests that a function was not called for, or that it failed at.

exception in a function
├── an exception handler of its app, or of an app around, fits     its result
├── HTTPError                                                      its status, as a problem
├── SystemExit, KeyboardInterrupt                                  500; the server stops
└── any other                                                      500 with an id; in the log
"""

import logging
import os
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from fastgo._functions import FunctionHandler
from fastgo._http_error import HTTPError
from fastgo._problems import Answer, problem
from fastgo._request import Request
from fastgo._results import answer

_PACKAGE = f"{Path(__file__).parent}{os.sep}"

if TYPE_CHECKING:
    from fastgo._validation import Wrong

logger = logging.getLogger("fastgo")


def find_exception_handler(
    handler: FunctionHandler, error: BaseException
) -> Callable[[Request, Any], object] | None:
    """Returns what the apps around a function have for an exception: the innermost that has."""
    for known in handler.exception_handlers:
        for kind in type(error).__mro__:
            if kind in known:
                return known[kind]
    return None


def invalid(handler: FunctionHandler, request: Request, problems: "list[Wrong]") -> HTTPError:
    """Returns the error for a request that has not the arguments of a function."""
    from fastgo._validation import refusal  # most requests are right

    return refusal(handler.arguments, request, problems)


class Failures:
    """The answers of one server to what fails. Its methods may be called by any thread.

    Attributes:
        stop: Asks the server to stop, because of an exception.
    """

    def __init__(self, stop: Callable[[BaseException], None], *, debug: bool) -> None:
        """Keeps what to do.

        Args:
            stop: Asks the server to stop, because of an exception.
            debug: Whether clients are shown tracebacks.
        """
        self.stop = stop
        self._debug = debug

    def invalid(
        self, handler: FunctionHandler, request: Request, problems: "list[Wrong]"
    ) -> Answer:
        """Answers a request that has not the arguments of a function."""
        return self.failed(handler, request, invalid(handler, request, problems))

    def failed(self, handler: FunctionHandler, request: Request, error: BaseException) -> Answer:
        """Answers for a function that has raised an exception."""
        chosen = find_exception_handler(handler, error)
        if chosen is None:
            return self.unhandled(handler, request, error)
        try:
            result = chosen(request, error)
            return answer(_awaited(result) if isawaitable(result) else result)
        except BaseException as second:
            return self.failed_twice(handler, request, error, second)

    async def failed_in_coroutine(
        self, handler: FunctionHandler, request: Request, error: BaseException
    ) -> Answer:
        """Answers for a coroutine that has raised an exception."""
        chosen = find_exception_handler(handler, error)
        if chosen is None:
            return self.unhandled(handler, request, error)
        try:
            result = chosen(request, error)
            return answer(await result if isawaitable(result) else result)
        except BaseException as second:
            return self.failed_twice(handler, request, error, second)

    def unhandled(self, handler: FunctionHandler, request: Request, error: BaseException) -> Answer:
        """Answers for an exception that no exception handler is for."""
        if isinstance(error, HTTPError):
            if error.status >= 500:
                place = _place(handler, request)
                logger.error("%s answers %s", place, error, exc_info=error.__cause__)
            return problem(error.status, error.detail, headers=error.headers, members=error.members)
        place = _place(handler, request)
        if isinstance(error, SystemExit | KeyboardInterrupt):
            message = "%s raised %r; the server stops"
            logger.critical(message, place, error, exc_info=_described(error))
            self.stop(error)
            return problem(500)
        number = os.urandom(8).hex()
        logger.error("%s failed, request %s", place, number, exc_info=_described(error))
        return self._crash(handler, request, error, number)

    def failed_twice(
        self,
        handler: FunctionHandler,
        request: Request,
        error: BaseException,
        second: BaseException,
    ) -> Answer:
        """Answers for an exception handler that has raised an exception itself."""
        if isinstance(second, HTTPError | SystemExit | KeyboardInterrupt):
            return self.unhandled(handler, request, second)
        number = os.urandom(8).hex()
        place = _place(handler, request)
        logger.error("%s failed, request %s", place, number, exc_info=_described(error))
        message = "%s: so did its exception handler, request %s"
        logger.error(message, place, number, exc_info=_described(second))
        return self._crash(handler, request, second, number)

    def _crash(
        self, handler: FunctionHandler, request: Request, error: BaseException, number: str
    ) -> Answer:
        headers = (("X-Request-Id", number),)
        if not self._debug:
            return problem(500, headers=headers, members={"request_id": number})
        from fastgo._debug import page

        title = f"{handler.route}, request {number}"
        fields, body = page(title, _described(error), request.headers.getall("accept"))
        return 500, (*fields, *headers), body


def _awaited(result: Awaitable[object]) -> object:
    """Returns what a coroutine returns, run by an event loop of its own."""
    import asyncio  # which takes long to load

    async def wait() -> object:
        return await result

    return asyncio.run(wait())


def _place(handler: FunctionHandler, request: Request) -> str:
    """Returns where a function was called: its route, its name, the request without its query."""
    path = request.path.encode("unicode_escape").decode()
    return f"{handler.route} in {handler.name} ({request.method} {path})"


def _described(
    error: BaseException,
) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Returns an exception as logging takes it, without the frames of fastgo's own before it."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        traceback = traceback.tb_next
    return type(error), error, traceback
