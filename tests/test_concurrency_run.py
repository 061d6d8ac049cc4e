"""run() and its end: signals, what is left, exits, forks and other interpreters."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, ChannelError, Deadlock, _run, chan, go, run, sleep
from tests.programs import CLEAN, Outcome

# --- run ---


def test_run_returns_what_main_returns_and_may_be_repeated() -> None:
    async def main(number: int) -> int:
        await sleep(0)
        return number

    assert [run(main(number)) for number in range(3)] == [0, 1, 2]


def test_run_takes_a_coroutine() -> None:
    async def main() -> None:
        """Nothing."""

    with pytest.raises(TypeError, match=re.escape("write run(main())")):
        run(main)  # type: ignore[arg-type]


def test_run_within_run_or_asyncio_is_refused() -> None:
    async def inner() -> None:
        """Nothing."""

    async def main() -> None:
        coroutine = inner()
        with pytest.raises(RuntimeError, match="runs coroutines already"):
            run(coroutine)
        coroutine.close()

    run(main())
    asyncio.run(main())


def test_asyncio_may_run_in_a_thread_beside() -> None:
    async def inner() -> int:
        await asyncio.sleep(0)
        return 1

    async def main() -> int:
        return await go(lambda: asyncio.run(inner()))

    assert run(main()) == 1


def test_tasks_that_are_left_are_cancelled_and_waited_for() -> None:
    ended = []

    async def stay(number: int) -> None:
        try:
            await chan().arecv()
        finally:
            await sleep(0)
            ended.append(number)

    async def main() -> None:
        for number in range(3):
            go(stay, number)
        await sleep(0)

    run(main())
    assert ended == [0, 1, 2]


def test_tasks_that_never_end_are_closed(start: Any) -> None:
    program = start(
        """
        async def stubborn():
            try:
                while True:
                    try:
                        await chan().arecv()
                    except Cancelled:
                        print("cancelled")
            finally:
                print("closed")

        async def main():
            go(stubborn)
            await sleep(0)

        run(main())
        """
    )
    assert program.end() == Outcome(0, "cancelled\nclosed\n", "")


def test_what_is_started_at_the_end_does_not_begin() -> None:
    begun = []

    async def late() -> None:
        begun.append(True)

    async def stay() -> None:
        try:
            await chan().arecv()
        finally:
            task = go(late)
            with pytest.raises(Cancelled):
                await task

    async def main() -> None:
        go(stay)
        await sleep(0)

    run(main())
    assert begun == []


def test_interrupt_before_anything_is_cancelled_ends_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[bool] = []
    phases = iter([KeyboardInterrupt])
    finish = _run._finish

    def interrupted(scheduler: Any, begin: Any) -> None:
        for error in phases:
            raise error
        finish(scheduler, begin)

    async def stay() -> None:
        try:
            await sleep(3600)
        finally:
            ended.append(True)

    async def main() -> None:
        go(stay)
        await sleep(0)

    monkeypatch.setattr(_run, "_finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert ended == [True]


async def one(closed: list[bool]) -> AsyncIterator[int]:
    """Notes that it was closed, which takes a turn."""
    try:
        yield 1
    finally:
        await sleep(0)
        closed.append(True)


def test_generators_that_were_left_are_closed_in_the_run() -> None:
    closed: list[bool] = []

    async def main() -> None:
        async for _ in one(closed):
            break
        await sleep(0)
        await sleep(0)
        await sleep(0)

    run(main())
    assert closed == [True]


def test_generators_that_somebody_still_has_are_closed_at_the_end_of_the_run() -> None:
    closed: list[bool] = []

    async def main() -> Any:
        generator = one(closed)
        assert await anext(generator) == 1
        return generator

    kept = run(main())
    assert closed == [True]
    del kept


# --- signals ---

WAITS = {
    "coroutine": "run(forever())",
    "sleep": "run(sleeping())",
    "busy": "run(busy())",
    "pong": "run(pong())",
    "thread": "ready(); chan().recv()",
    "send": "ready(); chan().send(1)",
    "select": "ready(); select(chan().recv)",
    "task": "task = go(waiting); ready(); task.result()",
    "timeout": "task = go(waiting); ready(); task.result(timeout=3600)",
}


@pytest.mark.parametrize("wait", WAITS)
def test_interrupt_ends_every_wait_of_the_main_thread(start: Any, wait: str) -> None:
    program = start(
        f"""
        def ready():
            print("ready", flush=True)
        async def waiting():
            await chan().arecv()
        async def forever():
            try:
                ready()
                await chan().arecv()
            finally:
                print("cleaned up")
        async def sleeping():
            ready()
            await sleep(3600)
        async def busy():
            ready()
            while True:
                await sleep(0)
        async def echo(a, b):
            async for value in a:
                await b.asend(value)
        async def pong():
            a, b = chan(), chan()
            go(echo, a, b)
            ready()
            while True:
                await a.asend(1)
                await b.arecv()
        threading.Thread(target=threading.Event().wait, daemon=True).start()  # no deadlock
        try:
            {WAITS[wait]}
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    assert program.line() == "ready"
    program.signal(signal.SIGINT)
    cleaned = "cleaned up\n" if wait == "coroutine" else ""
    assert program.end() == Outcome(0, f"{cleaned}interrupted\n", "")


