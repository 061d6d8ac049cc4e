"""Native tasks and handlers on channels: started, awaited, cancelled and fed from Python."""

import asyncio
import ctypes
import gc
import struct
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fastgo
from fastgo.concurrency import Cancelled, TaskError, aselect, chan, go, run, select, sleep, step
from tests.client import Client
from tests.compilers import compile_c
from tests.programs import Program
from tests.servers import Serve

pytestmark = pytest.mark.smoke

SOURCE = r"""
#include <fastgo.h>


struct state { fastgo_chan *in, *out; int64_t sum, value; int sending; };

int sum(fastgo_task *task, void *data)
{
    struct state *state = data;
    int64_t value;
    int done;
    while ((done = fastgo_task_recv_int(task, state->in, &value)) == FASTGO_OK) {
        state->sum += value;
    }
    if (done == FASTGO_CLOSED) {
        return fastgo_task_return_int(task, state->sum);
    }
    return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE; /* or it is cancelled */
}

int twice(fastgo_task *task, void *data)
{
    struct state *state = data;
    for (;;) {
        int done = FASTGO_OK;
        if (!state->sending) {
            done = fastgo_task_recv_int(task, state->in, &state->value);
        }
        if (done == FASTGO_OK) {
            state->sending = 1;
            done = fastgo_task_send_int(task, state->out, 2 * state->value);
        }
        if (done == FASTGO_WAIT) {
            return FASTGO_WAIT;
        }
        if (done != FASTGO_OK) {
            fastgo_close(state->out);
            return FASTGO_DONE;
        }
        state->sending = 0;
    }
}

#define STEP(name, action) \
    int name(fastgo_task *task, void *data) { (void)task; (void)data; return action; }

STEP(nothing, FASTGO_DONE)
STEP(text, fastgo_task_return(task, "text", 4))
STEP(fail, fastgo_task_fail(task, "no \xff way"))
STEP(seven, fastgo_task_return_int(task, -7))

int spin(fastgo_task *task, void *data)
{
    (void)data;
    int done = fastgo_task_yield(task);
    return done == FASTGO_WAIT ? FASTGO_WAIT : done == FASTGO_OK ? spin(task, data) : FASTGO_DONE;
}

int collect(const fastgo_request *request, fastgo_response *response, void *events)
{
    (void)response;
    int done = fastgo_chan_try_send(events, request->body.data, request->body.size);
    return done == FASTGO_OK ? 202 : 503;
}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(tmp_path_factory.mktemp("steps"), SOURCE)


@pytest.fixture
def library(path: Path) -> Any:
    return ctypes.CDLL(str(path))


def state(incoming: Any, outgoing: Any = None) -> bytearray:
    return bytearray(
        struct.pack("QQqqi4x", incoming.address, outgoing.address if outgoing else 0, 0, 0, 0)
    )


def on(library: Any, name: str, *channels: Any) -> Any:
    """Returns a step on channels, which it keeps."""
    return step(library, name, data=state(*channels), keep=channels)


@pytest.mark.parametrize(("name", "result"), [("nothing", None), ("text", b"text"), ("seven", -7)])
def test_native_task_has_a_result(library: Any, name: str, result: object) -> None:
    assert go(step(library, name)).result() == result

    async def main() -> Any:
        return await go(step(library, name))

    assert run(main()) == asyncio.run(main()) == result


def test_native_task_fails_with_its_reason(library: Any) -> None:
    with pytest.raises(TaskError, match="no \ufffd way"):
        go(step(library, "fail")).result()


def test_coroutine_thread_and_native_task_form_a_pipeline(library: Any) -> None:
    first, second, third = chan(of=int), chan(of=int), chan(2, of=int)
    tasks = [
        go(on(library, "twice", first, second)),
        go(on(library, "sum", third)),
    ]

    async def forward() -> None:
        async for value in second:
            await third.asend(value)
        third.close()

    coroutine = go(forward)
    for number in range(1000):
        first.send(number)
    first.close()
    assert tasks[0].result() is None
    coroutine.result()
    assert tasks[1].result() == 2 * sum(range(1000))


@pytest.mark.parametrize("runner", [run, asyncio.run])
def test_native_task_and_coroutine_meet_in_select(library: Any, runner: Callable[..., Any]) -> None:
    async def main() -> None:
        numbers, doubled, never = chan(of=int), chan(of=int), chan()
        task = go(on(library, "twice", numbers, doubled))
        for number in range(100):
            index, _ = await aselect(never.recv, (numbers.send, number))
            assert index == 1
            assert await aselect(never.recv, doubled.recv) == (1, 2 * number)
        numbers.close()
        assert await doubled.arecv_() == (None, False)
        await task

    runner(main())


@pytest.mark.parametrize("name", ["sum", "spin"])
def test_native_task_is_cancelled(library: Any, name: str) -> None:
    task = go(on(library, name, chan(of=int)))
    assert task.cancel()
    with pytest.raises(Cancelled):
        task.result()
    assert task.cancelled()
    assert not task.cancel()


def test_task_keeps_its_data_until_it_is_done(library: Any) -> None:
    class Kept:
        pass

    numbers, kept = chan(of=int), Kept()
    gone = weakref.ref(kept)
    task = go(step(library, "sum", data=state(numbers), keep=(kept, numbers)))
    del kept
    gc.collect()
    assert gone() is not None
    numbers.close()
    task.result()
    assert gone() is None


def test_task_that_nobody_has_goes_on(library: Any) -> None:
    numbers, doubled = chan(of=int), chan(of=int)
    go(on(library, "twice", numbers, doubled))
    gc.collect()
    numbers.send(4)
    assert doubled.recv() == 8
    numbers.close()


def test_many_native_tasks(library: Any) -> None:
    nothing = step(library, "seven")

    async def main() -> int:
        return sum([await task for task in [go(nothing) for _ in range(10_000)]])

    assert run(main()) == -70_000


def test_step_says_what_is_wrong(library: Any) -> None:
    with pytest.raises(fastgo.ConfigError, match="no native function"):
        step(None)
    with pytest.raises(fastgo.ConfigError, match="has no"):
        step(library, "absent")
    declared = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(("nothing", library))
    with pytest.raises(fastgo.ConfigError, match="a step function is int"):
        step(declared)
    with pytest.raises(TypeError, match="takes no arguments"):
        go(step(library, "nothing"), 1)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"concurrency\.step"):
        go(fastgo.native(library, "collect"))
    assert repr(step(library, "nothing")) == "<fastgo.concurrency.Step nothing>"


# --- compiled functions ---


def test_compiled_function_runs_as_a_native_task() -> None:
    pytest.importorskip("numba")

    @fastgo.compiled()
    def weigh(
        n: int, factor: float = 0.5, negative: bool = False, small: fastgo.uint8 = 1
    ) -> float:  # type: ignore[valid-type]
        return (-n if negative else n) * factor + small

    @fastgo.compiled()
    def divide(a: int, b: int) -> int:
        return a // b

    @fastgo.compiled()
    def largest() -> fastgo.uint64:  # type: ignore[valid-type]
        return 18446744073709551615

    assert go(weigh, 4).result() == 3.0
    assert go(weigh, 4, 2.0, negative=True, small=7).result() == -1.0
    assert go(divide, 7, 2).result() == 3
    assert go(largest).result() == 2**64 - 1
    with pytest.raises(TaskError, match="raised an exception"):
        go(divide, 1, 0).result()
    for wrong in ((), (1, 2, 3)):
        with pytest.raises(TypeError, match=r"divide\(\)"):
            go(divide, *wrong)
    with pytest.raises(TypeError, match="no argument"):
        go(divide, 1, a=2)
    with pytest.raises(TypeError, match="which is no int64"):
        go(divide, "1", 2)
    with pytest.raises(TypeError, match="which is no uint8"):
        go(weigh, 1, small=256)


# --- handlers ---


def post(client: Client, body: bytes) -> int:
    return client.ask("POST", body=body).status


def test_native_handler_feeds_a_python_consumer(serve: Serve, library: Any) -> None:
    events = chan(2, of=bytes)
    app = fastgo.App()
    app.post("/", fastgo.native(library, "collect", data=events.address, keep=events))
    with Client(serve(app).url) as client:
        statuses = [post(client, b"event %d" % i) for i in range(3)]
        assert statuses == [202, 202, 503]
        assert [events.recv(), events.recv()] == [b"event 0", b"event 1"]
        consumer = go(events.recv)
        while post(client, b"late") != 202:
            pass
        assert consumer.result() == b"late"


# --- the end ---


@pytest.mark.parametrize("name", ["sum", "spin"])
def test_exit_with_native_tasks_left_is_clean(tmp_path: Path, path: Path, name: str) -> None:
    script = tmp_path / "program.py"
    script.write_text(f"""
