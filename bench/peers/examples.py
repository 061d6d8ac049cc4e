"""The examples of native handlers, which are measured as they are."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "native"


@cache
def load(language: str, module: str) -> ModuleType:
    """A module of the example of a language, which must have been built."""
    sys.path.insert(0, str(FOLDER / language))
    try:
        return import_module(module)
    finally:
        del sys.path[0]
