"""Contexts: who is cancelled, why, when and with whom, from wherever it is done."""

import asyncio
import gc
import math
import os
import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from fastgo.concurrency import aselect, chan, default, go, nilchan, run, select, sleep
from fastgo.concurrency.context import (
    Canceled,
    Context,
    DeadlineExceeded,
    background,
    with_cancel,
    with_deadline,
    with_timeout,
    with_value,
)
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.time import now

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]
FAR = 3600.0


def is_done(context: Context) -> bool:
    return select(context.done().recv, default)[0] == 0


def followers(context: Context) -> int:
    return len(context._cancellation._followers)


# --- errors ---


def test_the_background_is_never_cancelled() -> None:
    assert background().done() is nilchan
    assert background().err() is None
    assert background().deadline() is None
    assert repr(background()) == "<fastgo.concurrency.context.Context: not cancelled>"


def test_cancel_closes_the_channel_and_says_why() -> None:
    context, cancel = with_cancel(background())
    assert (context.err(), is_done(context)) == (None, False)
    cancel()
    cancel()
    assert (context.err(), is_done(context)) == (Canceled(), True)
    assert "context canceled" in repr(context)


def test_errors_are_new_each_time_and_equal() -> None:
    context, cancel = with_cancel(background())
    cancel()
    first, second = context.err(), context.err()
    assert first == second
    assert first is not second
    assert hash(first) == hash(second)
    assert first != DeadlineExceeded()
    assert isinstance(first, fastgo.Error)
    assert issubclass(DeadlineExceeded, TimeoutError)


def test_the_first_reason_holds() -> None:
    context, cancel = with_timeout(background(), 0)
    cancel()
    assert context.err() == DeadlineExceeded()
    context, cancel = with_timeout(background(), FAR)
    cancel()
    assert context.err() == Canceled()


# --- trees ---


def test_a_context_is_cancelled_with_its_parent_and_not_the_other_way() -> None:
    parent, cancel_parent = with_cancel(background())
    child, cancel_child = with_cancel(parent)
    grandchild, _ = with_timeout(with_value(child, "key", 1), FAR)
    sibling, _ = with_cancel(parent)
    cancel_child()
    assert [each.err() for each in (child, grandchild)] == [Canceled(), Canceled()]
    assert [each.err() for each in (parent, sibling)] == [None, None]
    cancel_parent()
    assert sibling.err() == Canceled()


def test_a_child_of_what_is_cancelled_is_cancelled() -> None:
    parent, _ = with_timeout(background(), -1)
    child, _ = with_cancel(parent)
    assert child.err() == DeadlineExceeded()


def test_a_parent_lets_go_of_what_is_cancelled() -> None:
    parent, cancel_parent = with_cancel(background())
    cancels = [with_timeout(with_value(parent, "n", n), FAR)[1] for n in range(10)]
    assert followers(parent) == 10
    for cancel in cancels:
        cancel()
    assert followers(parent) == 0
    with_cancel(parent)
    cancel_parent()
    with_cancel(parent)
    assert followers(parent) == 0
    assert followers(background()) == 0


def test_a_long_line_of_contexts_is_cancelled() -> None:
    first, cancel = with_cancel(background())
    last = first
    for _ in range(5000):
        last, _ = with_cancel(last)
    cancel()
    assert last.err() == Canceled()


def test_a_tree_of_contexts_is_collected() -> None:
    class Value:
        gone = False

        def __del__(self) -> None:
            Value.gone = True

    def work() -> None:
        context, cancel = with_cancel(with_value(background(), "value", Value()))
        with_cancel(context)
        cancel()

    work()
    gc.collect()
    assert Value.gone


# --- values ---


def test_values_are_those_of_the_nearest() -> None:
    first = with_value(background(), "user", "Ada")
    second, _ = with_cancel(with_value(first, "role", None))
    third = with_value(second, "user", "Eve")
    assert [each.value("user") for each in (background(), first, second, third)] == [
        None,
        "Ada",
        "Ada",
        "Eve",
    ]
    assert third.done() is second.done()


# --- deadlines ---


def test_the_earliest_deadline_holds() -> None:
    soon, late = now() + FAR, now() + 2 * FAR
    parent, cancel = with_deadline(background(), soon)
    assert with_deadline(parent, late)[0].deadline() == soon
    assert with_cancel(parent)[0].deadline() == soon
    other, _ = with_deadline(background(), late)
    assert with_deadline(other, soon)[0].deadline() == soon
    cancel()


def test_a_deadline_ends_the_wait_of_a_thread() -> None:
    context, _ = with_timeout(background(), 0.001)
    child, _ = with_timeout(context, FAR)
    assert child.done().recv_() == (None, False)
    assert child.err() == DeadlineExceeded()


