"""Checks of what can cross the border to Go: types, and text that is valid Unicode.

What a value means is checked by Go, with the whole document at hand.
"""

import math

from fastgo._errors import ConfigError


def describe(value: object) -> str:
    """Returns what a value is, for an error: "the function 'f'", "a str"."""
    if callable(value) and hasattr(value, "__name__"):
        return f"the {type(value).__name__} {value.__name__!r}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"


def check_text(name: str, value: object) -> None:
    """Raises ConfigError unless value is a str that has a UTF-8 form."""
    if isinstance(value, bytes):
        raise ConfigError(f"{name} must be str, not bytes; decode it first")
    if not isinstance(value, str):
        raise ConfigError(f"{name} must be str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{name} is not valid Unicode: character {error.start} is the lone surrogate "
            f"{value[error.start]!a}, which has no UTF-8 form; remove it"
        ) from None


def check_int(name: str, value: object) -> None:
    """Raises ConfigError unless value is an int that fits 64 bits, and no bool."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} must be int, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ConfigError(f"{name} is out of range: {value}")


def check_seconds(name: str, value: object) -> None:
    """Raises ConfigError unless value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ConfigError(f"{name} must be a finite number of seconds, not {value}")


def check_bool(name: str, value: object) -> None:
    """Raises ConfigError unless value is True or False."""
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be True or False, not {type(value).__name__}")


def check_choice(name: str, value: object, choices: tuple[str | int, ...]) -> None:
    """Raises ConfigError unless value is one of the choices, which are all str or all int."""
    check = check_text if isinstance(choices[0], str) else check_int
    check(name, value)
    if value not in choices:
        *most, last = (f'"{each}"' if isinstance(each, str) else str(each) for each in choices)
        given = f'"{value}"' if isinstance(value, str) else str(value)
        raise ConfigError(f"{name} must be {', '.join(most)} or {last}, not {given}")


def check_status(value: int) -> None:
    """Raises ConfigError unless value is the code of a final status (RFC 9110, section 15)."""
    check_int("status", value)
    if not 200 <= value <= 599:
        raise ConfigError(f"status must be 200 to 599, not {value}")
