"""Operations that a task has begun and does not wait for, and what they leave behind: nothing."""

import gc
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import aselect, chan, default, go, run, sleep
from tests.programs import Outcome, Program

HEAD = """
import gc, sys, warnings
from fastgo.concurrency import *
from fastgo.concurrency._core import core
"""


@pytest.fixture
def outcome(tmp_path: Path) -> Any:
    """Runs a script and returns how it ends."""

    def outcome(source: str) -> Outcome:
        path = tmp_path / "program.py"
        path.write_text(HEAD + textwrap.dedent(source))
        program = Program("-X", "dev", path)
        try:
            return program.end()
        finally:
            program.close()

    return outcome


def test_scheduler_that_goes_closes_tasks_that_wait_for_each_other(outcome: Any) -> None:
    done = outcome(
        """
        async def close(channel):
            try:
                await chan().arecv()
            finally:
                channel.close()
        async def wait(channel):
            await channel.arecv()
        def leave():
            channel, scheduler = chan(), core.Scheduler()
            tasks = [scheduler.spawn(close(channel)), scheduler.spawn(wait(channel))]
            scheduler.run(scheduler.spawn(sleep_once()))
            return tasks
        async def sleep_once():
            await sleep(0)
        print(all(task.cancelled() for _ in range(200) for task in leave()))
        """
    )
    assert done == Outcome(0, "True\n", "")


def test_operation_that_is_taken_back_may_begin_another_as_it_goes(outcome: Any) -> None:
    done = outcome(
        """
        late, kept = chan(), []
        class Value:
            def __del__(self):
                operation = late.arecv()
                kept.append(operation)
                operation.send(None)
        async def main():
            chan().asend(Value()).send(None)
            await sleep(0)
        warnings.simplefilter("ignore")
        sys.unraisablehook = lambda _: None  # nothing runs that could wait
        run(main())
        print(select((late.send, 1), default)[0])  # nobody is left to take it
        """
    )
    assert done == Outcome(0, "1\n", "")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_collected_coroutine_does_not_take_back_what_the_task_waits_for() -> None:
    class Collects:
        """Awaits an operation, whose way out a collection crosses."""

        def __init__(self, operation: Any) -> None:
            self.operation = operation

        def __await__(self) -> Any:
            begun = self.operation.__await__()
            yielded = begun.send(None)
            gc.collect()
            yield yielded
            try:
                begun.send(None)
            except StopIteration as stop:
                return stop.value

    async def clean_up(cell: list[Any]) -> None:
        try:
            await chan().arecv()
        finally:
            cleaned.append(1)
            await sleep(0)

    def leave_garbage() -> None:
        cell: list[Any] = []
        cell.append(clean_up(cell))
        cell[0].send(None)

    async def main() -> Any:
        channel = chan()
        leave_garbage()
        go(send, channel)
        return await Collects(channel.arecv())

    async def send(channel: Any) -> None:
        await channel.asend("value")

    cleaned: list[int] = []
    gc.collect()
    gc.disable()
    try:
        assert run(main()) == "value"
    finally:
        gc.enable()
    assert cleaned == [1]


def test_turn_may_begin_many_operations_and_wait_for_any() -> None:
    @types.coroutine
    def wait_for(operations: list[Any], chosen: int) -> Any:
        for operation in operations:
            operation.send(None)
        yield operations[chosen]
        try:
            operations[chosen].send(None)
        except StopIteration as stop:
            return stop.value

    async def main(chosen: int) -> Any:
        channels = [chan() for _ in range(10)]
        go(send_to_all, channels)
        return await wait_for([channel.arecv() for channel in channels], chosen)

    async def send_to_all(channels: list[Any]) -> None:
        taken = [await aselect((channel.asend, 1), default) for channel in channels]
        ways.append([index for index, done in enumerate(taken) if done[0] == 0])

    ways: list[list[int]] = []
    for chosen in (0, 4, 9):
        assert run(main(chosen)) == 1
    assert ways == [[0], [4], [9]]
