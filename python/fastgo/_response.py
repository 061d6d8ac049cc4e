"""Response: answers of Python functions that are more than a body."""

from datetime import UTC, datetime
from typing import Any

from fastgo._checks import check_status, check_text
from fastgo._content import encode
from fastgo._cookies import write_cookie
from fastgo._errors import ConfigError
from fastgo._headers import Fields, Headers, check_fields, fields
from fastgo._problems import Answer

# Statuses whose answers have no content (RFC 9110, sections 6.4.1 and 15.3.6).
_EMPTY = (204, 205, 304)


class Response:
    """An answer with a status, header fields or cookies of choice.

    A Python function returns it. It may be made once and returned by any number of calls; a cookie
    that is set on it then goes to the clients of all of them.

    Args:
        body: str is sent in UTF-8, bytes as they are, and all else that msgspec encodes as JSON;
            None is no content.
        status: The status code, 200 to 599 (RFC 9110, section 15).
        headers: Header fields to add: a mapping, or pairs, which may repeat a name.
        media_type: The Content-Type (RFC 9110, section 8.3); "text/..." gets `charset=utf-8`
            where the body is str. None takes that of the headers or, where they have none,
            one by the body: `text/plain; charset=utf-8`, `application/octet-stream` or
            `application/json`.

    Raises:
        ConfigError: An argument has the wrong type, HTTP does not allow it, a header is one that
            the server writes itself, such as Content-Length, or there is a body where the status
            has none.
        TypeError: The body holds a type that has no form in JSON.

    Example:
        >>> app = App()
        >>> @app.post("/login")
        ... def login() -> Response:
        ...     answer = Response("<h1>Welcome</h1>", media_type="text/html")
        ...     answer.set_cookie("session", "31d4d96e407aad42", max_age=3600, httponly=True)
        ...     return answer
    """

    __slots__ = ("_body", "_fields", "_status")

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        *,
        headers: Headers = None,
        media_type: str | None = None,
    ) -> None:
        """Encodes the body."""
        check_status(status)
        self._status = status
        self._body, usual = encode(body)
        if self._body and status in _EMPTY:
            raise ConfigError(f"an answer of status {status} has no content; leave the body out")
        given = fields(headers)
        if media_type is not None:
            check_text("media_type", media_type)
            if any(name.lower() == "content-type" for name, _ in given):
                raise ConfigError("media_type and a Content-Type in headers; leave one of them out")
            is_text = isinstance(body, str) and media_type.lower().startswith("text/")
            if is_text and "charset" not in media_type.lower():
                media_type += "; charset=utf-8"
            given = (*given, ("Content-Type", media_type))
        elif status not in _EMPTY:
            given = fields(given, content_type=usual)
        check_fields(given)
        self._fields: Fields = given

    def __repr__(self) -> str:
        """Shows the status and how much it answers."""
        return f"<fastgo.Response {self._status} with {len(self._body)} bytes>"

    @property
    def status(self) -> int:
        """The status code."""
        return self._status

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header fields, cookies included, without those that the server writes."""
        return self._fields

    @property
    def body(self) -> bytes:
        """The body, encoded."""
        return self._body

    def set_cookie(
        self,
        name: str,
        value: str = "",
        *,
        max_age: int | None = None,
        expires: datetime | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Adds a cookie (RFC 6265, section 4.1), which the client keeps and sends again.

        Args:
            name: Its name, a token.
            value: Its value: ASCII without spaces, quotes, commas, semicolons and backslashes.
                Encode other text first, for example by `urllib.parse.quote`.
            max_age: Seconds that it lives; None leaves it to expires, and to the end of the
                client's session.
            expires: When it ends, with a time zone.
            path: Below which paths it is sent; None is that of the request.
            domain: To which host, and its subdomains, it is sent; None is this host alone.
            secure: Whether it is sent over TLS only.
            httponly: Whether scripts cannot see it.
            samesite: "lax", "strict" or "none": what other sites may have it sent with.
            partitioned: Whether each site that embeds this one has a cookie of its own.

        Raises:
            ConfigError: An argument has the wrong type or form, or browsers would ignore the
                cookie: samesite="none", partitioned and the names `__Secure-...` and `__Host-...`
                need secure, and the last one path="/" and no domain.

        Example:
            >>> answer = Response("Hello")
            >>> answer.set_cookie("theme", "dark", max_age=86400)
            >>> answer.headers[-1]
            ('Set-Cookie', 'theme=dark; Max-Age=86400; Path=/; SameSite=Lax')
        """
        cookie = write_cookie(
            name,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )
        self._fields = (*self._fields, ("Set-Cookie", cookie))

    def delete_cookie(
        self,
        name: str,
        *,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Lets the client forget a cookie: by one that has ended already.

        Args:
            name: Its name.
            path: As it was set; a cookie with another path is another cookie.
            domain: As it was set.
            secure: See `set_cookie`.
            httponly: See `set_cookie`.
            samesite: See `set_cookie`.
            partitioned: As it was set.

        Raises:
            ConfigError: See `set_cookie`.
        """
        self.set_cookie(
            name,
            max_age=0,
            expires=datetime.fromtimestamp(0, UTC),
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    def _answer(self) -> Answer:
        return self._status, self._fields, self._body
