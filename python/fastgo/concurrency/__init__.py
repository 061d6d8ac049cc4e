"""fastgo.concurrency: goroutines and channels for Python.

`go` runs a function beside the caller, and channels connect what runs::

    from fastgo.concurrency import chan, go, run

    async def count(numbers):
        for number in range(3):
            await numbers.asend(number)
        numbers.close()

    async def main():
        numbers = chan()
        go(count, numbers)
        async for number in numbers:
            print(number)

    run(main())

The first use of a name of this package loads the library.
"""

from importlib import import_module

__all__ = [
    "Cancelled",
    "Chan",
    "ChannelError",
    "Deadlock",
    "Task",
    "TaskError",
    "aselect",
    "chan",
    "default",
    "go",
    "nilchan",
    "run",
    "select",
    "sleep",
    "step",
]


def __getattr__(name: str) -> object:
    """Loads the part that has the name (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    part = "_errors" if name in ("ChannelError", "Deadlock", "TaskError") else "_setup"
    value = getattr(import_module(f"{__name__}.{part}"), name)
    if hasattr(value, "__name__") and value.__module__ != __name__ and name != "Cancelled":
        value.__module__ = __name__  # tracebacks and help show what users write
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Returns the public names, loaded or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
