"""Handlers of signals that raise: as a function of the package begins, or behind a call into C."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

from fastgo.concurrency import default, run, select, sleep
from fastgo.concurrency.errgroup import Group
from fastgo.concurrency.sync import Mutex, RWMutex, Semaphore, SyncError, WaitGroup
from fastgo.golang import defer, func
from tests.programs import Outcome

pytestmark = pytest.mark.smoke


def interrupt(act: Callable[[], object], file: str, moment: int) -> bool:
    """Calls a function; a handler raises at a moment of those in a file. False: there are less."""
    left = moment

    def look(frame: Any, event: str, _: object) -> None:
        nonlocal left
        is_moment = event in ("call", "c_return") and frame.f_code.co_name != "<genexpr>"
        if is_moment and frame.f_code.co_filename.endswith(file):
            left -= 1
            if left < 0:
                sys.setprofile(None)
                raise KeyboardInterrupt

    sys.setprofile(look)
    try:
        act()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


@pytest.mark.parametrize("make", [Mutex, lambda: Semaphore(1)], ids=["mutex", "semaphore"])
def test_lock_is_given_back_by_no_function_of_python(make: Callable[[], Any]) -> None:
    lock = make()
    called = []
    sys.setprofile(lambda frame, event, _: called.append((event, frame.f_code.co_name)))
    try:
        with lock:
            pass
    finally:
        sys.setprofile(None)
    assert [name for event, name in called if event == "call"] == []
    with pytest.raises(SyncError):
        lock.__exit__(None, None, None)


def test_writer_that_is_interrupted_as_it_unlocks_can_unlock_again() -> None:
    for moment in count():
        mutex = RWMutex()
        mutex.lock()
        went_on = not interrupt(mutex.unlock, "mutex.py", moment)
        if "locked by" in repr(mutex):
            mutex.unlock()
        assert mutex.try_lock(), moment
        if went_on:
            break


def test_who_waits_for_a_group_is_told_of_its_end() -> None:
    for moment in count():
        group = WaitGroup()
        group.add()
        ending = group._wait()
        assert ending is not None
        went_on = not interrupt(group.done, "_waitgroup.py", moment)
        is_told = select(ending.recv, default)[0] == 0
        assert is_told == (group.count == 0), moment
        if went_on:
            break


@pytest.mark.parametrize("kind", [Group, WaitGroup])
def test_group_does_not_wait_for_what_has_not_begun(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, begin = kind(), WaitGroup._begin

    def begin_and_raise(*arguments: Any) -> None:
        begin(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(WaitGroup, "_begin", begin_and_raise)
    with pytest.raises(KeyboardInterrupt):
        group.go(list)
    group.wait()


def test_what_was_deferred_is_called() -> None:
    deferred: list[int] = []
    called: list[int] = []

    @func
    def work() -> None:
        for number in range(3):
            defer(partial(called.append, number))
            deferred.append(number)

    moment = 0
    while interrupt(work, "_defer.py", moment):
        assert called[::-1][: len(deferred)] == deferred, moment
        moment += 1
        deferred.clear()
        called.clear()
    assert called == [2, 1, 0]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("file", ["_generators.py", "_run.py"])
def test_run_that_is_interrupted_leaves_no_hooks_and_no_tasks(file: str) -> None:
    ended = []

    async def main() -> None:
        try:
            await sleep(0)
        finally:
            ended.append("main")

    moment = 0
    while interrupt(lambda: run(main()), file, moment):
        assert sys.get_asyncgen_hooks() == (None, None), moment
        moment += 1
    assert moment > 0
    run(main())


def test_coroutines_are_run_where_the_start_of_their_thread_was_interrupted(start: Any) -> None:
    program = start(
        """
        def interrupt(frame, event, function):
            if event == "c_return" and function.__name__ == "setdefault":
                sys.setprofile(None)
                raise KeyboardInterrupt
        async def work():
            return "done"
        sys.setprofile(interrupt)
        try:
            go(work)
        except KeyboardInterrupt:
            print("interrupted")
        print(go(work).result(10))
        """,
        "import warnings; warnings.simplefilter('ignore')",
    )
    assert program.end() == Outcome(0, "interrupted\ndone\n", "")
