"""Validation: what a client is told whose request has not the arguments of a function.

All arguments that are wrong are told; of a body, the first thing that is wrong in it. Values of
headers and cookies may be secrets, and are not told to anybody.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from fastgo._arguments import Argument
from fastgo._http_error import HTTPError
from fastgo._request import Request

# The number of an argument, why it cannot be given, and the value and the exception that belong
# to that; see `fastgo_call` of plan.h and `fastgo_reason` of arguments.h.
Wrong = tuple[int, str, Any, Exception | None]

# What msgspec says of a place in JSON: "Expected `int`, got `str` - at `$.items[0].id`", or
# "... - at `key` in `$`" of a name.
_PLACE = re.compile(r"(.*) - at (`key` in )?`(\$.*)`", re.DOTALL)

_LONGEST = 100


def refusal(arguments: Sequence[Argument], request: Request, wrong: Iterable[Wrong]) -> HTTPError:
    """Returns the error for a request that has not the arguments.

    Args:
        arguments: Those of the function.
        request: The request.
        wrong: What is wrong.
    """
    errors = []
    for number, reason, value, error in wrong:
        if reason == "no json":
            got = "has no Content-Type" if value is None else f"is {_shown(value)}"
            detail = f"the body {got} and must be JSON; send Content-Type: application/json"
            return HTTPError(415, detail, headers={"Accept": "application/json"})
        argument = arguments[number]
        if argument.source == "body":
            errors.append({"in": "body", **_in_body(argument, reason, error)})
        else:
            place = _place(argument, request)
            detail = _detail(argument, reason, value)
            errors.append({"in": place, "name": argument.alias, "detail": detail})
    told = [f"{each['in']} {each.get('name') or each['path']}: {each['detail']}" for each in errors]
    return HTTPError(422, "; ".join(told), members={"errors": errors})


def _place(argument: Argument, request: Request) -> str:
    if argument.source == "parameter":
        return "path" if argument.alias in request.params else "query"
    return argument.source


def _detail(argument: Argument, reason: str, value: Any) -> str:
    from fastgo._expectations import expected  # and msgspec

    if reason == "missing":
        return f"is missing; expected {expected(argument.wanted)}"
    if argument.source in ("header", "cookie"):
        return f"expected {expected(argument.wanted)}"
    if isinstance(value, str) and not _is_unicode(value):
        return f"is not valid UTF-8; expected {expected(argument.wanted)}"
    return f"expected {expected(argument.wanted)}, got {_shown(value)}"


def _in_body(argument: Argument, reason: str, error: Exception | None) -> dict[str, str]:
    if reason == "missing":
        return {"path": "$", "detail": "is missing; send JSON"}
    if error is None:
        return {"path": "$", "detail": "is not valid UTF-8"}
    return json_problem(error)


def json_problem(error: Exception) -> dict[str, str]:
    """Returns where in JSON something is wrong, and what.

    Args:
        error: What a decoder of msgspec's has raised.

    Returns:
        `path`, such as "$.items[0].id", and `detail`.
    """
    if isinstance(error, UnicodeDecodeError):
        return {"path": "$", "detail": "is not valid UTF-8"}
    if isinstance(error, RecursionError):
        return {"path": "$", "detail": "is nested too deeply"}
    found = _PLACE.fullmatch(str(error))
    if found is None:
        return {"path": "$", "detail": str(error)}
    detail, of_key, path = found.groups()
    return {"path": path, "detail": f"{detail} for a name" if of_key else detail}


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
