"""The part that is written in C (pybind/concurrency). Loads the library."""

from typing import Any

from fastgo._library import load_module

core: Any = load_module()._second_module("_concurrency")

Chan = core.Chan
Scheduler = core.Scheduler
Task = core.Task
