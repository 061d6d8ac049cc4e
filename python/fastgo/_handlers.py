"""Handlers: descriptions of what answers a route, served by Go."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fastgo._checks import check_text
from fastgo._errors import ConfigError

# What an app has for the exceptions of its functions: functions of a request and an exception.
ExceptionHandlers = dict[type[Exception], Callable[[Any, Any], object]]


@dataclass(frozen=True)
class Handler:
    """What answers a route. Made by functions such as `text`, not by hand.

    Attributes:
        kind: The kind of handler, as the route document names it.
        spec: What the kind needs to know, in JSON's types.

    Raises:
        ConfigError: The spec is no JSON object.
    """

    kind: str
    spec: Mapping[str, Any] = field(default_factory=dict, hash=False)
    # What the document has: large contents are encoded once, and a spec that is changed later
    # changes nothing.
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Checks that the document can hold it, and encodes it."""
        check_text("kind", self.kind)
        try:
            spec = dict(self.spec)
            text = json.dumps(
                {"kind": self.kind, "spec": spec}, ensure_ascii=False, allow_nan=False
            )
            text.encode()
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"the spec of a {self.kind} handler must be a JSON object: {error}"
            ) from None
        object.__setattr__(self, "spec", MappingProxyType(spec))
        object.__setattr__(self, "_text", text)

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes copies, and pickles for spawned workers, from the public parts."""
        return Handler, (self.kind, dict(self.spec))

    def _placed(self, route: str, exception_handlers: ExceptionHandlers) -> "Handler":
        """Returns the handler as a route of an app has it; most are the same everywhere.

        Args:
            route: Method, host and pattern of the route.
            exception_handlers: Those of the app.
        """
        return self


def builtin(name: str) -> Handler:
    """Answers by a handler that is written in Go.

    Args:
        name: "fibonacci" computes the 10^6th Fibonacci number in 32 bits for every request
            and answers `Fibonacci(10^6) = 1884755131 (with overflow)`. Where the path has
            `{n:int}` it computes the n-th, for n up to 10^6.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: The name is no string. Unknown names are found when the server starts.

    Example:
        >>> app = App()
        >>> app.get("/fibonacci", builtin("fibonacci"))
        >>> app.get("/fibonacci/{n:int}", builtin("fibonacci"))
    """
    check_text("builtin", name)
    return Handler("builtin", {"name": name})
