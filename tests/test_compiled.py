"""Compiled functions, being served: what they are called with, what becomes of their results."""

import dataclasses
import json
import logging
import math
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.client import Answer, Client
from tests.load import Load
from tests.servers import Serve
from tests.waiting import eventually

pytest.importorskip("numba")
np = pytest.importorskip("numpy")

# A busy machine must not make a handler one that holds up others, which is logged.
PATIENT = fastgo.Limits(inline_budget=30.0)


def app_of(handler: fastgo.Handler, path: str = "/") -> fastgo.App:
    app = fastgo.App()
    app.route("*", path, handler)
    return app


@pytest.fixture
def ask(serve: Serve) -> Callable[..., Answer]:
    """Serves a handler and returns its answer to one request."""

    def ask(
        handler: fastgo.Handler, target: str = "/", body: bytes = b"", *, path: str = "/"
    ) -> Answer:
        with Client(serve(app_of(handler, path)).url) as client:
            return client.ask("POST", target, body)

    return ask


@fastgo.compiled("Fibonacci({n}) = {result} (with overflow)\n")
def fibonacci(n: int) -> fastgo.uint32:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) & 0xFFFFFFFF
    return a


@fastgo.compiled("{result} {n} {query.by} {header.X-By}")
def divide(n: int, by: int = 2) -> float:
    return n / by


@fastgo.compiled("{result}", blocking=True)
def divide_later(n: int, by: int = 2) -> float:
    return n / by


@fastgo.compiled()
def count(body: bytes, of: fastgo.uint8 = 97) -> int:
    found = 0
    for each in body:
        if each == of:
            found += 1
    return found


@fastgo.compiled()
def at(body: bytes, i: int) -> int:
    return body[i]


@fastgo.compiled()
def turned(body: bytes) -> bytes:
    return body[::-1]


@fastgo.compiled()
def factorial(n: int) -> int:
    return 1 if n < 2 else n * factorial(n - 1)


@pytest.mark.smoke
def test_function_answers_in_a_template(serve: Serve) -> None:
    with Client(serve(app_of(fibonacci, "/fibonacci/{n}")).url) as client:
        for _ in range(3):
            answer = client.get("/fibonacci/1000000")
            assert answer.status == 200
            assert answer["Content-Type"] == "text/plain; charset=utf-8"
            assert answer.body == b"Fibonacci(1000000) = 1884755131 (with overflow)\n"
    assert fibonacci.__wrapped__(10) == 55  # the function itself


@pytest.mark.parametrize("handler", [divide, divide_later])
@pytest.mark.parametrize(
    ("target", "result"),
    [
        ("/7", "3.5"),
        ("/-7?by=-1", "7.0"),
        ("/7?b%79=%34", "1.75"),
        ("/%37?by=4&by=5", "1.75"),
        ("/9223372036854775807?by=1", "9.223372036854776e+18"),
    ],
)
def test_arguments_are_of_the_path_and_the_query(
    serve: Serve, handler: fastgo.Handler, target: str, result: str
) -> None:
    with Client(serve(app_of(handler, "/{n}")).url) as client:
        answer = client.ask("GET", target, fields="Host: a\r\nX-By: me\r\n")
    assert (answer.status, answer.body.decode().split()[0]) == (200, result)


def test_template_has_the_rest_of_the_request(serve: Serve) -> None:
    with Client(serve(app_of(divide, "/{n}")).url) as client:
        answer = client.ask("GET", "/7?by=2", fields="Host: a\r\nX-By: me\r\n")
    assert answer.body == b"3.5 7 2 me"


