"""func, defer, panic and recover of fastgo.golang, in functions and coroutine functions."""

import asyncio
import inspect
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from fastgo.concurrency import run, sleep
from fastgo.golang import _PanicError, chan, defer, func, go, nilchan, panic, recover

pytestmark = pytest.mark.smoke

runners = pytest.mark.parametrize("runner", [run, asyncio.run])


def raised(function: Callable[[], object]) -> Any:
    """Returns the argument of the panic by which the function ends."""
    with pytest.raises(_PanicError) as caught:
        function()
    return caught.value.args[0]


# --- defer ---


def test_what_was_deferred_last_is_called_first() -> None:
    calls: list[Any] = []

    @func
    def work(result: int) -> int:
        defer(lambda: calls.append(1))
        defer(lambda: calls.append(2))
        calls.append("work")
        return result

    assert work(7) == 7
    assert calls == ["work", 2, 1]


def test_all_are_called_also_where_some_raise() -> None:
    calls: list[int] = []

    @func
    def work() -> None:
        defer(lambda: calls.append(1))
        defer(lambda: panic("second"))
        defer(lambda: calls.append(2))
        defer(lambda: panic("first"))
        raise ZeroDivisionError

    with pytest.raises(_PanicError, match="second") as caught:
        work()
    assert calls == [2, 1]
    assert str(caught.value.__context__) == "first"
    assert isinstance(caught.value.__context__.__context__, ZeroDivisionError)  # type: ignore[union-attr]


def test_exceptions_are_chained_also_where_a_deferred_function_defers() -> None:
    @func
    def inner() -> None:
        defer(lambda: panic(4))
        defer(lambda: panic(3))

    @func
    def outer() -> None:
        defer(lambda: panic(5))
        defer(inner)
        defer(lambda: panic(2))
        panic(1)

    with pytest.raises(_PanicError) as caught:
        outer()
    chain, error = [], caught.value
    while error is not None:
        chain.append(error.args[0])
        error = error.__context__  # type: ignore[assignment]
    assert chain == [5, 4, 3, 2, 1]


def test_a_deferred_function_sees_the_exception() -> None:
    seen: list[Any] = []

    @func
    def work() -> None:
        defer(lambda: seen.append(sys.exc_info()[1]))
        defer(lambda: seen.append(traceback.format_exc()))
        raise ValueError("seen")

    with pytest.raises(ValueError, match="seen") as caught:
        work()
    assert caught.value is seen[1]
    assert 'raise ValueError("seen")' in seen[0]


def test_the_traceback_leads_to_the_function() -> None:
    @func
    def inner() -> None:
        raise ValueError

    @func
    def outer() -> None:
        for _ in range(5):
            defer(lambda: None)
        inner()

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        outer()
    assert [entry.name for entry in caught.traceback].count("inner") == 1


def test_defer_needs_func() -> None:
    def work() -> None:
        defer(lambda: None)

    assert raised(work) == "function work uses defer, but not @func"

    @func
    def outer() -> None:
        work()

    assert raised(outer) == "function work uses defer, but not @func"


def test_calls_within_calls_have_their_own() -> None:
    calls: list[Any] = []

    @func
    def work(depth: int) -> None:
        defer(lambda: calls.append(depth))
        if depth > 0:
            work(depth - 1)

    work(3)
    assert calls == [0, 1, 2, 3]


def test_func_keeps_what_a_function_says_of_itself() -> None:
    @func
    def work(a: int, b: int = 2) -> int:
        """Works."""
        return a + b

    assert (work.__name__, work.__doc__) == ("work", "Works.")
    assert str(inspect.signature(work)) == "(a: int, b: int = 2) -> int"


# --- recover ---


def test_recover_ends_a_panic() -> None:
    got: list[Any] = []

    def forgive() -> None:
        got.append(recover())
        got.append(recover())

    @func
    def work() -> str:
        defer(lambda: got.append("after"))
        defer(forgive)
        panic({"any": "object"})

    assert work() is None
    assert got == [{"any": "object"}, None, "after"]


