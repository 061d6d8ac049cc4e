"""HTTPError: what Python functions raise to answer with an error."""

from collections.abc import Mapping

from fastgo._checks import check_int, check_text
from fastgo._errors import ConfigError, Error
from fastgo._headers import Headers, check_fields, fields
from fastgo._problems import PROBLEM, check_members


class HTTPError(Error):
    """What a Python function raises to answer with an error.

    The answer is a problem in JSON (RFC 9457), unless the app has an exception handler for it; see
    `App.exception_handler`. Only errors of the server, 500 and above, are logged.

    Args:
        status: The status code, 400 to 599 (RFC 9110, section 15.5).
        detail: What went wrong this time, for the client to read.
        headers: Header fields to add; see `Response`.
        members: More members of the problem (RFC 9457, section 3.2), in JSON's types.

    Attributes:
        status: The status code.
        detail: The detail.
        headers: The header fields, as pairs.
        members: The members.

    Raises:
        ConfigError: An argument has the wrong type, is out of range, or HTTP does not allow it.

    Example:
        >>> app = App()
        >>> @app.get("/users/{id}")
        ... def user(id: int) -> dict[str, int]:
        ...     if id > 99:
        ...         raise HTTPError(404, f"there is no user {id}")
        ...     return {"id": id}
    """

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        headers: Headers = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        """Keeps the parts."""
        super().__init__(status, detail)
        check_int("status", status)
        if not 400 <= status <= 599:
            raise ConfigError(f"status must be 400 to 599, not {status}")
        if detail is not None:
            check_text("detail", detail)
        self.status = status
        self.detail = detail
        self.headers = fields(headers)
        check_fields(self.headers, content_type=PROBLEM)
        self.members = {} if members is None else check_members(members)

    def __str__(self) -> str:
        """Returns status and detail."""
        return f"{self.status} {self.detail}" if self.detail else str(self.status)
