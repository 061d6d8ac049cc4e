from __future__ import annotations

import os
import resource
import socket
import threading
from collections.abc import Iterator

import pytest

from bench import idle
from bench.errors import BenchError
from bench.scenario import MOST_IDLE, Scenario

MIB = 2**20


@pytest.mark.parametrize(
    ("files", "free", "most"),
    [
        (20_000, 2**40, 19_000),
        (20_000, 64 * MIB, 1_024),
        (2**20, 2**40, MOST_IDLE),
        (resource.RLIM_INFINITY, 2**40, MOST_IDLE),
        (512, 2**40, 1),
    ],
    ids=["files", "memory", "neither", "no limit", "too few files"],
)
def test_files_and_memory_bound_the_connections(
    files: int, free: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"SC_AVPHYS_PAGES": free // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, files))
    monkeypatch.setattr(os, "sysconf", values.__getitem__)
    assert idle.most_connections() == most


def test_memory_and_cpu_are_told_for_what_was_opened() -> None:
    opened = {"opened": 1_000, "seconds": 0.5, "failure": ""}
    sample = idle.sample(
        1_000, opened, 1_000, resident=(10 * MIB, 11 * MIB), cpu_seconds=0.1, seconds=10.0
    )
    assert sample.bytes_per_connection == pytest.approx(MIB / 1_000)
    assert sample.idle_cpu == pytest.approx(0.01)
    assert (sample.held, sample.error_count) == (1.0, 0)


def test_connections_that_failed_are_errors() -> None:
    opened = {"opened": 900, "seconds": 0.5, "failure": "timed out"}
    sample = idle.sample(1_000, opened, 850, resident=(0, MIB), cpu_seconds=0.0, seconds=1.0)
    assert sample.held == 0.85
    assert sample.errors == {"not opened": 100, "lost": 50}


def test_no_connection_at_all_is_no_result() -> None:
    opened = {"opened": 0, "seconds": 0.5, "failure": "refused"}
    with pytest.raises(BenchError, match="no connection could be opened: refused"):
        idle.sample(10, opened, 0, resident=(0, 0), cpu_seconds=0.0, seconds=1.0)


@pytest.fixture
def keep_alive() -> Iterator[socket.socket]:
    """A listener whose connections answer every request."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection:
            while connection.recv(4096):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=answer, args=(connection,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    yield listener
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    acceptor.join()
    for thread in threads:
        thread.join()


def test_the_client_opens_waits_and_tries_again(keep_alive: socket.socket) -> None:
    scenario = Scenario(name="idle", rows=(), idle=True, connections=70, wrk_cores=(0,))
    url = f"http://127.0.0.1:{keep_alive.getsockname()[1]}"
    with idle.running_client(scenario, url) as client:
        opened = idle.reply(client)
        assert (opened["opened"], opened["failure"]) == (70, "")
        assert idle.try_again(client) == 70


def test_a_client_that_ended_is_told() -> None:
    scenario = Scenario(name="idle", rows=(), idle=True, connections=1, wrk_cores=(0,))
    with (
        idle.running_client(scenario, "http://nowhere") as client,
        pytest.raises(BenchError, match="ended"),
    ):
        idle.reply(client)
