"""Callers: the code outside of this package that has called into it."""

import os
import sys
from types import FrameType

# With the separator: a package beside this one may have a name that begins with this one's.
_PACKAGE = os.path.join(os.path.dirname(__file__), "")  # noqa: PTH118, PTH120 (import time)


def caller() -> FrameType:
    """Returns the frame outside of this package that has called into it."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def calling_line() -> str:
    """Returns the line of that frame as "file:line"."""
    frame = caller()
    # A file name may hold bytes that are no Unicode; the document cannot.
    name = frame.f_code.co_filename.encode(errors="replace").decode()
    return f"{name}:{frame.f_lineno}"
