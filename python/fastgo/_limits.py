"""Limits: what clients may ask of a server."""

from dataclasses import asdict, dataclass, fields

from fastgo._checks import check_int, check_seconds


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds on what clients may ask. Every one has a safe default.

    Attributes:
        request_line: Longest request line in bytes. Beyond it the answer is 414.
        header: Largest header in bytes: all fields of a request. Beyond it the answer is 431.
        header_fields: Greatest number of fields. Beyond it the answer is 431.
        body: Largest body of a request in bytes. Beyond it the answer is 413, before the
            body is read.
        header_time: Seconds that the head of a request may take to come, from its first
            byte. Then the answer is 408.
        body_time: Seconds that a client may send no byte of a body. Then the answer is 408.
        write_time: Seconds that a client may take no byte of its answer. Then it is cut.
        idle_time: Seconds that a connection may stay without a request. Then it is closed.
        drain_time: Seconds that requests in flight have to finish when the server stops.
            What is left then is cut.
        in_flight: Requests of one connection that may wait for their answers. Beyond it the
            connection is not read.
        connections: Connections open at once; the next ones wait to be accepted. 0 means
            the limit of open files of the process less 64.
        native_memory: Most bytes that one running native handler may take, its answer
            included. Beyond it the answer is 500.
        inline_budget: Seconds that a native handler may run which is not blocking. Beyond it
            a warning is logged, once for each route. The clock is the system's tick: up to
            some milliseconds more may pass without one.
        blocking_threads: Blocking handlers that run at once. 0 means four more than the
            cores that the process may use, and 32 at most.
        blocking_queue: Requests that may wait for a blocking handler to run. Beyond it the
            answer is 503, with Retry-After.
        python_queue: Requests that may wait for a thread that runs Python functions, and as
            many for the event loop that runs coroutine functions. Beyond it the answer is 503,
            with Retry-After.
        coroutine_time: Seconds that a coroutine function has to answer once it has begun to
            wait. Then the answer is 503, and it is cancelled. 0 means that it has as long as it
            likes.

    Raises:
        ConfigError: A value has the wrong type. Ranges are checked when the server starts.

    Example:
        >>> limits = Limits(body=10 * 2**20, idle_time=15.0)
    """

    request_line: int = 8 * 1024
    header: int = 32 * 1024
    header_fields: int = 100
    body: int = 1024 * 1024
    header_time: float = 10.0
    body_time: float = 30.0
    write_time: float = 30.0
    idle_time: float = 75.0
    drain_time: float = 30.0
    in_flight: int = 32
    connections: int = 0
    native_memory: int = 64 * 1024 * 1024
    inline_budget: float = 0.01
    blocking_threads: int = 0
    blocking_queue: int = 1024
    python_queue: int = 1024
    coroutine_time: float = 0.0

    def __post_init__(self) -> None:
        """Checks the types."""
        for field in fields(self):
            check = check_seconds if isinstance(field.default, float) else check_int
            check(f"limits.{field.name}", getattr(self, field.name))

    def document(self) -> dict[str, int | float]:
        """Returns the limits as the route document has them."""
        return asdict(self)
