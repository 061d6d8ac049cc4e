"""Timers and tickers: what they send, and that nothing comes after a stop."""

import asyncio
import ctypes
import inspect
import math
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastgo.concurrency import aselect, chan, default, go, nilchan, run, select, sleep, step
from fastgo.concurrency.time import Ticker, Timer, after, after_func, now
from tests.compilers import compile_c
from tests.programs import Program
from tests.waiting import eventually

pytestmark = pytest.mark.smoke

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]
FAR = 3600.0


def is_empty(channel: Any) -> bool:
    return select(channel.recv, default)[0] == 1


# --- after and Timer ---


def test_the_time_comes_without_a_scheduler() -> None:
    before = now()
    assert after(0.001).recv() >= before
    assert after(0).recv() >= before
    assert after(-1).recv() >= before


@runners
def test_the_time_comes_in_coroutines(runner: Runner) -> None:
    async def main() -> None:
        before = now()
        assert await after(0.001).arecv() >= before
        index, _ = await aselect(chan().recv, after(0.001).recv)
        assert index == 1

    runner(main())


def test_timers_fire_in_the_order_of_their_times() -> None:
    order, done = [], chan()
    for number in (3, 1, 2):

        async def note(number: int = number) -> None:
            order.append(number)
            await done.asend(None)

        after_func(0.02 * number, note)
    for _ in range(3):
        done.recv()
    assert order == [1, 2, 3]


def test_a_timer_sends_once() -> None:
    timer = Timer(0)
    timer.c.recv()
    assert is_empty(timer.c)
    assert not timer.stop()


def test_a_timer_that_is_stopped_sends_nothing() -> None:
    timer = Timer(FAR)
    assert (timer.stop(), timer.stop()) == (True, False)
    assert is_empty(timer.c)


def test_a_stop_takes_a_time_back_that_nobody_has_received() -> None:
    timer = Timer(0)
    eventually(lambda: len(timer.c) == 1, "the time to come")
    assert timer.stop()
    assert is_empty(timer.c)
    assert not timer.stop()


def test_a_timer_that_is_reset_counts_anew() -> None:
    timer = Timer(FAR)
    assert timer.reset(0)
    timer.c.recv()
    assert not timer.reset(FAR)
    assert is_empty(timer.c)
    assert timer.reset(0)
    timer.c.recv()


def test_nothing_comes_after_a_stop_that_races_with_the_time() -> None:
    for turn in range(300):
        timer = Timer(0)
        for _ in range(turn % 10):
            len(timer.c)
        stopped = timer.stop()
        assert is_empty(timer.c)
        assert not timer.stop()
        assert stopped in (True, False)
    go(lambda: None).result()
    assert is_empty(timer.c)


def test_a_time_of_before_does_not_come_after_a_reset() -> None:
    for _ in range(300):
        timer = Timer(0)
        timer.reset(FAR)
        assert is_empty(timer.c)
        assert timer.stop()


def test_threads_stop_and_reset_one_timer() -> None:
    timer = Timer(FAR)

    def work() -> None:
        for turn in range(300):
            timer.reset((0, FAR)[turn % 2])
            timer.stop()

    for task in [go(work) for _ in range(4)]:
        task.result()
    assert not timer.stop()
    assert is_empty(timer.c)
    timer.reset(0)
    timer.c.recv()


def test_of_stop_and_function_one_happens() -> None:
    calls, group = [], chan(300)

    async def call() -> None:
        calls.append(None)
        await group.asend(None)

    stopped = 0
    for _ in range(300):
        timer = after_func(0, call)
        stopped += timer.stop()
        assert timer.c is nilchan
    for _ in range(300 - stopped):
        group.recv()
    assert len(calls) == 300 - stopped


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_a_timer_calls_a_function(kind: str) -> None:
    called = chan()

    async def coroutine() -> None:
        await called.asend(kind)

    after_func(0.001, coroutine if kind == "coroutine" else lambda: called.send(kind))
    assert called.recv() == kind


def test_the_handler_of_a_signal_stops_a_timer_that_the_thread_is_using() -> None:
    timer, handled = Timer(FAR), []

    def handle(_number: int, _frame: object) -> None:
        timer.stop()
        handled.append(None)

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        while len(handled) < 100:
            timer.reset(FAR)
            timer.stop()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not timer.stop()


# --- Ticker ---