def test_recover_gives_the_exception_that_is_no_panic() -> None:
    got: list[Any] = []

    @func
    def work() -> None:
        defer(lambda: got.append(recover()))
        1 / 0  # noqa: B018

    work()
    assert isinstance(got[0], ZeroDivisionError)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda closed: closed.send(1), "send on closed channel"),
        (lambda closed: closed.close(), "close of closed channel"),
        (lambda _: nilchan.close(), "close of nil channel"),
    ],
)
def test_recover_gives_what_go_says_of_channels(act: Callable[[Any], None], words: str) -> None:
    got: list[Any] = []

    @func
    def work() -> None:
        defer(lambda: got.append(recover()))
        channel = chan()
        channel.close()
        act(channel)

    work()
    assert got == [words]


def test_recover_is_for_the_deferred_function_alone() -> None:
    got: list[Any] = []

    def forgive() -> None:
        got.append(recover())

    @func
    def indirect() -> None:
        defer(lambda: forgive())
        panic("indirect")

    @func
    def itself() -> None:
        defer(recover)
        panic("itself")

    assert recover() is None
    assert raised(indirect) == "indirect"
    assert raised(itself) == "itself"
    assert got == [None]


def test_a_panic_may_follow_on_one_that_was_recovered() -> None:
    got: list[Any] = []

    @func
    def work() -> None:
        defer(lambda: got.append(recover()))
        defer(lambda: panic("two"))
        defer(lambda: got.append(recover()))
        panic("one")

    work()
    assert got == ["one", "two"]


# --- coroutine functions ---


@runners
def test_coroutine_functions_defer_and_recover(runner: Callable[..., Any]) -> None:
    calls: list[Any] = []

    async def close() -> None:
        await sleep(0)
        calls.append("closed")

    async def forgive() -> None:
        await sleep(0)
        calls.append(recover())

    @func
    async def work(fails: bool) -> str:
        defer(close)
        defer(lambda: calls.append("plain"))
        if fails:
            defer(forgive)
            await sleep(0)
            panic("oh")
        return "result"

    async def main() -> list[Any]:
        return [await work(False), await work(True)]

    assert runner(main()) == ["result", None]
    assert calls == ["plain", "closed", "oh", "plain", "closed"]


@runners
def test_coroutines_at_once_do_not_mix_what_they_defer(runner: Callable[..., Any]) -> None:
    calls: list[int] = []

    @func
    async def work(number: int) -> None:
        defer(lambda: calls.append(number))
        for _ in range(number % 4):
            await sleep(0)
        defer(lambda: calls.append(number))

    async def main() -> None:
        for task in [go(work, number) for number in range(50)]:
            await task

    runner(main())
    assert sorted(calls) == sorted([*range(50), *range(50)])


# --- methods ---


def test_func_of_a_class_defines_a_method() -> None:
    class Counter:
        def __init__(self, start: int) -> None:
            self.count = start

    zzz = before = "zzz"

    @func(Counter)
    def zzz(self: Counter, by: int) -> int:  # type: ignore[no-redef]  # noqa: F811
        defer(lambda: setattr(self, "count", self.count + by))
        return self.count

    @func(Counter)
    @staticmethod
    def static(a: int) -> int:
        return a

    @func(Counter)
    @classmethod
    def named(cls: type) -> str:
        return cls.__name__

    assert zzz is before
    counter: Any = Counter(3)
    assert (counter.zzz(2), counter.count) == (3, 5)
    assert (counter.static(1), counter.named()) == (1, "Counter")
    assert counter.zzz.__name__ == "zzz"


def test_func_goes_with_methods_of_all_kinds() -> None:
    calls: list[str] = []

    class Work:
        @func
        def method(self) -> None:
            defer(lambda: calls.append("method"))

        @func
        @staticmethod
        def static() -> None:
            defer(lambda: calls.append("static"))

        @func
        @classmethod
        def of_class(cls) -> None:
            defer(lambda: calls.append(cls.__name__))

    Work().method()
    Work.static()
    Work.of_class()
    assert calls == ["method", "static", "Work"]
