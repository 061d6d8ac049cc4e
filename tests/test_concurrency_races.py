"""What Python code runs in the middle of an operation, or what another thread does meanwhile.

Such code is the destructor of a value, the handler of a signal, a profiler, or a method of a class
of the user's. The tests have it run where a thread would seldom come between.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, chan, go, nilchan
from fastgo.concurrency._go import background
from fastgo.concurrency._threads import Pool
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.time import Timer
from tests.compilers import compile_c
from tests.programs import Outcome
from tests.waiting import eventually

pytestmark = pytest.mark.smoke

SOURCE = r"""
#include <fastgo.h>
#include <sched.h>

int nothing(fastgo_task *task, void *data)
{
    (void)task;
    (void)data;
    return FASTGO_DONE;
}

/* Receives one, or else fails. */
int receive(fastgo_task *task, void *numbers)
{
    int64_t number;
    int done = fastgo_task_recv_int(task, numbers, &number);
    if (done == FASTGO_CLOSED) {
        return fastgo_task_fail(task, "closed");
    }
    if (done == FASTGO_OK) {
        return fastgo_task_return_int(task, number);
    }
    return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}

volatile int runs, may_end;

int run_long(fastgo_task *task, void *data)
{
    (void)data;
    runs = 1;
    while (!may_end) {
        sched_yield();
    }
    return fastgo_task_return_int(task, 1);
}
"""

# What scripts begin with that hang or crash where something is wrong.
BEFORE = """
import ctypes, faulthandler, functools
from fastgo.concurrency import _go
from fastgo.concurrency._core import core
faulthandler.dump_traceback_later(15, exit=True)
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(tmp_path_factory.mktemp("races"), SOURCE)


# --- a cancel ---


# Behind a sleep, what it waits for next has the memory of what the cancel has looked at.
@pytest.mark.parametrize("between", ["pass", "await sleep(0)"])
def test_cancel_ends_a_task_that_goes_on_meanwhile(start: Any, path: Path, between: str) -> None:
    program = start(
        f"""
        class Kept:
            def __del__(self):  # in the cancel, which delivers what has come
                may_go_on.set()
                while not goes_on.is_set() or "waiting" not in repr(task):
                    time.sleep(0)
        async def receive():
            await channel.arecv()
            {between}
            goes_on.set()
            await nilchan.arecv()
        async def keep_the_thread():
            kept.set()
            may_go_on.wait()
        kept, may_go_on, goes_on = threading.Event(), threading.Event(), threading.Event()
        library, channel = ctypes.CDLL({str(path)!r}), chan()
        task = go(receive)
        while "waiting" not in repr(task):
            time.sleep(0)
        go(keep_the_thread)
        kept.wait()
        go(step(library, "nothing", keep=Kept()))
        while not core.natives_are_idle():
            time.sleep(0)
        channel.send(1)
        print(task.cancel())
        try:
            task.result(timeout=5)
        except Cancelled:
            print("cancelled")
        """,
        BEFORE,
    )
    assert program.end() == Outcome(0, "True\ncancelled\n", "")


class Late:
    """Calls a function when it goes."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function

    def __del__(self) -> None:
        self.function()


async def wait_as_another_operation_goes(cancel: Callable[[], object]) -> None:
    chan().asend(Late(cancel)).send(None)
    await nilchan.arecv()


async def wait_in_an_object_of_python(cancel: Callable[[], object]) -> None:
    class Wrapped:
        def __await__(self) -> Any:
            operation: Any = nilchan.arecv()
            yielded = operation.send(None)
            cancel()
            yield yielded
            operation.send(None)

    await Wrapped()


async def wait_with_a_profiler(cancel: Callable[[], object]) -> None:
    def profile(frame: Any, event: str, _argument: object) -> None:
        if event == "return" and frame.f_code is wait_with_a_profiler.__code__:
            sys.setprofile(None)
            cancel()

    sys.setprofile(profile)
    await nilchan.arecv()


@pytest.mark.parametrize(
    "wait", [wait_as_another_operation_goes, wait_in_an_object_of_python, wait_with_a_profiler]
)
def test_cancel_behind_the_beginning_of_a_wait_ends_it(wait: Callable[..., Any]) -> None:
    async def main() -> None:
        task = go(wait, lambda: cancels.append(task.cancel()))
        with pytest.raises(Cancelled):
            await task

    cancels: list[bool] = []
    go(main).result(timeout=5)
    assert cancels == [True]


def test_cancel_of_a_native_task_that_is_just_failing_reaches_no_other(
    start: Any, path: Path
) -> None:
    program = start(
        f"""
        class Failure(TaskError):
            def __init__(self, reason):
                others.append(go(step(library, "receive", data=numbers.address, keep=numbers)))
                failing.cancel()
        library = ctypes.CDLL({str(path)!r})
        end, numbers, others = chan(of=int), chan(1, of=int), []
        core.configure(**{{**hooks, "task_error": Failure}})
        failing = go(step(library, "receive", data=end.address, keep=end))
        sys.setswitchinterval(100)  # from here on, the background thread waits for the GIL
        end.close()
        while not core.natives_are_idle():
            pass
        try:
            failing.result()
        except TaskError:
            numbers.send(42)
            print(others[0].result())
        """,
        BEFORE
        + """
