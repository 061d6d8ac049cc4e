"""Operations that a task has begun and does not wait for, and what they leave behind: nothing."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Outcome, Program

HEAD = """
import gc, warnings
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
