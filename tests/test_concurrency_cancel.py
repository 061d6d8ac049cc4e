"""cancel(): where it raises, what it reaches, and what it must not lose."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, Task, aselect, chan, go, run, sleep

pytestmark = pytest.mark.smoke


def test_cancel_raises_where_the_task_waits() -> None:
    seen = []

    async def waits() -> None:
        try:
            await chan().arecv()
        except Cancelled:
            seen.append("cancelled")
            raise

    async def main() -> None:
        task = go(waits)
        await sleep(0)
        assert task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert task.done()
        assert task.cancelled()
        assert not task.cancel()

    run(main())
    assert seen == ["cancelled"]


def test_cancelled_is_that_of_asyncio() -> None:
    assert Cancelled is asyncio.CancelledError


def test_task_that_has_not_begun_never_begins() -> None:
    async def main() -> None:
        begun = []

        async def begin() -> None:
            begun.append(True)

        task = go(begin)
        assert task.cancel()
        assert task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert begun == []

    run(main())


def test_cancel_is_told_once_at_a_time() -> None:
    """Cleaning up may wait, although it was asked for twice before it began."""

    async def waits() -> str:
        try:
            await chan().arecv()
        except Cancelled:
            await sleep(0)
            return "cleaned up"
        return "not cancelled"

    async def main() -> None:
        task = go(waits)
        await sleep(0)
        assert task.cancel()
        assert task.cancel()
        assert await task == "cleaned up"

    run(main())


def test_cancel_of_a_task_that_has_just_received_loses_no_value() -> None:
    async def receive(channel: Any, got: list[int]) -> None:
        got.append(await channel.arecv())
        await sleep(0)
        got.append(-1)  # which comes too late

    async def main() -> None:
        channel, got = chan(), []
        task = go(receive, channel, got)
        await sleep(0)
        await channel.asend(1)
        assert task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert got == [1]

    run(main())


def test_cancel_reaches_what_gives_way_in_the_manner_of_asyncio() -> None:
    async def spin() -> None:
        while True:
            await asyncio.sleep(0)  # a bare yield

    async def main() -> None:
        task = go(spin)
        await sleep(0)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    run(main())


def test_cancel_reaches_a_task_whose_operations_never_wait() -> None:
    async def spin(channel: Any) -> None:
        while True:
            await channel.asend(1)
            await channel.arecv()

    async def main() -> None:
        task = go(spin, chan(1))
        await sleep(0)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    run(main())


def test_cancel_from_another_thread_wakes_the_scheduler() -> None:
    async def main() -> None:
        task: Task[Any] = go(forever)
        await sleep(0)
        go(task.cancel)
        with pytest.raises(Cancelled):
            await task

    async def forever() -> None:
        await chan().arecv()

    run(main())


@pytest.mark.parametrize("what", ["sleep", "task", "select"])
def test_cancel_takes_a_task_out_of_any_wait(what: str) -> None:
    async def forever() -> None:
        await chan().arecv()

    async def waits(other: Any) -> None:

        awaited: dict[str, Callable[[], Awaitable[Any]]] = {
            "sleep": lambda: sleep(3600),
            "task": lambda: other,
            "select": lambda: aselect(chan().recv, (chan().send, 1)),
        }
        await awaited[what]()

    async def main() -> None:
        other = go(forever)
        task = go(waits, other)
        await sleep(0)
        task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert not other.done()

    run(main())


def test_running_thread_cannot_be_cancelled() -> None:
    gate: Any = chan()
    task = go(gate.recv)
    assert not task.cancel()
    gate.send("through")
    assert task.result() == "through"


def test_task_of_asyncio_is_cancelled_from_a_thread() -> None:
    async def forever() -> None:
        await asyncio.sleep(3600)

    async def main() -> None:
        task = go(forever)
        await asyncio.sleep(0)
        assert await go(task.cancel)
        with pytest.raises(Cancelled):
            await task

    asyncio.run(main())
