"""Markers: what a parameter of a Python handler says about where its value comes from.

They stand in `typing.Annotated`, beside the type. A parameter without one gets its value from
where its name and type say; see `_arguments.py`.
"""

import re
from dataclasses import dataclass

from fastgo._checks import check_text
from fastgo._errors import ConfigError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Marker:
    """Says where the value of a parameter comes from."""


@dataclass(frozen=True)
class Named(Marker):
    """Says it of values that have a name.

    Attributes:
        name: The name in requests; "" is the parameter's own.
    """

    name: str = ""

    def __post_init__(self) -> None:
        """Checks the name.

        Raises:
            ConfigError: The name is no str.
        """
        check_text(f"the name of a fastgo.{type(self).__name__}", self.name)


@dataclass(frozen=True)
class Path(Named):
    """A value of the path, for a parameter whose name the path spells in another way.

    A parameter whose name is in the path needs no marker. With a default the route may be
    without it.

    Args:
        name: The name in the path; by default that of the parameter.

    Example:
        >>> from typing import Annotated
        >>> app = App()
        >>> @app.get("/users/{id}")
        ... def user(user_id: Annotated[int, Path("id")]) -> str:
        ...     return f"User {user_id}"
    """


@dataclass(frozen=True)
class Query(Named):
    """A value of the query, or all of that name where the type is a list, set or tuple.

    A parameter whose name is not in the path, and whose type is a text, a number or another that
    can be written as a text, needs no marker.

    Args:
        name: The name in the query; by default that of the parameter.

    Example:
        >>> from typing import Annotated
        >>> app = App()
        >>> @app.get("/articles")
        ... def articles(kind: Annotated[str, Query("type")], page: int = 1) -> str:
        ...     return f"{kind}, page {page}"
    """


class _Token(Named):
    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name and not _TOKEN.fullmatch(self.name):
            raise ConfigError(
                f"{self.name!a} cannot be the name of a {type(self).__name__.lower()}; "
                "write letters, digits and -"
            )


@dataclass(frozen=True)
class Header(_Token):
    """The value of a header field, or of all fields of that name where the type is a list.

    It is without the white space around it, and in UTF-8 or, where it is no UTF-8, in ISO-8859-1.

    Args:
        name: The name of the field, in any case; by default that of the parameter with "-" in
            place of "_".

    Raises:
        ConfigError: The name is no token (RFC 9110, section 5.6.2).

    Example:
        >>> from typing import Annotated
        >>> app = App()
        >>> @app.get("/")
        ... def home(user_agent: Annotated[str, Header()] = "nobody") -> str:
        ...     return f"Hello, {user_agent}!"
    """


@dataclass(frozen=True)
class Cookie(_Token):
    """The value of a cookie, without quotes around it (RFC 6265, section 5.4).

    Args:
        name: The name of the cookie; by default that of the parameter.

    Raises:
        ConfigError: The name is no token (RFC 6265, section 4.1.1).

    Example:
        >>> from typing import Annotated
        >>> app = App()
        >>> @app.get("/")
        ... def home(session: Annotated[str | None, Cookie()] = None) -> str:
        ...     return "Hello again!" if session else "Hello!"
    """


@dataclass(frozen=True)
class Body(Marker):
    """The body of the request, whatever the type and the name of the parameter.

    `bytes` is the body as it came, `str` the same as UTF-8; for every other type the body is
    JSON, and the request has to say so by its Content-Type. A parameter called `body` and types
    that no single text can hold, such as `msgspec.Struct`, dataclasses and `dict`, need no marker.

    Example:
        >>> from typing import Annotated
        >>> app = App()
        >>> @app.post("/sum")
        ... def total(numbers: Annotated[list[int], Body()]) -> str:
        ...     return str(sum(numbers))
    """
