"""What the documentation shows, runs: the examples of docstrings and of the README."""

import doctest
import inspect
import re
import signal
from pathlib import Path

import pytest

import fastgo
from tests.programs import Programs

ROOT = Path(__file__).resolve().parent.parent
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


def blocks() -> list[str]:
    """Returns the README's blocks of Python."""
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)


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


def test_examples_of_the_readme_run(programs: Programs) -> None:
    for block in blocks():
        program = programs.start(ON_FREE_PORTS + block)
        if re.search(r"^fastgo\.run\(", block, re.M):
            assert program.line().startswith("fastgo serves ")
            program.signal(signal.SIGINT)
        outcome = program.end()
        assert (outcome.status, outcome.err) == (0, ""), f"{block}\n{outcome}"
