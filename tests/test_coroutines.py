"""Coroutine functions as handlers: their steps, tasks, contexts, failures and event loops."""

import asyncio
import functools
import inspect
import logging
import types
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.compilers import compile_cython
from tests.coroutines import app_of, bodies
from tests.servers import Serve
from tests.waiting import eventually


@pytest.mark.smoke
def test_coroutines_answer_with_and_without_having_to_wait(serve: Serve, loop: str) -> None:
    async def hello() -> str:
        return "Hello, World!"

    async def turns() -> str:
        for _ in range(3):
            await asyncio.sleep(0)
        return "turned"

    async def sleeps() -> str:
        await asyncio.sleep(0.001)
        return "slept"

    async def gathers() -> list[int]:
        async def one(number: int) -> int:
            await asyncio.sleep(0)
            return number

        return await asyncio.gather(*(one(number) for number in range(50)))

    async def ended() -> str:
        future = asyncio.get_running_loop().create_future()
        future.set_result("at once")
        return str(await future)

    app = app_of(hello=hello, turns=turns, sleeps=sleeps, gathers=gathers, ended=ended)
    server = serve(app, loop=loop)
    for _ in range(3):
        assert bodies(server, "/hello", "/turns", "/sleeps", "/hello", "/ended") == [
            b"Hello, World!", b"turned", b"slept", b"Hello, World!", b"at once"
        ]  # fmt: skip
        assert bodies(server, "/gathers")[0].startswith(b"[0,1,2,3")


def test_coroutines_get_arguments_and_give_results_as_functions_do(serve: Serve) -> None:
    app = fastgo.App()

    @app.post("/{key}/{name}")
    async def echo(key: int, request: fastgo.Request, name: str) -> dict[str, Any]:
        before = request.body
        await asyncio.sleep(0.001)
        assert request.body == before
        return {"key": key, "name": name, "path": request.path, "size": len(before)}

    @app.get("/results/{index}")
    async def result(index: int) -> Any:
        if index % 2:
            await asyncio.sleep(0)
        return [None, None, b"\xff", b"\xff", [1], [1], "ż" * 500_000, "ż" * 500_000][index]

    server = serve(app)
    with Client(server.url) as client:
        for size in (1, 2_000, 200_000):
            answer = client.ask("POST", "/7/a%20b", b"x" * size)
            told = f'{{"key":7,"name":"a b","path":"/7/a%20b","size":{size}}}'
            assert answer.body.decode() == told
        assert client.ask("POST", "/x/y", b"").status == 422
        for index, body in enumerate((b"", b"\xff", b"[1]", "ż".encode() * 500_000)):
            assert client.get(f"/results/{2 * index}").body == body
            assert client.get(f"/results/{2 * index + 1}").body == body


def test_request_is_there_behind_every_wait_and_after_the_end(serve: Serve) -> None:
    kept: list[fastgo.Request] = []

    async def keep(request: fastgo.Request) -> str:
        for _ in range(3):
            await asyncio.sleep(0.001)
            assert request.path == "/keep"
        kept.append(request)
        return request.path

    server = serve(app_of(keep=keep))
    assert bodies(server, *["/keep"] * 10) == [b"/keep"] * 10
    server.stop()
    assert [each.path for each in kept] == ["/keep"] * 10


