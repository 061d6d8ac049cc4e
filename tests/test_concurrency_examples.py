"""The programs of examples/concurrency: each runs as it is."""

import re
import signal
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from tests.client import Client
from tests.programs import Program, Programs

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "concurrency"

# As `python EXAMPLE ARGUMENTS`, but on a free port.
RUN = """
import runpy, sys
import fastgo
run = fastgo.run
fastgo.run = lambda app: run(app, port=0, engine=ENGINE)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def start(programs: Programs, name: str, *arguments: str) -> Program:
    return programs.start(RUN, str(EXAMPLES / name), *arguments)


def output(programs: Programs, name: str, *arguments: str) -> list[str]:
    """Runs an example to its end and returns its lines."""
    outcome = start(programs, name, *arguments).end()
    assert (outcome.status, outcome.err) == (0, "")
    return outcome.out.splitlines()


def test_every_example_is_shown_in_the_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    shown = set(re.findall(r"\]\((\w+\.(?:py|c))\)", readme))
    assert shown == {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".c")}


@pytest.mark.parametrize("engine", ["epoll"])
def test_pipeline_finds_primes(programs: Programs) -> None:
    primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]
    assert output(programs, "pipeline.py") == [str(prime) for prime in primes]


@pytest.mark.parametrize("engine", ["epoll"])
def test_worker_pool_has_the_checksum_of_every_file(programs: Programs, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    contents = {f"{number % 7}/{number}": b"x" * 1000 * number for number in range(50)}
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    expected = [f"{sha256(content).hexdigest()} {name}" for name, content in contents.items()]
    assert sorted(output(programs, "worker_pool.py", str(folder))) == sorted(expected)


@pytest.mark.parametrize("engine", ["epoll"])
def test_fan_in_reads_all_until_nothing_is_new(programs: Programs) -> None:
    *readings, last = output(programs, "fan_in.py")
    assert last == "nothing new for a second"
    assert all(re.fullmatch(r"(Paris|Oslo|Lima): -?\d+ degrees", line) for line in readings)
    assert 0 < len(readings) <= 9


@pytest.mark.parametrize("engine", ["epoll"])
def test_ticker_ends_when_it_is_cancelled(programs: Programs) -> None:
    *ticks, last = output(programs, "ticker.py")
    assert ticks == [f"tick {number}" for number in range(1, len(ticks) + 1)]
    assert last == f"{len(ticks)} ticks; context canceled"


def test_event_collector_writes_what_it_has_accepted(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    program = start(programs, "event_collector.py", str(path))
    found = re.match(r"fastgo serves (http://\S+) ", program.line())
    assert found
    with Client(found[1]) as client:
        bodies = [b"event %d" % number for number in range(3000)] + [b""]
        accepted = [body for body in bodies if client.ask("POST", "/events", body).status == 202]
    program.signal(signal.SIGINT)
    outcome = program.end()
    assert outcome.status == 0
    # A busy machine may make the handler one that holds up others, which is logged.
    assert re.sub(r"^native handler holds up .*\n", "", outcome.err, flags=re.M) == ""
    with closing(sqlite3.connect(path)) as database:
        assert [body for (body,) in database.execute("SELECT body FROM events")] == accepted
    assert accepted
