"""Channels and select, as Go specifies them, in both manners: for threads and for coroutines."""

import asyncio
import gc
import re
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import (
    Cancelled,
    Chan,
    ChannelError,
    aselect,
    chan,
    default,
    go,
    nilchan,
    run,
    select,
    sleep,
)

pytestmark = pytest.mark.smoke

# How a test of coroutines is run.
RUNNERS = [run, asyncio.run]
runners = pytest.mark.parametrize("runner", RUNNERS)
Runner = Callable[..., Any]


def in_thread(operation: Callable[..., Any], *arguments: Any) -> Any:
    return go(lambda: operation(*arguments))


# --- values and buffers ---


def test_buffered_values_come_in_their_order() -> None:
    channel = chan(3)
    for number in range(3):
        channel.send(number)
    assert len(channel) == channel.capacity == 3
    assert [channel.recv() for _ in range(3)] == [0, 1, 2]


@runners
def test_coroutines_do_the_same(runner: Runner) -> None:
    async def main() -> None:
        channel = chan(3)
        for number in range(3):
            await channel.asend(number)
        assert [await channel.arecv() for _ in range(3)] == [0, 1, 2]

    runner(main())


def test_unbuffered_send_waits_for_its_receiver() -> None:
    channel = chan()
    sender = in_thread(channel.send, "value")
    with pytest.raises(TimeoutError):
        sender.result(timeout=0)
    assert channel.recv() == "value"
    assert sender.result() is None
    assert len(channel) == channel.capacity == 0


@runners
def test_waiting_parties_are_served_in_their_order(runner: Runner) -> None:
    async def receive(channel: Chan[int], got: list[tuple[int, Any]], number: int) -> None:
        got.append((number, await channel.arecv()))

    async def main() -> None:
        channel, got = chan(), []  # type: ignore[var-annotated]
        tasks = [go(receive, channel, got, number) for number in range(10)]
        await sleep(0)
        await sleep(0)
        for number in range(10):
            await channel.asend(number)
        for task in tasks:
            await task
        assert got == [(number, number) for number in range(10)]

    runner(main())


def test_one_channel_connects_all_kinds_of_parties() -> None:
    channel, results = chan(), chan(1000)

    def thread() -> None:
        for value in channel:
            results.send(value)

    async def coroutine() -> None:
        async for value in channel:
            await results.asend(value)

    receivers = [go(thread), go(coroutine), go(lambda: asyncio.run(coroutine()))]
    receivers += [go(lambda: run(coroutine()))]

    def send(numbers: range) -> None:
        for number in numbers:
            channel.send(number)

    async def asend(numbers: range) -> None:
        for number in numbers:
            await channel.asend(number)

    senders = [
        go(send, range(0, 200)),
        go(asend, range(200, 400)),
        go(lambda: asyncio.run(asend(range(400, 600)))),
    ]
    for task in senders:
        task.result()
    channel.close()
    for task in receivers:
        task.result()
    results.close()
    assert sorted(results) == list(range(600))


# --- channels for native code ---


def test_channel_of_int_carries_64_bits() -> None:
    channel = chan(4, of=int)
    for number in (0, -1, 2**63 - 1, -(2**63)):
        channel.send(number)
    assert [channel.recv() for _ in range(4)] == [0, -1, 2**63 - 1, -(2**63)]
    with pytest.raises(OverflowError, match=rf"-2\*\*63 to 2\*\*63 - 1: .* {2**63}"):
        channel.send(2**63)
    with pytest.raises(TypeError, match="channel of int"):
        channel.send("1")  # type: ignore[arg-type]


