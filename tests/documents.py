"""Strategies: apps as users write them, and documents that somebody has changed."""

import contextlib
import ctypes
import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

import fastgo

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "*"]
HOSTS = ["a.test", "A.test", "b-1.test", "127.0.0.1", "[::1]"]
SEGMENTS = ["", "a", "b", "a.b", "~", "%41", "caf%C3%A9", "a%2Fb", "%7B", "{n:int}"]
ENDS = ["/", "/a", "/{id}", "/{rest...}"]
TARGETS = ["/", "/a?b=/../c#d", "/p/{id}?a={id}", "http://[::1]:80", "https://a.test?b#{id}"]
PIECES = ["Hello ", "é\n", '"', "{{", "}}", "{id}", "{query.a b}", "{header.X-A}"]
JSON = ["[{query.a}]", '{{"a": "{header.X-A}"}}', '{{"id": {id}}}', "null"]
HEADERS = [("X-A", ""), ("x-a", "a\tb"), ("Vary", "é"), ("Content-Type", "a/b"), ("ETag", '"1"')]
WITH_CONTENT = [200, 201, 206, 301, 404, 599]
WITHOUT_CONTENT = [204, 205, 304]
CODE = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p).value  # no handler, never called

# What is wrong, or looks as if it were.
ODD_METHODS = ["", "get", "**", "TRACE", "CONNECT", "BREW", "GET\n"]
ODD_HOSTS = ["a.test:80", "::1", "[::1", "[]", "[x]", "é.test", "*.test", "a b", "a.test\n"]
ODD_SEGMENTS = [".", "..", "%2e%2E", "a%2f..", "...", "%00", "%7f", "%zz", "%", "é", " ", "a\n"]
ODD_SEGMENTS += ["{}", "{1}", "{a:str}", "{a...}", "a{b}", "{a}{b}", "{", "}", "\\", "?", "#"]
ODD_SEGMENTS += [":", ":a", "a:", "*", "**", "*a"]
ODD_PATHS = ["", "a", "*", "/\n", "/{a}" * 17, "".join(f"/{{a{n}}}" for n in range(17))]
ODD_TARGETS = ["", "a", "//a.test", "/\\a.test", "/é", "/%zz", "/a#b#c", "/{", "/{{", "/{}", "/\n"]
ODD_TARGETS += ["/..", "/{rest}.", "ftp:/a", "http:a", "http://", "http:///", "http://{id}/"]
ODD_TARGETS += ["http://a@b", "http://a{id}"]
ODD_TARGETS += ["/{rest}/"]
ODD_PIECES = ["\0", "{", "}", "{}", "{1}", "{query.}", "{header.}", "{header.é}", "{nobody}"]
ODD_NAMES = ["", "é", "X A", "X:", "X\n"]
ODD_VALUES = ["a\r\nX: b", "\0", "\x7f", "a\n"]
ODD_HEADERS = [*((name, "a") for name in ODD_NAMES), *(("X-A", value) for value in ODD_VALUES)]
ODD_HEADERS += [("date", "now"), ("Trailer", "X-A"), ("ETag", "1"), ("etag", 'W/"1"')]
ODD_HEADERS += [("Content-Type", ""), ("Content-Encoding", "a"), ("content-encoding", "\t")]
ODD_ADDRESSES = [1, 2**63, 2**64 - 1]
ODD_STATUSES = [-1, 0, 100, 199, 600, 2**16 + 200, 2**70]


def texts(alphabet: str = "a0.:/%{}[]é\n\0") -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(alphabet), max_size=6)


@cache
@st.composite
def prefixes(draw: st.DrawFn, odd: bool) -> str:
    segments = st.lists(st.sampled_from(SEGMENTS + ODD_SEGMENTS * odd), max_size=3)
    return "".join(f"/{segment}" for segment in draw(segments))


@cache
def paths(odd: bool) -> st.SearchStrategy[str]:
    regular = st.builds("".join, st.tuples(prefixes(odd), st.sampled_from(ENDS)))
    return regular | st.sampled_from(ODD_PATHS) | texts() if odd else regular


