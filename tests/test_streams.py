"""Standard streams that are closed, or whose reader has gone, do not keep `run` from serving."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.client import Client, refuses
from tests.programs import Programs
from tests.waiting import eventually

SERVE_ON_SOCKET = """
import fastgo, sys
fastgo.run(uds=sys.argv[1], engine=ENGINE)
"""


# Begins again without some descriptors, as a shell's `>&-` does.
CLOSE = """
import os, sys
if sys.argv[-1] != "again":
    for descriptor in {descriptors}:
        os.close(descriptor)
    os.execv(sys.executable, [sys.executable, *sys.argv, "again"])
"""


@pytest.mark.parametrize("descriptors", [(1,), (2,), (1, 2), (0,), (0, 1, 2)], ids=str)
def test_closed_streams_do_not_matter(
    programs: Programs, tmp_path: Path, descriptors: tuple[int, ...]
) -> None:
    path = tmp_path / "run.sock"
    program = programs.start(CLOSE.format(descriptors=descriptors) + SERVE_ON_SOCKET, str(path))
    eventually(lambda: not refuses(f"unix:{path}"), "it serves")
    with Client(f"unix:{path}") as client:
        for _ in range(10):
            assert client.get().body == b"Hello, World!"
        program.signal(signal.SIGINT)
        assert client.rest() == b""
    assert program.process.wait() == 0


def test_output_whose_reader_has_gone_does_not_matter(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "run.sock"
    read, write = os.pipe()
    os.close(read)
    program = programs.start(SERVE_ON_SOCKET, str(path), stdout=write)
    os.close(write)
    eventually(lambda: not refuses(f"unix:{path}"), "it serves")
    with Client(f"unix:{path}") as client:
        assert client.get().body == b"Hello, World!"
    program.signal(signal.SIGINT)
    outcome = program.end()
    assert (outcome.status, outcome.err) == (0, "")


def test_output_into_a_full_device_does_not_matter(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "run.sock"
    with Path("/dev/full").open("w") as full:
        program = programs.start(SERVE_ON_SOCKET, str(path), stdout=full)
    eventually(lambda: not refuses(f"unix:{path}"), "it serves")
    program.signal(signal.SIGINT)
    outcome = program.end()
    assert (outcome.status, outcome.err) == (0, "")


def test_input_that_has_ended_does_not_end_run(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "run.sock"
    program = programs.start(SERVE_ON_SOCKET, str(path), stdin=subprocess.DEVNULL)
    program.line()
    with Client(f"unix:{path}") as client:
        assert client.get().body == b"Hello, World!"
    program.signal(signal.SIGINT)
    assert program.end().status == 0