def test_channel_of_bytes_carries_what_has_bytes() -> None:
    channel = chan(4, of=bytes)
    for value in (b"", b"bytes", bytearray(b"array"), memoryview(b"\0" * 100_000)):
        channel.send(value)  # type: ignore[arg-type]
    assert list(map(len, (channel.recv() or b"" for _ in range(4)))) == [0, 5, 5, 100_000]
    with pytest.raises(TypeError, match=r"channel of bytes: it cannot carry 'text': .*encode"):
        channel.send("text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"channel of bytes: it cannot carry 5$"):
        channel.send(5)  # type: ignore[arg-type]


def test_only_channels_in_native_form_have_an_address() -> None:
    assert chan(of=int).address != chan(of=bytes).address
    for channel in (chan(), nilchan):
        with pytest.raises(ValueError, match="of=bytes"):
            channel.address  # noqa: B018


@pytest.mark.parametrize("of", [str, object, "int"])
def test_channel_of_anything_else_is_refused(of: Any) -> None:
    with pytest.raises(TypeError, match="of int, of bytes"):
        chan(1, of=of)


@pytest.mark.parametrize(
    ("capacity", "error", "reason"),
    [
        (-1, ValueError, "0 values or more, not for -1"),
        (-(2**70), ValueError, f"0 values or more, not for {-(2**70)}"),
        (2**62, MemoryError, f"room for {2**62} values"),
        (2**70, MemoryError, f"room for {2**70} values"),
        (1.5, TypeError, "is an int, and not 1.5"),
        ("a", TypeError, "is an int, and not 'a'"),
        (int, TypeError, "write chan(of=int)"),
        (bytes, TypeError, "write chan(of=bytes)"),
    ],
)
def test_capacity_that_cannot_be_is_refused(
    capacity: Any, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=re.escape(reason)):
        chan(capacity)


# --- close ---


def test_closed_channel_is_drained_and_then_ends() -> None:
    channel = chan(2)
    channel.send(1)
    channel.send(None)
    channel.close()
    assert channel.recv_() == (1, True)
    assert channel.recv_() == (None, True)
    assert channel.recv_() == (None, False)
    assert channel.recv() is None
    assert list(channel) == []


@runners
def test_closed_channel_ends_async_iteration(runner: Runner) -> None:
    async def main() -> None:
        channel = chan(3)
        for value in (1, (2, 3), StopIteration(4)):
            await channel.asend(value)
        channel.close()
        assert [str(value) async for value in channel] == ["1", "(2, 3)", "4"]
        assert await channel.arecv_() == (None, False)
        assert await channel.arecv() is None

    runner(main())


@runners
def test_close_wakes_all_that_wait(runner: Runner) -> None:
    async def send(channel: Chan[int]) -> str:
        try:
            await channel.asend(1)
        except ChannelError as error:
            return str(error)
        return "sent"

    async def receive(channel: Chan[int]) -> Any:
        return await channel.arecv_()

    async def main() -> None:
        senders, receivers = chan(), chan()
        tasks = [go(send, senders) for _ in range(5)] + [go(receive, receivers) for _ in range(5)]
        await sleep(0)
        await sleep(0)
        senders.close()
        receivers.close()
        ends = [await task for task in tasks]
        assert ends == ["send on a closed channel"] * 5 + [(None, False)] * 5

    runner(main())


def test_close_wakes_threads() -> None:
    senders, receivers = chan(), chan()
    tasks = [in_thread(senders.send, 1), in_thread(receivers.recv_)]
    for task in tasks:
        with pytest.raises(TimeoutError):
            task.result(timeout=0.01)
    senders.close()
    receivers.close()
    with pytest.raises(ChannelError, match="send on a closed channel"):
        tasks[0].result()
    assert tasks[1].result() == (None, False)


def test_what_panics_in_go_raises() -> None:
    channel = chan(1)
    channel.close()
    with pytest.raises(ChannelError, match="send on a closed channel"):
        channel.send(1)
    with pytest.raises(ChannelError, match="close of a closed channel"):
        channel.close()
    with pytest.raises(ChannelError, match="close of nilchan"):
        nilchan.close()
    with pytest.raises(ChannelError, match="send on a closed channel"):
        select((channel.send, 1), default)

    async def main() -> None:
        with pytest.raises(ChannelError):
            await channel.asend(1)
        with pytest.raises(ChannelError):
            await aselect((channel.asend, 1))

    run(main())


# --- nilchan ---


def test_nilchan_is_never_ready() -> None:
    assert select(nilchan.recv, (nilchan.send, 1), nilchan.recv_, default) == (3, None)
    assert (len(nilchan), nilchan.capacity, bool(nilchan), bool(chan())) == (0, 0, False, True)


@runners
def test_who_waits_for_nilchan_can_be_cancelled(runner: Runner) -> None:
    async def main() -> None:
        task = go(lambda: nilchan.arecv) and go(waits)
        await sleep(0)
        await sleep(0)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    async def waits() -> None:
        await nilchan.asend([])

    runner(main())


# --- select ---


def test_select_returns_index_and_value() -> None:
    full, empty, closed = chan(1), chan(1), chan()
    full.send("value")
    closed.close()
    assert select(empty.recv, full.recv_) == (1, ("value", True))
    assert select((full.send, "sent"), empty.recv) == (0, None)
    assert select(empty.recv, closed.recv) == (1, None)
    assert select(empty.recv, closed.recv_) == (1, (None, False))
    assert select(empty.recv, default) == (1, None)
    assert select(default, empty.recv) == (0, None)
    assert full.recv() == "sent"


@runners
def test_aselect_does_the_same(runner: Runner) -> None:
    async def main() -> None:
        full, empty = chan(1), chan(1)
        assert await aselect((full.asend, "value"), empty.arecv) == (0, None)
        assert await aselect(empty.arecv, full.arecv_) == (1, ("value", True))
        assert await aselect(empty.recv, default) == (1, None)

    runner(main())


@runners
def test_aselect_waits_for_the_first(runner: Runner) -> None:
    async def main() -> None:
        numbers, letters = chan(), chan()

        async def selects() -> Any:
            return [await aselect(numbers.recv, letters.recv, (nilchan.send, 0)) for _ in range(3)]

        task = go(selects)
        await letters.asend("a")
        await numbers.asend(1)
        await letters.asend("b")
        assert await task == [(1, "a"), (0, 1), (1, "b")]

    runner(main())


def test_select_of_threads_waits_for_the_first() -> None:
    numbers, letters = chan(), chan()
    task = go(lambda: [select(numbers.recv, letters.recv) for _ in range(3)])
    letters.send("a")
    numbers.send(1)
    letters.send("b")
    assert task.result() == [(1, "a"), (0, 1), (1, "b")]


@runners
def test_select_between_both_ends_of_one_channel_does_not_meet_itself(runner: Runner) -> None:
    async def main() -> None:
        channel = chan()

        async def both(value: str) -> Any:
            return await aselect(channel.recv, (channel.send, value))

        tasks = [go(both, "a"), go(both, "b")]
        done = [await task for task in tasks]
        assert sorted(index for index, _ in done) == [0, 1]
        received = next(value for index, value in done if index == 0)
        sent = "ab"[[index for index, _ in done].index(1)]
        assert received == sent

    runner(main())


def test_select_is_fair() -> None:
    channels = [chan(1) for _ in range(4)]
    counts: Counter[int] = Counter()
    for _ in range(4000):
        for channel in channels:
            select((channel.send, 1), default)
        counts[select(*(channel.recv for channel in channels))[0]] += 1
    assert min(counts.values()) > 700  # of 1,000 on average: ten standard deviations


@pytest.mark.parametrize("wrong", [1, None, "recv", print, (1, 2), (print, 1)])
def test_select_says_what_a_case_is(wrong: Any) -> None:
    for call in (select, aselect):
        with pytest.raises(TypeError, match="a case of select"):
            call(chan().recv, wrong)


def test_send_without_a_value_and_receive_with_one_are_no_cases() -> None:
    for wrong in (chan().send, (chan().recv, 1), (chan().send,), (chan().send, 1, 2), chan().close):
        with pytest.raises(TypeError, match="a case of select"):
            select(wrong, default)
    for call in (select, aselect):
        with pytest.raises(TypeError, match="takes default once"):
            call(default, chan().recv, default)


def test_blocking_in_a_coroutine_is_refused_where_it_would_wait() -> None:
    async def main() -> None:
        channel = chan(1)
        channel.send(1)  # which does not wait
        for wrong, instead in (
            (lambda: channel.send(2), "await ch.asend(value)"),
            (lambda: chan().recv(), "await ch.arecv()"),
            (lambda: nilchan.recv_(), "await ch.arecv_()"),
            (lambda: select(chan().recv), "await aselect(...)"),
            (lambda: list(chan()), "async for value in ch:"),
        ):
            with pytest.raises(RuntimeError, match=re.escape(f"in a coroutine, write `{instead}`")):
                wrong()
        assert channel.recv() == 1

    run(main())


# --- references ---


class Value:
    """Something that can be watched."""


def test_values_go_with_their_channel() -> None:
    value, channel = Value(), chan(3)
    watched = weakref.ref(value)
    channel.send(value)
    del value
    assert watched() is not None
    del channel
    assert watched() is None


def test_collector_finds_cycles_through_channels() -> None:
    channel = chan(3)
    value = Value()
    watched = weakref.ref(value)
    channel.send(channel)
    channel.send(value)
    value.channel = channel  # type: ignore[attr-defined]
    del channel, value
    gc.collect()
    assert watched() is None


@runners
def test_no_operation_keeps_its_value_or_channel(runner: Runner) -> None:
    async def main() -> None:
        value, channel, other = Value(), chan(1), chan()
        closed = chan()
        closed.close()
        held = sys.getrefcount(value), sys.getrefcount(channel), sys.getrefcount(closed)

        async def select_and_lose() -> None:
            await aselect((channel.send, value), other.recv)

        for _ in range(5):
            await channel.asend(value)
            await channel.arecv()
            await aselect((channel.send, value), (channel.send, value), (other.send, value))
            await aselect(other.recv, channel.recv)
            await channel.asend(value)
            task = go(select_and_lose)
            await sleep(0)
            await sleep(0)
            await other.asend(1)
            await task
            task = go(select_and_lose)
            await sleep(0)
            await sleep(0)
            task.cancel()
            with pytest.raises(Cancelled):
                await task
            await channel.arecv()
            for send in (closed.asend(value), aselect((closed.send, value))):
                with pytest.raises(ChannelError):
                    await send
            del task, send
        gc.collect()
        assert (sys.getrefcount(value), sys.getrefcount(channel), sys.getrefcount(closed)) == held

    runner(main())


def test_representations_tell_what_is_waited_for() -> None:
    channel = chan(2, of=int)
    channel.send(1)
    assert repr(channel).startswith("<fastgo.concurrency.Chan of int at ")
    assert repr(channel).endswith(", 1 of 2>")
    channel.close()
    assert repr(channel).endswith(", closed, 1 of 2>")
    assert repr(nilchan) == "nilchan"
    assert repr(default) == "default"

    async def main() -> None:
        operation = chan().asend(1)
        assert "waits to send to <fastgo" in repr(operation)
        with pytest.warns(RuntimeWarning, match="never awaited"):
            del operation

    run(main())
