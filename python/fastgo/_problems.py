"""Problems: answers that say what is wrong, as RFC 9457 has them."""

import json
from collections.abc import Iterable
from http import HTTPStatus

# Status; Content-Type, all header fields or none; body.
Answer = tuple[int, str | tuple[tuple[str, str], ...] | None, bytes]

_TYPE = "application/problem+json"

# RFC 9110, section 15.5, where HTTPStatus of Python before 3.13 has the words of older RFCs.
_PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def problem(
    status: int,
    detail: str | None = None,
    *,
    headers: Iterable[tuple[str, str]] = (),
    **members: object,
) -> Answer:
    """Returns an answer whose body is a problem (RFC 9457, section 3).

    Args:
        status: The status. Its phrase is the title.
        detail: What went wrong this time.
        headers: Header fields beside the Content-Type.
        **members: More members of the problem.
    """
    try:
        title = _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    described = {"title": title, "status": status, "detail": detail, **members}
    body = json.dumps({name: value for name, value in described.items() if value is not None})
    return status, (("Content-Type", _TYPE), *headers), body.encode()
