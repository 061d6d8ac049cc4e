from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from bench import load
from bench.answers import UPLOADS
from bench.errors import BenchError
from bench.load import Load

URL = "http://127.0.0.1:1"
FIBONACCI = Load(url=URL, path="/fibonacci", connections=100, pipeline=24, threads=2, cores=(0, 1))
OUTPUT = """\
Running 2s test @ http://127.0.0.1:33779/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   688.93us    0.94ms  10.03ms   89.20%
    Req/Sec    61.60k     9.75k   79.44k    60.00%
  245520 requests in 2.00s, 34.65MB read
Requests/sec: 122494.37
Transfer/sec:     17.28MB
figures {"requests": 245520, "duration_us": 2004337, "p50_us": 399.000, "p99_us": 4274.000, \
"errors": {"connect": 0, "read": 1, "write": 0, "timeout": 2, "status": 3}}
"""


def test_figures_are_read_from_the_line_of_the_script() -> None:
    figures = load.parse(OUTPUT)
    assert figures.requests == 245_520
    assert figures.seconds == pytest.approx(2.004337)
    assert (figures.p50_us, figures.p99_us) == (399.0, 4274.0)
    assert figures.errors == {"connect": 0, "read": 1, "write": 0, "timeout": 2, "status": 3}


def test_output_without_the_line_is_refused_and_shown() -> None:
    with pytest.raises(BenchError, match="unable to connect"):
        load.parse("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_a_server_that_answered_nothing_has_no_figures() -> None:
    with pytest.raises(BenchError, match="no answer at all"):
        load.parse(OUTPUT.replace("245520", "0"))


def test_wrk_is_told_threads_connections_duration_and_depth() -> None:
    command = load.arguments(FIBONACCI, 4)
    assert command[:4] == ("wrk", "--threads=2", "--connections=100", "--duration=4s")
    assert command[-3:] == ("http://127.0.0.1:1/fibonacci", "--", "24")


def test_wrk_is_told_what_to_post() -> None:
    command = load.arguments(replace(FIBONACCI, path="/echo"), 4)
    body = UPLOADS["/echo"].body.decode()
    assert command[-5:] == (URL + "/echo", "--", "24", "application/octet-stream", body)


def test_wrk_is_told_the_answer_that_is_sent_to_a_server_that_echoes() -> None:
    command = load.arguments(replace(FIBONACCI, path="/echo", echo=True), 4)
    assert command[-1] == (
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: 1024\r\n\r\n{UPLOADS['/echo'].body.decode()}"
    )


def test_missing_wrk_is_told_with_a_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BenchError, match="apt-get install wrk"):
        load.require_wrk()
