"""What coroutine functions see of asyncio: their tasks, their contexts, timeouts and groups."""

import asyncio
import contextvars
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.coroutines import app_of, bodies
from tests.servers import Serve
from tests.waiting import eventually


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
    keys: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()
    seen: list[asyncio.Task[Any]] = []
    changes: dict[str, Callable[[asyncio.Task[Any]], Any]] = {
        "callback": lambda task: task.add_done_callback(lambda done: ended.append(done.done())),
        "name": lambda task: task.set_name("mine"),
        "attribute": lambda task: setattr(task, "mine", True),
        "key": lambda task: keys.update({task: True}),
        "cancel": lambda task: task.cancel(),
        "keep": kept.append,
        "look": seen.append,
    }

    async def change(kind: str) -> str:
        task = asyncio.current_task()
        assert task is not None
        assert task.get_name() != "mine"
        assert not task.cancelling()
        assert not hasattr(task, "mine")
        assert task not in [*keys, *kept, *seen]
        changes[kind](task)
        return kind

    app = fastgo.App()
    app.get("/{kind}", change)
    server = serve(app)
    for number in range(3):
        assert bodies(server, "/callback") == [b"callback"]
        eventually(lambda number=number: ended == [True] * (number + 1), "the task ends")  # type: ignore[misc]
        for kind in changes:
            assert bodies(server, f"/{kind}", "/look") == [kind.encode(), b"look"]
        ended.pop()
    eventually(lambda: all(each.done() for each in [*seen, *kept]), "the tasks end")


def test_task_that_is_only_referred_to_weakly_is_no_other_request_s(
    serve: Serve, loop: str
) -> None:
    tasks: weakref.WeakValueDictionary[str, asyncio.Task[Any]] = weakref.WeakValueDictionary()
    loops: list[asyncio.AbstractEventLoop] = []

    async def register() -> str:
        task = asyncio.current_task()
        assert task is not None
        tasks["task"] = task
        loops.append(asyncio.get_running_loop())
        return "registered"

    async def waits() -> str:
        await asyncio.sleep(0.01)
        return "waited"

    async def cancels() -> str:
        if "task" in tasks:
            tasks["task"].cancel()
        return await waits()

    server = serve(app_of(register=register, waits=waits, cancels=cancels), loop=loop)
    assert bodies(server, "/register", "/cancels") == [b"registered", b"waited"]
    bodies(server, "/register")
    loops[0].call_soon_threadsafe(lambda: [task.cancel() for task in tasks.values()])
    assert bodies(server, *["/waits"] * 4) == [b"waited"] * 4


def test_coroutine_that_stops_the_event_loop_does_not_end_it(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def stop() -> str:
        asyncio.get_running_loop().stop()
        return "stopped"

    async def quick() -> str:
        return "quick"

    server = serve(app_of(stop=stop, quick=quick))
    assert bodies(server, "/quick", "/stop", "/quick") == [b"quick", b"stopped", b"quick"]
    server.stop()
    assert [each.getMessage() for each in caplog.records] == [
        "a coroutine has stopped the event loop, which goes on"
    ]


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
