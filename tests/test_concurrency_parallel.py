"""parallel_for: all of the range, once; its errors and its end."""

import asyncio
import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fastgo
from fastgo.concurrency import (
    Cancelled,
    TaskError,
    aparallel_for,
    chan,
    default,
    go,
    parallel_for,
    run,
    select,
    sleep,
    step,
)
from tests.compilers import compile_c

numpy = pytest.importorskip("numpy")

SOURCE = r"""
#include <fastgo.h>

/* Counts each index of the range. */
int count(fastgo_task *task, void *state)
{
    const fastgo_range *range = state;
    uint8_t *counts = range->data;
    for (int64_t i = range->start; i < range->stop; i++) {
        __atomic_fetch_add(&counts[i], 1, __ATOMIC_RELAXED);
    }
    return fastgo_task_return_int(task, range->start);
}

int fail(fastgo_task *task, void *state)
{
    const fastgo_range *range = state;
    if (range->start % 2 == 0) {
        return FASTGO_DONE;
    }
    return fastgo_task_fail(task, range->start == 5 ? "five" : "odd");
}

/* Says that it runs, until it is cancelled. */
int stay(fastgo_task *task, void *state)
{
    fastgo_chan *begun = ((const fastgo_range *)state)->data;
    fastgo_chan_try_send_int(begun, 1);
    while (!fastgo_task_cancelled(task)) {
    }
    fastgo_chan_try_send_int(begun, 2);
    return FASTGO_DONE;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("parallel")
    return ctypes.CDLL(str(compile_c(folder, SOURCE)))


def in_coroutine(runner: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        return runner(aparallel_for(*arguments, **keywords))

    return call


MANNERS = [parallel_for, in_coroutine(run), in_coroutine(asyncio.run)]
manners = pytest.mark.parametrize("compute", MANNERS, ids=["thread", "run", "asyncio"])
Compute = Callable[..., Any]


@manners
@pytest.mark.parametrize("size", [0, 1, 2, 7, 16, 1000])
@pytest.mark.parametrize("pieces", [None, 1, 3, 5000])
def test_each_index_is_in_one_piece(
    library: Any, compute: Compute, size: int, pieces: int | None
) -> None:
    counts = numpy.zeros(size + 2, dtype=numpy.uint8)
    starts = compute(step(library, "count", data=counts), range(1, size + 1), pieces=pieces)
    assert counts.tolist() == [0] + [1] * size + [0]
    assert starts == sorted(starts)
    assert len(set(starts)) == len(starts) <= min(size, pieces or size)


@manners
def test_a_compiled_function_gets_the_bounds_and_its_arguments(compute: Compute) -> None:
    pytest.importorskip("numba")
    numbers = numpy.arange(1000, dtype=numpy.float64)

    @fastgo.compiled(data={"numbers": numbers})
    def scale(start: int, stop: int, numbers: Any, factor: float, shift: float = 0.0) -> float:
        total = 0.0
        for i in range(start, stop):
            numbers[i] = numbers[i] * factor + shift
            total += numbers[i]
        return total

    expected = numpy.arange(1000) * 2.0 + 1.0
    assert sum(compute(scale, range(1000), 2.0, shift=1.0)) == expected.sum()
    assert (numbers == expected).all()


@manners
def test_the_error_is_that_of_the_first_piece(library: Any, compute: Compute) -> None:
    failing = step(library, "fail")
    with pytest.raises(TaskError, match="five"):
        compute(failing, range(4, 12), pieces=8)
    assert compute(failing, range(4, 12), pieces=1) == [None]


@manners
def test_an_exception_of_a_compiled_function_is_an_error(compute: Compute) -> None:
    pytest.importorskip("numba")

    @fastgo.compiled()
    def divide(start: int, stop: int) -> int:
        return stop // start

    with pytest.raises(TaskError, match="raised an exception"):
        compute(divide, range(10))
    assert len(compute(divide, range(1, 11), pieces=10)) == 10


@manners
def test_what_cannot_be_computed_is_refused(library: Any, compute: Compute) -> None:
    count = step(library, "count", data=bytearray(10))
    with pytest.raises(ValueError, match="step is 1"):
        compute(count, range(0, 10, 2))
    with pytest.raises(ValueError, match="1 piece or more"):
        compute(count, range(10), pieces=0)
    with pytest.raises(TypeError, match="takes a range"):
        compute(count, 10)
    with pytest.raises(TypeError, match=r"fastgo\.compiled or a step"):
        compute(print, range(10))
    with pytest.raises(TypeError, match="takes no arguments"):
        compute(count, range(10), 1)
    with pytest.raises(TypeError, match=r"concurrency\.step"):
        compute(fastgo.native(library, "count"), range(10))


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_a_cancel_stops_the_pieces_and_waits_for_them(
    library: Any, runner: Callable[..., Any]
) -> None:
    begun = chan(10, of=int)
    staying = step(library, "stay", data=begun.address, keep=begun)

    async def main() -> None:
        task = go(aparallel_for, staying, range(100), pieces=100)
        assert await begun.arecv() == 1
        task.cancel()
        with pytest.raises(Cancelled):
            await task
        begun.close()
        seen = [1, *begun]
        assert seen.count(1) == seen.count(2) > 0

    runner(main())


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_other_coroutines_run_meanwhile(library: Any, runner: Callable[..., Any]) -> None:
    begun = chan(10, of=int)

    async def main() -> None:
        task = go(aparallel_for, step(library, "stay", data=begun.address), range(1))
        assert await begun.arecv() == 1
        for _ in range(100):
            await sleep(0)
        assert not task.done()
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    runner(main())


def test_a_coroutine_that_would_block_the_scheduler_is_told(library: Any) -> None:
    begun = chan(10, of=int)

    async def main() -> None:
        parallel_for(step(library, "stay", data=begun.address), range(1))

    for runner in (run, asyncio.run):
        with pytest.raises(RuntimeError, match="aparallel_for"):
            runner(main())
    assert select(begun.recv, default) == (1, None), "no piece has begun"


def test_threads_compute_at_once(library: Any) -> None:
    counts = numpy.zeros(1000, dtype=numpy.uint8)
    count = step(library, "count", data=counts)
    for task in [go(parallel_for, count, range(1000)) for _ in range(20)]:
        task.result()
    assert counts.tolist() == [20] * 1000
