"""What surrounds coroutines and channels: signals, threads of C, forks and the end of Python.

No value is lost, nothing waits for what cannot come, and nothing crashes.
"""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.compilers import compile_c
from tests.programs import CLEAN, Outcome, Program

SOURCE = r"""
#define _GNU_SOURCE
#include <fastgo.h>
#include <pthread.h>
#include <unistd.h>

/* Receives one, and ends. */
int receive(fastgo_task *task, void *numbers)
{
    int64_t number;
    int done = fastgo_task_recv_int(task, numbers, &number);
    if (done == FASTGO_OK) {
        return fastgo_task_return_int(task, number);
    }
    return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}

/* Has the lock of a channel most of the time. */
int hammer(fastgo_task *task, void *numbers)
{
    int64_t number;
    int done = fastgo_task_yield(task);
    for (int i = 0; i < 1000; i++) {
        fastgo_chan_try_send_int(numbers, i);
        fastgo_chan_try_recv_int(numbers, &number);
    }
    return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}

static int told[2];

static void *wait_and_send(void *numbers)
{
    char byte;
    if (read(told[0], &byte, 1) == 1) {
        fastgo_chan_try_send_int(numbers, 42);
    }
    fastgo_drop(numbers);
    return NULL;
}

static void *close_it(void *numbers)
{
    fastgo_close(numbers);
    fastgo_drop(numbers);
    return NULL;
}

/* Starts a thread that wakes all who wait, one by one. */
int start_close(void *numbers)
{
    pthread_t thread;
    fastgo_hold(numbers);
    return pthread_create(&thread, NULL, close_it, numbers);
}

/* Starts a thread that sends when it is told. */
int start_thread(void *numbers)
{
    pthread_t thread;
    fastgo_hold(numbers);
    return pipe(told) != 0 || pthread_create(&thread, NULL, wait_and_send, numbers) != 0;
}

void tell_thread(void)
{
    (void)!write(told[1], "", 1);
}
"""