hooks, configure = {}, core.configure
def note(**given):
    hooks.update(given)
    configure(**given)
core.configure = note
""",
    )
    assert program.end() == Outcome(0, "42\n", "")


# --- a task that ends ---


@pytest.mark.parametrize(("method", "ends"), [("result", "return"), ("exception", "raise")])
def test_task_outlives_a_call_that_had_its_only_reference(
    start: Any, method: str, ends: str
) -> None:
    program = start(
        f"""
        class Value(Exception):
            def __del__(self):
                print("gone")
        class Limit:
            def __float__(self):
                may_end.set()
                while not _go.pool.idle:
                    time.sleep(0)
                ask.__setstate__((print, (), {{}}, {{}}))
                return 5.0
        def work():
            may_end.wait()
            {ends} Value()
        may_end = threading.Event()
        ask = functools.partial(go(work).{method})  # which lends it for the call
        value = ask(timeout=Limit())
        print("asked")
        print(type(value).__name__)
        del value
        """,
        BEFORE,
    )
    assert program.end() == Outcome(0, "asked\nValue\ngone\n", "")


def test_native_task_that_was_given_up_may_end_later(start: Any, path: Path) -> None:
    program = start(
        f"""
        library = ctypes.CDLL({str(path)!r})
        runs, may_end = (ctypes.c_int.in_dll(library, name) for name in ("runs", "may_end"))
        task = go(step(library, "run_long"))
        while not runs.value:
            time.sleep(0)
        print(core.stop_natives(0), task.done())
        may_end.value = 1
        print(core.stop_natives(10_000))
        """,
        BEFORE,
    )
    assert program.end() == Outcome(0, "False True\nTrue\n", "")


def test_group_waits_for_functions_that_end_as_it_looks_at_them() -> None:
    class WrongError(Exception):
        pass

    class Watched(asyncio.Task):  # type: ignore[type-arg]
        def __bool__(self) -> bool:  # in the loop over the functions
            may_end.set()
            eventually(lambda: "0 running" in repr(group), "the functions have ended")
            return True

    async def block() -> None:
        async with group:
            for _ in range(3):
                group.go(may_end.wait)
            raise WrongError

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coroutine, **more: Watched(coroutine, loop=loop, **more))
        await loop.create_task(block())

    may_end, group = Event(), Group()
    with pytest.raises(WrongError):
        asyncio.run(main())


# --- handlers of signals ---


def test_timer_that_is_stopped_while_it_is_armed_is_stopped() -> None:
    def stop(frame: Any, event: str, _argument: object) -> None:  # as a handler would
        if event == "return" and frame.f_code.co_name == "call_after":
            sys.setprofile(None)
            stopped.append(timer.stop())

    stopped: list[bool] = []
    tasks, timer = background().live, Timer(3600)
    timer.stop()
    sys.setprofile(stop)
    timer.reset(3600)
    assert stopped == [True]
    eventually(lambda: background().live <= tasks, "its task has ended", deadline=5)


def test_thread_is_reserved_for_a_call_that_is_made() -> None:
    class Lock:
        """Raises at its end, as the handler of a signal may."""

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pool._lock = usual
            raise KeyboardInterrupt

    pool, called = Pool(), Event()
    pool.go(lambda: None, (), {}).result()
    eventually(lambda: pool.idle == 1, "the thread is idle")
    usual, pool._lock = pool._lock, Lock()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        pool.go(called.set, (), {})
    assert called.wait(5)
    eventually(lambda: pool.idle == 1, "the thread is idle again")


def test_call_may_start_in_the_middle_of_another() -> None:
    def start_in_the_middle() -> None:
        with pool._lock:  # as the first call has, which a handler interrupts
            pool.go(called.set, (), {})

    pool, called = Pool(), Event()
    threading.Thread(target=start_in_the_middle, daemon=True).start()
    assert called.wait(5)
