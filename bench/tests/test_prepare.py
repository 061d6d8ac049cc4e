from __future__ import annotations

import pytest

from bench import prepare
from bench.errors import BenchError
from bench.servers import Server

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
        name="other", command=("other",), distribution="no-such-package-here", optional=True
    )
    prepared = prepare.prepare([other, Server(name="plain", command=("plain",))])
    assert prepared.versions == {"plain": "unknown"}
    assert list(prepared.left_out) == ["other"]
    assert "pip install no-such-package-here" in prepared.left_out["other"]