def test_handlers_of_signals_run_while_coroutines_wait(start: Any) -> None:
    program = start(
        """
        async def main():
            print("ready", flush=True)
            print(await signals.arecv())
        signals = chan(1)
        signal.signal(signal.SIGUSR1, lambda number, _: signals.send(number))
        run(main())
        """
    )
    assert program.line() == "ready"
    program.signal(signal.SIGUSR1)
    assert program.end() == Outcome(0, f"{signal.SIGUSR1}\n", "")


# --- exit ---


@pytest.mark.smoke
@pytest.mark.parametrize(
    "left",
    [
        "go(forever)",
        "[go(forever) for _ in range(1000)]",
        "go(spin)",
        "go(chan().recv)",
        "go(time.sleep, 3600)",
        "go(busy)",
        "tasks = [go(forever) for _ in range(1000)]; [task.cancel() for task in tasks]",
        "channel = chan(); [go(relay, channel) for _ in range(100)]; channel.close()",
        "chan(3).send([])",
        "def wait(): go(forever).result()\nthreading.Thread(target=wait, daemon=True).start()",
    ],
)
def test_exit_with_tasks_left_is_clean(start: Any, left: str) -> None:
    source = """
async def forever():
    await chan().arecv()
async def spin():
    while True:
        await sleep(0)
async def relay(channel):
    async for value in channel:
        await channel.asend(value)
def busy():
    while True:
        pass
"""
    assert start(source + left).end() == CLEAN


def test_exit_from_a_coroutine_is_clean(start: Any) -> None:
    program = start(
        """
        async def leave():
            sys.exit(3)
        async def main():
            go(leave)
            await chan().arecv()
        run(main())
        """
    )
    assert program.end() == Outcome(3, "", "")


# --- processes and interpreters ---


def test_forked_process_has_coroutines_threads_and_channels_of_its_own(start: Any) -> None:
    program = start(
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        async def double(number):
            await sleep(0)
            return 2 * number
        def work():
            assert go(double, 1).result() == 2       # in the background
            assert go(lambda: 3).result() == 3       # in a thread
            assert run(double(2)) == 4
        work()
        child = os.fork()
        work()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            print("both")
        """
    )
    assert program.end() == Outcome(0, "both\n", "")


def test_tasks_of_the_parent_are_refused_in_a_forked_process(start: Any) -> None:
    program = start(
        """
        import gc, warnings
        import fastgo
        warnings.simplefilter("ignore", DeprecationWarning)

        async def forever():
            try:
                await begun.asend(None)
                await chan().arecv()
            finally:
                print("cleaned up in the parent:", os.getpid() == parent, flush=True)

        async def wait(task):
            return await task

        def check(task):
            assert not task.cancel()
            for ask in (task.result, task.exception, lambda: run(wait(task))):
                try:
                    ask()
                except fastgo.ForkError as error:
                    assert "call go again" in str(error)
                else:
                    raise AssertionError(ask)

        parent, begun, gate = os.getpid(), chan(), chan()
        tasks = [go(forever), go(gate.recv)]
        begun.recv()
        child = os.fork()
        if child == 0:
            check(tasks.pop())
            check(tasks.pop())
            gc.collect()
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        gate.send("through")
        assert tasks.pop().result() == "through"
        tasks[0].cancel()
        try:
            tasks.pop().result()
        except Cancelled:
            pass
        """
    )
    assert program.end() == Outcome(0, "cleaned up in the parent: True\n", "")


def test_tasks_of_the_thread_that_forks_go_on_in_the_child(start: Any) -> None:
    program = start(
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)

        async def echo(values):
            return await values.arecv()

        async def main():
            values = chan()
            tasks = [go(echo, values), go(echo, values)]
            await sleep(0)
            child = os.fork()
            await values.asend("value")
            assert await tasks[0] == "value"
            assert tasks[1].cancel()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                print("both")

        run(main())
        """
    )
    assert program.end() == Outcome(0, "both\n", "")


def test_second_interpreter_is_refused(start: Any) -> None:
    program = start(
        """
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        IN_IT = '''
        try:
            from fastgo.concurrency import go
        except Exception as error:
            print("interpreter" in str(error), flush=True)
        '''
        import textwrap
        interpreter = interpreters.create()
        interpreters.run_string(interpreter, textwrap.dedent(IN_IT))
        interpreters.destroy(interpreter)
        print(go(lambda: 1).result())
        """
    )
    assert program.end() == Outcome(0, "True\n1\n", "")


def test_import_loads_neither_the_library_nor_asyncio() -> None:
    source = """
import sys, fastgo.concurrency
loaded = lambda: ["fastgo._lib" in sys.modules, "asyncio" in sys.modules]
print(loaded())
from fastgo.concurrency import chan, go, run, sleep
async def main():
    await sleep(0)
    return await go(lambda: 1)
run(main())
print(loaded())
"""
    out = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, env=os.environ
    ).stdout
    assert out == "[False, False]\n[True, False]\n"


def test_errors_are_fastgos() -> None:
    import fastgo

    assert issubclass(ChannelError, fastgo.Error)
    assert issubclass(Deadlock, fastgo.Error)


def test_errors_are_shown_by_the_names_that_users_have() -> None:
    source = "from fastgo.concurrency import chan, run; run(chan().arecv())"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert "\nfastgo.concurrency.Deadlock: all coroutines wait" in done.stderr
