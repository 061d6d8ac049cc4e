from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bench import answers
from bench.answers import Answer
from bench.errors import BenchError


class Greeter(BaseHTTPRequestHandler):
    given = Answer(200, "Text/Plain;charset=UTF-8", b"Hello, World!")

    def do_GET(self) -> None:
        self.send_response(self.given.status)
        self.send_header("Content-Type", self.given.content_type)
        self.send_header("Content-Length", str(len(self.given.body)))
        self.end_headers()
        self.wfile.write(self.given.body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Greeter) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_right_answer_passes_however_its_media_type_is_spelled(url: str) -> None:
    answers.verify("greeter", url, "/")


def test_json_is_compared_by_what_it_means() -> None:
    spaced = Answer(200, "application/json; charset=utf-8", b'{"b": [1.50], "a": null}')
    dense = Answer(200, "Application/JSON", b'{"a":null,"b":[1.5]}')
    assert answers.normal(spaced) == answers.normal(dense)
    other = Answer(200, "application/json", b'{"a":null,"b":[2]}')
    assert answers.normal(other) != answers.normal(dense)
    assert answers.normal(Answer(200, "application/json", b"{")) != answers.normal(dense)


@pytest.mark.parametrize("path", answers.UPLOADS)
def test_what_is_posted_has_1_kib_and_is_the_answer(path: str) -> None:
    assert len(answers.UPLOADS[path].body) == 1024
    assert answers.UPLOADS[path].body == answers.ROUTES[path].body
    assert answers.method(path) == "POST"


def test_what_is_posted_arrives(url: str) -> None:
    answers.verify("greeter", url, "/echo")
    with pytest.raises(BenchError, match="greeter: POST /orders: wanted"):
        answers.verify("greeter", url, "/orders")


class Echo(socketserver.BaseRequestHandler):
    lost = 0

    def handle(self) -> None:
        data = self.request.recv(65536)
        self.request.sendall(data[self.lost :])


@pytest.fixture
def echo() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_server_that_echoes_is_sent_the_answer(echo: str, monkeypatch: Any) -> None:
    answers.verify_echo("echo", echo, "/echo")
    monkeypatch.setattr(Echo, "lost", 1)
    with pytest.raises(BenchError, match="echo: sent b'HTTP"):
        answers.verify_echo("echo", echo, "/echo")
    with pytest.raises(BenchError, match="nobody: no echo"):
        answers.verify_echo("nobody", "http://127.0.0.1:1", "/echo")


@pytest.mark.parametrize(
    "wrong",
    [
        Answer(404, "text/plain; charset=utf-8", b"Hello, World!"),
        Answer(200, "text/html; charset=utf-8", b"Hello, World!"),
        Answer(200, "text/plain; charset=utf-8", b"Hello"),
    ],
    ids=["status", "type", "body"],
)
def test_a_wrong_answer_is_told(url: str, wrong: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Greeter, "given", wrong)
    with pytest.raises(BenchError, match="greeter: GET /: wanted"):
        answers.verify("greeter", url, "/")


def test_no_answer_is_told() -> None:
    with pytest.raises(BenchError, match="no answer"):
        answers.verify("nobody", "http://127.0.0.1:1", "/")
