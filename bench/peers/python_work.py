"""The work of the native handlers in plain Python, for servers that call Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Pair(Protocol):
    """What is built for `/objects`."""

    def sum(self) -> int: ...


class PythonPair:
    """A class as Python has them, of the quicker sort."""

    __slots__ = ("first", "second")

    def __init__(self, first: int, second: int) -> None:
        self.first = first
        self.second = second

    def sum(self) -> int:
        return self.first + self.second


def fibonacci(n: int) -> str:
    a, b = 0, 1
    for _ in range(n // 2):
        a = (a + b) & 0xFFFFFFFF
        b = (b + a) & 0xFFFFFFFF
    return f"Fibonacci({n}) = {b if n % 2 else a} (with overflow)\n"


def objects(n: int, pair: Callable[[int, int], Pair]) -> str:
    pairs = [pair(i, i + 1) for i in range(n)]
    total = 0
    for each in pairs:
        total += each.sum()
    return f"{n} objects, sum {total}\n"
