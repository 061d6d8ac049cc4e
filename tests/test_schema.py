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
from tests.documents import CODE, Twin, all_changed, changed, documents, has_twins, texts

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


def python(*params: str) -> dict[str, Any]:
    return handler("python", number=1, params=params)


def compiled(*parameters: dict[str, Any]) -> dict[str, Any]:
    return handler("compiled", address=CODE, result={"type": "int8"}, parameters=parameters)


# Parts of Go's messages, each with a document that the schema accepts.
BEYOND = [
    ("is registered twice", document({}, {})),
    ("match the same requests", document({}, {"path": "/{name}"})),
    ("neither is more specific", document({"path": "/{a}/b"}, {"path": "/a/{b}"})),
    ("is no IPv6 address", document({"host": "[1]"})),
    ("has a shorter form", document({"host": "[0::1]"})),
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
    (
        "have a Content-Type of HTML",
        document(handler("template", template="", headers=[["Content-Type", "text/html"]])),
    ),
    ("is there already", document(with_headers(*2 * [["Content-Encoding", "a"]]))),
    ("is empty; write a value", document(with_headers(["content-type", " "]))),
    ("is no entity-tag", document(with_headers(["ETag", "1"]))),
    (r"is number \d+\.0; write a whole number", document(handler("constant", status=200.0))),
    ("has no code at", document(handler("native", address=1))),
    ("the path has no parameter", document(python("x"))),
    ("is not int8", document(compiled({"name": "a", "type": "int8", "default": "x"}))),
    ("is not [a-z0-9]+, ", document(compiled({"name": "a", "type": "bool", "default": "2"}))),
    ("a request has one body", document(compiled(*2 * [{"name": "body", "type": "bytes"}]))),
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


def parsed(document: Any) -> Any:
    """Returns what a reader of the document's text sees."""
    return json.loads(json.dumps(document))


def agree(go: Go, document: Any) -> None:
    """Fails unless both accept the document or both refuse it, or the reason is beyond a schema."""
    refusal, valid = go.refusal(document), VALIDATOR.is_valid(parsed(document))
    if has_twins(document):
        assert refusal  # the schema sees one of the two
    elif refusal and valid:
        assert any(re.search(reason, refusal) for reason, _ in BEYOND), refusal
    elif not refusal and not valid:
        VALIDATOR.validate(parsed(document))  # tells why


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
    VALIDATOR.validate(parsed(document))
    assert re.search(reason, go.refusal(document))


@given(document=documents(LIMITS))
def test_document_of_an_app_is_valid(go: Go, document: Any) -> None:
    VALIDATOR.validate(document)
    agree(go, document)


@given(document=documents(LIMITS, odd=True))
def test_document_of_an_odd_app_is_accepted_or_refused_by_both(go: Go, document: Any) -> None:
    agree(go, document)


@given(document=changed(LIMITS))
def test_changed_document_is_accepted_or_refused_by_both(go: Go, document: Any) -> None:
    agree(go, document)


HEADERS = [["X-A", "a"], ["X-B", "b"]]
WHOLE = {
    "limits": {"version": 1, "limits": LIMITS.document()},
    "route": document({"host": "a.test", "trailing_slash": "strict", "source": "app.py:1"}),
    "text": document(handler("constant", status=200, headers=HEADERS, text="a")),
    "base64": document(handler("constant", base64="AAAA", status=200)),
    "redirect": document(handler("redirect", to="/", status=307, query="keep")),
    "template": document(handler("template", template="a", format="html", status=200, headers=[])),
    "no bytes": document(handler("constant", base64="", status=204)),
    "no template": document(handler("template", template="", status=204)),
    "builtin": document(handler("builtin", name="fibonacci")),
    "compiled": document(
        handler(
            "compiled",
            address=CODE,
            name="f",
            blocking=True,
            parameters=[
                {"name": "a", "type": "int16", "default": "1"},
                {"name": "body", "type": "bytes"},
                {"name": "w", "type": "array", "address": 1},
            ],
            result={"type": "float32", "dimensions": 2},
            template="{result}",
            format="text",
            status=200,
            headers=[],
        )
    ),
    "bytes": document(
        handler("compiled", address=CODE, result={"type": "int8", "dimensions": 1}, format="bytes")
    ),
    "python": document(python("id")),
    "coroutine": document(handler("python", number=1, runs="coroutine", params=[])),
    "native": document(
        handler("native", address=CODE, name="f", data=1, data_size=1, blocking=False)
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_change_of_a_field_is_accepted_or_refused_by_both(go: Go, name: str) -> None:
    assert go.refusal(WHOLE[name]) == ""
    for each in all_changed(WHOLE[name]):
        agree(go, each)


def in_redirect(to: str) -> dict[str, Any]:
    return handler("redirect", to=to)


def in_template(template: str) -> dict[str, Any]:
    return handler("template", template=template)


def in_base64(base64: str) -> dict[str, Any]:
    return handler("constant", base64=base64)


def named(name: str, change: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Returns a handler that uses a parameter of that name, and a path that has it."""
    return {"path": f"/{{{name}}}", **change(f"/{{{name}}}")}


# Where a text is put, what it may be made of beside single characters, and the field.
TEXTS: dict[str, tuple[str, str, Callable[[str], dict[str, Any]]]] = {
    "host": ("a%s", "1A.-_[]:%\n", lambda text: {"host": text}),
    "address": ("[%s]", "1aG:.]\n", lambda text: {"host": text}),
    "path": ("/%s", "/{}a1_:int.%2eEfF0~é\\\n", lambda text: {"path": text}),
    "escape": ("/%%%s0", "0127aefEFgG/", lambda text: {"path": text}),
    "escape's end": ("/%%7%s", "0127aefEFgG/", lambda text: {"path": text}),
    "parameter": ("/{%s}", "aZ_1:int./", lambda text: {"path": text}),
    "parameter's end": ("/{a%s}", "aZ_1:int./", lambda text: {"path": text}),
    "rest": ("/{a%s...}", "aZ_1:int./", lambda text: {"path": text}),
    "text": ("%s", "a\0\n", lambda text: handler("constant", text=text)),
    "base64": ("%sAAA", "Qgw=E+/-\n", in_base64),
    "base64 of one": ("A%s==", "AQgw=E", in_base64),
    "base64 of two": ("AA%s=", "AEIM=g", in_base64),
    "target": ("/%s", "/{}id?#%2e:@[]\\é\n", in_redirect),
    "target's begin": ("%s", "/{}id?#%2e:@[]\\é\n", in_redirect),
    "target's escape": ("/%%%s0", "0127aefEFgG/", in_redirect),
    "target's escape's end": ("/?%%0%s", "0127aefEFgG/", in_redirect),
    "target's host": ("http://a%s", "/{}id?#%2e:@[].\n", in_redirect),
    "target's path": ("https://a/%s", "/{}id?#%2e:@[]\\é\n", in_redirect),
    "target's name": ("%s", "aZ_1-./", lambda name: named(name, in_redirect)),
    "target's name's end": ("a%s", "aZ_1-./", lambda name: named(name, in_redirect)),
    "template": ("a%s", "{}id.é \n\0", in_template),
    "template's query": ("{query.%s}", ". a\n\0é{}", in_template),
    "template's header": ("{header.%s}", ". a\n\0é{}", in_template),
    "template's name": ("%s", "aZ_1-./", lambda name: named(name, in_template)),
    "template's name's end": ("a%s", "aZ_1-./", lambda name: named(name, in_template)),
    "name": ("%s", "a1-_~: \n\0é", lambda text: with_headers([text, ""])),
    "value": ("%s", 'aX"\t\r\n\0\x7fé', lambda text: with_headers(["X", text])),
}


# Of letters and digits those that are at the edges of a class, or might be.
CHARACTERS = [*(c for c in map(chr, range(128)) if not c.isalnum()), *"09aefgzAEFGZ", "é", "😀"]


@pytest.mark.parametrize("field", TEXTS)
def test_every_character_is_accepted_or_refused_by_both(go: Go, field: str) -> None:
    form, _, change = TEXTS[field]
    for character in CHARACTERS:
        agree(go, document(change(form % character)))


def drawn(field: str) -> st.SearchStrategy[dict[str, Any]]:
    form, alphabet, change = TEXTS[field]
    return texts(alphabet).map(lambda text: document(change(form % text)))


@given(st.lists(st.sampled_from(list(TEXTS)).flatmap(drawn), min_size=5, max_size=5))
def test_text_is_accepted_or_refused_by_both(go: Go, documents: list[dict[str, Any]]) -> None:
    for each in documents:
        agree(go, each)
