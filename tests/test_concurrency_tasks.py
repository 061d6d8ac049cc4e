"""go() and its tasks: results, exceptions, and what is said of those nobody asks."""

import asyncio
import gc
import logging
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import partial
from types import FrameType
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, Task, aselect, chan, go, run, sleep
from tests.waiting import eventually

pytestmark = pytest.mark.smoke


async def double(number: int) -> int:
    return 2 * number


async def yielding(number: int) -> int:
    await sleep(0)
    return number


async def failing() -> None:
    await sleep(0)
    raise ValueError("as it should")


def plain_failing() -> None:
    raise ValueError("as it should")


def plain(number: int) -> int:
    return 2 * number


class Methods:
    async def coroutine(self, number: int) -> int:
        return 2 * number

    async def __call__(self, number: int) -> int:
        return 2 * number


CALLABLES = [double, plain, Methods().coroutine, Methods(), partial(double), partial(plain)]


@pytest.mark.parametrize("function", CALLABLES)
def test_go_returns_a_task_with_the_result_to_threads(function: Callable[..., Any]) -> None:
    assert go(function, 21).result() == 42


@pytest.mark.parametrize("runner", [run, asyncio.run])
@pytest.mark.parametrize("function", CALLABLES)
def test_go_returns_a_task_that_coroutines_await(
    function: Callable[..., Any], runner: Callable[..., Any]
) -> None:
    async def main() -> Any:
        return await go(function, 21), await go(function, number=21)

    assert runner(main()) == (42, 42)


def test_go_takes_keywords() -> None:
    assert go(double, number=21).result() == 42
    assert go(plain, number=21).result() == 42


def test_many_arguments_arrive() -> None:
    async def gather(*arguments: int) -> tuple[int, ...]:
        return arguments

    async def main() -> Any:
        return [await go(gather, *range(count)) for count in range(20)]

    assert run(main()) == [tuple(range(count)) for count in range(20)]


@pytest.mark.parametrize("wrong", [None, 3, "double"])
def test_go_says_what_it_takes(wrong: Any) -> None:
    async def main() -> None:
        go(wrong)

    with pytest.raises(TypeError, match="takes a function"):
        go(wrong)
    with pytest.raises(TypeError, match="takes a function"):
        run(main())
    with pytest.raises(TypeError, match="function and its arguments"):
        go()  # type: ignore[call-arg]


def test_wrong_arguments_are_the_failure_of_the_task() -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="missing 1 required"):
            await go(double)

    run(main())
    with pytest.raises(TypeError, match="missing 1 required"):
        go(plain).result()


def test_tasks_begin_in_their_order() -> None:
    order = []

    async def note(number: int) -> None:
        order.append(number)

    async def main() -> None:
        for task in [go(note, number) for number in range(100)]:
            await task

    run(main())
    assert order == list(range(100))


def test_many_may_await_one_task() -> None:
    async def wait(task: Task[int]) -> int:
        return await task

    async def main() -> None:
        task = go(yielding, 3)
        waits = [go(wait, task) for _ in range(100)]
        assert [await each for each in waits] == [3] * 100
        assert await task == 3

    run(main())


def test_task_awaited_across_schedulers_and_threads() -> None:
    release: Any = chan()

    async def held() -> str:
        await release.arecv()
        return "done"

    task = go(held)  # in the background

    async def wait() -> str:
        return await task

    threads = [go(task.result) for _ in range(3)]
    others = [go(lambda: run(wait())), go(lambda: asyncio.run(wait())), go(wait)]
    release.send(None)
    assert [each.result() for each in threads + others] == ["done"] * 6


def test_result_has_a_timeout() -> None:
    never: Any = chan()
    task = go(never.recv)
    with pytest.raises(TimeoutError):
        task.result(timeout=0.001)
    with pytest.raises(TimeoutError):
        task.exception(timeout=0)
    with pytest.raises(ValueError, match="NaN"):
        task.result(timeout=float("nan"))
    with pytest.raises(TypeError, match="number of seconds, and not 'soon'"):
        task.result(timeout="soon")
    never.close()
    assert task.result(timeout=None) is None


