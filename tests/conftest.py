"""What the tests share: the engines, a server in this process, programs in others."""

import os
import signal
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import fastgo
from tests.client import PATIENCE, Client
from tests.compilers import compile_c
from tests.coroutines import LOOPS
from tests.programs import Program, Programs
from tests.servers import Serve
from tests.wire import Footprint

# Every test that serves runs once for each.
ENGINES = ["epoll", "fasthttp"]

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run, or many new ones.
settings.register_profile("same", deadline=None, database=None, derandomize=True, max_examples=100)
settings.register_profile("soak", deadline=None, database=None, max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fastgo")
    group.addoption("--soak", action="store_true", help="run the long tests at full size")
    group.addoption("--editable", action="store_true", help="test the package in the source tree")


def pytest_configure(config: pytest.Config) -> None:
    # What tests compile is kept beside what they build, and not in the user's home.
    os.environ["XDG_CACHE_HOME"] = str(ROOT / "build" / "cache")
    # A shell's background jobs ignore them, and so would the programs that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    config.addinivalue_line("markers", "smoke: also runs on the other Pythons")
    settings.load_profile("soak" if config.getoption("--soak") else "same")
    package = Path(fastgo.__file__).resolve()
    if package.is_relative_to(ROOT / "python") and not config.getoption("--editable"):
        raise pytest.UsageError(
            f"fastgo is imported from {package.parent}, but the installed wheel is to be tested: "
            "run `make py-test`, or give --editable while you develop"
        )


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> bool:
    """Whether long tests run at full size."""
    return bool(pytestconfig.getoption("--soak"))


@pytest.fixture(scope="session")
def handlers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared library of tests/handlers.c."""
    source = Path(__file__).with_name("handlers.c").read_text()
    return compile_c(tmp_path_factory.mktemp("handlers"), source)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine to serve with."""
    return str(request.param)


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    """The event loop that runs the coroutines."""
    return str(request.param)


@pytest.fixture
def serve(engine: str) -> Iterator[Serve]:
    """`fastgo.serve` on a free port; what still runs after the test is stopped."""
    servers: list[fastgo.Server] = []

    def start(app: fastgo.App | None = None, **options: Any) -> fastgo.Server:
        servers.append(fastgo.serve(app, **{"port": 0, "engine": engine, **options}))
        return servers[-1]

    yield start
    for server in servers:
        server._begin_stop(drain=0)
    if not all(server._stopped.wait(PATIENCE) for server in servers):
        fastgo._server._running.clear()  # else the exit would wait for them
        pytest.fail("a server does not stop")


@pytest.fixture
def unharmed(serve: Serve) -> Iterator[Serve]:
    """`serve` for apps that answer GET /end; at the end of the test each server must serve as
    at its start, and have left no files open and no memory taken.
    """
    footprints: list[Footprint] = []

    def start(app: fastgo.App | None = None, **options: Any) -> fastgo.Server:
        server = serve(app, **options)
        footprints.append(Footprint(server))
        return server

    yield start
    for footprint in footprints:
        footprint.check()


@pytest.fixture
def server(serve: Serve) -> fastgo.Server:
    """The demo, being served in this process."""
    return serve()


@pytest.fixture
def client(server: fastgo.Server) -> Iterator[Client]:
    """A connection to the demo."""
    with Client(server.url) as connection:
        yield connection


@pytest.fixture
def programs(tmp_path: Path, engine: str) -> Iterator[Programs]:
    """Starts Python programs."""
    started = Programs(tmp_path, engine)
    yield started
    started.close()


# What the scripts of `start` begin with.
HEAD = """
import _thread, threading, time, signal, os, sys
{before}
from fastgo.concurrency import *
"""


@pytest.fixture
def start(tmp_path: Path) -> Any:
    """Starts a script that uses fastgo.concurrency."""
    started: list[Program] = []

    def start(source: str, before: str = "") -> Program:
        path = tmp_path / f"program{len(started)}.py"
        path.write_text(HEAD.format(before=before) + textwrap.dedent(source))
        started.append(Program(path))
        return started[-1]

    yield start
    for program in started:
        program.close()
