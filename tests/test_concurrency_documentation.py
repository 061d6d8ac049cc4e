"""What fastgo.concurrency and fastgo.golang offer has examples in its docstrings, which run."""

import doctest
import inspect
from importlib import import_module

import pytest

MODULES = [
    "fastgo.concurrency",
    "fastgo.concurrency.context",
    "fastgo.concurrency.errgroup",
    "fastgo.concurrency.sync",
    "fastgo.concurrency.time",
    "fastgo.golang",
    "fastgo.golang.context",
    "fastgo.golang.sync",
    "fastgo.golang.time",
]
PUBLIC = {
    f"{module}.{name}": getattr(import_module(module), name)
    for module in MODULES
    for name in import_module(module).__all__
}
# What is written in Python, here, and neither an exception nor made by another name.
OURS = [
    name
    for name, value in PUBLIC.items()
    if (inspect.isfunction(value) or inspect.isclass(value))
    and value.__module__.startswith("fastgo")
    and not (inspect.isclass(value) and issubclass(value, BaseException))
    and value.__name__ not in ("Chan", "Context", "Task")
]


@pytest.mark.parametrize("name", OURS)
def test_example_holds(name: str) -> None:
    assert "Example:" in PUBLIC[name].__doc__
    runner = doctest.DocTestRunner()
    report: list[str] = []
    for test in doctest.DocTestFinder().find(PUBLIC[name], name, module=False, globs={}):
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)
    assert runner.tries > 0


@pytest.mark.parametrize("name", PUBLIC)
def test_names_show_a_public_module(name: str) -> None:
    assert "._" not in getattr(PUBLIC[name], "__module__", "")
