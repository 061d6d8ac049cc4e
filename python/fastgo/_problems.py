"""Problems: answers that say what is wrong, as RFC 9457 has them."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastgo._errors import ConfigError

# Status; Content-Type, all header fields or none; body.
Answer = tuple[int, str | tuple[tuple[str, str], ...] | None, bytes]

PROBLEM = "application/problem+json"


def check_members(members: Mapping[str, object]) -> dict[str, object]:
    """Returns the members that a user adds to a problem.

    Raises:
        ConfigError: They have a name that is taken, or are no JSON object.
    """
    try:
        checked = dict(members)
        json.dumps(checked, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"members must be a JSON object: {error}") from None
    for name in checked:
        if not isinstance(name, str):
            raise ConfigError(f"members must be a JSON object: {name!a} is no str")
        if name in ("title", "status", "detail"):
            raise ConfigError(f"members cannot have {name!a}, which HTTPError has itself")
    return checked


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
    members: Mapping[str, object] | None = None,
) -> Answer:
    """Returns an answer whose body is a problem (RFC 9457, section 3).

    Args:
        status: The status. Its phrase is the title.
        detail: What went wrong this time.
        headers: Header fields beside the Content-Type.
        members: More members of the problem.
    """
    try:
        title = _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    described = {"title": title, "status": status, "detail": detail, **(members or {})}
    body = json.dumps({name: value for name, value in described.items() if value is not None})
    return status, (("Content-Type", PROBLEM), *headers), body.encode()
