"""Routes that change while clients ask: nothing is lost, nothing mixed, nothing kept."""

import gc
import json
import threading
import weakref
from pathlib import Path

import pytest

import fastgo
from tests import flood
from tests.client import Answer, Client
from tests.load import Load
from tests.programs import Programs
from tests.servers import Serve, texts, upload
from tests.waiting import eventually
from tests.wire import resident


def version(number: int) -> str:
    """Returns a text that betrays a mixture with any other, also by its length."""
    return f"<{number}>" * (1 + number % 500)


@pytest.mark.parametrize("keep_alive", [True, False], ids=["keep-alive", "close"])
def test_updates_under_load_lose_and_mix_no_answer(
    serve: Serve, keep_alive: bool, soak: bool
) -> None:
    updates = 2000 if soak else 200
    known = {version(number).encode() for number in range(updates + 1)}
    server = serve(texts(root=version(0)))

    def accept(answer: Answer) -> bool:
        return answer.status == 200 and answer.body in known

    with Load(server.url, keep_alive=keep_alive, accept=accept) as load:
        for number in range(1, updates + 1):
            server.update(texts(root=version(number)))
    assert (load.broken, load.unanswered) == ([], 0)
    assert load.answered == server.stats().requests


def lettered(letter: str) -> fastgo.App:
    """Returns one of the two apps that a flood tells apart."""
    app, headers = fastgo.App(), {"X-App": letter}
    status = flood.STATUSES[letter]
    answers = (
        fastgo.text(flood.CONSTANTS[letter], status=status, headers=headers),
        fastgo.template(flood.TEMPLATES[letter], status=status, headers=headers),
        fastgo.status(status, headers=headers),
    )
    for path, answer in zip(flood.PATHS, answers, strict=True):
        app.get(path.replace("/x", "/{name}"), answer)
    return app


def test_thousand_updates_at_full_load_lose_and_mix_nothing(
    serve: Serve, programs: Programs, soak: bool
) -> None:
    apps = [lettered("A"), lettered("B")]
    broken = lettered("B")
    broken.get("/broken", fastgo.template("{unknown}"))
    server = serve(apps[0])
    clients = programs.start(Path(flood.__file__).read_text(), str(server.port), "16")
    assert clients.line() == "ready"

    def update(times: int) -> None:
        for number in range(times):
            if number % 100 == 50:
                with pytest.raises(fastgo.ConfigError, match="unknown"):
                    server.update(broken)
            server.update(apps[number % 2])

    update(200)  # caches and the heap reach their size
    before = resident()
    update(10_000 if soak else 1000)
    clients.tell()
    outcome = clients.end()
    assert (outcome.status, outcome.err) == (0, "")
    report = json.loads(outcome.out)
    assert (report["wrong"], report["lost"]) == ([], 0)
    assert min(report["seen"].values()) > 0
    assert sum(report["seen"].values()) == server.stats().requests
    eventually(lambda: len(server._tables) == 1, "the replaced tables are let go")
    assert resident() - before < 8 << 20
    with Client(server.url) as client:
        assert client.get("/template/x").body == flood.CONTENTS["B"][1]


@pytest.mark.smoke
def test_update_holds_for_the_next_request_of_every_connection(serve: Serve) -> None:
    server = serve(texts(root="0"))
    with Client(server.url) as old:
        for number in map(str, range(50)):
            server.update(texts(root=number))
            with Client(server.url) as new:
                assert old.get().body == new.get().body == number.encode()


def test_updates_from_many_threads_leave_one_of_them(serve: Serve) -> None:
    server = serve()

    def update(name: str) -> None:
        for number in range(20):
            server.update(texts(root=f"{name} {number}"))

    threads = [threading.Thread(target=update, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Client(server.url) as client:
        assert client.get().body in {f"{name} 19".encode() for name in "abcd"}


def begin_upload(server: fastgo.Server, client: Client) -> None:
    """Begins a request whose body has eight bytes, of which the server has had four."""
    client.begin_upload(length=8)
    before = server.stats().bytes_in
    client.send(b"half")
    eventually(lambda: server.stats().bytes_in > before, "the server reads the body")


def test_request_ends_with_the_routes_that_it_began_with(serve: Serve) -> None:
    server = serve(upload())
    with Client(server.url) as client:
        begin_upload(server, client)
        server.update(texts(root="new"))
        client.send(b"half")
        assert client.answer().body == b"uploaded"
        assert client.get().body == b"new"


def test_routes_that_nobody_uses_any_more_are_let_go(serve: Serve) -> None:
    app = texts(root="old")
    kept: list[weakref.ref[object]] = [weakref.ref(route) for route in app.routes()]
    kept += [weakref.ref(route.handler) for route in app.routes()]
    server = serve(app)
    with Client(server.url) as idle:  # has used them, and stays
        assert idle.get().body == b"old"
        del app
        gc.collect()
        assert all(each() is not None for each in kept)
        for number in range(10):
            server.update(texts(root=str(number)))
        eventually(lambda: len(server._tables) == 1, "the replaced tables are let go")
        gc.collect()
        assert [each() for each in kept] == [None] * len(kept)
        assert idle.get().body == b"9"


def test_routes_that_a_request_still_uses_are_kept(serve: Serve) -> None:
    app = upload()
    kept = weakref.ref(app.routes()[0])
    server = serve(app)
    with Client(server.url) as client:
        begin_upload(server, client)
        del app
        for number in range(3):
            server.update(texts(root=str(number)))
        eventually(lambda: len(server._tables) == 2, "the tables nobody uses are let go")
        assert kept() is not None
        client.close()
        eventually(lambda: len(server._tables) == 1, "the table is let go after its request")


def test_stop_lets_all_routes_go(serve: Serve) -> None:
    app = texts(root="x")
    kept = weakref.ref(app.routes()[0])
    server = serve(app)
    server.update(texts(root="y"))
    server.stop()
    del app
    gc.collect()
    assert kept() is None


def test_stopped_server_is_let_go(serve: Serve) -> None:
    server = fastgo.serve(port=0)
    kept = weakref.ref(server)
    server.stop()
    del server

    def gone() -> bool:
        gc.collect()
        return kept() is None

    eventually(gone, "the thread that read its events has ended")
