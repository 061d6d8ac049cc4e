"""Coroutine functions as handlers: their steps, tasks, contexts, failures and event loops."""

import asyncio
import contextvars
import functools
import importlib.util
import inspect
import logging
import types
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.compilers import compile_cython
from tests.servers import Serve
from tests.waiting import eventually

needs_uvloop = pytest.mark.skipif(
    importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed"
)
LOOPS = ["asyncio", pytest.param("uvloop", marks=needs_uvloop)]


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    """The event loop that runs the coroutines."""
    return str(request.param)


def app_of(**functions: Any) -> fastgo.App:
    """Returns an app with functions by their names."""
    app = fastgo.App()
    for name, function in functions.items():
        app.get(f"/{name}", function)
    return app


def bodies(server: fastgo.Server, *paths: str) -> list[bytes]:
    with Client(server.url) as client:
        return [client.get(path).body for path in paths]


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
        assert client.ask("POST", "/x/y", b"").status == 400
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
def test_current_task_is_the_same_before_and_behind_a_wait(serve: Serve, loop: str) -> None:
    async def task() -> str:
        before = asyncio.current_task()
        assert before is not None
        assert not before.done()
        await asyncio.sleep(0)
        assert asyncio.current_task() is before
        assert before in asyncio.all_tasks()
        return "same"

    async def others() -> int:
        return len(asyncio.all_tasks() - {asyncio.current_task()})  # type: ignore[arg-type]

    server = serve(app_of(task=task, others=others), loop=loop)
    assert bodies(server, "/task", "/task", "/others") == [b"same", b"same", b"0"]


@pytest.mark.smoke
def test_timeouts_and_task_groups_work_from_the_first_step(serve: Serve, loop: str) -> None:
    async def unused() -> str:
        async with asyncio.timeout(30):
            return "unused"

    async def fires() -> str:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            task = asyncio.current_task()
            assert task is not None
            return f"fired {task.cancelling()}"
        return "never"

    async def passed() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.sleep(0)
                await asyncio.sleep(30)
        except TimeoutError:
            return "passed"
        return "never"

    async def later() -> str:
        await asyncio.sleep(0)
        return await fires()

    async def group() -> int:
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(asyncio.sleep(0, number)) for number in range(5)]
        return sum(each.result() for each in made)

    async def fails() -> str:
        async def fail() -> None:
            raise ValueError

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(fail())
                await asyncio.sleep(30)
        except* ValueError:
            pass
        return "failed"

    async def waits_for() -> str:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        except TimeoutError:
            return "waited"
        return "never"

    app = app_of(unused=unused, fires=fires, passed=passed, later=later, group=group)
    app.get("/fails", fails)
    app.get("/waits_for", waits_for)
    server = serve(app, loop=loop)
    for _ in range(3):
        assert bodies(server, "/unused", "/fires", "/passed", "/later") == [
            b"unused", b"fired 0", b"passed", b"fired 0"
        ]  # fmt: skip
        assert bodies(server, "/group", "/fails", "/waits_for") == [b"10", b"failed", b"waited"]


def test_what_is_done_to_the_current_task_is_that_request_s_alone(serve: Serve) -> None:
    ended: list[bool] = []
    kept: list[Any] = []
    changes: dict[str, Callable[[asyncio.Task[Any]], Any]] = {
        "callback": lambda task: task.add_done_callback(lambda done: ended.append(done.done())),
        "name": lambda task: task.set_name("mine"),
        "attribute": lambda task: setattr(task, "mine", True),
        "key": lambda task: {task},
        "cancel": lambda task: task.cancel(),
        "keep": kept.append,
    }
    seen: list[asyncio.Task[Any]] = []

    async def change(kind: str) -> str:
        task = asyncio.current_task()
        assert task is not None
        assert task.get_name() != "mine"
        assert not task.cancelling()
        assert not hasattr(task, "mine")
        assert task not in kept
        changes[kind](task)
        return kind

    async def plain() -> None:
        task = asyncio.current_task()
        assert task is not None
        seen.append(task)

    app = fastgo.App()
    app.get("/plain", plain)
    app.get("/{kind}", change)
    server = serve(app)
    for _ in range(3):
        for kind in changes:
            assert bodies(server, f"/{kind}", "/plain") == [kind.encode(), b""]
    eventually(lambda: ended == [True] * 3, "the tasks end")
    eventually(lambda: all(each.done() for each in [*seen, *kept]), "the tasks end")
    assert len({id(each) for each in seen}) == len(seen)


def test_coroutine_that_cancels_its_task_is_cancelled_at_its_next_wait(serve: Serve) -> None:
    async def cancel() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        inner = asyncio.ensure_future(asyncio.Event().wait())
        try:
            await inner
        except asyncio.CancelledError:
            assert inner.cancelled()
            task.uncancel()
            await asyncio.sleep(0)
            return "cancelled"
        return "never"

    assert bodies(serve(app_of(cancel=cancel)), *["/cancel"] * 5) == [b"cancelled"] * 5


@pytest.mark.smoke
def test_every_request_has_a_context_of_its_own(serve: Serve, loop: str) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")

    async def inner() -> str:
        await asyncio.sleep(0)
        return variable.get()

    async def context(value: str, waits: int) -> str:
        found = variable.get()
        variable.set(value)
        if waits:
            await asyncio.sleep(0.001)
            assert variable.get() == value
            assert await asyncio.create_task(inner()) == value
        return found + value

    app = fastgo.App()
    app.get("/{value}/{waits}", context)
    server = serve(app, loop=loop)
    paths = [f"/{number}/{number % 3}" for number in range(50)]
    clients = [Client(server.url) for _ in paths]
    for client, path in zip(clients, paths, strict=True):
        client.send(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    for number, client in enumerate(clients):
        assert client.answer().body == str(number).encode()
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


def test_tasks_that_a_coroutine_has_started_live_on(serve: Serve) -> None:
    done: list[str] = []
    tasks: set[asyncio.Task[None]] = set()

    async def background() -> None:
        await asyncio.sleep(0.01)
        done.append("done")

    async def start() -> str:
        tasks.add(asyncio.create_task(background()))
        return "started"

    server = serve(app_of(start=start))
    assert bodies(server, "/start") == [b"started"]
    eventually(lambda: done == ["done"], "the task ends")


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


@pytest.mark.smoke
def test_coroutines_of_cython_answer(serve: Serve, loop: str, tmp_path: Path) -> None:
    module = compile_cython(
        tmp_path,
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
    app = app_of(hello=module.hello, times=module.times, s=functools.partial(module.sleeps, 1))
    assert all(each.handler.is_coroutine for each in app.routes())  # type: ignore[attr-defined]
    server = serve(app, loop=loop)
    for _ in range(2):
        assert bodies(server, "/hello", "/times", "/s") == [b"Hello, World!", b"timed", b"slept"]
