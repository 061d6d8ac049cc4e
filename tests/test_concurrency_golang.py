"""fastgo.golang: what programs for PyGolang do, they do here.

The programs of the last part have run with PyGolang 0.1 as well, with the same results.
"""

from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import ChannelError
from fastgo.golang import (
    chan,
    context,
    default,
    defer,
    func,
    go,
    nilchan,
    select,
    sync,
    time,
)

# --- chan ---


@pytest.mark.parametrize("dtype", [object, "C.structZ", "C.bool", "C.int", "C.double"])
def test_channels_have_the_types_of_pygolang(dtype: Any) -> None:
    values = {object: "x", "C.structZ": None, "C.bool": True, "C.int": 7, "C.double": 0.5}
    channel = chan(2, dtype=dtype)
    channel.send(values[dtype])
    channel.close()
    assert channel.recv_() == (values[dtype], True)
    assert channel.recv_() == (None, False)
    assert isinstance(channel, chan)
    assert chan.nil(dtype) is nilchan
    assert isinstance(nilchan, chan)


@pytest.mark.parametrize("dtype", ["int", "C.char", int, None, ["C.int"]])
def test_other_types_are_refused(dtype: Any) -> None:
    for make in (lambda: chan(dtype=dtype), lambda: chan.nil(dtype)):
        with pytest.raises(TypeError, match=r"there are object, 'C\.structZ', 'C\.bool'"):
            make()


def test_panics_of_channels_are_errors() -> None:
    channel = chan()
    channel.close()
    for act in (channel.close, lambda: channel.send(1), nilchan.close):
        with pytest.raises(ChannelError):
            act()


# --- sync, context, time ---


def test_work_group_gives_its_context_and_raises_the_first_error() -> None:
    parent, cancel = context.with_cancel(context.background())
    group, seen = sync.WorkGroup(parent), chan(3)

    def wait(ctx: Any, number: int, *, more: int) -> None:
        ctx.done().recv()
        seen.send((number, more, ctx.err() == context.canceled))

    def fail(_: Any) -> None:
        raise ValueError("first")

    for number in range(3):
        group.go(wait, number, more=1)
    group.go(fail)
    with pytest.raises(ValueError, match="first"):
        group.wait()
    assert sorted(seen.recv() for _ in range(3)) == [(n, 1, True) for n in range(3)]
    assert parent.err() is None
    cancel()


def test_work_of_a_cancelled_group_is_done_and_sees_it() -> None:
    parent, cancel = context.with_cancel(context.background())
    cancel()
    group, seen = sync.WorkGroup(parent), chan(1)
    group.go(lambda ctx: seen.send(ctx.err() == context.canceled))
    group.wait()
    assert seen.recv() is True


def test_locks_have_the_names_of_pygolang() -> None:
    mutex, sema = sync.RWMutex(), sync.Sema()
    with mutex:
        pass
    mutex.Lock()
    mutex.UnlockToRLock()
    mutex.RLock()
    mutex.RUnlock()
    mutex.RUnlock()
    mutex.Lock()
    mutex.Unlock()
    with sema:
        assert not sema.try_acquire()


def test_merged_contexts_are_cancelled_with_either() -> None:
    for which in (0, 1):
        made = [context.with_cancel(context.background()) for _ in range(2)]
        first = context.with_value(made[0][0], "k", 1)
        second = context.with_value(context.with_value(made[1][0], "k", 2), "l", 3)
        merged, cancel = context.merge(first, second)
        assert (merged.value("k"), merged.value("l"), merged.err()) == (1, 3, None)
        made[which][1]()
        assert merged.err() == context.canceled
        assert [ctx._cancellation._followers for ctx, _ in made] == [{}, {}]
        cancel()


def test_time_has_units_and_blocks() -> None:
    assert time.hour == 60 * time.minute == 3600 * time.second
    assert time.millisecond == 1000 * time.microsecond == 1e6 * time.nanosecond
    time.sleep(0)
    assert time.tick(0) is nilchan
    assert time.after(0).recv() <= time.now()
    ctx, _ = context.with_deadline(context.background(), time.now() - time.second)
    assert ctx.err() == context.deadlineExceeded


