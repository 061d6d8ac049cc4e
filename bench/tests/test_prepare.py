from __future__ import annotations

from pathlib import Path

import pytest

from bench import environments, prepare
from bench.errors import BenchError
from bench.server import Server

BUILD_INFO = (
    "/tmp/fasthttp: go1.26.8\n"
    "\tpath\tfastgo/bench/peers/fasthttp\n"
    "\tmod\tfastgo\t(devel)\n"
    "\tdep\tgithub.com/klauspost/compress\tv1.19.1\th1:AAAA=\n"
    "\tdep\tgithub.com/valyala/fasthttp\tv1.74.0\th1:BBBB=\n"
)


def test_the_version_of_a_module_is_that_linked_into_the_program() -> None:
    assert prepare.linked("github.com/valyala/fasthttp", BUILD_INFO) == "v1.74.0"


def test_the_version_of_the_standard_library_is_that_of_go() -> None:
    assert prepare.linked("std", BUILD_INFO) == "go1.26.8"


def test_a_module_that_is_not_linked_is_told() -> None:
    with pytest.raises(BenchError, match="not linked"):
        prepare.linked("example.org/other", BUILD_INFO)


def test_a_missing_package_is_told_before_anything_runs() -> None:
    server = Server(name="other", command=("other",), distribution="no-such-package-here")
    with pytest.raises(BenchError, match="needs the package no-such-package-here"):
        prepare.version(server)


def test_an_optional_server_is_left_out_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prepare, "require_wrk", lambda: None)
    other = Server(
        name="other",
        command=("other",),
        distribution="no_such_package_here",
        needs=("msgspec",),
        optional=True,
    )
    prepared = prepare.prepare([other, Server(name="plain", command=("plain",))])
    assert prepared.versions == {"plain": "unknown"}
    assert list(prepared.left_out) == ["other"]
    assert prepared.left_out["other"] == (
        "other is left out: it cannot be loaded by the Python that runs the benchmarks "
        "(pip install no_such_package_here msgspec): "
        "ModuleNotFoundError: No module named 'no_such_package_here'"
    )


def test_a_server_lacks_nothing_when_all_that_it_needs_can_be_loaded() -> None:
    server = Server(name="s", command=("s",), distribution="fastgo", needs=("msgspec",))
    assert prepare.missing(server) is None


def test_a_server_for_pythons_that_are_not_here_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    old = Server(name="old", command=("old",), distribution="old", pythons=("1.5", "2.0"))
    assert prepare.missing(old) == "it needs Python 1.5 or 2.0, which is not here"


def test_a_server_whose_environment_cannot_be_made_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "find-python").write_text("#!/bin/sh\necho /bin/false\n")
    (tmp_path / "find-python").chmod(0o755)
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setattr(environments, "FIND_PYTHON", str(tmp_path / "find-python"))
    old = Server(name="old", command=("old",), distribution="old", pythons=("3.7",))
    reason = prepare.missing(old)
    assert reason is not None
    assert reason.startswith("`/bin/false -m venv")
    assert reason.endswith("failed: no reason is given")


def test_an_environment_is_made_once_and_tells_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    packages = tmp_path / "old" / "lib" / "python3.7" / "site-packages"
    (packages / "old-1.2.dist-info").mkdir(parents=True)
    (packages / "old-1.2.dist-info" / "METADATA").write_text("Name: old\nVersion: 1.2\n")
    (tmp_path / "old" / ".ready").touch()
    old = Server(name="old", command=("old",), distribution="old", pythons=("3.7",), optional=True)
    assert prepare.missing(old) is None
    assert prepare.version(old) == "1.2"
