"""The facade, called past the package: what fails is an error with a code, never a crash."""

import json
from typing import Any

import pytest

import fastgo
from fastgo import _library

CONFIGURATION: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 0,
    "uds": "",
    "engine": "auto",
    "loops": 0,
    "document": fastgo.demo().document(fastgo.Limits()),
}


def changed(**changes: Any) -> str:
    """Returns a document that would be valid without the changes."""
    document = json.loads(CONFIGURATION["document"])
    return json.dumps({**document, **changes})


def route(**changes: Any) -> str:
    """Returns a document with one route, which would be valid without the changes."""
    handler = {"kind": "constant", "spec": {"text": "x", "status": 200}}
    valid = {"method": "GET", "path": "/", "handler": handler, "source": "app.py:1"}
    return changed(routes=[{**valid, **changes}])


def refusal(call: Any, *arguments: Any) -> fastgo.Error:
    """Returns the error that a call fails with, as Python users see it."""
    with pytest.raises(RuntimeError) as raised:
        call(*arguments)
    described = json.loads(str(raised.value))
    assert set(described) <= {"code", "message", "errno", "address"}
    error = _library.translate(raised.value)
    assert str(error) == described["message"]
    return error


@pytest.mark.parametrize(
    "configuration",
    ["", "{", "null", "[]", "5", '"text"', '{"port": "80"}', '{"loops": 1.5}', '{"document": {}}'],
)
def test_broken_configuration_is_an_error(configuration: str) -> None:
    assert isinstance(refusal(_library.load().Start, configuration), fastgo.Error)


DOCUMENTS = [
    ("", "document: is not JSON"),
    ("{", "document: is not JSON"),
    ("[" * 100_000, "document: is not JSON"),
    ("{}{}", "document"),
    ("null", "document.version: 0 is not known; write 1"),
    ("{}", "document.version: 0 is not known; write 1"),
    ("[]", "document: is array; write an object"),
    ("5", "document: is number; write an object"),
    (changed(version=2), "document.version: 2 is not known; write 1"),
    (changed(version="1"), "document.version: is string; write a whole number"),
    (changed(version=2**70), "document.version: is number"),
    (changed(extra=1), 'document: has an unknown field "extra"; remove it'),
    (changed(routes={}), "document.routes: is object; write a list"),
    (changed(routes=[5]), "routes[0]: is number; write an object"),
    (changed(routes=[None]), "document.routes[0]: is null; write a value"),
    (changed(routes=[{}]), "routes[0].method: "),
    (changed(limits=[]), "document.limits: is array; write an object"),
    (changed(limits={"header": "x"}), "document.limits.header: is string; write a whole number"),
    (changed(limits={"header": 1e10}), "document.limits.header: is number"),
    (changed(limits={"idle_time": "x"}), "document.limits.idle_time: is string; write a number"),
    (changed(limits={"speed": 1}), 'document: has an unknown field "speed"; remove it'),
    (route(method=5), "routes[0].method: is number; write a string"),
    (route(path=None), 'routes[0].path: "" does not begin'),
    (route(extra=1), 'routes[0]: has an unknown field "extra"; remove it'),
    (route(handler=None), "routes[0].handler"),
    (route(handler=5), "routes[0].handler"),
    (route(handler={}), 'routes[0].handler.kind: "" is not known'),
    (route(handler={"kind": 5}), "routes[0].handler"),
    (route(handler={"kind": "constant", "spec": []}), "routes[0].handler.spec: is array"),
    (route(handler={"kind": "constant", "spec": {"text": []}}), "routes[0].handler.spec.text: is"),
    (route(handler={"kind": "constant", "more": 1}), "routes[0].handler: has an unknown field"),
]


