"""Request: what a Python handler can learn of a request.

The type of the requests that handlers get is made in C (pybind/glue/request.c), a subclass of
Request: it makes each attribute when it is asked for the first time, of memory that it shares with
Go or by the property here, and keeps it.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes

from fastgo._cookies import read_cookies
from fastgo._http_error import HTTPError
from fastgo._multimapping import MultiMapping


class Request:
    """A request, as a Python handler gets it that asks for it.

    A parameter of the handler with this annotation, or one without annotation that is called
    `request`, gets the request. Nothing of it is decoded before it is asked for. It may be kept
    when the handler has returned, and used by any thread.

    Example:
        >>> app = App()
        >>> @app.post("/echo")
        ... def echo(request: Request) -> Response:
        ...     kind = request.headers.get("content-type")
        ...     return Response(request.body, media_type=kind)
    """

    __slots__ = ()

    @property
    def method(self) -> str:
        """The method, for example "GET"."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The path as it came, percent-encoded."""
        raise NotImplementedError

    @property
    def query_string(self) -> str:
        """What is behind the "?" of the target, as it came; "" where there is none."""
        raise NotImplementedError

    @property
    def query(self) -> MultiMapping:
        """The parameters of the query, decoded as HTML forms encode them.

        Those without a value have "". What is no UTF-8 is replaced by U+FFFD.
        """
        return MultiMapping(_form(self.query_string.encode("utf-8", "surrogateescape")))

    @property
    def raw_headers(self) -> bytes:
        r"""The header fields as they came: each is a line `Name: value\r\n`."""
        raise NotImplementedError

    @property
    def headers(self) -> MultiMapping:
        """The header fields; the case of their names does not matter.

        Values are decoded as UTF-8, and those that are none as Latin-1.
        """
        return MultiMapping(_fields(self.raw_headers), ignore_case=True)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by their names (RFC 6265, section 5.4)."""
        return read_cookies(self.headers.getall("cookie"))

    @property
    def body(self) -> bytes:
        """The body."""
        raise NotImplementedError

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the path, percent-decoded."""
        raise NotImplementedError

    @property
    def client(self) -> tuple[str, int] | None:
        """The client's IP address and port; None on a Unix socket."""
        raise NotImplementedError

    @property
    def state(self) -> SimpleNamespace:
        """A place for attributes of your own, empty at first."""
        return SimpleNamespace()

    def json(self) -> Any:
        """Returns the body, decoded as JSON (RFC 8259) by each call.

        Raises:
            HTTPError: It is no JSON; the status is 422.

        Example:
            >>> app = App()
            >>> @app.post("/names")
            ... def names(request: Request) -> list[str]:
            ...     return sorted(request.json())
        """
        import msgspec  # most programs do not need it

        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            errors = [{"in": "body", "path": "$", "detail": str(error)}]
            raise HTTPError(422, f"body $: {error}", members={"errors": errors}) from error


def _form(query: bytes) -> Iterator[tuple[str, str]]:
    """Yields names and values (URL Standard, section 5.1)."""
    for each in query.replace(b"+", b" ").split(b"&"):
        if each:
            name, _, value = each.partition(b"=")
            yield _unquoted(name), _unquoted(value)


def _unquoted(text: bytes) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")


def _fields(block: bytes) -> Iterator[tuple[str, str]]:
    """Yields names and values of a block of field lines, which the server has checked."""
    for line in block.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        value = value.strip(b" \t")
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        yield name.decode("latin-1"), text
