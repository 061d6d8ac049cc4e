"""Groups of tasks: their limit, their errors, and who is cancelled."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import (
    Cancelled,
    ChannelError,
    chan,
    go,
    nilchan,
    run,
    sleep,
)
from fastgo.concurrency.context import (
    Canceled,
    DeadlineExceeded,
    background,
    with_cancel,
    with_timeout,
)
from fastgo.concurrency.errgroup import Group

runners = pytest.mark.parametrize("runner", [run, asyncio.run])
Runner = Callable[..., Any]


class WrongError(Exception):
    pass


async def stay() -> None:
    await nilchan.arecv()


async def fail(text: str = "wrong") -> None:
    raise WrongError(text)


def test_a_group_waits_for_functions_of_all_kinds() -> None:
    done = chan(10)

    def plain(number: int) -> None:
        done.send(number)

    async def coroutine(*, number: int) -> None:
        await sleep(0)
        await done.asend(number)

    group = Group()
    group.go(plain, 1)
    group.go(coroutine, number=2)
    group.go(lambda: asyncio.run(coroutine(number=3)))
    group.wait()
    done.close()
    assert sorted(done) == [1, 2, 3]
    assert group.context.err() == Canceled()


@runners
def test_the_first_error_cancels_the_others_and_is_raised(runner: Runner) -> None:
    ended = []

    async def until_cancelled() -> None:
        try:
            await stay()
        except Cancelled:
            ended.append("coroutine")
            raise

    async def main() -> None:
        group = Group()

        def thread() -> None:
            group.context.done().recv()
            ended.append("thread")

        for _ in range(3):
            group.go(until_cancelled)
        group.go(thread)
        await sleep(0)
        await sleep(0)
        group.go(fail, "first")
        with pytest.raises(WrongError, match="first") as caught:
            await group
        assert caught.traceback[-1].name == "fail"
        group.go(fail, "late")
        with pytest.raises(WrongError, match="first"):
            await group

    runner(main())
    assert sorted(ended) == ["coroutine"] * 3 + ["thread"]


def test_a_thread_waits_and_gets_the_error() -> None:
    group = Group()
    group.go(stay)
    group.go(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        group.wait()


@runners
def test_what_has_not_begun_does_not(runner: Runner) -> None:
    async def never() -> None:
        raise AssertionError

    async def main() -> None:
        async with Group() as group:
            group.go(fail)
            for _ in range(10):
                group.go(never)

    with pytest.raises(WrongError):
        runner(main())


@runners
def test_the_end_of_the_block_waits_and_its_error_cancels(runner: Runner) -> None:
    ended = []

    async def note() -> None:
        try:
            await stay()
        finally:
            ended.append("cancelled")

    async def wait_a_little() -> None:
        await sleep(0)
        ended.append("waited for")

    async def main() -> None:
        async with Group() as group:
            group.go(wait_a_little)
        assert ended == ["waited for"]
        async with Group() as group:
            group.go(note)
            await sleep(0)
            await sleep(0)
            raise WrongError

    with pytest.raises(WrongError):
        runner(main())
    assert ended == ["waited for", "cancelled"]


def test_the_block_of_a_thread_does_the_same() -> None:
    def run_block(error: Exception | None) -> None:
        with Group() as group:
            group.go(stay)
            if error is not None:
                raise error
            group.go(fail, "child")

    def fail_after_the_context() -> None:
        with Group() as group:
            group.go(fail, "child")
            group.context.done().recv()
            raise WrongError("block")

    with pytest.raises(WrongError, match="child"):
        fail_after_the_context()
    with pytest.raises(WrongError, match="child"):
        run_block(None)
    with pytest.raises(WrongError, match="block"):
        run_block(WrongError("block"))


@runners
def test_a_limit_holds(runner: Runner) -> None:
    inside, most = 0, 0

    async def work() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await sleep(0)
        await sleep(0)
        inside -= 1

    async def main() -> None:
        group = Group(limit=3)
        for _ in range(20):
            await group.ago(work)
        await group

    runner(main())
    assert (inside, most) == (0, 3)


def test_a_limit_makes_a_thread_wait() -> None:
    group, go_on, begun = Group(limit=1), chan(), chan(2)

    def work() -> None:
        begun.send(None)
        go_on.recv()

    group.go(work)
    starter = go(group.go, work)
    begun.recv()
    assert not starter.done()
    assert len(begun) == 0
    go_on.send(None)
    starter.result()
    go_on.send(None)
    group.wait()


def test_a_limit_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="limit of a group is 1 or more, and not 0"):
        Group(limit=0)
    with pytest.raises(TypeError, match="limit of a group is an int, and not 'a'"):
        Group(limit="a")  # type: ignore[arg-type]


@runners
def test_to_try_starts_up_to_the_limit_and_never_waits(runner: Runner) -> None:
    async def main() -> None:
        end, ended = chan(), []

        async def work(number: int) -> None:
            await end.arecv()
            ended.append(number)

        group, other = Group(limit=2), Group(limit=1)
        assert [group.try_go(work, number) for number in range(3)] == [True, True, False]
        with pytest.raises(TypeError, match="and not 5"):
            other.try_go(5)  # type: ignore[arg-type]
        assert other.try_go(int)
        await end.asend(None)
        while not group.try_go(work, number=3):
            await sleep(0)
        end.close()
        await group
        assert sorted(ended) == [0, 1, 3]
        assert all(Group().try_go(int) for _ in range(10))

    runner(main())


@runners
def test_cancelled_places_are_free_again(runner: Runner) -> None:
    async def main() -> None:
        group = Group(limit=2)
        await group.ago(stay)
        await group.ago(fail)
        with pytest.raises(WrongError):
            await group
        for _ in range(5):
            await group.ago(stay)  # which does not begin any more

    runner(main())


@runners
def test_a_deadline_stops_the_coroutines(runner: Runner) -> None:
    async def main() -> None:
        parent, _ = with_timeout(background(), 0.001)
        async with Group(parent) as group:
            for _ in range(10):
                group.go(stay)

    with pytest.raises(DeadlineExceeded):
        runner(main())


def test_a_cancel_that_stops_nobody_is_no_error() -> None:
    parent, cancel = with_cancel(background())
    group = Group(parent)
    group.go(lambda: group.context.done().recv())
    cancel()
    group.wait()
    assert parent._cancellation._followers == {}


def test_an_error_at_the_start_leaves_nothing_behind() -> None:
    group = Group(limit=1)
    for _ in range(3):
        with pytest.raises(TypeError):
            group.go(3)  # type: ignore[arg-type]
    group.go(lambda: None)
    group.wait()


@runners
def test_a_storm_of_groups_ends(runner: Runner) -> None:
    async def work(number: int) -> None:
        for _ in range(number % 5):
            await sleep(0)
        if number % 7 == 3:
            raise WrongError
        if number % 3 == 0:
            await stay()

    async def main() -> int:
        failed = 0
        for size in range(60):
            try:
                async with Group(limit=4) as group:
                    for number in range(size % 20):
                        await group.ago(work, number)
                    if size % 2:
                        group.cancel()
                    else:
                        await group.ago(fail)
            except (WrongError, Canceled):
                failed += 1
        return failed

    assert runner(main()) > 30


def test_errors_of_channels_are_errors_of_the_group() -> None:
    closed = chan()
    closed.close()
    group = Group()
    group.go(closed.send, 1)
    with pytest.raises(ChannelError):
        group.wait()
