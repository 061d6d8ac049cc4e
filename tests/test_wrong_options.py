"""Wrong options of `serve`, `run`, `Limits` and the server's methods: each is told by name."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.servers import Serve

NUL, SURROGATE = "\0", "\ud800"

OPTIONS = [
    ("port", -1, "port: -1 is out of range; choose 0 to 65535"),
    ("port", 65536, "port: 65536 is out of range; choose 0 to 65535"),
    ("port", 2**70, "port is out of range: 1180591620717411303424"),
    ("port", "80", "port must be int, not str"),
    ("port", None, "port must be int, not NoneType"),
    ("port", True, "port must be int, not bool"),
    ("port", 80.5, "port must be int, not float"),
    ("host", "", 'host: is empty; write "127.0.0.1"'),
    ("host", None, "host must be str, not NoneType"),
    ("host", b"127.0.0.1", "host must be str, not bytes; decode it first"),
    ("host", SURROGATE, r"host is not valid Unicode: character 0 is the lone surrogate '\ud800'"),
    ("uds", "", "uds is empty; write a path, or None"),
    ("uds", b"/run/a.sock", "uds must be str, not bytes; decode it first"),
    ("uds", 5, "uds must be str, not int"),
    ("uds", "/run/a" + NUL, r'uds: "/run/a\x00" has a NUL character at byte 6; remove it'),
    ("uds", "/run/\udcff", "uds is not valid Unicode"),
    ("engine", "steam", 'engine: "steam" is not known; choose "auto", "epoll" or'),
    ("engine", "", 'engine: "" is not known; choose "auto", "epoll" or'),
    ("engine", None, "engine must be str, not NoneType"),
    ("loops", 0, "loops must be 1 or more, not 0; None means all cores"),
    ("loops", -1, "loops must be 1 or more, not -1; None means all cores"),
    ("loops", 5000, "loops: 5000 is out of range; choose 1 to 4096"),
    ("loops", 2**64, "loops is out of range: 18446744073709551616"),
    ("loops", "2", "loops must be int, not str"),
    ("loops", 2.0, "loops must be int, not float"),
    ("loops", True, "loops must be int, not bool"),
    ("limits", {"header": 4096}, "limits must be fastgo.Limits, not dict"),
]


@pytest.mark.smoke
@pytest.mark.parametrize(("name", "value", "message"), OPTIONS)
def test_serve_names_the_option_and_what_to_write(
    serve: Serve, name: str, value: object, message: str
) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(**{name: value})
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("call", [fastgo.serve, fastgo.run])
@pytest.mark.parametrize("app", ["app", [], fastgo.App, fastgo.text("x")])
def test_app_of_another_type_is_refused(call: Callable[..., object], app: object) -> None:
    with pytest.raises(fastgo.ConfigError, match=r"app must be a fastgo\.App, not \w+"):
        call(app, port=0)


def test_run_refuses_what_serve_refuses() -> None:
    with pytest.raises(fastgo.ConfigError, match="port: 65536 is out of range"):
        fastgo.run(port=65536)


@pytest.mark.parametrize("call", [fastgo.serve, fastgo.run])
def test_options_have_to_be_named(call: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="positional"):
        call(fastgo.App(), "127.0.0.1")


LIMITS = [
    ("header", 63, "limits.header: 63 is out of range; choose 64 to 16777216"),
    ("header", 2**24 + 1, "limits.header: 16777217 is out of range; choose 64 to 16777216"),
    ("header", "4096", "limits.header must be int, not str"),
    ("header", 4096.0, "limits.header must be int, not float"),
    ("body", -1, "limits.body: -1 is out of range; choose 0 to "),
    ("body", 2**64, "limits.body is out of range: 18446744073709551616"),
    ("body", None, "limits.body must be int, not NoneType"),
    ("idle_time", 0, "limits.idle_time: 0 is out of range; choose 0.001 to "),
    ("idle_time", math.nan, "limits.idle_time must be a finite number of seconds, not nan"),
    ("idle_time", "75", "limits.idle_time must be a number of seconds, not str"),
    ("write_time", -1, "limits.write_time: -1 is out of range; choose 0.001 to "),
    ("write_time", math.inf, "limits.write_time must be a finite number of seconds, not inf"),
    ("write_time", None, "limits.write_time must be a number of seconds, not NoneType"),
    ("drain_time", -0.5, "limits.drain_time: -0.5 is out of range; choose 0 to "),
    ("drain_time", 1e300, "limits.drain_time: 1e+300 is out of range; choose 0 to "),
    ("drain_time", False, "limits.drain_time must be a number of seconds, not bool"),
    ("request_line", 63, "limits.request_line: 63 is out of range; choose 64 to 16777216"),
    ("header_fields", 0, "limits.header_fields: 0 is out of range; choose 1 to 65536"),
    ("header_time", 0, "limits.header_time: 0 is out of range; choose 0.001 to "),
    ("body_time", 0, "limits.body_time: 0 is out of range; choose 0.001 to "),
    ("in_flight", 0, "limits.in_flight: 0 is out of range; choose 1 to 65536"),
    ("connections", -1, "limits.connections: -1 is out of range; choose 0 to "),
    ("connections", True, "limits.connections must be int, not bool"),
    ("native_memory", 2**16 - 1, "limits.native_memory: 65535 is out of range; choose 65536 to "),
    ("inline_budget", 0, "limits.inline_budget: 0 is out of range; choose 0.001 to "),
    ("inline_budget", "1", "limits.inline_budget must be a number of seconds, not str"),
    ("blocking_threads", 4097, "limits.blocking_threads: 4097 is out of range; choose 0 to 4096"),
    ("blocking_queue", -1, "limits.blocking_queue: -1 is out of range; choose 0 to 1048576"),
]


@pytest.mark.parametrize(("name", "value", "message"), LIMITS)
def test_limit_of_wrong_type_or_range_is_refused(
    serve: Serve, name: str, value: Any, message: str
) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        serve(limits=fastgo.Limits(**{name: value}))
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    "limits",
    [
        {"header": 64},
        {"header": 2**24},
        {"body": 0},
        {"body": 2**62},
        {"idle_time": 0.001},
        {"write_time": 1},
        {"drain_time": 0},
        {"drain_time": 3e9},
        {"request_line": 64},
        {"header_fields": 1},
        {"header_time": 0.001},
        {"body_time": 0.001},
        {"in_flight": 1},
        {"in_flight": 2**16},
        {"connections": 1},
        {"connections": 2**24},
        {"native_memory": 2**16},
        {"inline_budget": 0.001},
        {"blocking_threads": 1},
        {"blocking_queue": 0},
    ],
    ids=str,
)
def test_limit_at_the_edge_of_its_range_is_accepted(serve: Serve, limits: dict[str, Any]) -> None:
    serve(limits=fastgo.Limits(**limits)).stop()


@pytest.mark.parametrize(
    ("drain", "message"),
    [
        (-1, "drain must be 0 or more seconds, not -1"),
        (math.nan, "drain must be a finite number of seconds, not nan"),
        (-math.inf, "drain must be a finite number of seconds, not -inf"),
        ("1", "drain must be a number of seconds, not str"),
        (True, "drain must be a number of seconds, not bool"),
    ],
)
def test_wrong_drain_is_refused_and_the_server_goes_on(
    server: fastgo.Server, drain: Any, message: str
) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        server.stop(drain)
    assert str(raised.value) == message
    server.update(fastgo.demo())


@pytest.mark.parametrize("drain", [0, 0.0, 1, 1e300, 10**18])
def test_drain_may_be_any_number_of_seconds(server: fastgo.Server, drain: float) -> None:
    assert server.stop(drain) == 0


@pytest.mark.smoke
def test_errors_are_of_the_types_that_python_programs_catch() -> None:
    assert issubclass(fastgo.ConfigError, ValueError)
    assert issubclass(fastgo.BindError, OSError)
    for error in (fastgo.ConfigError, fastgo.BindError, fastgo.ForkError, fastgo.StateError):
        assert issubclass(error, fastgo.Error)
