"""Channels and tasks of fastgo.concurrency in programs of asyncio."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import aselect, chan, go, run, select
from tests.waiting import eventually

pytestmark = pytest.mark.smoke


def test_value_that_comes_with_the_end_of_the_time_is_received_and_nothing_is_cancelled() -> None:
    async def main() -> None:
        channel, loop = chan(), asyncio.get_running_loop()

        def send_and_expire() -> None:
            channel.send("value")
            time.reschedule(loop.time() - 1)

        loop.call_soon(send_and_expire)
        async with asyncio.timeout(3600) as time:
            assert await channel.arecv() == "value"
        assert time.expired()
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())


def test_value_that_comes_with_a_cancel_is_the_result_of_a_task_that_ends_with_it() -> None:
    async def main() -> None:
        channel = chan()
        task = asyncio.ensure_future(channel.arecv())
        await asyncio.sleep(0)
        channel.send("value")
        task.cancel()
        assert await task == "value"

    asyncio.run(main())


def test_value_that_comes_with_a_cancel_is_received_before_the_task_is_cancelled() -> None:
    async def main() -> None:
        channel, got = chan(), []

        async def receive() -> None:
            got.append(await channel.arecv())
            await asyncio.sleep(3600)

        task = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        channel.send("value")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert got == ["value"]
        assert task.cancelling() == 1

    asyncio.run(main())


@pytest.mark.parametrize("span", [1e-6, 1e-5, 1e-4])
def test_waits_with_a_limit_lose_no_value_of_a_thread(span: float) -> None:
    def produce(channel: Any) -> None:
        for number in range(200):
            channel.send(number)
        channel.close()

    async def main() -> list[int]:
        channel, got = chan(), []
        go(produce, channel)
        while True:
            try:
                value, ok = await asyncio.wait_for(channel.arecv_(), span)
            except TimeoutError:
                await asyncio.sleep(0)
                continue
            if not ok:
                return got
            got.append(value)

    assert asyncio.run(main()) == list(range(200))


@pytest.mark.parametrize(
    "block",
    [
        lambda: chan().recv(),
        lambda: chan().send(1),
        lambda: list(chan()),
        lambda: select(chan().recv),
        lambda: go(chan().recv).result(),
    ],
)
def test_what_would_block_the_loop_is_refused(block: Callable[[], Any]) -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="this would block the thread that runs all"):
            block()

    asyncio.run(main())


def test_what_need_not_wait_is_done_in_a_loop() -> None:
    async def main() -> None:
        channel = chan(1)
        channel.send(1)
        assert channel.recv() == 1

    asyncio.run(main())


async def sleeps() -> None:
    await asyncio.sleep(1)


async def asks_a_queue() -> None:
    await asyncio.Queue[int]().get()


@pytest.mark.parametrize("coroutine", [sleeps, asks_a_queue])
def test_asyncio_without_its_loop_says_what_to_do(
    coroutine: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises((RuntimeError, AttributeError)) as raised:
        run(coroutine())
    assert "under asyncio.run" in raised.value.__notes__[0]
    go(coroutine)
    eventually(lambda: "under asyncio.run" in caplog.text, "the failure to be logged")


def test_operations_are_tasks_of_asyncio() -> None:
    async def main() -> None:
        channel = chan()
        sent, received = go(channel.asend, 1), go(aselect, channel.recv)
        assert await received == (0, 1)
        await sent

    asyncio.run(main())
