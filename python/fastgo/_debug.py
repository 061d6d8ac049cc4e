"""Debug: the page that shows what went wrong in a function, for debug=True alone.

It has the exceptions, as each led to the next, and the lines of source around each frame. It has no
values of variables, which may be secrets.
"""

import linecache
from collections.abc import Iterable, Iterator
from html import escape
from traceback import FrameSummary, TracebackException
from types import TracebackType

from fastgo._headers import Fields

# Lines of source before and behind the one of a frame.
_AROUND = 5

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em; color: #222; background: #fff }
h1 { font-size: 1.3em; white-space: pre-wrap } h2 { font-size: 1em; font-weight: normal }
pre { background: #f4f4f4; padding: .5em; overflow-x: auto } mark { background: #ffd9d9 }
"""

# Beside the types: nothing of the page may run, load or stay, whatever it shows.
_SAFE = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
)


def page(
    title: str,
    described: tuple[type[BaseException], BaseException, TracebackType | None],
    accept: Iterable[str],
) -> tuple[Fields, bytes]:
    """Returns header fields and body that show an exception: HTML where that is accepted, or text.

    Args:
        title: What failed.
        described: The exception, as `sys.exc_info` has it.
        accept: The values of the request's Accept fields.
    """
    shown = TracebackException(*described)
    if any("text/html" in value.lower() for value in accept):
        media_type, text = "text/html; charset=utf-8", _html(title, shown)
    else:
        media_type, text = "text/plain; charset=utf-8", f"{title}\n\n{''.join(shown.format())}"
    return (("Content-Type", media_type), *_SAFE), text.encode(errors="backslashreplace")


def _html(title: str, shown: TracebackException) -> str:
    name = escape(title)
    parts = "\n".join(_exception(shown))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
        f"<style>{_STYLE}</style><p>{name}</p>\n{parts}\n</html>\n"
    )


def _exception(shown: TracebackException) -> Iterator[str]:
    """Yields an exception, what it came from, and those that it groups."""
    before = shown.__cause__
    how = "It was the cause of this one:"
    if before is None and not shown.__suppress_context__:
        before = shown.__context__
        how = "While it was handled, this one came:"
    if before is not None:
        yield from _exception(before)
        yield f"<p>{how}</p>"
    text = "".join(shown.format_exception_only()).rstrip()
    yield f"<h1>{escape(text)}</h1>"
    for frame in shown.stack:
        place = f"{frame.filename}, line {frame.lineno}, in {frame.name}"
        yield f"<h2>{escape(place)}</h2>\n<pre>{_source(frame)}</pre>"
    for each in shown.exceptions or ():
        yield "<hr>"
        yield from _exception(each)


def _source(frame: FrameSummary) -> str:
    """Returns the lines around a frame, its own one marked."""
    at = frame.lineno or 0
    lines = []
    for number in range(max(1, at - _AROUND), at + _AROUND + 1):
        if line := linecache.getline(frame.filename, number).rstrip("\n"):
            text = escape(f"{number:5} {line}")
            lines.append(f"<mark>{text}</mark>" if number == at else text)
    return "\n".join(lines)