import ctypes, struct
from fastgo.concurrency import chan, go, step
numbers = chan(of=int)
state = bytearray(struct.pack("QQqqi4x", numbers.address, 0, 0, 0, 0))
library = ctypes.CDLL({str(path)!r})
tasks = [go(step(library, {name!r}, data=state)) for _ in range(100)]
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")


def test_native_tasks_that_wait_for_coroutines_are_part_of_a_deadlock(
    tmp_path: Path, path: Path
) -> None:
    script = tmp_path / "program.py"
    script.write_text(f"""
import ctypes, struct
from fastgo.concurrency import Deadlock, chan, go, run, step
numbers, never = chan(of=int), chan(of=int)
state = bytearray(struct.pack("QQqqi4x", numbers.address, never.address, 0, 0, 0))
async def main():
    go(step(ctypes.CDLL({str(path)!r}), "twice", data=state))
    await never.arecv()
try:
    run(main())
except Deadlock:
    print("deadlock")
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "deadlock\n", "")


def test_select_of_threads_meets_native_tasks(library: Any) -> None:
    numbers, doubled = chan(of=int), chan(of=int)
    task = go(on(library, "twice", numbers, doubled))
    for number in range(100):
        assert select((numbers.send, number)) == (0, None)
        assert select(doubled.recv, chan().recv) == (0, 2 * number)
    numbers.close()
    task.result()


def test_sleepers_and_native_tasks_share_a_scheduler(library: Any) -> None:
    async def main() -> int:
        total = 0
        for _ in range(50):
            await sleep(0)
            total += await go(step(library, "seven"))
        return total

    assert run(main()) == -350


def test_news_that_come_together_may_cancel_each_other(tmp_path: Path, path: Path) -> None:
    """The report of a failure cancels a task whose value is in the same batch of wake-ups."""
    script = tmp_path / "program.py"
    script.write_text(f"""
import ctypes, logging, sys, time
from fastgo.concurrency import chan, go, step
from fastgo.concurrency._core import core

class Cancel(logging.Handler):
    def emit(self, record):
        print(task.cancel())

async def receive():
    return await channel.arecv()

logging.getLogger("fastgo").addHandler(Cancel())
library, channel = ctypes.CDLL({str(path)!r}), chan()
task = go(receive)
while "waiting" not in repr(task):
    time.sleep(0)
sys.setswitchinterval(100)  # from here on, the background thread waits for the GIL
go(step(library, "fail"))
while not core.natives_are_idle():
    pass
channel.send("value")
print(task.result())
""")
    program = Program(script)
    outcome = program.end()
    program.close()
    assert (outcome.status, outcome.out, outcome.err) == (0, "True\nvalue\n", "")