def test_the_handler_of_a_signal_may_start_the_clock_while_the_thread_does(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        """
import asyncio, faulthandler, signal, sys
from fastgo.concurrency.time import after_func

def start(*_):
    after_func(3600, print).stop()

faulthandler.dump_traceback_later(30, exit=True)
signal.signal(signal.SIGALRM, start)
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
start()
signal.signal(signal.SIGALRM, signal.SIG_IGN)
print("through")
"""
    )
    for microseconds in range(20, 320, 20):
        program = Program(path, str(microseconds / 1e6))
        assert program.end().out == "through\n"
        program.close()


@runners
def test_a_ticker_sends_until_it_is_stopped(runner: Runner) -> None:
    async def main() -> None:
        ticker = Ticker(0.001)
        times = [await ticker.c.arecv() for _ in range(4)]
        assert times == sorted(times)
        assert ticker.stop()
        assert not ticker.stop()
        assert is_empty(ticker.c)

    runner(main())


def test_a_late_receiver_misses_times() -> None:
    with Ticker(0.0001) as ticker, Ticker(0.001) as other:
        for _ in range(20):
            other.c.recv()
        assert len(ticker.c) <= ticker.c.capacity == 1
    assert is_empty(ticker.c)


def test_a_ticker_that_is_reset_goes_on_in_its_new_step() -> None:
    with Ticker(FAR) as ticker:
        assert ticker.reset(0.001)
        ticker.c.recv()
        ticker.c.recv()
        ticker.stop()
        assert not ticker.reset(0.001)
        ticker.c.recv()


# --- what is no time ---


@pytest.mark.parametrize("make", [Timer, Ticker, after])
def test_what_is_no_time_is_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="NaN"):
        make(math.nan)
    for wrong in (None, "1", [1]):
        with pytest.raises(TypeError, match="number of seconds"):
            make(wrong)


@pytest.mark.parametrize("make", [Timer, after_func])
def test_what_is_no_function_is_refused_at_once(make: Callable[..., Any]) -> None:
    async def call() -> None:
        """Is never called."""

    with pytest.raises(TypeError, match="a timer calls a function, and not 5"):
        make(FAR, 5)
    with pytest.raises(TypeError, match="leave out the call"):
        make(FAR, call())


def test_a_timer_calls_a_native_function(tmp_path: Path) -> None:
    source = """
    #include <fastgo.h>
    int note(fastgo_task *task, void *channel)
    {
        (void)task;
        fastgo_chan_try_send_int(channel, 5);
        return FASTGO_DONE;
    }
    """
    called = chan(1, of=int)
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))
    timer = after_func(0.0, step(library, "note", data=called.address, keep=called))
    assert called.recv() == 5
    assert not timer.stop()


def test_parameters_have_the_names_that_are_documented() -> None:
    for each in (Timer, Ticker, after, after_func):
        assert each.__doc__ is not None
        documented = re.findall(r"^ {4,8}(\w+): ", each.__doc__.partition("Args:")[2], re.M)
        assert set(inspect.signature(each).parameters) <= set(documented)


@pytest.mark.parametrize("seconds", [0, -1.0])
def test_a_ticker_needs_time_between_its_times(seconds: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Ticker(seconds)


def test_a_timer_may_wait_for_ever() -> None:
    timer = Timer(math.inf)
    assert is_empty(timer.c)
    assert timer.stop()


# --- many ---


@runners
def test_a_storm_of_timers_and_stops(runner: Runner) -> None:
    async def main() -> None:
        timers = [Timer((0, 0.0005, FAR)[n % 3]) for n in range(900)]
        await sleep(0)
        for timer in timers[2::3]:
            assert timer.stop()
        for timer in timers[::3] + timers[1::3]:
            await timer.c.arecv()
        assert all(is_empty(timer.c) for timer in timers)

    runner(main())


def test_a_timer_that_is_armed_is_no_deadlock_and_behind_it_there_is_one(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("""
from fastgo.concurrency import Deadlock, chan, run
from fastgo.concurrency.time import Timer, after

async def main():
    stopped = Timer(3600)
    await after(0.6).arecv()
    print("fired")
    stopped.stop()
    await chan().arecv()
try:
    run(main())
except Deadlock:
    print("deadlock")
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "fired\ndeadlock\n", "")


def test_exit_with_timers_left_is_clean(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("""
from fastgo.concurrency.context import background, with_timeout
from fastgo.concurrency.time import Ticker, Timer, after_func
kept = [Ticker(0.0001), Timer(3600), after_func(3600, print), with_timeout(background(), 3600)]
kept[0].c.recv()
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")
