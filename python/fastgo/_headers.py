"""Header fields, as users write them and as the route document has them."""

from collections.abc import Iterable, Mapping

from fastgo._checks import check_text
from fastgo._errors import ConfigError

Headers = Mapping[str, str] | Iterable[tuple[str, str]] | None

Fields = tuple[tuple[str, str], ...]


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
