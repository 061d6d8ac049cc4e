"""Calls that come too late or would break a running server."""

import pytest

import fastgo
from tests.client import Client
from tests.servers import Serve, texts


def test_update_of_a_stopped_server_is_a_state_error(serve: Serve) -> None:
    server = serve()
    server.stop()
    with pytest.raises(fastgo.StateError, match="the server is stopped; start a new one"):
        server.update(fastgo.demo())


def test_stopped_server_still_tells_what_it_was(serve: Serve) -> None:
    server = serve()
    url = server.url
    with Client(url) as client:
        client.get()
    server.stop()
    assert server.url == url
    assert server.stats().requests == 1
    assert server.stop() == 0


@pytest.mark.smoke
def test_wrong_update_is_refused_and_the_old_routes_go_on(serve: Serve) -> None:
    server = serve(texts(root="old"))
    broken = fastgo.App()
    broken.get("/", fastgo.text("new"))
    broken.get("no slash", fastgo.text("new"))
    with Client(server.url) as client:
        for _ in range(3):
            with pytest.raises(fastgo.ConfigError, match='does not begin with "/"'):
                server.update(broken)
            assert client.get().body == b"old"
        server.update(texts(root="new"))
        assert client.get().body == b"new"


@pytest.mark.parametrize("app", [None, "app", [], {}, fastgo.text("x")])
def test_update_by_what_is_no_app_is_refused(server: fastgo.Server, app: object) -> None:
    with pytest.raises(fastgo.ConfigError, match=r"app must be a fastgo\.App, not \w+"):
        server.update(app)  # type: ignore[arg-type]
    with Client(server.url) as client:
        assert client.get().body == b"Hello, World!"


def test_app_that_changes_later_does_not_change_the_server(serve: Serve) -> None:
    app = texts(root="x")
    with Client(serve(app).url) as client:
        app.get("/later", fastgo.text("later"))
        assert client.get("/later").status == 404
