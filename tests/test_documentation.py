"""What the documentation shows, runs: the examples of docstrings, of the README and of docs/."""

import doctest
import inspect
import re
import signal
from pathlib import Path

import pytest

import fastgo
from tests.programs import Programs

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PUBLIC = {name: getattr(fastgo, name) for name in fastgo.__all__}


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_of_docstrings_hold(name: str) -> None:
    runner = doctest.DocTestRunner()
    report: list[str] = []
    # False: where the object was defined does not matter.
    for test in doctest.DocTestFinder().find(PUBLIC[name], name, module=False, globs=PUBLIC):
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)
    assert runner.tries > 0 or ">>>" not in (PUBLIC[name].__doc__ or "")


@pytest.mark.parametrize(
    "name", [name for name, value in PUBLIC.items() if inspect.isfunction(value)]
)
def test_every_function_has_an_example(name: str) -> None:
    assert "Example:" in PUBLIC[name].__doc__


FENCED = r"^```python\n(.*?)^```$"


def blocks() -> dict[str, str]:
    """Returns the blocks of Python of all pages, by page and number."""
    found: dict[str, str] = {}
    for page in PAGES:
        for number, block in enumerate(re.findall(FENCED, page.read_text(), re.M | re.S)):
            found[f"{page.name} {number}"] = block
    return found


# Free ports, so that examples run beside whatever listens on those that they name.
ON_FREE_PORTS = """
import fastgo
def on_free_port(call):
    def serve(*arguments, **options):
        if "uds" not in options:
            options["port"] = 0
        return call(*arguments, **options)
    return serve
fastgo.run, fastgo.serve = on_free_port(fastgo.run), on_free_port(fastgo.serve)
"""


def test_every_page_is_looked_at() -> None:
    assert {name.split()[0] for name in blocks()} == {
        "README.md",
        "answers.md",
        "compiled.md",
        "concurrency.md",
        "native.md",
        "python.md",
        "routes.md",
    }


@pytest.mark.parametrize("name", blocks())
def test_example_runs(programs: Programs, name: str) -> None:
    block = blocks()[name]
    program = programs.start(ON_FREE_PORTS + block)
    if re.search(r"^fastgo\.run\(", block, re.M):
        assert program.line().startswith("fastgo serves ")
        program.signal(signal.SIGINT)
    outcome = program.end()
    assert (outcome.status, outcome.err) == (0, ""), f"{block}\n{outcome}"


LINKED = [*PAGES, *sorted((ROOT / "examples").glob("*/README.md"))]
LINK = re.compile(r"\]\(([^):#]+)(#[^)]*)?\)")


@pytest.mark.parametrize("page", LINKED, ids=[str(page.relative_to(ROOT)) for page in LINKED])
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target