@pytest.mark.parametrize(("document", "message"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_wrong_document_is_a_config_error_that_names_the_place(document: str, message: str) -> None:
    configuration = json.dumps({**CONFIGURATION, "document": document})
    error = refusal(_library.load().Start, configuration)
    assert isinstance(error, fastgo.ConfigError)
    assert str(error).startswith(message)


def test_document_of_an_app_is_valid() -> None:
    library = _library.load()
    info = json.loads(library.Start(json.dumps(CONFIGURATION)))
    assert info["url"] == f"http://127.0.0.1:{info['port']}"
    table = json.loads(library.Update(CONFIGURATION["document"]))
    assert table > info["table"]
    stop(library)


def test_document_says_what_the_app_does() -> None:
    app = fastgo.App()
    app.route("PUT", "/path", fastgo.text("grüß", status=201))
    document = json.loads(app.document(fastgo.Limits(body=7)))
    headers = [["Content-Type", "text/plain; charset=utf-8"]]
    spec = {"text": "grüß", "status": 201, "headers": headers}
    assert document == {
        "version": 1,
        "routes": [
            {
                "method": "PUT",
                "path": "/path",
                "handler": {"kind": "constant", "spec": spec},
                "source": app.routes()[0].source,
            }
        ],
        "limits": {
            "request_line": 8192,
            "header": 32768,
            "header_fields": 100,
            "body": 7,
            "header_time": 10.0,
            "body_time": 30.0,
            "write_time": 30.0,
            "idle_time": 75.0,
            "drain_time": 30.0,
            "in_flight": 32,
            "connections": 0,
            "native_memory": 67108864,
            "inline_budget": 0.01,
            "blocking_threads": 0,
            "blocking_queue": 1024,
            "python_queue": 1024,
            "coroutine_time": 0.0,
        },
    }


def test_document_tells_hosts_and_policies_where_they_are_not_the_default() -> None:
    app = fastgo.App(trailing_slash="redirect")
    app.host("a.test").get("/", fastgo.status(204))
    app.get("/", fastgo.status(204))
    strict = fastgo.App()
    strict.get("/", fastgo.status(204))
    app.mount("/strict", strict)
    routes = json.loads(app.document(fastgo.Limits()))["routes"]
    assert [(route.get("host"), route.get("trailing_slash")) for route in routes] == [
        ("a.test", "redirect"),
        (None, "redirect"),
        (None, None),
    ]


def test_server_that_has_not_been_started_is_a_state_error() -> None:
    library = _library.load()
    for call, *arguments in (
        (library.Stats,),
        (library.Events,),
        (library.Stop, 0.0),
        (library.Update, CONFIGURATION["document"]),
    ):
        assert isinstance(refusal(call, *arguments), fastgo.StateError)


def test_server_that_has_been_started_cannot_be_started_again() -> None:
    library = _library.load()
    library.Start(json.dumps(CONFIGURATION))
    assert isinstance(refusal(library.Start, json.dumps(CONFIGURATION)), fastgo.StateError)
    stop(library)


def test_limits_cannot_change_while_the_server_runs() -> None:
    library = _library.load()
    library.Start(json.dumps(CONFIGURATION))
    error = refusal(library.Update, changed(limits=fastgo.Limits(body=5).document()))
    assert isinstance(error, fastgo.ConfigError)
    assert str(error).startswith("limits: cannot change while the server runs")
    stop(library)


def test_calls_after_the_end_are_harmless() -> None:
    library = _library.load()
    library.Start(json.dumps(CONFIGURATION))
    stop(library)
    for _ in range(3):
        assert json.loads(library.Events()) is None
        assert json.loads(library.Stop(-1.0)) is True
        assert json.loads(library.Stats())["requests"] == 0
        assert isinstance(refusal(library.Update, CONFIGURATION["document"]), fastgo.StateError)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"code": "config", "message": "m"}', fastgo.ConfigError),
        ('{"code": "bind", "message": "m", "errno": 98, "address": "a"}', fastgo.BindError),
        ('{"code": "state", "message": "m"}', fastgo.StateError),
        ('{"code": "internal", "message": "m"}', fastgo.Error),
        ('{"code": "of tomorrow", "message": "m"}', fastgo.Error),
    ],
)
def test_every_code_becomes_an_exception(text: str, kind: type[fastgo.Error]) -> None:
    error = _library.translate(RuntimeError(text))
    assert type(error) is kind
    assert str(error) == "m"


@pytest.mark.parametrize("text", ["", "plain", "{}", "[]", "null", '{"code": "bind"}'])
def test_text_that_is_no_description_becomes_an_error_as_it_is(text: str) -> None:
    error = _library.translate(RuntimeError(text))
    assert type(error) is fastgo.Error
    assert str(error) == text


def stop(library: _library.Library) -> None:
    """Stops a server and reads its events to their end."""
    library.Stop(0.0)
    kinds: list[str] = []
    while batch := json.loads(library.Events()):
        kinds += [event["kind"] for event in batch]
    assert kinds[-1] == "stopped"