@runners
def test_a_deadline_ends_the_wait_of_a_coroutine(runner: Runner) -> None:
    async def main() -> None:
        context, cancel = with_timeout(background(), 0.001)
        assert await aselect(chan().recv, context.done().recv) == (1, None)
        assert context.err() == DeadlineExceeded()
        cancel()

    runner(main())


@pytest.mark.parametrize("make", [with_deadline, with_timeout])
def test_what_is_no_time_is_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="NaN"):
        make(background(), math.nan)
    with pytest.raises(TypeError, match="number of seconds, and not 'soon'"):
        make(background(), "soon")
    assert make(background(), math.inf)[0].err() is None
    assert make(background(), -math.inf)[0].err() == DeadlineExceeded()


@pytest.mark.parametrize(
    "make",
    [
        with_cancel,
        lambda parent: with_deadline(parent, FAR),
        lambda parent: with_timeout(parent, FAR),
        lambda parent: with_value(parent, "key", 1),
        Group,
    ],
)
def test_what_is_no_parent_is_refused(make: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"write `ctx, cancel = with_cancel\(\.\.\.\)`"):
        make(with_cancel(background()))
    for wrong in (3, (), "parent"):
        with pytest.raises(TypeError, match=re.escape(f"a context, and not {wrong!r}: give it")):
            make(wrong)


def test_none_is_no_parent_but_of_a_group() -> None:
    with pytest.raises(TypeError, match=r"and not None: .*background\(\)"):
        with_cancel(None)  # type: ignore[arg-type]
    assert Group(None).context.err() is None


def test_parent_and_seconds_have_their_order() -> None:
    with pytest.raises(TypeError, match="and not 1: give it first"):
        with_timeout(1, background())  # type: ignore[arg-type]


# --- from anywhere ---


@pytest.mark.parametrize("place", ["thread", "coroutine", "asyncio"])
def test_any_party_cancels(place: str) -> None:
    context, cancel = with_cancel(background())

    async def coroutine() -> None:
        cancel()

    ways = {
        "thread": cancel,
        "coroutine": coroutine,
        "asyncio": lambda: asyncio.run(coroutine()),
    }
    waiters = [go(context.done().recv_) for _ in range(3)]
    go(ways[place]).result()
    assert [waiter.result() for waiter in waiters] == [(None, False)] * 3


def test_the_handler_of_a_signal_cancels() -> None:
    context, cancel = with_cancel(background())
    before = signal.signal(signal.SIGUSR1, lambda *_: cancel())
    try:

        async def main() -> Any:
            os.kill(os.getpid(), signal.SIGUSR1)
            await context.done().arecv()
            return context.err()

        assert run(main()) == Canceled()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_whoever_cancels_at_once_with_others_finds_all_cancelled() -> None:
    for _ in range(200):
        parent, cancel = with_cancel(background())
        children = [with_cancel(parent)[0] for _ in range(5)]
        start = chan()

        def race(start: Any = start, cancel: Any = cancel, children: Any = children) -> bool:
            start.recv()
            cancel()
            return all(is_done(child) for child in children)

        racers = [go(race) for _ in range(4)]
        start.close()
        assert [racer.result() for racer in racers] == [True] * 4


def test_children_made_while_the_parent_is_cancelled_are_cancelled() -> None:
    for _ in range(200):
        parent, cancel = with_cancel(background())
        begun = chan()

        def make(parent: Context = parent, begun: Any = begun) -> list[Context]:
            begun.send(None)
            return [with_cancel(parent)[0] for _ in range(20)]

        makers = [go(make) for _ in range(2)]
        for _ in makers:
            begun.recv()
        cancel()
        children = [child for maker in makers for child in maker.result()]
        assert all(is_done(child) for child in children)
        assert followers(parent) == 0


@runners
def test_a_storm_of_cancels_and_deadlines_ends_every_wait(runner: Runner) -> None:
    async def wait(context: Context) -> object:
        await aselect(nilchan.recv, context.done().recv)
        return type(context.err())

    async def main() -> None:
        root, cancel_root = with_cancel(background())
        made = [with_timeout(root, (0, 0.0001, FAR)[n % 3]) for n in range(300)]
        tasks = [go(wait, context) for context, _ in made]
        await sleep(0)
        for _, cancel in made[::6]:
            cancel()
        go(cancel_root)
        ends = [await task for task in tasks]
        assert set(ends) <= {Canceled, DeadlineExceeded}
        assert set(ends[2::3]) == {Canceled}
        assert followers(root) == 0

    runner(main())
