"""Limits: what clients may ask of a server."""

from dataclasses import asdict, dataclass

from fastgo._checks import check_int, check_seconds


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds on what clients may ask. Every one has a safe default.

    Attributes:
        header: Largest head of a request, request line and fields, in bytes. Beyond it the
            answer is 431. 1,024 to 16,777,216.
        body: Largest body of a request in bytes. Beyond it the answer is 413.
        idle: Seconds that a connection may stay without a byte from the client.
        write: Seconds that a client may take no byte of its answer.
        drain: Seconds that requests in flight have to finish when the server stops. What
            is left then is cut.
        connections: Connections open at once; the next ones wait to be accepted. 0 means
            the limit of open files of the process less 64.

    Raises:
        ConfigError: A value has the wrong type. Ranges are checked when the server starts.

    Example:
        >>> limits = Limits(body=10 * 2**20, idle=15.0)
    """

    header: int = 32 * 1024
    body: int = 1024 * 1024
    idle: float = 75.0
    write: float = 30.0
    drain: float = 30.0
    connections: int = 0

    def __post_init__(self) -> None:
        """Checks the types."""
        for name in ("header", "body", "connections"):
            check_int(f"limits.{name}", getattr(self, name))
        for name in ("idle", "write", "drain"):
            check_seconds(f"limits.{name}", getattr(self, name))

    def document(self) -> dict[str, int | float]:
        """Returns the limits as the route document has them."""
        return asdict(self)
