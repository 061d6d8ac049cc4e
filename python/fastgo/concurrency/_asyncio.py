"""The way to asyncio: fastgo's operations in its tasks, and coroutines that go starts there.

asyncio is imported by nobody here: where it is not loaded, no loop of its runs.
"""

import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, ref

from fastgo.concurrency._core import Task, core

# Each loop's bridge. It lives as long as the loop, which watches it.
_bridges: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
# asyncio keeps its tasks by weak references alone. Those of a closed loop never end: they are let
# go when the next loop begins.
_running: dict[Any, set[Any]] = {}
# Tasks that are to be cancelled at their next await, and how many requests there were then: who
# takes one back takes back the last.
_due: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def running_loop() -> Any:
    """Returns the event loop that runs in this thread, or None."""
    asyncio = sys.modules.get("asyncio")
    return asyncio._get_running_loop() if asyncio else None


def _loop_of_caller() -> Any:
    loop = running_loop()
    if loop is None:
        raise RuntimeError(
            "nothing runs this coroutine that can wait: run it by fastgo.concurrency.run, "
            "fastgo.concurrency.go or asyncio.run"
        )
    return loop


def explain(error: Exception) -> None:
    """Adds what to do to an exception of asyncio that means that none of its loops runs."""
    no_loop = isinstance(error, RuntimeError) and "no running event loop" in str(error)
    if no_loop or (isinstance(error, AttributeError) and error.name == "create_future"):
        error.add_note(
            "what belongs to asyncio is awaited under asyncio.run, where all of fastgo.concurrency "
            "can be awaited as well"
        )


def promise() -> Any:
    """Returns a wait for the asyncio task that runs."""
    loop = _loop_of_caller()
    bridge = _bridges.get(loop)
    if bridge is None:
        _forget_closed_loops()
        bridge = core.Bridge(loop)
        try:
            loop.add_reader(bridge.fileno(), bridge.deliver)
        except NotImplementedError:
            raise RuntimeError(
                f"{loop!r} cannot watch files (add_reader), by which fastgo.concurrency wakes it: "
                "it is not supported; use a loop of asyncio's own or uvloop"
            ) from None
        _bridges[loop] = bridge
    return core.Promise(bridge, loop.create_future())


def sleep(seconds: float) -> Coroutine[Any, Any, None]:
    """Returns what the asyncio task that runs awaits to sleep."""
    _loop_of_caller()
    from asyncio import sleep

    return sleep(seconds)


def current_task() -> Any:
    """Returns the asyncio task that runs in this thread, or None."""
    loop = running_loop()
    return None if loop is None else sys.modules["asyncio"].current_task(loop)


def cancel_later() -> None:
    """Has the asyncio task that runs cancelled at its next await, by the request that it had.

    What awaits the task may take the request back meanwhile, as `asyncio.timeout` does, or the task
    may end: then its value is not lost, as it were if the request stood in the task.
    """
    task = current_task()
    if task is not None:
        _due[task] = task.cancelling()
        task.get_loop().call_soon(_cancel_again, task)


def cancel_is_due() -> bool | None:
    """Returns whether the task that runs is to be cancelled now; None where no task is."""
    return _take_due(current_task()) if _due else None


def _cancel_again(task: Any) -> None:
    if not task.done() and _take_due(task):
        task.cancel()
        task.uncancel()  # which counts requests, and this is none


def _take_due(task: Any) -> bool:
    requests = _due.pop(task, None)
    return requests is not None and task.cancelling() >= requests


def go(loop: Any, coroutine: Coroutine[Any, Any, object]) -> Any:
    """Runs a coroutine as a task of the loop that runs and returns fastgo's task of it."""
    inner = loop.create_task(coroutine)
    if loop not in _running:
        _forget_closed_loops()
    _running.setdefault(loop, set()).add(inner)
    task = Task._pending(partial(_cancel, ref(inner)))
    inner.add_done_callback(partial(_end, task))
    return task


def _forget_closed_loops() -> None:
    for loop in list(_running):
        if loop.is_closed():
            _running.pop(loop, None)
    for loop, bridge in list(_bridges.items()):
        if loop.is_closed():  # what its tasks wait for would keep them, and take values
            bridge.abandon()


def _cancel(reference: "ref[Any]") -> bool:
    inner = reference()
    if inner is None or inner.done():
        return False
    loop = inner.get_loop()
    if loop is running_loop():
        return bool(inner.cancel())
    try:
        loop.call_soon_threadsafe(inner.cancel)
    except RuntimeError:  # it is closed
        _forget_closed_loops()
        return False
    return True


def _end(task: Any, inner: Any) -> None:
    loop = inner.get_loop()
    tasks = _running[loop]
    tasks.discard(inner)
    if not tasks:
        del _running[loop]
    try:
        result = inner.result()
    except BaseException as error:
        # That of a cancel tells nothing, and would keep what a coroutine has that never began.
        task._fail(error.with_traceback(None) if inner.cancelled() else error)
        del task  # the traceback keeps this frame, and what keeps its task is never reported
    else:
        task._succeed(result)
