"""Constant answers: the same for every request, rendered once when the server starts.

Go gives each an ETag, and answers 304 to a client that has it already.
"""

import binascii
import builtins
from typing import Any

from fastgo._checks import check_status, check_text
from fastgo._errors import ConfigError
from fastgo._handlers import Handler
from fastgo._headers import Headers, fields


def text(content: str, *, status: int = 200, headers: Headers = None) -> Handler:
    """Answers every request with the same text.

    Args:
        content: The body, sent in UTF-8. It may not contain NUL.
        status: The status code, 200 to 599 (RFC 9110, section 15).
        headers: Header fields to add. A Content-Type takes the place of
            `text/plain; charset=utf-8`.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: An argument has the wrong type, the status is out of range, or the text
            is no valid Unicode. What HTTP does not allow is found when the app is served.

    Example:
        >>> app = App()
        >>> app.get("/", text("Hello, World!"))
        >>> app.get("/old", text("Gone.", status=410, headers={"Cache-Control": "no-store"}))
    """
    check_text("text", content)
    return _constant(status, headers, "text/plain; charset=utf-8", text=content)


def html(content: str, *, status: int = 200, headers: Headers = None) -> Handler:
    """Answers every request with the same HTML, sent as it is.

    Args:
        content: The body, sent in UTF-8. It may not contain NUL.
        status: See `text`.
        headers: See `text`; the Content-Type is `text/html; charset=utf-8`.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: See `text`.

    Example:
        >>> app = App()
        >>> app.get("/", html("<!doctype html><title>Hello</title>"))
    """
    check_text("html", content)
    return _constant(status, headers, "text/html; charset=utf-8", text=content)


def json(value: Any, *, status: int = 200, headers: Headers = None) -> Handler:
    """Answers every request with the same value in JSON (RFC 8259).

    The value is encoded now: what changes in it later is not seen.

    Args:
        value: Anything that msgspec encodes: None, numbers, strings, lists, dicts, dataclasses,
            `msgspec.Struct`, datetime, UUID, enums and more.
        status: See `text`.
        headers: See `text`; the Content-Type is `application/json`.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: See `text`; or the value holds a type that has no form in JSON.

    Example:
        >>> app = App()
        >>> app.get("/version", json({"name": "demo", "version": [1, 2]}))
    """
    import msgspec  # most programs do not need it

    try:
        text = msgspec.json.encode(value).decode()  # a msgspec.Raw may hold other bytes
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"json cannot encode this {type(value).__name__}: {error}; give it dicts, lists, "
            "strings, numbers, dataclasses or other types that msgspec knows"
        ) from None
    return _constant(status, headers, "application/json", text=text)


def bytes(  # noqa: A001 (the public name; the type is builtins.bytes here)
    content: builtins.bytes,
    *,
    content_type: str = "application/octet-stream",
    status: int = 200,
    headers: Headers = None,
) -> Handler:
    r"""Answers every request with the same bytes.

    Args:
        content: The body; also a bytearray or a memoryview, which is copied.
        content_type: The Content-Type (RFC 9110, section 8.3).
        status: See `text`.
        headers: See `text`; a Content-Type there takes the place of content_type.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: See `text`.

    Example:
        >>> app = App()
        >>> app.get("/pixel.gif", bytes(b"GIF89a\1\0\1\0\0\0\0;", content_type="image/gif"))
    """
    if isinstance(content, str):
        raise ConfigError("content must be bytes, not str; encode it first, or use fastgo.text")
    if not isinstance(content, builtins.bytes | bytearray | memoryview):
        raise ConfigError(f"content must be bytes, not {type(content).__name__}")
    check_text("content_type", content_type)
    if not content_type:
        raise ConfigError('content_type is empty; write "application/octet-stream" or another')
    encoded = binascii.b2a_base64(builtins.bytes(content), newline=False).decode()
    return _constant(status, headers, content_type, base64=encoded)


def status(code: int, *, headers: Headers = None) -> Handler:
    """Answers every request with a status and no content.

    Args:
        code: The status code, 200 to 599 (RFC 9110, section 15).
        headers: Header fields to add.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: See `text`.

    Example:
        >>> app = App()
        >>> app.delete("/session", status(204))
        >>> app.get("/teapot", status(418, headers={"Retry-After": "60"}))
    """
    return _constant(code, headers, "")


def _constant(code: int, headers: Headers, content_type: str, **content: str) -> Handler:
    check_status(code)
    found = fields(headers, content_type=content_type)
    return Handler("constant", {"status": code, "headers": found, **content})
