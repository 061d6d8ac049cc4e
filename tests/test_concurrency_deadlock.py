"""Deadlocks: what is one, what is none, and what the report says."""

import re
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import chan, go, run, sleep
from tests.programs import Outcome

DEADLOCK = """
    async def relay(source, target):
        async for value in source:
            await target.asend(value)

    async def main():
        a, b = chan(), chan(1, of=int)
        go(relay, a, b)
        go(select_both, a, b)
        await go(relay, b, a)

    async def select_both(a, b):
        await aselect((nilchan.send, 1), nilchan.recv)

    {before}
    try:
        run(main())
    except Deadlock as error:
        print(error)
"""


def test_deadlock_is_reported_with_where_each_waits(start: Any, tmp_path: Path) -> None:
    program = start(DEADLOCK.format(before=""))
    lines = program.end().out.splitlines()
    assert lines[0] == "all coroutines wait, and nothing is left that could wake one:"
    file = tmp_path / "program0.py"
    source = file.read_text().splitlines()

    def at(part: str) -> str:
        number = next(number for number, line in enumerate(source, 1) if part in line)
        return f"({file}:{number})"

    chan = "<fastgo.concurrency.Chan"
    assert sorted(re.sub(r"0x\w+", "X", line.strip()) for line in lines[1:]) == [
        f"main {at('await go(relay, b, a)')} waits for <fastgo.concurrency.Task relay, waiting>",
        f"relay {at('async for value')} waits to receive from {chan} at X, 0 of 0>",
        f"relay {at('async for value')} waits to receive from {chan} of int at X, 0 of 1>",
        f"select_both {at('await aselect')} waits to select: send to nilchan, receive from nilchan",
    ]


@pytest.mark.parametrize(
    "before",
    [
        "go(lambda: None).result()  # an idle thread of the pool",
        "go(relay, nilchan, nilchan).cancel()  # the background, without a task",
    ],
)
def test_deadlock_is_reported_beside_what_is_idle(start: Any, before: str) -> None:
    out = start(DEADLOCK.format(before=before)).end().out
    assert out.startswith("all coroutines wait, and nothing is left")


# Tells when the scheduler has asked whether something outside can still wake it.
ASKED = """
from fastgo.concurrency import _deadlock
asked = threading.Event()
def is_stuck(is_stuck=_deadlock.is_stuck):
    try:
        return is_stuck()
    finally:
        asked.set()
_deadlock.is_stuck = is_stuck
"""


@pytest.mark.parametrize(
    "waker",
    [
        "go(lambda: asked.wait() and channel.send('woken'))",
        "threading.Thread(target=lambda: asked.wait() and channel.send('woken')).start()",
        "_thread.start_new_thread(lambda: asked.wait() and channel.send('woken'), ())",
        "go(lambda: asked.wait() and os.kill(os.getpid(), signal.SIGUSR1))",
    ],
)
def test_what_can_still_be_woken_from_outside_is_no_deadlock(start: Any, waker: str) -> None:
    program = start(
        f"""
        async def main():
            signal.signal(signal.SIGUSR1, lambda *_: channel.send("woken"))
            {waker}
            print(await channel.arecv())
        channel = chan(1)
        run(main())
        """,
        ASKED,
    )
    assert program.end() == Outcome(0, "woken\n", "")


def test_other_threads_are_seen_by_one_that_threading_does_not_know(start: Any) -> None:
    program = start(
        """
        def other():
            async def main():
                print(await channel.arecv())
            run(main())
            ended.set()
        channel, ended = chan(1), threading.Event()
        _thread.start_new_thread(other, ())
        asked.wait()
        channel.send("woken")
        ended.wait()
        """,
        ASKED,
    )
    assert program.end() == Outcome(0, "woken\n", "")


def test_timers_are_no_deadlock() -> None:
    async def wait(channel: Any) -> Any:
        return await channel.arecv()

    async def main() -> None:
        channel = chan()
        task = go(wait, channel)
        await sleep(0.6)  # for longer than it takes to find a deadlock
        await channel.asend("woken")
        assert await task == "woken"

    run(main())


def test_deadlock_lets_coroutines_clean_up(start: Any) -> None:
    program = start(
        """
        async def main():
            try:
                await chan().arecv()
            finally:
                print("cleaned up")
        try:
            run(main())
        except Deadlock:
            print("deadlock")
        """
    )
    assert program.end() == Outcome(0, "cleaned up\ndeadlock\n", "")


# --- what happens while it is looked for ---


def test_task_that_is_cancelled_as_a_deadlock_is_looked_for_goes_on(start: Any) -> None:
    program = start(
        """
        def look(usual=_go.idle_schedulers):
            _go.idle_schedulers = usual
            canceller = threading.Thread(target=waiter.cancel)
            canceller.start()
            canceller.join()
            return usual()
        async def wait():
            await nilchan.arecv()
        async def main():
            global waiter
            waiter = go(wait)
            _go.idle_schedulers = look
            try:
                await waiter
            except Cancelled:
                print("cancelled")
        run(main())
        """,
        "from fastgo.concurrency import _go",
    )
    assert program.end() == Outcome(0, "cancelled\n", "")


def test_thread_that_is_given_work_as_a_deadlock_is_looked_for_may_wake(start: Any) -> None:
    program = start(
        """
        def look(usual=_go.idle_schedulers):
            _go.idle_schedulers = usual
            begin.close()
            while not usual():  # until the background has given it to the idle thread, and is idle
                time.sleep(0)
            return usual()
        def send():
            asked.wait()
            channel.send("woken")
        async def hand_over():
            await begin.arecv()
            go(send)
        async def main():
            print(await channel.arecv())
        begin, channel = chan(), chan(1)
        go(lambda: None).result()
        while not _go.pool.idle:
            time.sleep(0)
        go(hand_over)
        _go.idle_schedulers = look
        run(main())
        """,
        ASKED + "from fastgo.concurrency import _go",
    )
    assert program.end() == Outcome(0, "woken\n", "")


def test_background_that_has_no_thread_yet_is_not_idle(start: Any) -> None:
    program = start(
        """
        def start_late(thread, start=threading.Thread.start):
            if thread.name == "fastgo-coroutines":
                asked.clear()
                asked.wait()
            start(thread)
        async def send():
            await channel.asend("woken")
        async def main():
            print(await channel.arecv())
        threading.Thread.start, channel = start_late, chan(1)
        threading.Thread(target=go, args=(send,)).start()
        run(main())
        """,
        ASKED + "from fastgo.concurrency import _go",
    )
    assert program.end() == Outcome(0, "woken\n", "")
