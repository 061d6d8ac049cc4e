"""What all descriptions of handlers have in common."""

import copy
import pickle
from typing import Any

import pytest

import fastgo
from fastgo.testing import Client


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_copies_answer_alike(engine: str, copied: Any) -> None:
    app = fastgo.App()
    app.get("/users/{id}", fastgo.template("é {id}"))
    app.mount("/api", fastgo.json({"a": [1, "é"]}))
    with Client(copied(app), engine=engine) as client:
        assert client.get("/users/7").content == "é 7".encode()
        assert client.get("/api/x").content == '{"a":[1,"é"]}'.encode()


def test_equal_handlers_have_equal_hashes() -> None:
    assert hash(fastgo.text("a")) == hash(fastgo.text("a"))
    assert fastgo.text("a") == fastgo.text("a") != fastgo.text("b")


def test_a_spec_that_is_changed_later_changes_nothing(engine: str) -> None:
    spec = {"text": "before", "headers": [["X", "1"]]}
    app = fastgo.App()
    app.get("/", fastgo.Handler("constant", spec))
    spec["text"] = "after"
    spec["headers"][0][1] = "2"  # type: ignore[index]
    with Client(app, engine=engine) as client:
        answer = client.get("/")
    assert (answer.content, answer.headers["X"]) == (b"before", "1")


def test_documents_hold_text_as_it_is() -> None:
    app = fastgo.App()
    app.get("/", fastgo.text("é" * 1000))
    assert len(app.document(fastgo.Limits()).encode()) < 3000


def test_json_of_bytes_that_are_no_text_is_refused() -> None:
    import msgspec

    with pytest.raises(fastgo.ConfigError, match="json cannot encode this Raw"):
        fastgo.json(msgspec.Raw(b"\xff"))
