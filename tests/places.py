"""Places in the source of tests, as fastgo names them in errors."""

import inspect


def here(lines: int = 0) -> str:
    """Returns the caller's line as "file:line", or one that many lines below it."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return f"{frame.f_back.f_code.co_filename}:{frame.f_back.f_lineno + lines}"
