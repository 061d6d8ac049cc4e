"""The names of PyGolang: a program for PyGolang runs with fastgo after changing its imports.

`from golang import go, chan` becomes `from fastgo.golang import go, chan`, and `golang.sync`,
`golang.context` and `golang.time` become `fastgo.golang.sync` and so on::

    from fastgo.golang import chan, defer, func, go, recover
    from fastgo.golang import context, sync, time

What there is does what https://pypi.org/project/pygolang 0.1 says, but for this:

  - Panics of channels and of sync are `fastgo.concurrency.ChannelError` and `SyncError`. `recover`
    returns for those of channels what Go says, as in PyGolang.
  - A channel with a dtype gives None when it is closed, and not the zero of the type. `C.int` has
    64 bits; the other types are not checked.
  - Keys of values in contexts are compared as in a dict, and as in Go, not by identity. A timer may
    be reset also while it is armed.
  - `go` returns a task, and takes coroutine functions and native ones as well; an exception of a
    function is logged. `func` and `defer` work in coroutine functions.

`gimport`, `error`, `b` and `u`, and the other packages of PyGolang, are not here.
"""

from typing import Any

from fastgo.concurrency import Chan, default, go, nilchan, select
from fastgo.concurrency import chan as _chan
from fastgo.golang._defer import _PanicError as _PanicError
from fastgo.golang._defer import defer, func, panic, recover

__all__ = [
    "chan",
    "default",
    "defer",
    "func",
    "go",
    "nilchan",
    "panic",
    "recover",
    "select",
]

for _each in (_PanicError, defer, func, panic, recover):
    _each.__module__ = __name__  # tracebacks and help show what users write

# What a channel of each dtype is made for; nothing but integers has a native form.
_DTYPES: dict[object, type[int] | None] = {
    object: None,
    "C.structZ": None,
    "C.bool": None,
    "C.int": int,
    "C.double": None,
}


def _read_dtype(dtype: object) -> type[int] | None:
    if isinstance(dtype, str | type) and dtype in _DTYPES:
        return _DTYPES[dtype]
    known = ", ".join("object" if each is object else repr(each) for each in _DTYPES)
    raise TypeError(f"chan: the dtype is {dtype!r}, and there are {known}")


class _ChanType(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, Chan)


class chan(metaclass=_ChanType):  # noqa: N801 (PyGolang's name)
    """Makes a channel; see `fastgo.concurrency.chan`.

    Args:
        size: How many values fit into its buffer.
        dtype: object for any, or "C.structZ", "C.bool", "C.int" or "C.double".

    Raises:
        TypeError: There is no such dtype.

    Example:
        >>> from fastgo.golang import chan
        >>> numbers = chan(1, dtype="C.int")
        >>> numbers.send(7)
        >>> numbers.recv_(), isinstance(numbers, chan)
        ((7, True), True)
    """

    def __new__(cls, size: int = 0, dtype: object = object) -> Any:
        """Returns a `fastgo.concurrency.Chan`."""
        of = _read_dtype(dtype)
        return _chan(size) if of is None else _chan(size, of=of)

    @staticmethod
    def nil(dtype: object) -> Any:
        """Returns the nil channel, which is the same for all dtypes."""
        _read_dtype(dtype)
        return nilchan