def test_thousand_requests_wait_at_once(serve: Serve, loop: str) -> None:
    inside = 0
    opened: asyncio.Event | None = None

    async def wait() -> str:
        nonlocal inside, opened
        opened = opened or asyncio.Event()
        inside += 1
        await opened.wait()
        return "through"

    async def release() -> None:
        assert opened is not None
        opened.set()

    server = serve(app_of(wait=wait, release=release), loop=loop)
    clients = [Client(server.url) for _ in range(100)]
    for client in clients:
        client.send(10 * b"GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
    at_once = 1_000 if server.engine == "epoll" else 100  # it serves a connection's one by one
    eventually(lambda: inside == at_once, "all wait")
    assert bodies(server, "/release") == [b""]
    for client in clients:
        assert [client.answer().body for _ in range(10)] == [b"through"] * 10
        client.close()


@pytest.mark.smoke
def test_failures_are_answered_and_logged_wherever_they_happen(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def first() -> None:
        raise ValueError("first step")

    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError("later step")

    async def cleanup() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            raise ValueError("finally")

    async def result() -> object:
        await asyncio.sleep(0)
        return object()

    async def awaited() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    @types.coroutine
    def nonsense() -> Iterator[Any]:
        yield 7

    async def yields() -> None:
        await nonsense()

    server = serve(
        app_of(first=first, later=later, cleanup=cleanup, result=result, awaited=awaited, y=yields)
    )
    with Client(server.url) as client:
        for path in ("/first", "/later", "/cleanup", "/result", "/awaited", "/y"):
            assert client.get(path).status == 500
    records = [each for each in caplog.records if each.name == "fastgo"]
    assert [each.levelno for each in records] == [logging.ERROR] * 6
    assert "later step" in caplog.text
    assert not [each for each in caplog.records if each.name == "asyncio"]


def test_exception_handler_may_be_a_coroutine_function(serve: Serve) -> None:
    async def first() -> None:
        raise ValueError(1)

    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError(2)

    app = app_of(first=first, later=later)

    @app.exception_handler(ValueError)
    async def answer(request: fastgo.Request, error: ValueError) -> tuple[str, int]:
        await asyncio.sleep(0)
        return f"{request.path} {error!r}", 418

    with Client(serve(app).url) as client:
        for path, body in (
            ("/first", b"/first ValueError(1)"),
            ("/later", b"/later ValueError(2)"),
        ):
            assert (client.get(path).status, client.get(path).body) == (418, body)


class Callables:
    async def __call__(self) -> str:
        await asyncio.sleep(0)
        return "object"

    async def method(self) -> str:
        return "method"

    def plain(self) -> Awaitable[str]:
        return self.method()


async def function(text: str) -> str:
    return text


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("made", "body"),
    [
        (Callables(), "object"),
        (Callables().method, "method"),
        (functools.partial(function, "partial"), "partial"),
        (functools.partial(functools.partial(function), "twice"), "twice"),
        (functools.partial(Callables()), "object"),
    ],
)
def test_callables_that_make_coroutines_are_coroutine_functions(
    serve: Serve, made: Any, body: str
) -> None:
    app = fastgo.App()
    app.get("/", made)
    assert app.routes()[0].handler.is_coroutine  # type: ignore[attr-defined]
    assert bodies(serve(app), "/") == [body.encode()]


@pytest.mark.skipif(not hasattr(inspect, "markcoroutinefunction"), reason="new in Python 3.12")
@pytest.mark.smoke
def test_function_that_is_marked_may_return_any_awaitable(serve: Serve) -> None:
    class Later:
        def __await__(self) -> Iterator[Any]:
            yield from asyncio.sleep(0).__await__()
            return "awaited"

    marked: Any = inspect.markcoroutinefunction(lambda: Later())  # type: ignore[attr-defined]
    wrong: Any = inspect.markcoroutinefunction(lambda: 7)  # type: ignore[attr-defined]
    with Client(serve(app_of(marked=marked, wrong=wrong)).url) as client:
        assert client.get("/marked").body == b"awaited"
        assert client.get("/wrong").status == 500


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> types.ModuleType:
    """A module of coroutine functions that Cython has compiled."""
    return compile_cython(
        tmp_path_factory.mktemp("cython"),
        """
        # cython: language_level=3
        import asyncio

        async def hello():
            return "Hello, World!"

        async def sleeps(int seconds):
            task = asyncio.current_task()
            for _ in range(3):
                await asyncio.sleep(0.001 * seconds)
            assert asyncio.current_task() is task
            return "slept"

        async def times():
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.sleep(30)
            except TimeoutError:
                return "timed"
        """,
    )


@pytest.mark.smoke
@pytest.mark.timeout(180)  # the compiler has its time
def test_coroutines_of_cython_answer(serve: Serve, loop: str, compiled: types.ModuleType) -> None:
    app = app_of(
        hello=compiled.hello, times=compiled.times, s=functools.partial(compiled.sleeps, 1)
    )
    assert all(each.handler.is_coroutine for each in app.routes())  # type: ignore[attr-defined]
    server = serve(app, loop=loop)
    for _ in range(2):
        assert bodies(server, "/hello", "/times", "/s") == [b"Hello, World!", b"timed", b"slept"]
