"""Loops of asyncio that are closed while tasks of theirs wait for what is fastgo's."""

import asyncio
import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import chan, go

pytestmark = pytest.mark.smoke


async def wait_for(operation: Any) -> Any:
    return await operation


def wait_in_a_loop(operation: Any, begin: Callable[..., object] = go) -> None:
    """Has a task of a loop wait for an operation, and closes the loop."""
    loop = asyncio.new_event_loop()

    async def main() -> None:
        begin(wait_for, operation)
        await asyncio.sleep(0)

    loop.run_until_complete(main())
    loop.close()


def create_task(function: Any, operation: Any) -> None:
    asyncio.get_running_loop().create_task(function(operation))


@pytest.mark.parametrize("begin", [create_task, go])
def test_what_waits_is_let_go_when_the_next_loop_begins(begin: Any) -> None:
    class Value:
        pass

    def send() -> weakref.ref[Value]:
        value, channel = Value(), chan(1)
        channel.send("fills it")
        wait_in_a_loop(channel.asend(value), begin)
        return weakref.ref(value)

    left = [send() for _ in range(5)]
    send()
    gc.collect()
    assert [each() for each in left] == [None] * 5


def test_operation_that_is_closed_while_it_is_told_is_given_up_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # which keeps nothing
    channel = chan()
    operations = [channel.arecv() for _ in range(5)]
    for operation in operations:
        wait_in_a_loop(operation, create_task)
    channel.close()  # of which closed loops take no news
    for operation in operations:
        operation.close()
    del operation, operations
    gc.collect()
    assert sys.getrefcount(channel) == 2