HEAD = """
import asyncio, atexit, ctypes, gc, os, signal, sys, threading, time, warnings
{before}
import fastgo
from fastgo.concurrency import *
warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads
library = ctypes.CDLL({library!r})
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(tmp_path_factory.mktemp("processes"), SOURCE)


@pytest.fixture
def outcome(tmp_path: Path, library: Path) -> Any:
    """Runs a script and returns how it ends."""

    def outcome(source: str, before: str = "") -> Outcome:
        path = tmp_path / "program.py"
        head = HEAD.format(before=textwrap.dedent(before), library=str(library))
        path.write_text(head + textwrap.dedent(source))
        program = Program(path)
        try:
            return program.end()
        finally:
            program.close()

    return outcome


# --- handlers of signals that raise ---


# list.extend takes the values in C, where nothing can come between a value and the list.
@pytest.mark.parametrize("way", ["channel", "iter(receive, (0, (None, False)))"])
def test_no_value_is_lost_where_a_handler_raises(outcome: Any, way: str) -> None:
    done = outcome(
        f"""
        from functools import partial
        class Tick(Exception):
            pass
        def tick(*_):
            if armed:
                armed.clear()
                raise Tick
        def feed():
            for number in range(1500):
                channel.send(number)
                time.sleep(0.0003)
            channel.close()
        channel, armed, got, ticks = chan(), [], [], 0
        receive = partial(select, channel.recv_, nilchan.recv)
        signal.signal(signal.SIGALRM, tick)
        feeder = threading.Thread(target=feed)
        feeder.start()
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while feeder.is_alive():
            try:
                armed.append(1)
                got.extend({way})
                armed.clear()
            except Tick:
                ticks += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        numbers = [each[1][0] if isinstance(each, tuple) else each for each in got]
        print(numbers == list(range(1500)), ticks > 100)
        """
    )
    assert done == Outcome(0, "True True\n", "")


@pytest.mark.parametrize(
    "way", ["channel", "iter(partial(select, channel.recv, nilchan.recv), None)"]
)
def test_value_of_a_wait_that_a_handler_fires_and_ends_is_delivered(outcome: Any, way: str) -> None:
    done = outcome(
        f"""
        from functools import partial
        class Tick(Exception):
            pass
        def tick(*_):
            channel.send(len(sent))  # to the thread that the signal has interrupted
            sent.append(1)
            raise Tick
        channel, sent, got = chan(1), [], []
        signal.signal(signal.SIGALRM, tick)
        for _ in range(20):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            try:
                got.extend({way})
            except Tick:
                pass
        if len(channel):
            got.append(channel.recv())
        print([each[1] if isinstance(each, tuple) else each for each in got] == list(range(20)))
        """
    )
    assert done == Outcome(0, "True\n", "")


@pytest.mark.parametrize("lock", ["Mutex()", "Semaphore(1)", "RWMutex()"])
def test_no_lock_is_lost_where_a_handler_raises(outcome: Any, lock: str) -> None:
    done = outcome(
        f"""
        from fastgo.concurrency.sync import *
        class Tick(Exception):
            pass
        def tick(*_):
            leave()  # to the thread that the signal has interrupted
            raise Tick
        lock, ticks = {lock}, 0
        leave = getattr(lock, "unlock", None) or lock.release
        enter = getattr(lock, "lock", None) or lock.acquire
        signal.signal(signal.SIGALRM, tick)
        for _ in range(5):
            enter()
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            try:
                with lock:
                    time.monotonic()
            except Tick:
                ticks += 1
        print(ticks, "not locked" in repr(lock) or "0 of 1" in repr(lock))
        """
    )
    assert done == Outcome(0, "5 True\n", "")


# --- threads of C ---


def test_thread_of_c_that_has_a_channel_is_no_deadlock(outcome: Any) -> None:
    done = outcome(
        """
        from fastgo.concurrency import _deadlock
        def is_stuck(is_stuck=_deadlock.is_stuck):
            stuck = is_stuck()
            if asked:
                library.tell_thread()  # at the second time: it has not been taken for a deadlock
            asked.append(stuck)
            return stuck
        async def main():
            return await numbers.arecv()
        async def choose():
            return await aselect(numbers.arecv, nilchan.arecv)
        core.configure(**{**hooks, "is_stuck": is_stuck})
        for function in (main, choose):
            asked, numbers = [], chan(1, of=int)
            assert library.start_thread(ctypes.c_void_p(numbers.address)) == 0
            print(run(function()))
            assert asked[0]
        try:
            run(main())  # it has dropped the channel
        except Deadlock:
            print("deadlock")
        """,
        """
        from fastgo.concurrency._core import core
        hooks, configure = {}, core.configure
        def note(**given):
            hooks.update(given)
            configure(**given)
        core.configure = note
        """,
    )
    assert done == Outcome(0, "42\n(0, 42)\ndeadlock\n", "")


# --- the end of Python ---


def test_threads_that_wait_do_no_harm_at_the_end(outcome: Any) -> None:
    """A thread that wants the GIL then is ended in the middle of its wait."""
    done = outcome(
        """
        never, events, ends = chan(), chan(), chan()
        task = go(never.recv)
        def deep(n, wait):  # as deep as a call of a framework
            return list(map(deep, [n - 1], [wait])) if n else wait()
        def receive():
            while select(events.recv, ends.recv)[0] == 0:
                pass
        for wait in (receive, receive, task.result):
            threading.Thread(target=deep, args=(60, wait), daemon=True).start()
        class Client:
            def __del__(self, select=select, other=default, sleep=time.sleep, both=(events, ends)):
                for channel in both * 2:
                    select((channel.send, "bye"), other)
                    sleep(0.1)
        sys.client = Client()
        time.sleep(0.1)
        """
    )
    assert done == CLEAN


def test_native_task_that_does_not_end_is_said_to(outcome: Any) -> None:
    done = outcome(
        """
        numbers, others = chan(of=int), chan(1, of=int)
        others.send(7)
        task = go(step(library, "receive", data=numbers.address, keep=numbers))
        sys.setswitchinterval(100)  # from here on, the background thread waits for the GIL
        ended = go(step(library, "receive", data=others.address, keep=others))
        while not core.natives_are_idle():
            pass
        """,
        """
        from fastgo.concurrency._core import core
        def flush():
            numbers.close()
            print(ended.result())
            for wait in (task.result, lambda: run(main()), lambda: asyncio.run(main())):
                try:
                    wait()
                except RuntimeError as error:
                    print(error)
            print(task.done(), task.cancel())
        async def main():
            return await task
        atexit.register(flush)  # before fastgo's, so it is called after that
        """,
    )
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines == ["7", *3 * [lines[1]], "True False"]
    assert "Python is about to" in lines[1]


# --- forks ---


def test_parent_and_child_wake_loops_of_their_own(outcome: Any) -> None:
    done = outcome(
        """
        from fastgo.concurrency._core import core
        gone, goes = core.Bridge(None), core.Bridge(None)
        del gone
        child = os.fork()
        del goes
        bridges = [core.Bridge(None) for _ in range(3)]
        if not child:
            for bridge in bridges:
                os.eventfd_write(bridge.fileno(), 1)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        for bridge in bridges:
            try:
                print(os.eventfd_read(bridge.fileno()))
            except BlockingIOError:
                print("nothing")
        """
    )
    assert done == Outcome(0, 3 * "nothing\n", "")


def test_channels_of_native_code_are_the_parents(outcome: Any) -> None:
    done = outcome(
        """
        async def receive():
            await numbers.arecv()
        def refused(operate):
            try:
                operate()
            except fastgo.ForkError:
                return True
        def use():
            assert all(map(refused, (
                lambda: numbers.send(1), numbers.recv, numbers.recv_, lambda: next(numbers),
                lambda: numbers.asend(1), numbers.arecv, lambda: len(numbers), numbers.close,
                lambda: numbers.address,
                lambda: select(numbers.recv, default), lambda: select((numbers.send, 1), default),
                lambda: run(receive()), lambda: go(native),
            )))
            assert "made before a fork" in repr(numbers)
            gc.collect()
            own, any_object = chan(1, of=bytes), chan(1)
            own.send(b"own")
            objects.send(own.recv())
            assert objects.recv() == b"own" and select(own.recv, default)[0] == 1
            globals().update(numbers=None, native=None, tasks=None)
            gc.collect()
        numbers, objects = chan(4, of=int), chan(1)
        native = step(library, "hammer", data=numbers.address, keep=numbers)
        tasks = [go(native) for _ in range(2)]
        for _ in range(30):
            child = os.fork()
            if child == 0:
                signal.alarm(10)
                use()
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
        len(numbers), [task.cancel() for task in tasks]
        print("done")
        """
    )
    assert done == Outcome(0, "done\n", "")


def test_coroutines_that_wait_end_in_a_forked_process(outcome: Any) -> None:
    done = outcome(
        """
        async def both():
            await aselect(numbers.arecv, objects.arecv)
        async def one():
            await words.asend(b"word")
        async def main():
            tasks = [go(both), go(one), go(both)]
            await sleep(0)
            child = os.fork()
            for task in tasks:
                task.cancel()
                try:
                    await task
                except Cancelled:
                    pass
            await sleep(0)
            assert await aselect((objects.asend, 1), default) == (1, None)  # nobody waits there
            return child
        numbers, words, objects = chan(of=int), chan(of=bytes), chan()
        if child := run(main()):
            assert os.waitpid(child, 0)[1] == 0
            print("both")
        """
    )
    assert done == Outcome(0, "both\n", "")


def test_operations_made_before_a_fork_are_refused_in_the_child(outcome: Any) -> None:
    done = outcome(
        """
        async def main():
            words = chan(1, of=bytes)
            made = [words.asend(b"word"), words.arecv(), aselect(nilchan.recv, words.recv)]
            child = os.fork()
            if child:
                for operation in made:
                    operation.close()
                return child
            for operation in made:
                try:
                    await operation
                except fastgo.ForkError:
                    refused.append(1)
        refused = []
        if child := run(main()):
            assert os.waitpid(child, 0)[1] == 0
            print("done")
        else:
            sys.exit(len(refused) != 3)
        """
    )
    assert done == Outcome(0, "done\n", "")


def test_wait_that_the_parent_was_waking_is_cancelled_in_the_child(outcome: Any) -> None:
    done = outcome(
        """
        async def receive(numbers):
            await numbers.arecv()
        async def choose(numbers):
            await aselect(numbers.arecv, objects.arecv)
        async def main():
            for _ in range(10):
                numbers = chan(of=int)
                tasks = [go(wait, numbers) for _ in range(10000) for wait in (receive, choose)]
                await sleep(0)
                assert library.start_close(ctypes.c_void_p(numbers.address)) == 0
                child = os.fork()
                if not child:
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                    signal.alarm(5)
                    for task in tasks:
                        task.cancel()
                    for task in tasks:
                        try:
                            await task
                        except Cancelled:
                            pass
                    assert await aselect((objects.asend, 1), default) == (1, None)
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
                for task in tasks:
                    await task
        objects = chan()
        run(main())
        print("done")
        """
    )
    assert done == Outcome(0, "done\n", "")