@cache
def headers(odd: bool) -> st.SearchStrategy[Any]:
    pairs = st.lists(st.sampled_from(HEADERS + ODD_HEADERS * odd), max_size=2)
    return st.none() | pairs | pairs.map(dict)


@cache
def handlers(odd: bool) -> st.SearchStrategy[fastgo.Handler]:
    content = st.text(st.characters(codec="utf-8", exclude_characters="" if odd else "\0"))
    values = st.recursive(st.none() | st.booleans() | st.floats() | content, st.lists, max_leaves=3)
    pieces = st.lists(st.sampled_from(PIECES + ODD_PIECES * odd), max_size=4)
    options = {
        "status": st.sampled_from(WITH_CONTENT + WITHOUT_CONTENT * odd),
        "headers": headers(odd),
    }
    return st.one_of(
        st.builds(fastgo.text, content, **options),
        st.builds(fastgo.html, content, **options),
        st.builds(fastgo.json, values, **options),
        st.builds(fastgo.bytes, st.binary(), content_type=st.just("a/b"), **options),
        st.builds(
            fastgo.status,
            st.sampled_from(WITH_CONTENT + WITHOUT_CONTENT),
            headers=options["headers"],
        ),
        st.builds(
            fastgo.redirect,
            st.sampled_from(TARGETS + ODD_TARGETS * odd),
            status=st.sampled_from([301, 302, 303, 307, 308]),
            query=st.sampled_from(["keep", "drop"]),
        ),
        st.builds(
            fastgo.template,
            pieces.map("".join),
            format=st.sampled_from(["text", "html"]),
            **options,
        ),
        st.builds(fastgo.template, st.sampled_from(JSON), format=st.just("json"), **options),
        st.builds(fastgo.builtin, st.sampled_from(["fibonacci"] + ["turbo"] * odd)),
        st.builds(
            fastgo.native,
            st.sampled_from([CODE] + ODD_ADDRESSES * odd),
            data=st.sampled_from([None, b"data", 1]),
            blocking=st.booleans(),
        ),
    )


@cache
@st.composite
def apps(draw: st.DrawFn, odd: bool = False, depth: int = 1) -> fastgo.App:
    """An app with groups, hosts and mounts. What Python refuses at the call is left out."""
    app = fastgo.App(trailing_slash=draw(st.sampled_from(["strict", "redirect"])))
    groups: list[fastgo.Group] = [app]
    for _ in range(draw(st.integers(1, 4 - 2 * odd))):
        group = draw(st.sampled_from(groups))
        with contextlib.suppress(fastgo.ConfigError):
            match draw(st.sampled_from(["route", "group", "host", "mount"][: 3 + depth])):
                case "group":
                    groups.append(group.group(draw(prefixes(odd))))
                case "host":
                    groups.append(group.host(draw(st.sampled_from(HOSTS + ODD_HOSTS * odd))))
                case "mount":
                    mounted = draw(handlers(False) | apps(odd, depth - 1))
                    group.mount(draw(prefixes(odd)), mounted)
        which = draw(st.sampled_from(["method", "path", "handler"])) if odd else ""
        method = draw(st.sampled_from(METHODS + ODD_METHODS * (which == "method")))
        path, handler = draw(paths(which == "path")), draw(handlers(which == "handler"))
        with contextlib.suppress(fastgo.ConfigError):
            groups[-1].route(method, path, handler)
    return app


@st.composite
def documents(draw: st.DrawFn, limits: fastgo.Limits, odd: bool = False) -> Any:
    """What apps emit."""
    try:
        return json.loads(draw(apps(odd)).document(limits))
    except fastgo.ConfigError:  # a mount on another host
        return {"version": 1}


