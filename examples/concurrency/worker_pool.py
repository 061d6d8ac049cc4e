"""A pool of workers: threads compute the checksums of files, as many at once as there are cores.

The channel of jobs is unbuffered: no file is looked up before a worker can take it. To hash a
large piece releases the GIL, so that threads do it on several cores.
"""

import hashlib
import os
import sys
from pathlib import Path

from fastgo.concurrency import Chan, Task, chan, go


def find(folder: Path, jobs: Chan[Path]) -> None:
    """Sends every file of a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            jobs.send(path)
    jobs.close()


def work(jobs: Chan[Path], results: Chan[tuple[Path, str]]) -> None:
    """Takes files for as long as there are any."""
    for path in jobs:
        try:
            with path.open("rb") as file:
                results.send((path, hashlib.file_digest(file, "sha256").hexdigest()))
        except OSError as error:
            results.send((path, error.strerror))


def close_after(workers: list[Task[None]], results: Chan[tuple[Path, str]]) -> None:
    """Closes the channel of results when no worker is left, and raises what one has raised."""
    errors = [error for worker in workers if (error := worker.exception()) is not None]
    results.close()
    for error in errors:
        raise error


def main(folder: Path) -> None:
    """Prints what the workers find, as it comes."""
    jobs, results = chan(), chan()
    go(find, folder, jobs)
    workers = [go(work, jobs, results) for _ in range(os.cpu_count() or 1)]
    closed = go(close_after, workers, results)
    for path, digest in results:
        print(digest, path.relative_to(folder))
    closed.result()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
