"""Stats: the counters of a server."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Stats:
    """The counters of a server, since it started.

    Attributes:
        connections_open: Connections open now.
        connections_accepted: Connections accepted.
        requests: Requests answered.
        statuses: Requests answered by class of status: "1xx" to "5xx".
        bytes_in: Bytes received.
        bytes_out: Bytes sent.
        events_dropped: Log records lost because they came faster than they were read.
        python_refused: Requests answered 503 because `Limits.python_queue` others were waiting.
    """

    connections_open: int
    connections_accepted: int
    requests: int
    statuses: Mapping[str, int]
    bytes_in: int
    bytes_out: int
    events_dropped: int
    python_refused: int

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Stats":
        """Makes stats of what the library tells."""
        counters = dict(document)
        classes = counters.pop("classes")
        statuses = {f"{digit}xx": classes[digit] for digit in range(1, 6)}
        return cls(statuses=MappingProxyType(statuses), **counters)
