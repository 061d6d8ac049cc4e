"""Environments for servers that none of the Pythons that fastgo runs on can run.

Each is made once, in build/peers, for the first Python of those it can do with that is here.
"""

from __future__ import annotations

import subprocess
from importlib import metadata

from bench.program import ROOT

FOLDER = ROOT / "build" / "peers"
FIND_PYTHON = str(ROOT / "scripts" / "find-python")


def prepare(distribution: str, versions: tuple[str, ...]) -> str | None:
    """Install a distribution for one of these Pythons; why there is no way, where there is none."""
    folder = FOLDER / distribution
    ready = folder / ".ready"
    if ready.exists():
        return None
    found = subprocess.run([FIND_PYTHON, *versions], capture_output=True, text=True, check=False)
    if not found.stdout.strip():
        return f"it needs Python {' or '.join(versions)}, which is not here"
    pip = str(folder / "bin" / "pip")
    for command in (
        [found.stdout.strip(), "-m", "venv", "--clear", str(folder)],
        # The pip that comes with these does not know the wheels of today.
        [pip, "install", "--quiet", "--upgrade", "pip"],
        [pip, "install", "--quiet", distribution],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"`{' '.join(command)}` failed: {last_line(done.stderr)}"
    ready.touch()
    return None


def version(distribution: str) -> str:
    """The version that has been installed."""
    (packages,) = (FOLDER / distribution).glob("lib/python*/site-packages")
    (found,) = metadata.distributions(name=distribution, path=[str(packages)])
    return found.version


def last_line(output: str) -> str:
    """What a failed program says of the reason."""
    lines = output.strip().splitlines()
    return lines[-1] if lines else "no reason is given"