def test_task_that_ends_while_its_waiter_makes_ready() -> None:
    release = threading.Event()
    task = go(release.wait)

    def end_task(frame: FrameType, event: str, _: object) -> None:
        if frame.f_code.co_name == "running_loop" and event == "return":
            release.set()
            eventually(task.done, "the task is done")

    sys.setprofile(end_task)
    try:
        assert task.result(timeout=10)
    finally:
        sys.setprofile(None)
    assert release.is_set()


def test_blocking_in_a_coroutine_is_refused_and_says_what_to_write() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="write `await task`"):
            go(yielding, 1).result()
        with pytest.raises(RuntimeError, match=r"`after_func.* for the timeout.* `await task`"):
            go(yielding, 1).result(timeout=1)
        ended = go(double, 1)
        await ended
        assert ended.result() == 2

    run(main())


def test_task_cannot_await_itself() -> None:
    tasks: list[Task[Any]] = []

    async def alone() -> None:
        await tasks[0]

    async def main() -> None:
        tasks.append(go(alone))
        with pytest.raises(RuntimeError, match="its own end"):
            await tasks[0]

    run(main())


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_go_starts_what_is_awaited(runner: Callable[..., Any]) -> None:
    async def main() -> None:
        channel = chan()
        received = go(channel.arecv_)
        go(channel.asend, 1)
        assert await received == (1, True)
        assert await go(aselect, (chan(1).send, 1)) == (0, None)
        sleeper = go(sleep, 3600)
        await sleep(0)
        assert sleeper.cancel()
        with pytest.raises(Cancelled):
            await sleeper

    runner(main())


@pytest.mark.parametrize("function", [lambda: double(1), lambda: chan().arecv()])
def test_plain_function_that_returns_a_coroutine_has_failed(function: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="give go an async def function"):
        go(function).result()


def test_thread_has_the_context_of_who_started_it() -> None:
    variable: ContextVar[str] = ContextVar("variable")
    token = variable.set("the caller's")
    assert go(variable.get).result() == "the caller's"
    variable.reset(token)


def test_scheduler_that_sleeps_keeps_no_function() -> None:
    async def main() -> None:
        methods = Methods()
        gone = weakref.ref(methods)
        assert await go(methods.coroutine, 1) == 2
        del methods
        await sleep(0.001)
        assert gone() is None

    run(main())


def test_thread_keeps_nothing_of_its_calls() -> None:
    class Argument:
        pass

    for _ in range(2):
        argument = Argument()
        gone = weakref.ref(argument)
        assert go(id, argument).result()
        del argument
        eventually(lambda gone=gone: gone() is None, "the argument to be let go")


# --- exceptions ---


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_exception_is_raised_where_the_task_is_awaited(runner: Callable[..., Any]) -> None:
    async def main() -> None:
        task = go(failing)
        with pytest.raises(ValueError, match="as it should"):
            await task
        assert isinstance(task.exception(), ValueError)
        assert task.done()
        assert not task.cancelled()

    runner(main())


def test_traceback_leads_to_the_line_and_does_not_grow() -> None:
    task = go(failing)
    texts = []
    for _ in range(3):
        try:
            task.result()
        except ValueError as error:
            texts.append("".join(traceback.format_exception(error)))
    assert "raise ValueError" in texts[0]
    assert texts[0].count("\n") == texts[2].count("\n")


def test_exception_of_run_is_that_of_main() -> None:
    with pytest.raises(ValueError, match="as it should"):
        run(failing())


def test_failure_that_nobody_asks_for_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        go(failing)
        await sleep(0)
        await sleep(0)

    with caplog.at_level(logging.ERROR, "fastgo"):
        run(main())
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


