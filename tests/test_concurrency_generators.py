"""Asynchronous generators, and coroutines that are begun, closed or collected by others."""

import gc
import sys
import weakref
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, chan, go, run, sleep

pytestmark = pytest.mark.smoke


class Noted:
    pass


async def numbers(ended: list[str]) -> AsyncGenerator[int, None]:
    try:
        while True:
            yield 1
    finally:
        await sleep(0.001)
        ended.append("generator")


# --- their end ---


@pytest.mark.parametrize(
    "runner",
    [run, lambda main: go(lambda: run(main)).result(), lambda main: go(wait, main).result()],
)
def test_generator_that_was_left_is_closed_by_its_scheduler(runner: Callable[[Any], Any]) -> None:
    ended: list[str] = []

    async def main() -> str:
        async for _ in numbers(ended):
            break
        while not ended:
            await sleep(0.001)
        return "fine"

    assert runner(main()) == "fine"


async def wait(coroutine: Any) -> Any:
    return await coroutine


def test_generator_that_a_cancelled_task_leaves_is_closed_at_the_end_of_the_run() -> None:
    ended: list[str] = []

    async def stay() -> None:
        async for _ in numbers(ended):
            await chan().arecv()

    async def main() -> None:
        go(stay)
        await sleep(0.001)

    run(main())
    assert ended == ["generator"]


def test_generators_are_closed_although_a_task_never_ends() -> None:
    ended: list[str] = []
    kept: list[Any] = []

    async def stubborn() -> None:
        while True:
            with suppress(Cancelled):
                await chan().arecv()

    async def main() -> None:
        go(stubborn)
        kept.append(numbers(ended))
        await anext(kept[0])

    run(main())
    assert ended == ["generator"]


def test_generator_that_outlives_its_run_is_let_go(caplog: pytest.LogCaptureFixture) -> None:
    noted = Noted()
    gone = weakref.ref(noted)

    async def stubborn(_noted: Noted) -> AsyncGenerator[int, None]:
        while True:
            try:
                yield 1
            except GeneratorExit:
                yield 2

    async def main(noted: Noted) -> Any:
        generator = stubborn(noted)
        await anext(generator)
        return generator

    kept = run(main(noted))
    assert "ignored GeneratorExit" in caplog.text
    del noted, kept
    caplog.clear()  # it has the traceback
    gc.collect()
    assert gone() is None


# --- operations that are begun and not waited for ---


async def receive(channel: Any) -> Any:
    return await channel.arecv()


def test_coroutine_that_was_begun_by_hand_and_closed_is_forgotten() -> None:
    async def main() -> Any:
        channel = chan()
        begun = receive(channel)
        begun.send(None)
        begun.close()
        await sleep(0.001)
        sender = go(channel.send, "value")
        assert await channel.arecv() == "value"
        await sender

    run(main())


def test_operation_that_the_next_one_replaces_takes_nothing() -> None:
    async def main() -> None:
        channel = chan()
        begun = receive(channel)
        begun.send(None)
        receiver = go(receive, channel)
        await sleep(0)
        await channel.asend("value")
        assert await receiver == "value"
        begun.close()

    run(main())


def test_operation_of_a_coroutine_that_gives_way_is_forgotten() -> None:
    class GiveWay:
        def __await__(self) -> Any:
            yield

    async def main() -> None:
        begun = receive(chan())
        begun.send(None)
        begun.close()
        await GiveWay()

    run(main())


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_is_collected_in_a_turn_does_no_harm(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: ignored.append(given.exc_type))

    class GiveWay:
        def __await__(self) -> Any:
            yield

    async def coroutine() -> None:
        try:
            await GiveWay()
        finally:
            await chan().arecv()

    async def generator() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await chan().arecv()

    def make_garbage() -> None:
        left: list[Any] = [generator() if asynchronous else coroutine()]
        left.append(left)
        with suppress(StopIteration):
            (left[0].__anext__() if asynchronous else left[0]).send(None)

    async def main() -> str:
        gc.collect()
        await sleep(0.001)
        return "fine"

    gc.disable()
    try:
        make_garbage()  # where no scheduler runs: nobody else closes it
        assert run(main()) == "fine"
    finally:
        gc.enable()
    assert ignored == [RuntimeError]


# --- coroutines that are closed while a task waits in them ---


@pytest.mark.parametrize("how", ["close", "throw"])
def test_task_whose_coroutine_is_closed_is_woken(how: str) -> None:
    async def outer(inner: Any) -> None:
        await inner

    async def main() -> None:
        inner = receive(chan())
        task = go(outer, inner)
        await sleep(0.001)
        if how == "close":
            inner.close()
        else:
            with pytest.raises(KeyError):
                inner.throw(KeyError())
        with pytest.raises(RuntimeError, match="cannot reuse"):
            await task

    run(main())


def test_task_whose_coroutine_is_closed_can_be_cancelled_and_described() -> None:
    async def main() -> None:
        channel = chan()
        inner = receive(channel)
        task = go(wait, inner)
        await sleep(0.001)
        _, operation = task._waits()
        inner.close()
        assert operation._describe() == "waited to receive from a channel"
        assert task.cancel()
        with pytest.raises((RuntimeError, Cancelled)):
            await task

    run(main())
