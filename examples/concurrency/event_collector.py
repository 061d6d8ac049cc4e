"""An event collector: posts are taken at the speed of C, and written to SQLite in batches.

    POST /events -> event_collector.c -> a channel of bytes -> a thread of Python -> SQLite

The handler runs outside of the GIL, on all cores. It only copies the body into the channel, and
answers 202; when the channel is full, 503. The writer takes all that has come meanwhile, up to a
batch, and commits it at once: so a busy disk makes batches larger, and not requests slower.
"""

import ctypes
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import fastgo
from fastgo.concurrency import Chan, chan, default, go, select

BATCH = 1000


def compile_handler() -> ctypes.CDLL:
    """Compiles event_collector.c and loads it."""
    source = Path(__file__).with_suffix(".c")
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/event_collector.so"
        options = ["-O2", "-shared", "-fPIC", "-I", fastgo.get_include(), "-o", library]
        subprocess.run(["cc", *options, str(source)], check=True)
        return ctypes.CDLL(library)


def write(events: Chan[bytes], path: str) -> None:
    """Writes events in batches until the channel is closed and empty."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE IF NOT EXISTS events (body BLOB NOT NULL)")
    for event in events:
        batch = [(event,), *((other,) for other in take(events, BATCH - 1))]
        with database:
            database.executemany("INSERT INTO events VALUES (?)", batch)
    database.close()


def take(events: Chan[bytes], most: int) -> Iterator[bytes]:
    """Yields what has come already."""
    for _ in range(most):
        _, event = select(events.recv, default)
        if event is None:  # nothing is there, or the channel is closed and empty
            return
        yield event


def main(path: str) -> None:
    """Serves until Ctrl-C, and writes what has come until then."""
    events = chan(10_000, of=bytes)
    app = fastgo.App()
    collect = fastgo.native(compile_handler(), "collect", data=events.address, keep=events)
    app.post("/events", collect)

    writer = go(write, events, path)
    try:
        fastgo.run(app)
    finally:  # nobody posts any more: what is in the channel is still written
        events.close()
        writer.result()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "events.db")