@pytest.mark.parametrize("handler", [divide, divide_later])
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/x", 'n: "x" is not int64, a whole number from -9223372036854775808 to'),
        ("/9223372036854775808", 'n: "9223372036854775808" is not int64'),
        ("/1.0", 'n: "1.0" is not int64'),
        ("/%3Cb%3E%22%0A%C3%A9", 'n: "<b>????" is not int64'),
        (f"/{'1' * 50}", f'n: "{"1" * 40}"... is not int64'),
        ("/1?by=", 'by: "" is not int64'),
        ("/1?by=+1", 'by: " 1" is not int64'),
    ],
)
def test_wrong_value_is_told_to_the_client(
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    handler: fastgo.Handler,
    target: str,
    message: str,
) -> None:
    with Client(serve(app_of(handler, "/{n}"), limits=PATIENT).url) as client:
        answer = client.get(target)
    assert (answer.status, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.body.decode().startswith(message)
    assert caplog.records == []


def test_value_without_default_must_be_there(ask: Callable[..., Answer]) -> None:
    answer = ask(at, "/?of=1", b"abc")
    assert answer.status == 400
    assert answer.body.startswith(b"i is missing from the query; it is int64, a whole number")


@fastgo.compiled('[{query.a}, "{result}", {result}]', format="json")
def both(a: bool, b: bool = True) -> bool:
    return a and b


def scalars(
    i8: fastgo.int8,
    u16: fastgo.uint16,
    u64: fastgo.uint64,
    f32: fastgo.float32,
    f64: fastgo.float64 = -0.5,
) -> float:
    return i8 + u16 + u64 + f32 + f64


def test_every_type_has_its_range(ask: Callable[..., Answer]) -> None:
    handler = fastgo.compiled()(scalars)
    right = "/?i8=-128&u16=65535&u64=0&f32=0.5"
    assert json.loads(ask(handler, right).body) == 65407
    for wrong in ("i8=-129", "u16=-1", "u16=65536", "u64=18446744073709551616", "f32=1e39"):
        assert ask(handler, f"/?{wrong}&{right[2:]}").status == 400, wrong
    for wrong in ("nan", "inf", "0x1", "1_0", ""):
        assert ask(handler, f"{right}&f64={wrong}").status == 400, wrong


def test_whole_numbers_of_64_bits_are_exact(ask: Callable[..., Answer]) -> None:
    def same(n: fastgo.uint64) -> fastgo.uint64:
        return n

    assert ask(fastgo.compiled()(same), f"/?n={2**64 - 1}").body == str(2**64 - 1).encode()
    assert ask(factorial, "/?n=21").body == b"-4249290049419214848"  # as int64 has it


def test_bool_is_true_or_false(ask: Callable[..., Answer]) -> None:
    assert json.loads(ask(both, "/?a=true").body) == ["true", "true", True]
    assert json.loads(ask(both, "/?a=1&b=0").body) == ["1", "false", False]
    assert ask(both, "/?a=yes").body == b'a: "yes" is not bool, true or false\n'


def test_body_is_numbers(ask: Callable[..., Answer]) -> None:
    assert ask(count, "/", b"banana").body == b"3"
    assert ask(count, "/?of=110", b"banana").body == b"2"
    assert ask(count, "/", b"").body == b"0"
    large = bytes(range(256)) * 4000
    assert ask(count, "/", large).body == b"4000"


def test_bytes_are_answered_with(ask: Callable[..., Answer]) -> None:
    answer = ask(turned, "/", b"abc\0\xff")
    assert (answer.body, answer["Content-Type"]) == (b"\xff\0cba", "application/octet-stream")
    assert ask(turned, "/", b"").body == b""
    large = bytes(range(256)) * 4000
    assert ask(turned, "/", large).body == large[::-1]


def test_function_cannot_write_to_the_body() -> None:
    def write(body: bytes) -> int:
        body[0] = 1  # type: ignore[index]
        return 0

    with pytest.raises(fastgo.ConfigError, match=r"setitem\(readonly array\(uint8"):
        fastgo.compiled()(write)


def table(n: int, m: int = 2) -> np.ndarray:
    return np.arange(n * m).reshape(n, m) * 0.5


def halves(n: int) -> np.ndarray:
    return np.arange(n).astype(np.int16)[::2]


def cube(n: int) -> np.ndarray:
    return np.ones((n, n, n), dtype=np.bool_)


def mask(n: int) -> np.ndarray:
    return np.arange(n) % 2 == 0


@pytest.mark.parametrize("function", [table, halves, cube, mask])
def test_array_is_a_list_of_lists(ask: Callable[..., Answer], function: Any) -> None:
    handler = fastgo.compiled()(function)
    for n in (0, 1, 5):
        answer = ask(handler, f"/?n={n}")
        assert answer["Content-Type"] == "application/json"
        expected = function(n) if function is not table else table(n, 2)
        assert json.loads(answer.body) == expected.tolist()


def test_array_stands_in_a_template_and_on_the_pool(ask: Callable[..., Answer]) -> None:
    maker = fastgo.compiled('{{"table": {result}}}', format="json", blocking=True, status=201)
    answer = ask(maker(table), "/?n=2&m=1")
    assert (answer.status, json.loads(answer.body)) == (201, {"table": [[0.0], [0.5]]})


def test_memory_of_an_array_is_answered_with(ask: Callable[..., Answer]) -> None:
    for blocking in (False, True):
        headers = {"Content-Type": "application/x-table"}
        maker = fastgo.compiled(format="bytes", headers=headers, blocking=blocking)
        answer = ask(maker(table), "/?n=300&m=100")
        assert answer["Content-Type"] == "application/x-table"
        assert answer.body == table(300, 100).tobytes()


def square_root(x: float) -> float:
    return math.inf if x > 1e9 else np.sqrt(x)


def test_what_is_no_number_is_null_in_json(ask: Callable[..., Answer]) -> None:
    handler = fastgo.compiled()(square_root)
    assert ask(handler, "/?x=2").body == b"1.4142135623730951"
    assert ask(handler, "/?x=-1").body == ask(handler, "/?x=1e10").body == b"null"
    handler = fastgo.compiled("{result}")(square_root)
    assert ask(handler, "/?x=-1").body == b"nan"
    assert ask(handler, "/?x=1e10").body == b"inf"


FAILING = [
    (divide, "/5?by=0", "n=5 by=0"),
    (divide_later, "/5?by=0", "n=5 by=0"),
    (at, "/x?i=3", "i=3 body=(3 bytes)"),
    (at, "/x?i=-4", "i=-4 body=(3 bytes)"),
]


@pytest.mark.parametrize(("handler", "target", "arguments"), FAILING)
def test_exception_is_a_500_and_logged(
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    handler: fastgo.Handler,
    target: str,
    arguments: str,
) -> None:
    with Client(serve(app_of(handler, "/{n}"), limits=PATIENT).url) as client:
        answer = client.ask("POST", target, b"abc")
        assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
        eventually(lambda: len(caplog.records) == 1, "it is logged")
        name = handler.spec["name"]
        text = caplog.records[0].getMessage()
        assert caplog.records[0].levelno == logging.ERROR
        assert f"handler={name} reason=it raised an exception for {arguments} " in text + " "
        assert "route=* /{n}" in text
        assert client.ask("POST", "/4?i=-1&by=4", b"abc").status == 200  # and the server goes on


def raising(n: int) -> int:
    if n > 3:
        raise ValueError(n)
    return n


def test_function_may_raise(ask: Callable[..., Answer], capfd: pytest.CaptureFixture[str]) -> None:
    handler = fastgo.compiled()(raising)
    assert ask(handler, "/?n=3").body == b"3"
    assert ask(handler, "/?n=4").status == 500
    assert capfd.readouterr() == ("", "")


def test_result_that_does_not_fit_is_a_500(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    limits = dataclasses.replace(PATIENT, native_memory=2**20)
    server = serve(app_of(fastgo.compiled()(table)), limits=limits)
    with Client(server.url) as client:
        assert client.get("/?n=100000").status == 500
        eventually(lambda: bool(caplog.records), "it is logged")
        assert "limits.native_memory" in caplog.records[0].getMessage()
        assert client.get("/?n=1").status == 200


def weigh(i: int, weights: np.ndarray, more: Any) -> float:
    return weights[i, 1] * more[0]


def test_data_is_seen_as_it_is_now(serve: Serve) -> None:
    weights, more = np.ones((3, 2), dtype=np.float32), np.array([2])
    handler = fastgo.compiled(data={"weights": weights, "more": more})(weigh)
    with Client(serve(app_of(handler)).url) as client:
        assert client.get("/?i=1").body == b"2.0"
        weights[1, 1] = 0.25
        assert client.get("/?i=1").body == b"0.5"
        more[0] = -8
        assert client.get("/?i=1").body == b"-2.0"
        assert client.get("/?i=3").status == 500
        with pytest.raises(ValueError, match="resize"):
            more.resize(100)


def test_handlers_of_one_function_have_their_own_data(ask: Callable[..., Answer]) -> None:
    makers = [
        fastgo.compiled(data={"weights": np.full((3, 2), i), "more": np.ones(1)}) for i in (1, 2)
    ]
    assert [ask(each(weigh), "/?i=0").body for each in makers] == [b"1.0", b"2.0"]


def test_array_of_a_closure_is_a_constant(ask: Callable[..., Answer]) -> None:
    table = np.arange(5)

    @fastgo.compiled()
    def look_up(i: int) -> int:
        return table[i]

    table[:] = 0
    assert ask(look_up, "/?i=3").body == b"3"


def test_function_may_call_itself(ask: Callable[..., Answer]) -> None:
    assert ask(factorial, "/?n=5").body == b"120"


def test_many_clients_get_their_own_results(serve: Serve) -> None:
    server = serve(app_of(fibonacci, "/{n}"))
    loads = []
    for n, expected in ((1, 1), (10, 55), (30, 832040), (47, 2971215073)):
        body = f"Fibonacci({n}) = {expected} (with overflow)\n".encode()
        loads.append(Load(server.url, path=f"/{n}", clients=4, accept=_is(body)))
    for load in loads:
        load.__enter__()
    eventually(lambda: all(load.answered > 200 for load in loads), "all clients are answered")
    for load in loads:
        load.__exit__(None, None, None)
        assert (load.broken, load.unanswered) == ([], 0)


def _is(body: bytes) -> Callable[[Answer], bool]:
    return lambda answer: (answer.status, answer.body) == (200, body)


def test_no_memory_is_left(serve: Serve) -> None:
    from numba.core.runtime import _nrt_python, rtsys

    _nrt_python.memsys_enable_stats()
    try:
        with Client(serve(app_of(fastgo.compiled()(table))).url) as client:
            before = rtsys.get_allocation_stats()
            for _ in range(20):
                assert client.get("/?n=100").status == 200
            after = rtsys.get_allocation_stats()
    finally:
        _nrt_python.memsys_disable_stats()
    assert after.alloc > before.alloc
    assert after.alloc - before.alloc == after.free - before.free
