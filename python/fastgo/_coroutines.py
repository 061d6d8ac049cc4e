"""Coroutine functions: which functions are."""

import functools
import sys
from collections.abc import Callable
from typing import Any


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Returns whether a call of a function makes a coroutine.

    That is so for functions and methods that are defined by `async def`, or that say so by a
    mark: those that Cython has compiled, or `inspect.markcoroutinefunction` has marked. Partial
    functions and objects are what they call.
    """
    while isinstance(function, functools.partial):
        function = function.func
    return _is_marked(function) or _is_marked(type(function).__call__)


def _is_marked(function: object) -> bool:
    import inspect  # which takes longer to load than all of fastgo

    if inspect.iscoroutinefunction(function):
        return True
    mark = getattr(function, "_is_coroutine", None)  # asyncio's own, which Cython sets as well
    known = getattr(sys.modules.get("asyncio.coroutines"), "_is_coroutine", None)
    return mark is not None and mark is known
