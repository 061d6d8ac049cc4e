"""Templates: values of the request, put into answers so that they stay values."""

import json
from typing import Any

import pytest

import fastgo
from tests.client import Answer, Client
from tests.servers import Serve


def ask(serve: Serve, pattern: str, handler: fastgo.Handler, target: str, *fields: str) -> Answer:
    """Returns the answer of an app with that one route."""
    app = fastgo.App()
    app.get(pattern, handler)
    with Client(serve(app).url) as client:
        return client.ask(
            "GET", target, fields="".join(f"{each}\r\n" for each in ("Host: t", *fields))
        )


def test_document_says_template_format_status_and_headers() -> None:
    handler = fastgo.template("{id}", format="json", status=201, headers={"A": "1"})
    assert handler.kind == "template"
    assert handler.spec == {
        "template": "{id}",
        "format": "json",
        "status": 201,
        "headers": (("A", "1"),),
    }
    assert fastgo.template("").spec == {
        "template": "",
        "format": "text",
        "status": 200,
        "headers": (),
    }


VALUES = [
    ("/hello/{name}", "Hello {name}!", "/hello/World", "Hello World!"),
    ("/{a}/{b}", "{b}{a}{b}", "/1/2", "212"),
    ("/{id:int}", "<{id}>", "/-7", "<-7>"),
    ("/{rest...}", "<{rest}>", "/a/b/", "<a/b/>"),
    ("/{rest...}", "<{rest}>", "/", "<>"),
    ("/{name}", "{name}", "/gr%C3%BC%C3%9F%2Fa+b", "grüß/a+b"),
    ("/", "plain", "/", "plain"),
    ("/", "", "/", ""),
    ("/", "{{}} {{name}}", "/", "{} {name}"),
    ("/{name}", "{{{name}}}", "/x", "{x}"),
    ("/", "{query.page}", "/?page=2", "2"),
    ("/", "<{query.page}>", "/", "<>"),
    ("/", "<{query.page}>", "/?other=1", "<>"),
    ("/", "<{query.page}>", "/?page", "<>"),
    ("/", "{query.page}", "/?a=1&page=first&page=second", "first"),
    ("/", "{query.q}", "/?q=a%20b+c%26d", "a b c&d"),
    ("/{id}", "{id} {query.id}", "/path?id=query", "path query"),
]


@pytest.mark.smoke
@pytest.mark.parametrize(("pattern", "template", "target", "expected"), VALUES)
def test_values_are_put_in(
    serve: Serve, pattern: str, template: str, target: str, expected: str
) -> None:
    answer = ask(serve, pattern, fastgo.template(template), target)
    assert (answer.status, answer.body.decode()) == (200, expected)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["User-Agent: me"], b"<me>"),
        (["user-agent: me"], b"<me>"),
        (["User-Agent: me", "User-Agent: you"], b"<me>"),
        ([], b"<>"),
        (["User-Agent:"], b"<>"),
    ],
)
def test_header_is_put_in(serve: Serve, fields: list[str], expected: bytes) -> None:
    handler = fastgo.template("<{header.User-Agent}>")
    assert ask(serve, "/", handler, "/", *fields).body == expected


FORMATS = [
    ("text", "text/plain; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("json", "application/json"),
]


@pytest.mark.parametrize(("format_", "content_type"), FORMATS)
def test_format_gives_the_content_type_unless_headers_do(
    serve: Serve, format_: str, content_type: str
) -> None:
    handler = fastgo.template("1", format=format_, status=203, headers={"X-A": "1"})
    answer = ask(serve, "/", handler, "/")
    assert (answer.status, answer["Content-Type"], answer["X-A"]) == (203, content_type, "1")
    handler = fastgo.template("1", format=format_, headers={"content-type": "text/csv"})
    assert ask(serve, "/", handler, "/")["Content-Type"] == "text/csv"


NASTY = "<script>\"'&`\\\x01\u2028</script>grüß"
ENCODED = "%3Cscript%3E%22%27%26%60%5C%01%E2%80%A8%3C%2Fscript%3Egr%C3%BC%C3%9F"


def test_text_takes_values_as_they_are(serve: Serve) -> None:
    assert ask(serve, "/{v}", fastgo.template("{v}"), f"/{ENCODED}").body.decode() == NASTY


def test_html_escapes_values_for_content_and_quoted_attributes(serve: Serve) -> None:
    handler = fastgo.template("<p title='{v}' class=\"{query.v}\">{v}</p>", format="html")
    body = ask(serve, "/{v}", handler, f"/{ENCODED}?v={ENCODED}").body.decode()
    inside = body.removeprefix("<p title='").removesuffix("</p>")
    assert inside.count("<") == 0
    assert inside.count("'") == 1
    assert inside.count('"') == 2
    assert inside.count(">") == 1
    assert "grüß" in body


def test_json_encodes_values_as_strings(serve: Serve) -> None:
    handler = fastgo.template('{{"a": {v}, "b": [{query.v}, {query.none}]}}', format="json")
    body = ask(serve, "/{v}", handler, f"/{ENCODED}?v={ENCODED}").body
    assert json.loads(body) == {"a": NASTY, "b": [NASTY, ""]}
    assert b"</script>" not in body


def test_json_has_numbers_of_the_path_as_numbers_and_values_within_quotes_as_parts(
    serve: Serve,
) -> None:
    template = '{{"id": {id}, "name": "<{query.name}> of {id}"}}'
    handler = fastgo.template(template, format="json")
    body = ask(serve, "/{id:int}", handler, "/-7?name=%22").body
    assert json.loads(body) == {"id": -7, "name": '<"> of -7'}


def test_json_stays_json_whatever_bytes_come(serve: Serve) -> None:
    handler = fastgo.template("[{v}]", format="json")
    for target in ("/%FF%FE", "/%C3", "/%ED%A0%80", "/%F4%90%80%80", "/%01%1F%7F"):
        assert isinstance(json.loads(ask(serve, "/{v}", handler, target).body)[0], str)


def test_head_of_a_template_tells_its_length(serve: Serve) -> None:
    app = fastgo.App()
    app.get("/{name}", fastgo.template("Hello {name}!"))
    with Client(serve(app).url) as client:
        assert client.ask("HEAD", "/World")["Content-Length"] == str(len("Hello World!"))
        assert client.get("/World").body == b"Hello World!"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"template": None}, "template must be str, not NoneType"),
        ({"template": b"x"}, "template must be str, not bytes; decode it first"),
        ({"template": "\ud800"}, "template is not valid Unicode"),
        ({"template": "", "format": "xml"}, 'format must be "text", "html" or "json", not "xml"'),
        ({"template": "", "format": None}, "format must be str, not NoneType"),
        ({"template": "", "status": 100}, "status must be 200 to 599, not 100"),
        ({"template": "", "status": "200"}, "status must be int, not str"),
        ({"template": "", "headers": "A"}, "headers must be a mapping or pairs"),
        ({"template": "", "headers": {"A": 1}}, "the value of the header 'A' must be str"),
    ],
)
def test_wrong_argument_is_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.template(**arguments)
    assert str(raised.value).startswith(message)
