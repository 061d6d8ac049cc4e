"""The examples of native handlers: each is built as a user does, and served by either engine."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.client import Client
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

SERVE = """
import runpy, sys
import fastgo
sys.path.insert(0, sys.argv[1])
app = runpy.run_path(sys.argv[1] + "/app.py")["app"]
with fastgo.serve(app, port=0, engine=ENGINE) as server:
    print(server.url, flush=True)
    input()
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, in which each is built once, when it is asked for."""
    folder = tmp_path_factory.mktemp("examples") / "native"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return folder


def build(folder: Path, language: str) -> None:
    compiler = COMPILERS[language]
    if not compiler:
        return
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not here, and could not be installed")
    done = subprocess.run(
        ["make", "-s", "-C", folder, language, f"PYTHON={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


Example = Callable[[str], Client]


@pytest.fixture
def example(programs: Programs, built: Path) -> Iterator[Example]:
    """Serves the example of a language; it must end without a word."""
    running: list[tuple[Program, Client]] = []

    def serve(language: str) -> Client:
        build(built, language)
        program = programs.start(SERVE, str(built / language))
        running.append((program, Client(program.line())))
        return running[-1][1]

    yield serve
    for program, client in running:
        client.close()
        program.tell()
        assert program.end() == CLEAN


def numbers(count: int) -> list[int]:
    """Returns the first Fibonacci numbers of 32 bits."""
    found = [0, 1]
    while len(found) < count:
        found.append((found[-2] + found[-1]) % 2**32)
    return found


@pytest.mark.parametrize("language", COMPILERS)
def test_numbers_are_computed_and_wrong_ones_refused(example: Example, language: str) -> None:
    client = example(language)
    for n, number in enumerate(numbers(50)):
        answer = client.get(f"/fibonacci/{n}")
        assert (answer.status, answer.body) == (200, line(n, number))
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get("/fibonacci/1000000").body == line(1_000_000, 1884755131)
    for wrong in ("x", "1.5", "%31%30%20", "9223372036854775808"):
        assert client.get(f"/fibonacci/{wrong}").status == 400, wrong
    assert client.get("/fibonacci/x").body == b'n: "x" is not a whole number of 64 bits\n'
    for wrong in (-1, 1_000_001, 2**63 - 1):
        answer = client.get(f"/fibonacci/{wrong}")
        assert (answer.status, answer.body) == (400, b"n must be 0 to 1000000\n")


def line(n: int, number: int) -> bytes:
    return f"Fibonacci({n}) = {number} (with overflow)\n".encode()


@pytest.mark.parametrize("language", COMPILERS)
def test_words_of_the_body_are_counted(example: Example, language: str) -> None:
    client = example(language)
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


@pytest.mark.parametrize("language", COMPILERS)
def test_requests_at_once_do_not_meet(example: Example, language: str) -> None:
    url = f"http://127.0.0.1:{example(language).socket.getpeername()[1]}"
    expected = numbers(200)

    def ask(first: int) -> None:
        with Client(url) as client:
            for n in range(first, 200, 4):
                assert client.get(f"/fibonacci/{n}").body == line(n, expected[n])
                assert client.ask("POST", "/words", b"w " * n).body == b"%d\n" % n

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))


def test_cython_has_the_demo_containers_arrays_and_objects(example: Example) -> None:
    client = example("cython")
    assert client.get("/").body == b"Hello, World!"
    assert client.get("/fibonacci").body == b"Fibonacci(10^6) = 1884755131 (with overflow)\n"
    assert client.ask("POST", "/most-frequent", b"to be or not to be").body == b"be: 2\n"
    assert client.get("/total/1/999999").body == b"499999500000\n"
    assert client.get("/total/1/1000000").status == 400
    assert client.get("/objects/10000").body == b"10000 objects, sum 100000000\n"
    assert client.get("/objects/100001").status == 400


def test_c_greets(example: Example) -> None:
    client = example("c")
    assert client.get("/").body == b"Hello, World!"
    assert client.get("/hello/w%C3%B6rld").body == "Hello wörld!".encode()


def test_exceptions_of_cpp_are_answers_and_logged(programs: Programs, built: Path) -> None:
    build(built, "cpp")
    program = programs.start(SERVE, str(built / "cpp"))
    with Client(program.line()) as client:
        assert client.ask("POST", "/distinct", b"to be or not to be").body == b"4\n"
        assert client.ask("POST", "/distinct").status == 500
        assert client.ask("POST", "/distinct", b"a b").body == b"2\n"
    program.tell()
    outcome = program.end()
    assert outcome.status == 0
    assert "a text without words" in outcome.err
