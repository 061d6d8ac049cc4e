"""The examples of native handlers: each is built as a user does, and served by either engine."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client import Client
from tests.conftest import ENGINES
from tests.programs import CLEAN, Program, Programs

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "native"

COMPILERS = {
    "c": "cc",
    "cffi": "cc",
    "cpp": "c++",
    "cython": "c++",
    "fortran": "gfortran",
    "numba": "",  # compiles by itself
    "rust": "rustc",
}

# A busy machine must not make a handler one that holds up others, which is logged.
SERVE = """
import runpy, sys
import fastgo
sys.path.insert(0, sys.argv[1])
app = runpy.run_path(sys.argv[1] + "/app.py")["app"]
limits = fastgo.Limits(inline_budget=30.0)
with fastgo.serve(app, port=0, engine=ENGINE, limits=limits) as server:
    print(server.url, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, to be built there."""
    copy = tmp_path_factory.mktemp("examples") / "native"
    shutil.copytree(EXAMPLES, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return copy


@dataclass(frozen=True)
class Example:
    """The example of a language, which serves."""

    language: str
    url: str
    program: Program


@pytest.fixture(
    scope="module",
    params=itertools.product(COMPILERS, ENGINES),
    ids=lambda chosen: "-".join(chosen),
)
def example(request: pytest.FixtureRequest, folder: Path) -> Iterator[Example]:
    """The example of each language, built as users do, on each engine; it ends without a word."""
    language, engine = request.param
    build(folder, language)
    programs = Programs(folder, engine)
    try:
        program = programs.start(SERVE, str(folder / language))
        yield Example(language, program.line(), program)
        program.tell()
        assert program.end() == CLEAN
    finally:
        programs.close()


def build(folder: Path, language: str) -> None:
    compiler = COMPILERS[language]
    if not compiler:
        pytest.importorskip("numba", reason="Numba is not made for this Python")
        return
    done = folder / language / "built"
    if done.exists():
        return
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not here, and could not be installed")
    made = subprocess.run(
        ["make", "-s", "-C", folder, language, f"PYTHON={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    done.touch()


@pytest.fixture
def client(example: Example) -> Iterator[Client]:
    with Client(example.url) as connection:
        yield connection


def numbers(count: int) -> list[int]:
    """Returns the first Fibonacci numbers of 32 bits."""
    found = [0, 1]
    while len(found) < count:
        found.append((found[-2] + found[-1]) % 2**32)
    return found


def line(n: int, number: int) -> bytes:
    return f"Fibonacci({n}) = {number} (with overflow)\n".encode()


def test_numbers_are_computed(client: Client) -> None:
    for n, number in enumerate(numbers(50)):
        answer = client.get(f"/fibonacci/{n}")
        assert (answer.status, answer.body) == (200, line(n, number))
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get("/fibonacci/1000000").body == line(1_000_000, 1884755131)


def test_wrong_numbers_are_refused_with_the_reason(example: Example, client: Client) -> None:
    for wrong in ("x", "1.5", "9223372036854775808"):
        answer = client.get(f"/fibonacci/{wrong}")
        assert answer.status == 400
        assert answer.body.startswith(f'n: "{wrong}" is not '.encode())
    if example.language == "numba":
        pytest.skip("a function of Numba can refuse nothing by itself")
    for wrong in (-1, 1_000_001, 2**63 - 1):
        answer = client.get(f"/fibonacci/{wrong}")
        assert (answer.status, answer.body) == (400, b"n must be 0 to 1000000\n")


def test_words_of_the_body_are_counted(client: Client) -> None:
    for body, count in (
        (b"", 0),
        (b" \t\n\v\f\r", 0),
        (b"word", 1),
        (b" to be\tor\nnot\vto\f\rbe ", 6),
        (b"a\0b \xff\xa0 \x1c", 3),
        (b"ab " * 200_000, 200_000),
    ):
        answer = client.ask("POST", "/words", body)
        assert (answer.status, answer.body) == (200, b"%d\n" % count), body[:20]


def test_requests_at_once_do_not_meet(example: Example) -> None:
    expected = numbers(200)

    def ask(first: int) -> None:
        with Client(example.url) as client:
            for n in range(first, 200, 4):
                assert client.get(f"/fibonacci/{n}").body == line(n, expected[n])
                assert client.ask("POST", "/words", b"w " * n).body == b"%d\n" % n

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))


@pytest.mark.parametrize("example", [("c", engine) for engine in ENGINES], indirect=True)
def test_c_greets(client: Client) -> None:
    assert client.get("/").body == b"Hello, World!"
    assert client.get("/hello/w%C3%B6rld").body == "Hello wörld!".encode()


@pytest.mark.parametrize("example", [("cpp", engine) for engine in ENGINES], indirect=True)
def test_cpp_counts_in_the_memory_of_the_request(client: Client) -> None:
    assert client.ask("POST", "/distinct", b"to be or not to be").body == b"4\n"


@pytest.mark.parametrize("example", [("cython", engine) for engine in ENGINES], indirect=True)
def test_cython_has_the_demo_containers_arrays_and_objects(client: Client) -> None:
    assert client.get("/").body == b"Hello, World!"
    assert client.get("/fibonacci").body == b"Fibonacci(10^6) = 1884755131 (with overflow)\n"
    assert client.ask("POST", "/most-frequent", b"to be or not to be").body == b"be: 2\n"
    assert client.get("/total/1/999999").body == b"499999500000\n"
    assert client.get("/total/1/1000000").status == 400
    assert client.get("/objects/10000").body == b"10000 objects, sum 100000000\n"
    assert client.get("/objects/100001").status == 400


def test_exceptions_of_cpp_are_answers_and_logged(programs: Programs, folder: Path) -> None:
    build(folder, "cpp")
    program = programs.start(SERVE, str(folder / "cpp"))
    with Client(program.line()) as client:
        assert client.ask("POST", "/distinct").status == 500
        assert client.ask("POST", "/distinct", b"a b").body == b"2\n"
    program.tell()
    outcome = program.end()
    assert outcome.status == 0
    assert "a text without words" in outcome.err
