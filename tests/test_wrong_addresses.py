"""Addresses that cannot be listened on: BindError, with the address, its errno and a way out."""

import contextlib
import errno
import re
import socket
from pathlib import Path

import pytest

import fastgo
from tests.client import Client
from tests.programs import Programs
from tests.servers import Serve, texts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, so that paths of sockets are short."""
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.mark.smoke
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_port_in_use(serve: Serve, host: str) -> None:
    first = serve(texts(root="first"))
    with pytest.raises(fastgo.BindError) as raised:
        serve(host=host, port=first.port)
    assert raised.value.errno == errno.EADDRINUSE
    assert raised.value.address == f"{host}:{first.port}"
    assert str(raised.value) == (
        f"cannot listen on {host}:{first.port}: address already in use; "
        "stop the program that listens there or choose another address"
    )
    with Client(first.url) as client:
        assert client.get().body == b"first"


def test_port_is_free_again_after_stop(serve: Serve) -> None:
    server = serve()
    for _ in range(20):
        with Client(server.url) as client:
            assert client.get().status == 200
        server.stop()
        server = serve(port=server.port)


@pytest.mark.parametrize(
    ("host", "wanted"),
    [("1.2.3.4:80", 'write "1.2.3.4", and the port as port'), ("[::1]", 'write "::1"')],
)
def test_host_with_more_than_the_host(serve: Serve, host: str, wanted: str) -> None:
    with pytest.raises(fastgo.ConfigError, match=re.escape(wanted)):
        serve(host=host)


@pytest.mark.parametrize("host", ["nowhere.invalid", "256.1.1.1", "a b", "a\0b"])
def test_unknown_host(serve: Serve, host: str) -> None:
    with pytest.raises(fastgo.BindError, match="cannot be resolved") as raised:
        serve(host=host)
    assert raised.value.errno == errno.EADDRNOTAVAIL
    assert str(raised.value).endswith("; write an IP address or a known name")


def test_address_of_another_machine(serve: Serve) -> None:
    with pytest.raises(
        fastgo.BindError, match="the address is not one of this machine's"
    ) as raised:
        serve(host="203.0.113.1")
    assert raised.value.errno == errno.EADDRNOTAVAIL
    assert raised.value.address == "203.0.113.1:0"


def test_address_that_only_the_administrator_may_use(programs: Programs) -> None:
    out = programs.run(
        """
        import errno, os, pathlib, fastgo
        fastgo.serve(port=0, engine=ENGINE).stop()  # while it may read the library
        limit = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            if limit > 1:
                fastgo.serve(port=limit - 1, engine=ENGINE)
            else:
                fastgo.serve(uds="/denied.sock", engine=ENGINE)
        except fastgo.BindError as error:
            assert error.errno == errno.EACCES, error
            assert "; choose a port above 1023 or a place you may write to" in str(error)
            print("refused")
        """
    )
    assert out == "refused\n"


def test_socket_on_which_somebody_listens(serve: Serve, folder: Path) -> None:
    first = serve(texts(root="first"), uds="live.sock")
    with pytest.raises(fastgo.BindError) as raised:
        serve(uds="live.sock")
    assert (raised.value.errno, raised.value.address) == (errno.EADDRINUSE, "live.sock")
    with Client(first.url) as client:
        assert client.get().body == b"first"


@pytest.mark.parametrize("kind", ["file", "directory", "link to a file"])
def test_file_that_is_no_socket_is_left_alone(serve: Serve, folder: Path, kind: str) -> None:
    path = folder / "taken"
    if kind == "directory":
        path.mkdir()
    elif kind == "file":
        path.write_text("mine")
    else:
        (folder / "target").write_text("mine")
        path.symlink_to("target")
    before = path.lstat()
    with pytest.raises(fastgo.BindError, match="a file that is no socket; remove it or") as raised:
        serve(uds=str(path))
    assert (raised.value.errno, raised.value.address) == (errno.EADDRINUSE, str(path))
    assert path.lstat() == before
    assert path.is_dir() or path.read_text() == "mine"


def test_path_that_is_too_long_for_a_socket(serve: Serve, folder: Path) -> None:
    with pytest.raises(fastgo.BindError, match="too long for a socket, choose a shorter") as raised:
        serve(uds="x" * 120)
    assert (raised.value.errno, raised.value.address) == (errno.EINVAL, "x" * 120)
    longest = "x" * 107
    serve(uds=longest).stop()
    assert list(folder.iterdir()) == []


def test_directory_that_is_missing(serve: Serve, folder: Path) -> None:
    with pytest.raises(fastgo.BindError, match="make its directory first") as raised:
        serve(uds="missing/app.sock")
    assert (raised.value.errno, raised.value.address) == (errno.ENOENT, "missing/app.sock")


@pytest.mark.smoke
def test_socket_of_a_dead_server_is_replaced(serve: Serve, folder: Path) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind("stale.sock")
    server = serve(uds="stale.sock")
    assert (server.url, server.port) == ("unix:stale.sock", 0)
    with Client(server.url) as client:
        assert client.get().status == 200
    server.stop()
    assert list(folder.iterdir()) == []


def test_server_that_could_not_listen_leaves_nothing(serve: Serve, folder: Path) -> None:
    taken = serve()
    for _ in range(10):
        with pytest.raises(fastgo.BindError):
            serve(port=taken.port)
    assert taken.stop() == 0
    serve(port=taken.port)
