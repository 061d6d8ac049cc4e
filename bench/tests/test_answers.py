from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

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


def test_a_server_may_have_a_media_type_of_its_own(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Greeter, "given", Answer(200, "text/plain", b"Hello, World!"))
    answers.verify("greeter", url, "/", content_type="text/plain")
    with pytest.raises(BenchError, match="greeter: GET /: wanted"):
        answers.verify("greeter", url, "/")


def test_no_answer_is_told() -> None:
    with pytest.raises(BenchError, match="no answer"):
        answers.verify("nobody", "http://127.0.0.1:1", "/")