# --- programs ---


def sieve() -> list[int]:
    """Go's prime sieve: a line of goroutines, each of which filters by a prime."""

    def generate(out: Any) -> None:
        number = 2
        while select(stop.recv, (out.send, number))[0] == 1:
            number += 1

    def keep(numbers: Any, out: Any, prime: int) -> None:
        while True:
            which, number = select(stop.recv, numbers.recv)
            if which == 0:
                return
            if number % prime and select(stop.recv, (out.send, number))[0] == 0:
                return

    primes, stop, numbers = [], chan(), chan()
    go(generate, numbers)
    for _ in range(10):
        prime = numbers.recv()
        primes.append(prime)
        kept = chan()
        go(keep, numbers, kept, prime)
        numbers = kept
    stop.close()
    return primes


def workers() -> tuple[int, list[Any]]:
    """A pool of workers, with a wait group and a mutex, and a select with default."""
    jobs, results, wg, mu, ran = chan(5), chan(100), sync.WaitGroup(), sync.Mutex(), []

    @func
    def worker(name: int) -> None:
        defer(wg.done)
        while True:
            job, ok = jobs.recv_()
            if not ok:
                return
            with mu:
                ran.append(name)
            results.send(job * job)

    for name in range(4):
        wg.add(1)
        go(worker, name)
    for job in range(30):
        jobs.send(job)
    jobs.close()
    wg.wait()
    total = 0
    while True:
        which, value = select(results.recv, default)
        if which == 1:
            break
        total += value
    return total, [len(ran), select(default, results.recv)]


def nil_cases() -> list[Any]:
    """Channels that take their case out of a select by becoming nil."""
    first, second, got = chan(3), chan(3), []
    for number in range(3):
        first.send(number)
        second.send(10 + number)
    first.close()
    second.close()
    while first != nilchan or second != nilchan:
        which, (value, ok) = select(first.recv_, second.recv_)
        if not ok and which == 0:
            first = nilchan
        elif not ok:
            second = nilchan
        else:
            got.append(value)
    return sorted(got)


def deadlines() -> list[Any]:
    """A context with a deadline ends workers that wait for nothing."""
    ctx, cancel = context.with_timeout(context.background(), 10 * time.millisecond)
    wg, seen = sync.WorkGroup(ctx), []

    def work(ctx: Any, number: int) -> None:
        which, _ = select(nilchan.recv, ctx.done().recv)
        seen.append((number, which, ctx.err() is not None))

    for number in range(3):
        wg.go(work, number)
    wg.wait()
    cancel()
    return sorted(seen)


def once() -> list[Any]:
    calls, one = [], sync.Once()
    for _ in range(3):
        one.do(lambda: calls.append("called"))
    return calls


@pytest.mark.parametrize(
    ("program", "result"),
    [
        (sieve, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]),
        (workers, (8555, [30, (0, None)])),
        (nil_cases, [0, 1, 2, 10, 11, 12]),
        (deadlines, [(0, 1, True), (1, 1, True), (2, 1, True)]),
        (once, ["called"]),
    ],
)
def test_programs_for_pygolang_run(program: Callable[[], Any], result: Any) -> None:
    assert program() == result


def test_work_group_may_be_a_block() -> None:
    done: list[int] = []
    with sync.WorkGroup(context.background()) as group:
        group.go(lambda ctx: done.append(1))
    assert done == [1]
    with pytest.raises(ZeroDivisionError), sync.WorkGroup(context.background()) as group:
        group.go(lambda ctx: 1 / 0)


def test_timer_takes_a_function_by_the_name_f() -> None:
    called = chan()
    timer = time.Timer(0, f=called.close)
    assert called.recv_() == (None, False)
    assert timer.c is nilchan
    assert not timer.stop()
