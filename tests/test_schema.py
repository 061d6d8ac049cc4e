"""The schema of the route document: what Python emits, what it says, and what Go accepts, agree.

Go is asked by updates of one server, which goes on serving whatever it is given. The schema may
accept what Go refuses, but only for a reason in BEYOND, which no schema can express.
"""

import importlib.resources
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastgo
from tests.client import Client
from tests.documents import Twin, changed, documents, members, texts

SCHEMA = json.loads((importlib.resources.files("fastgo") / "document.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LIMITS = fastgo.Limits()


def document(*changes: dict[Any, Any]) -> dict[str, Any]:
    """Returns a document with a route for each of the changes, which would be valid without."""
    valid = {"method": "GET", "path": "/{id}", "handler": {"kind": "constant"}}
    return {"version": 1, "routes": [{**valid, **each} for each in changes]}


def handler(kind: str, **spec: Any) -> dict[str, Any]:
    return {"handler": {"kind": kind, "spec": spec}}


def with_headers(*headers: list[str]) -> dict[str, Any]:
    return handler("constant", text="x", headers=headers)


# Parts of Go's messages, each with a document that the schema accepts.
BEYOND = [
    ("is registered twice", document({}, {})),
    ("match the same requests", document({}, {"path": "/{name}"})),
    ("neither is more specific", document({"path": "/{a}/b"}, {"path": "/a/{b}"})),
    ("has two parameters called", document({"path": "/{a}/{a}"})),
    (r"{\w+} at byte \d+ is not known", document(handler("redirect", to="/{name}"))),
    (r"{\w+} at byte \d+ is not known", document(handler("template", template="{name}"))),
    ("is no host; write a name", document(handler("redirect", to="http://[::1/"))),
    ("has a segment .* or can get one", document(handler("redirect", to="/%2e"))),
    ("may be empty", document({"path": "/{a...}", **handler("redirect", to="/{a}/b")})),
    (
        "is not JSON, with values",
        document(handler("template", template="{{", format="json")),
    ),
    ("is written by the server", document(with_headers(["date", "now"]))),
    ("is there already", document(with_headers(["ETag", '"1"'], ["etag", '"2"']))),
    ("is there already", document(with_headers(*2 * [["Content-Encoding", "a"]]))),
    ("is empty; write a value", document(with_headers(["content-type", " "]))),
    ("is no entity-tag", document(with_headers(["ETag", "1"]))),
    (r"is number \d+\.0; write a whole number", document(handler("constant", status=200.0))),
    ("has the field .* twice", document({Twin("path"): "/"})),
]


class Go:
    """A server that says what Go refuses."""

    def __init__(self, server: fastgo.Server, client: Client) -> None:
        self._server = server
        self._client = client

    def refusal(self, document: Any) -> str:
        """Returns why Go refuses a document, "" where it accepts it."""
        try:
            self._server._call("Update", json.dumps(document))
            refusal = ""
        except fastgo.ConfigError as error:
            refusal = str(error)
        assert self._client.ask("OPTIONS", "*").status == 204
        if refusal.startswith("limits: cannot change"):  # so they are right; is the rest?
            return self.refusal({**document, "limits": LIMITS.document()})
        return refusal


@pytest.fixture(scope="module")
def go() -> Iterator[Go]:
    with fastgo.serve(port=0, loops=1) as server, Client(server.url) as client:
        yield Go(server, client)


def errors(document: Any) -> str:
    """Returns why the schema refuses a document, "" where it accepts it."""
    found = VALIDATOR.iter_errors(json.loads(json.dumps(document)))
    return "; ".join(f"{error.json_path}: {error.message}" for error in found)


def agree(go: Go, document: Any) -> None:
    """Fails unless both accept the document or both refuse it, or the reason is beyond a schema."""
    refusal, wrong = go.refusal(document), errors(document)
    if any(isinstance(key, Twin) for _, key in members(document)):
        assert refusal  # the schema sees one of the two
    elif refusal and not wrong:
        assert any(re.search(reason, refusal) for reason, _ in BEYOND), refusal
    else:
        assert bool(refusal) == bool(wrong), wrong


def test_schema_is_valid_and_strict() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [each for each in (SCHEMA, *SCHEMA["$defs"].values()) if each.get("type") == "object"]
    assert all(each["additionalProperties"] is False for each in objects)


def test_defaults_are_those_of_limits() -> None:
    limits = SCHEMA["$defs"]["limits"]["properties"]
    assert {name: limit["default"] for name, limit in limits.items()} == LIMITS.document()


def test_kinds_and_builtins_are_those_of_go(go: Go) -> None:
    for of, name, wrong in [
        ("handler", "kind", handler("")),
        ("builtin", "name", handler("builtin", name="")),
    ]:
        known = re.search(r"choose one of ([\w, ]+) \(", go.refusal(document(wrong)))
        assert known
        assert known[1].split(", ") == SCHEMA["$defs"][of]["properties"][name]["enum"]


@pytest.mark.parametrize(("reason", "document"), BEYOND)
def test_what_no_schema_can_express_is_refused_by_go(
    go: Go, reason: str, document: dict[str, Any]
) -> None:
    assert errors(document) == ""
    assert re.search(reason, go.refusal(document))


@given(document=documents(LIMITS))
def test_document_of_an_app_is_valid(go: Go, document: Any) -> None:
    assert errors(document) == ""
    agree(go, document)


@given(document=documents(LIMITS, odd=True))
def test_document_of_a_wrong_app_is_refused_by_both(go: Go, document: Any) -> None:
    agree(go, document)


@given(document=changed(LIMITS))
def test_changed_document_is_accepted_or_refused_by_both(go: Go, document: Any) -> None:
    agree(go, document)


TEXTS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "host": ("a1A.-_[]:%\n", lambda text: {"host": text}),
    "path": ("/{}a1_:int.%2eEfF0~é\\\n", lambda text: {"path": "/" + text}),
    "text": ("a\0\n", lambda text: handler("constant", text=text)),
    "base64": ("AQgw=E+/-\n", lambda text: handler("constant", base64=text)),
    "to": ("/{}id?#%2e:@[]\\é\n", lambda text: handler("redirect", to="/" + text)),
    "url": ("/{}id?#%2e:@[].\n", lambda text: handler("redirect", to="http://" + text)),
    "template": ("{}id.é \n\0", lambda text: handler("template", template=text)),
    "query": ("}. a\n\0é{", lambda text: handler("template", template="{query." + text)),
    "header": ("}. a\n\0é{", lambda text: handler("template", template="{header." + text)),
    "name": ("aX1-_~: \n\0é", lambda text: with_headers([text, ""])),
    "value": ('aX"\t\r\n\0\x7fé', lambda text: with_headers(["X", text])),
}


@pytest.mark.parametrize("field", TEXTS)
@given(data=st.data())
def test_text_is_accepted_or_refused_by_both(go: Go, field: str, data: st.DataObject) -> None:
    alphabet, change = TEXTS[field]
    agree(go, document(change(data.draw(texts(alphabet)))))
