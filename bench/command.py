"""What the commands that measure have in common: how they end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import FrameType

from bench.bars import Verdict
from bench.errors import BenchError
from bench.report import verdict


def main(verdicts: Iterator[tuple[str, Verdict]]) -> int:
    """Measure, which is to iterate, print the verdicts, and return the exit status.

    Args:
        verdicts: Every verdict, with the name of what it is about.
    """
    signal.signal(signal.SIGTERM, interrupt)
    try:
        judged = list(verdicts)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    for name, each in judged:
        say(f"{name}: {verdict(each)}")
    return int(any(each.state == "missed" for _, each in judged))


def say(text: str) -> None:
    print(text, flush=True)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Leave by the way of Ctrl-C, on which every program started is ended."""
    raise KeyboardInterrupt
