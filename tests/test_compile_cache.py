"""The cache of fastgo.compiled: what one process has compiled, the next one loads."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import Programs

pytest.importorskip("numba")

# Prints how many passes of Numba's compiler ran, and what the function answers.
PROGRAM = """
import os, sys
from urllib.request import urlopen
import numba
import numpy as np
from numba.core import event
import fastgo

class Passes(event.Listener):
    count = 0
    def on_start(self, event):
        Passes.count += 1
    def on_end(self, event):
        pass

event.register("numba:run_pass", Passes())

TABLE = np.arange(4.0)
FACTOR = 2
class Settings:
    pass
{globals}

@numba.njit
def inner(x):
    return x {inner}

@numba.njit
def helper(x):
    return inner(x) * FACTOR

def make(offset):
    @fastgo.compiled()
    def f(n: {type}) -> float:
        return helper(TABLE[n]) + offset {body}
    return f

app = fastgo.App()
app.get("/", make({offset}))
compiled = Passes.count
with fastgo.serve(app, port=0) as server:
    print(bool(compiled), urlopen(server.url + "/?n=3").read().decode())
"""

PLAIN = {"globals": "", "inner": "+ 1", "type": "int", "body": "", "offset": "0"}


@pytest.fixture
def engine() -> str:
    """One engine is enough."""
    return "auto"


@pytest.fixture
def run(programs: Programs, tmp_path: Path) -> Callable[..., str]:
    """Runs the program with changes, in an environment of its own."""

    def run(environment: dict[str, str] | None = None, **changes: str) -> str:
        own = environment or {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        source = PROGRAM
        for name, value in {**PLAIN, **changes}.items():
            source = source.replace(f"{{{name}}}", value)
        return programs.run(source, env={**os.environ, **own}).strip()

    return run


def test_second_process_compiles_nothing(run: Callable[..., str], tmp_path: Path) -> None:
    assert run() == "True 8.0"
    assert run() == "False 8.0"
    folder = tmp_path / "cache" / "fastgo" / "numba"
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in (folder / "__pycache__").iterdir():
        path.unlink()
    assert run() == "True 8.0"  # what is gone is made again
    for path in (folder / "__pycache__").iterdir():
        path.write_bytes(b"broken")
    assert run() == "True 8.0"


CHANGES = [
    ({"globals": "TABLE[3] = 4"}, "10.0"),
    ({"globals": "TABLE = TABLE.astype(np.float32)"}, "8.0"),
    ({"globals": "FACTOR = 3"}, "12.0"),
    ({"inner": "+ 2"}, "10.0"),
    ({"offset": "1"}, "9.0"),
    ({"type": "fastgo.int8"}, "8.0"),
    ({"body": "+ 0.5"}, "8.5"),
]


def test_every_change_is_noticed(run: Callable[..., str]) -> None:
    assert run() == "True 8.0"
    for changes, expected in CHANGES:
        assert run(**changes) == f"True {expected}", changes
    assert run(**changes) == f"False {expected}", changes
    assert run() == "False 8.0"


def test_what_cannot_be_told_from_outside_is_compiled_anew(run: Callable[..., str]) -> None:
    large = "TABLE = np.arange(200_000.0)"
    for _ in range(2):
        assert run(globals=large) == "True 8.0"


def test_cache_is_where_numba_is_told_to_have_it(run: Callable[..., str], tmp_path: Path) -> None:
    for expected in ("True 8.0", "False 8.0"):
        assert run({"NUMBA_CACHE_DIR": str(tmp_path / "numba")}) == expected
    assert list((tmp_path / "numba" / "fastgo").glob("call_f_*.py"))


def test_folder_that_others_may_write_to_is_not_used(
    run: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / "fastgo" / "numba"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    for _ in range(2):
        assert run() == "True 8.0"
    assert list(folder.iterdir()) == []


def test_without_a_folder_everything_works(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for _ in range(2):
        assert run({"XDG_CACHE_HOME": str(file)}) == "True 8.0"
