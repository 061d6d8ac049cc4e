"""A pure Python loop that computes for ever; as a program, in a process of its own."""

from __future__ import annotations

from typing import NoReturn


def compute() -> NoReturn:
    """Keep one thread of Python busy, holding the GIL whenever it may."""
    total = 0
    while True:
        for number in range(1_000):
            total = (total * 31 + number) & 0xFFFF_FFFF


if __name__ == "__main__":
    print("busy", flush=True)
    compute()