@pytest.mark.parametrize("function", [plain_failing, failing])
def test_failure_is_reported_without_a_collection(
    function: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        go(function)
        while not caplog.records:
            await asyncio.sleep(0.001)

    gc.collect()
    gc.disable()
    try:
        asyncio.run(asyncio.wait_for(main(), 30))
    finally:
        gc.enable()
    assert len(caplog.records) == 1


def test_failure_in_garbage_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async def failing_in_a_cycle() -> None:
            cycle.append(cycle)
            await sleep(0)
            raise ValueError(task)

        cycle: list[Any] = []
        task = go(failing_in_a_cycle)
        for _ in range(3):
            await sleep(0)

    with caplog.at_level(logging.ERROR, "fastgo"):
        run(main())
        gc.collect()
    assert len(caplog.records) == 1


@pytest.mark.parametrize("ask", ["result", "exception", "await"])
def test_failure_that_was_asked_for_is_not_reported(
    ask: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        task = go(failing)
        if ask == "await":
            with pytest.raises(ValueError, match="should"):
                await task
        else:
            while not task.done():
                await sleep(0)
            if ask == "exception":
                task.exception()
            else:
                with pytest.raises(ValueError, match="should"):
                    task.result()

    with caplog.at_level(logging.ERROR, "fastgo"):
        run(main())
    assert caplog.records == []


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_exits_end_the_run_with_all_tasks(kind: type[BaseException]) -> None:
    ended = []

    async def stay() -> None:
        try:
            await chan().arecv()
        finally:
            ended.append(True)

    async def leave() -> None:
        raise kind

    async def main() -> None:
        go(stay)
        go(leave)
        await chan().arecv()

    with pytest.raises(kind):
        run(main())
    assert ended == [True]


# --- sleep ---


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_sleepers_wake_in_the_order_of_their_times(runner: Callable[..., Any]) -> None:
    woken = []

    async def wake(after: float) -> None:
        await sleep(after)
        woken.append(after)

    async def main() -> None:
        times = [0.02, 0.005, 0.01, 0, 0.015]
        for task in [go(wake, each) for each in times]:
            await task

    runner(main())
    assert woken == sorted(woken)


@pytest.mark.parametrize("wrong", [None, "1", float("nan")])
def test_sleep_says_what_it_takes(wrong: Any) -> None:
    async def main() -> None:
        with pytest.raises((TypeError, ValueError)):
            await sleep(wrong)

    run(main())


def test_many_timers_are_cancelled_in_any_order() -> None:
    async def main() -> None:
        tasks = [go(sleep_for, 1000 + number * 7919 % 1000) for number in range(1000)]
        await sleep(0)
        for task in tasks[::3] + tasks[1::3]:
            task.cancel()
        await sleep(0)
        assert sum(task.done() for task in tasks) == 667

    async def sleep_for(seconds: float) -> None:
        await sleep(seconds)

    run(main())


# --- odd things to await ---


def test_what_is_asyncios_is_refused_and_the_reason_said() -> None:
    async def main() -> None:
        loop = asyncio.new_event_loop()
        with pytest.raises(RuntimeError, match=r"asyncio\.run"):
            await loop.create_future()
        loop.close()

    run(main())


def test_what_is_foreign_is_refused_also_where_its_representation_fails() -> None:
    class Foreign:
        def __await__(self) -> Any:
            yield self

        def __repr__(self) -> str:
            raise KeyError

    async def main() -> None:
        with pytest.raises(RuntimeError, match="has awaited an object of type Foreign, which"):
            await Foreign()

    run(main())


def test_operation_is_awaited_once() -> None:
    async def main() -> None:
        operation = chan(1).asend(1)
        await operation
        with pytest.raises(RuntimeError, match="awaited before"):
            await operation

    run(main())


def test_operation_that_is_never_awaited_warns() -> None:
    async def main() -> None:
        with pytest.warns(RuntimeWarning, match="asend was never awaited"):
            chan().asend(1)

    run(main())


def test_operation_awaited_where_nothing_runs_it_says_so() -> None:
    waits: Coroutine[Any, Any, Any] = wait_on(chan())
    with pytest.raises(RuntimeError, match="nothing runs this coroutine"):
        waits.send(None)


async def wait_on(channel: Any) -> Any:
    return await channel.arecv()


def test_threads_end_with_their_calls_and_serve_again() -> None:
    names = [go(lambda: threading.current_thread().name).result() for _ in range(10)]
    assert all(name.startswith("fastgo-go-") for name in names)
