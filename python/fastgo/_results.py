"""Results: what functions return, as answers.

C knows str, bytes and None; `convert` is for all else. It is asked once for a type that is JSON:
for the next result of that type C calls the encoder itself.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator

from fastgo._content import JSON, OCTETS, encode, json_encoder
from fastgo._handlers import Handler
from fastgo._problems import Answer
from fastgo._response import Response


def convert(result: object) -> Answer | Callable[[object], bytes]:
    """Returns the answer for a result, or the function that encodes results of its type.

    Args:
        result: What a function has returned, neither str nor bytes nor None.

    Raises:
        TypeError: It is no result.
        ConfigError: A status is out of range, or does not fit its body.
    """
    if isinstance(result, Response):
        return result._answer()
    if type(result) is tuple:
        return _pair(result)
    if isinstance(result, bytearray | memoryview):
        return 200, OCTETS, bytes(result)
    _refuse_unfinished(result)
    return json_encoder()


def answer(result: object) -> Answer:
    """Returns the answer for any result; see `convert`."""
    if result is None:
        return 204, None, b""
    if isinstance(result, str | bytes):
        body, media_type = encode(result)
        return 200, media_type, body
    converted = convert(result)
    return converted if isinstance(converted, tuple) else (200, JSON, converted(result))


def _pair(result: tuple[object, ...]) -> Answer:
    if len(result) == 2:
        body, status = result
        if isinstance(status, int) and not isinstance(status, bool):
            if isinstance(body, Response):
                raise TypeError(
                    f"the result is (Response, {status}); give the status to the Response"
                )
            _refuse_unfinished(body)
            return Response(body, status)._answer()
    kinds = ", ".join(type(each).__name__ for each in result)
    raise TypeError(
        f"the result is a tuple of ({kinds}); return (body, status), where the status is int, or a "
        "list for JSON"
    )


def _refuse_unfinished(result: object) -> None:
    """Raises TypeError for what is no answer yet, or never will be."""
    if isinstance(result, Coroutine | Generator):
        result.close()  # else Python warns that nobody awaited it
    if isinstance(result, Awaitable):
        raise TypeError(
            f"the result is a {type(result).__name__}, which nobody awaits; declare the function "
            "by async def, and await in it"
        )
    if isinstance(result, Handler):
        raise TypeError(
            f"the result is a {result.kind} handler, which answers a route and no call; return a "
            "fastgo.Response"
        )
    if isinstance(result, BaseException):
        raise TypeError(f"the result is {result!r}, an exception; raise it")
    if isinstance(result, Generator | AsyncGenerator):
        raise TypeError(
            f"the result is a {type(result).__name__}, which is not supported; return the whole "
            "answer"
        )
