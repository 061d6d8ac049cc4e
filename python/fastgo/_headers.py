"""Header fields, as users write them and as the route document has them."""

import re
from collections.abc import Iterable, Mapping

from fastgo._checks import check_text
from fastgo._errors import ConfigError

Headers = Mapping[str, str] | Iterable[tuple[str, str]] | None

Fields = tuple[tuple[str, str], ...]

# Names and values that travel (RFC 9110, sections 5.1 and 5.5).
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[^\0-\10\12-\37\177]*")

# IsServerField of gocore/rendered.go.
_SERVER_FIELDS = {
    *("connection", "content-length", "date", "keep-alive", "proxy-connection", "server", "te"),
    *("trailer", "transfer-encoding", "upgrade"),
}

# Those that stand once at most, and not empty.
_SINGLE = ("content-type", "content-encoding")


def fields(headers: Headers, *, content_type: str = "") -> Fields:
    """Returns header fields in their order, with a Content-Type behind them where they have none.

    So their numbers in the document, which errors name, are those that users see. Names and
    values are checked for their type alone: which bytes they may have is Go's to say.

    Args:
        headers: A mapping, or pairs of name and value, which may repeat a name.
        content_type: The Content-Type where the headers have none; "" adds nothing.

    Raises:
        ConfigError: The headers are something else.
    """
    found = tuple(_pair(number, pair) for number, pair in enumerate(_pairs(headers)))
    if content_type and not any(name.lower() == "content-type" for name, _ in found):
        return (*found, ("Content-Type", content_type))
    return found


def check_fields(found: Fields, *, content_type: str = "") -> None:
    """Checks fields that go to clients as they are: those that Python functions answer with.

    Args:
        found: The fields.
        content_type: The Content-Type that stands beside them; "" where there is none.

    Raises:
        ConfigError: HTTP does not allow a field, or the server writes it itself.
    """
    seen = set()
    for number, (name, value) in enumerate(found):
        if not _TOKEN.fullmatch(name):
            raise ConfigError(
                f"headers[{number}]: {name!a} is not a name of a header; write letters, digits and "
                '"-" (RFC 9110, section 5.1)'
            )
        if not _VALUE.fullmatch(value):
            raise ConfigError(
                f"headers[{number}]: the value of {name}, {value!a}, has a control character; "
                "remove it (RFC 9110, section 5.5)"
            )
        folded = name.lower()
        if folded == "content-type" and content_type:
            raise ConfigError(f"headers[{number}]: {name} is {content_type} always; remove it")
        if folded in _SERVER_FIELDS:
            raise ConfigError(f"headers[{number}]: {name} is written by the server; remove it")
        if folded in _SINGLE and (folded in seen or not value.strip(" \t")):
            wrong = "is there already" if folded in seen else "is empty"
            raise ConfigError(f"headers[{number}]: {name} {wrong}; remove it")
        seen.add(folded)


def _pairs(headers: object) -> Iterable[object]:
    if headers is None:
        return ()
    if isinstance(headers, Mapping):
        return headers.items()
    if isinstance(headers, Iterable) and not isinstance(headers, str | bytes | bytearray):
        return headers
    raise ConfigError(
        f"headers must be a mapping or pairs of name and value, not {type(headers).__name__}; "
        'write {"Name": "value"}'
    )


def _pair(number: int, pair: object) -> tuple[str, str]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ConfigError(
            f"headers[{number}] must be a pair of name and value, not {pair!a}; "
            'write ("Name", "value")'
        )
    name, value = pair
    check_text(f"the name in headers[{number}]", name)
    check_text(f"the value of the header {name!a}", value)
    return name, value
