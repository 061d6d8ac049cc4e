"""The library's border: what a wrong handle, a wrong string and a fork do.

Each case runs in a process of its own, because the failure it guards against is a crash.
"""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fastgo
from tests.programs import Programs

PRELUDE = """
import os
from fastgo import _lib
from fastgo._lib import Server, _fastgo, _glue

METHODS = [("Start", "{}"), ("Update", "{}"), ("Stop", 0.0), ("Stats",), ("Events",)]

def refused(error, call, *arguments):
    try:
        answer = call(*arguments)
    except error as reason:
        return str(reason)
    raise AssertionError(f"{call} took {arguments} and answered {answer!r}")

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
"""

Run = Callable[[str], str]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs a script behind the prelude and returns its output."""
    programs = Programs(tmp_path, engine="auto")
    yield lambda code: programs.run(PRELUDE + textwrap.dedent(code))
    programs.close()


def test_library_tells_its_version_and_the_process_that_loaded_it(run: Run) -> None:
    out = run("print(_glue.version, _glue.pid == os.getpid())")
    assert out == f"{fastgo.__version__} True\n"


@pytest.mark.parametrize("handle", [0, -1, 7777, 2**63 - 1, -(2**63)])
def test_unknown_handle_is_a_runtime_error(run: Run, handle: int) -> None:
    run(
        f"""
        for name, *arguments in METHODS:
            call = getattr(_fastgo, "facade_Server_" + name)
            assert "handle" in refused(RuntimeError, call, {handle}, *arguments), name
        """
    )


@pytest.mark.parametrize("handle", ["2**63", "'1'", "None", "1.5", "[]"])
def test_handle_that_is_no_int64_is_refused(run: Run, handle: str) -> None:
    run(f"refused((TypeError, OverflowError), _fastgo.facade_Server_Stats, {handle})")


def test_released_handle_is_unknown_and_released_only_once(run: Run) -> None:
    run(
        """
        handle = _fastgo.facade_Server_CTor()
        for _ in range(3):
            _fastgo.DecRef(handle)
        assert "handle" in refused(RuntimeError, _fastgo.facade_Server_Stats, handle)
        """
    )


def test_wrapper_without_init_is_a_runtime_error(run: Run) -> None:
    run("assert 'handle' in refused(RuntimeError, Server.__new__(Server).Stats)")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (r"'a\0b'", "ValueError"),
        (r"'\ud800'", "UnicodeEncodeError"),
        ("b'{}'", "TypeError"),
        ("None", "TypeError"),
    ],
)
def test_text_that_cannot_cross_is_refused(run: Run, text: str, error: str) -> None:
    run(f"refused({error}, Server().Start, {text})")


def test_wrappers_release_their_handles(run: Run) -> None:
    run(
        """
        for _ in range(1000):
            Server()
        assert _fastgo.NumHandles() == 0
        """
    )


def test_calls_and_refusals_do_not_leak(run: Run) -> None:
    run(
        """
        server, text = Server(), "[" * 1000

        def call():
            for name, *arguments in ("Update", text), ("Stats",):
                try:
                    getattr(server, name)(*arguments)
                except RuntimeError:
                    pass
            try:
                _fastgo.facade_Server_Stats(7777)
            except RuntimeError:
                pass

        for _ in range(10_000):
            call()
        before = resident()
        for _ in range(100_000):
            call()
        assert resident() - before < 8 << 20
        """
    )


def test_forked_process_is_refused_and_collects_its_wrappers(run: Run) -> None:
    out = run(
        """
        import gc, sys, warnings
        warnings.simplefilter("ignore")
        server = Server()
        child = os.fork()
        if child == 0:
            assert _glue.pid != os.getpid()
            assert "fork" in refused(RuntimeError, server.Stats)
            assert "fork" in refused(RuntimeError, Server)
            del server
            gc.collect()
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    assert out == ""


def test_library_names_no_path_of_the_machine_that_built_it(run: Run) -> None:
    path = Path(run("print(_fastgo.__file__)").strip())
    content = path.read_bytes()
    for place in (b"/root/", b"/home/", b"/tmp/", b"/usr/local/go"):
        assert place not in content
