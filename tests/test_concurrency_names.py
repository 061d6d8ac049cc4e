"""The names of fastgo.concurrency: what is public, and what help says of it."""

import ast
import doctest
import inspect
from pathlib import Path

import pytest

from fastgo import concurrency

PUBLIC = {name: getattr(concurrency, name) for name in concurrency.__all__}
ELSEWHERE = {"Cancelled"}  # asyncio's


def test_public_names_are_those_of_all() -> None:
    names = [name for name in dir(concurrency) if not name.startswith("_")]
    assert names == sorted(concurrency.__all__)


def test_types_of_all_names_are_declared() -> None:
    stub = Path(concurrency.__file__).with_suffix(".pyi").read_text()
    declared = next(
        ast.literal_eval(each.value)
        for each in ast.parse(stub).body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__"
    )
    assert declared == concurrency.__all__


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - ELSEWHERE))
def test_names_show_the_public_module(name: str) -> None:
    value = PUBLIC[name]
    owner = value if hasattr(value, "__name__") else type(value)
    assert owner.__module__ == "fastgo.concurrency"


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - ELSEWHERE))
def test_examples_of_docstrings_hold(name: str) -> None:
    runner = doctest.DocTestRunner()
    report: list[str] = []
    for test in doctest.DocTestFinder(recurse=False).find(
        PUBLIC[name], name, module=False, globs={}
    ):
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("name", [name for name, each in PUBLIC.items() if inspect.isroutine(each)])
def test_every_function_has_an_example_and_a_signature(name: str) -> None:
    assert "Example:" in PUBLIC[name].__doc__
    assert inspect.signature(PUBLIC[name]) is not None