ANY = [None, True, 0, 1, -1, 1.0, 0.5, 1e300, 2**70, "", "x", "1", [], ["x"], {}, {"x": 1}]
SIZES = [63, 64, 2**16, 2**16 + 1, 2**24, 2**24 + 1, 2**63 - 2, 2**63 - 1]
TIMES = [0.0009, 0.001, 3e9, 3e9 + 1]
CHANGES = {
    "method": METHODS + ODD_METHODS,
    "host": HOSTS + ODD_HOSTS,
    "path": [f"/{segment}" for segment in SEGMENTS + ODD_SEGMENTS] + ODD_PATHS,
    "trailing_slash": ["", "strict", "redirect", "lax"],
    "kind": ["constant", "builtin", "compiled", "native", "python", "redirect", "template", "text"],
    "status": WITH_CONTENT + WITHOUT_CONTENT + ODD_STATUSES + [*range(300, 310), 200.0],
    "text": ["", "a", "a\0b"],
    "base64": ["", "AA==", "AAA=", "AAAA", "AB==", "AA", "A\nAAA", "AAAA\n", "-_-_", "===="],
    "to": TARGETS + ODD_TARGETS,
    "query": ["", "keep", "drop", "sort"],
    "template": PIECES + ODD_PIECES,
    "format": ["", "text", "html", "json", "bytes", "xml"],
    "type": ["bool", "int8", "uint64", "float32", "bytes", "array", "str"],
    "default": ["1", "-1", "true", "x"],
    "dimensions": [0, 1, 4, 5],
    "version": [2, 1.0],
    "name": ["fibonacci", "turbo"],
    "number": [1, 2**32 - 1, 2**32],
    "params": [["id"], ["id", "id"], ["name"]],
    "address": [CODE, 0, *ODD_ADDRESSES, 2**64],
    "data": [2**64 - 1, 2**64],
    "data_size": [2**64 - 1, 2**64],
    **{name: TIMES if name.endswith("_time") else SIZES for name in fastgo.Limits().document()},
}


class Twin(str):
    """A name that an object can have twice."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def members(container: Any) -> list[tuple[Any, Any]]:
    """Returns all objects and lists, each with the name or number of each of its members."""
    found = []
    for key in container if isinstance(container, dict) else range(len(container)):
        found.append((container, key))
        if isinstance(container[key], dict | list):
            found += members(container[key])
    return found


def has_twins(document: Any) -> bool:
    """Reports whether an object has a name twice."""
    objects = [container for container, _ in members(document) if isinstance(container, dict)]
    return any(len({str(name) for name in each}) < len(each) for each in objects)


def changes(container: Any, key: Any) -> list[tuple[str, Any]]:
    """Returns what `change` can do to a member, or beside it."""
    found: list[tuple[str, Any]] = [("drop", None)]
    found += [("replace", value) for value in CHANGES.get(key, []) + ANY]
    if isinstance(container, list):
        return [*found, *(("insert", value) for value in [container[key], *ANY])]
    found += [("rename", name) for name in (key.upper(), key.title(), "extra")]
    found += [("repeat", container[key])]
    return [*found, *(("add", (name, values[0])) for name, values in CHANGES.items())]


def change(container: Any, key: Any, what: str, value: Any) -> None:
    value = deepcopy(value)  # which the next change may change
    match what:
        case "drop":
            del container[key]
        case "replace":
            container[key] = value
        case "insert":
            container.insert(key, value)
        case "rename":
            container[value] = container.pop(key)
        case "repeat":
            container[Twin(key)] = value
        case "add":
            container.setdefault(*value)


def all_changed(document: Any) -> Iterator[Any]:
    """Yields the document with each change that there is, one at a time."""
    for number, place in enumerate(members(document)):
        for each in changes(*place):
            copy = json.loads(json.dumps(document))
            change(*members(copy)[number], *each)
            yield copy


@st.composite
def changed(draw: st.DrawFn, limits: fastgo.Limits) -> Any:
    """A document that an app has emitted, with two changes in it."""
    document = draw(documents(limits))
    for _ in range(2):
        if places := members(document):
            place = draw(st.sampled_from(places))
            change(*place, *draw(st.sampled_from(changes(*place))))
    return document
