"""Channels and tasks of fastgo.concurrency in programs of asyncio."""

import asyncio
import gc
import math
import sys
import threading
import weakref
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from fastgo.concurrency import Cancelled, aselect, chan, default, go, run, select, sleep
from tests.programs import Outcome
from tests.waiting import eventually

pytestmark = pytest.mark.smoke


def test_value_that_comes_with_the_end_of_the_time_is_received_and_nothing_is_cancelled() -> None:
    async def main() -> None:
        channel, loop = chan(), asyncio.get_running_loop()

        def send_and_expire() -> None:
            channel.send("value")
            time.reschedule(loop.time() - 1)

        loop.call_soon(send_and_expire)
        async with asyncio.timeout(3600) as time:
            assert await channel.arecv() == "value"
        assert time.expired()
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())


def test_value_that_comes_with_a_cancel_is_the_result_of_a_task_that_ends_with_it() -> None:
    async def main() -> None:
        channel = chan()
        task = asyncio.ensure_future(channel.arecv())
        await asyncio.sleep(0)
        channel.send("value")
        task.cancel()
        assert await task == "value"

    asyncio.run(main())


def test_value_that_comes_with_a_cancel_is_received_before_the_task_is_cancelled() -> None:
    async def main() -> None:
        channel, got = chan(), []

        async def receive() -> None:
            got.append(await channel.arecv())
            await asyncio.sleep(3600)

        task = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        channel.send("value")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert got == ["value"]
        assert task.cancelling() == 1

    asyncio.run(main())


@pytest.mark.parametrize("span", [1e-6, 1e-5, 1e-4])
def test_waits_with_a_limit_lose_no_value_of_a_thread(span: float) -> None:
    def produce(channel: Any) -> None:
        for number in range(200):
            channel.send(number)
        channel.close()

    async def main() -> list[int]:
        channel, got = chan(), []
        go(produce, channel)
        while True:
            try:
                value, ok = await asyncio.wait_for(channel.arecv_(), span)
            except TimeoutError:
                await asyncio.sleep(0)
                continue
            if not ok:
                return got
            got.append(value)

    assert asyncio.run(main()) == list(range(200))


@pytest.mark.parametrize(
    "block",
    [
        lambda: chan().recv(),
        lambda: chan().send(1),
        lambda: list(chan()),
        lambda: select(chan().recv),
        lambda: go(chan().recv).result(),
    ],
)
def test_what_would_block_the_loop_is_refused(block: Callable[[], Any]) -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="this would block the thread that runs all"):
            block()

    asyncio.run(main())


def test_what_need_not_wait_is_done_in_a_loop() -> None:
    async def main() -> None:
        channel = chan(1)
        channel.send(1)
        assert channel.recv() == 1

    asyncio.run(main())


async def sleeps() -> None:
    await asyncio.sleep(1)


async def asks_a_queue() -> None:
    await asyncio.Queue[int]().get()


@pytest.mark.parametrize("coroutine", [sleeps, asks_a_queue])
def test_asyncio_without_its_loop_says_what_to_do(
    coroutine: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises((RuntimeError, AttributeError)) as raised:
        run(coroutine())
    assert "under asyncio.run" in raised.value.__notes__[0]
    go(coroutine)
    eventually(lambda: "under asyncio.run" in caplog.text, "the failure to be logged")


def test_operations_are_tasks_of_asyncio() -> None:
    async def main() -> None:
        channel = chan()
        sent, received = go(channel.asend, 1), go(aselect, channel.recv)
        assert await received == (0, 1)
        await sent

    asyncio.run(main())


# --- loops ---


def test_loop_that_cannot_watch_files_is_refused_each_time() -> None:
    class Proactor(asyncio.SelectorEventLoop):
        def add_reader(self, *_: Any) -> Any:
            raise NotImplementedError

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match=r"add_reader.* not supported"):
                await chan().arecv()

    with asyncio.Runner(loop_factory=Proactor) as runner:
        runner.run(main())


def test_task_of_a_closed_loop_cannot_be_cancelled_and_is_let_go() -> None:
    async def stay() -> None:
        await asyncio.get_running_loop().create_future()

    async def main() -> Any:
        task = go(stay)
        await asyncio.sleep(0)
        return task

    loop = asyncio.new_event_loop()
    kept, left = [loop.run_until_complete(main()) for _ in range(2)]
    del left
    inner = [weakref.ref(each) for each in asyncio.all_tasks(loop)]
    loop.set_exception_handler(lambda *_: None)  # told of each task that is destroyed
    loop.close()
    assert not kept.cancel()
    gc.collect()
    assert [each() for each in inner] == [None, None]
    assert not kept.cancel()


def test_tasks_of_a_closed_loop_are_let_go_when_the_next_one_begins() -> None:
    async def stay() -> None:
        await asyncio.get_running_loop().create_future()

    async def main() -> None:
        go(stay)
        await asyncio.sleep(0)

    async def begin() -> None:
        await go(asyncio.sleep, 0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    [inner] = [weakref.ref(each) for each in asyncio.all_tasks(loop)]
    loop.set_exception_handler(lambda *_: None)
    loop.close()
    asyncio.run(begin())
    gc.collect()
    assert inner() is None


@pytest.mark.parametrize(
    ("seconds", "error"), [("a", TypeError), (None, TypeError), (math.nan, ValueError)]
)
def test_sleep_takes_what_it_takes_elsewhere(seconds: Any, error: type[Exception]) -> None:
    async def main() -> str:
        with pytest.raises(error) as caught:
            await sleep(seconds)
        return str(caught.value)

    assert asyncio.run(main()) == run(main())


async def produce(channel: Any) -> None:
    """Sends for ever, so that a value has always come when a receiver is cancelled."""
    while True:
        await channel.asend(1)
        await asyncio.sleep(0)


def test_cancel_is_put_off_by_one_value_at_most() -> None:
    async def main() -> None:
        channel, got = chan(), []

        async def consume() -> None:
            async for value in channel:
                got.append(value)

        producer = asyncio.create_task(produce(channel))
        consumer = asyncio.create_task(consume())
        while len(got) < 10:
            await asyncio.sleep(0)
        consumer.cancel()
        before = len(got)
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert len(got) <= before + 1
        producer.cancel()

    asyncio.run(main())


def test_request_that_was_taken_back_is_not_repeated_for_an_older_one() -> None:
    async def main() -> None:
        channel, ends = chan(), []

        async def send_and_cancel(task: Any) -> None:
            await channel.asend("last words")
            task.cancel()

        async def work() -> None:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                assert task is not None
                sender = asyncio.create_task(send_and_cancel(task))
                ends.append(await channel.arecv())
                assert task.uncancel() == 1
                for _ in range(5):
                    await asyncio.sleep(0)
                await sender
                ends.append("cleaned up")
                raise

        worker = asyncio.create_task(work())
        await asyncio.sleep(0)
        worker.cancel()
        await asyncio.wait([worker])
        assert worker.cancelled()
        assert ends == ["last words", "cleaned up"]

    asyncio.run(main())


# --- what happens in the middle of an operation ---


def test_cancel_that_is_due_is_not_forgotten_for_a_thread_that_has_none() -> None:
    asked, due, told = Event(), Event(), Event()

    def hold(frame: Any, event: str, _argument: object) -> None:
        if event == "return" and frame.f_code.co_name == "cancel_is_due":
            sys.setprofile(None)
            asked.set()
            due.wait(10)

    async def ask() -> None:
        sys.setprofile(hold)
        await chan(1).asend(1)

    def other() -> None:
        asyncio.run(ask())
        told.set()

    async def receive(channel: Any) -> None:
        await channel.arecv()

    async def receive_and_go_on(channel: Any) -> None:
        await channel.arecv()
        due.set()
        assert told.wait(10)
        await chan(1).asend(1)

    def send_and_cancel(channel: Any, task: Any) -> None:
        assert select((channel.send, 1), default)[0] == 0
        task.cancel()

    async def main() -> None:
        channels = chan(), chan()
        first = asyncio.ensure_future(receive(channels[0]))
        second = asyncio.ensure_future(receive_and_go_on(channels[1]))
        await asyncio.sleep(0)
        send_and_cancel(channels[0], first)
        await first
        del first
        await asyncio.sleep(0)  # behind which the loop has let it go: none is due any more
        thread = threading.Thread(target=other)
        thread.start()
        assert asked.wait(10)
        send_and_cancel(channels[1], second)
        with pytest.raises(Cancelled):
            await second
        thread.join()

    asyncio.run(main())


def test_operation_that_begins_as_it_begins_is_awaited_once(start: Any) -> None:
    program = start(
        """
        class Loop(asyncio.SelectorEventLoop):
            def create_future(self):
                future = super().create_future()
                if operations:
                    futures.append(operations.pop().send(None))
                return future
        async def main():
            operation = channel.arecv()
            operations.append(operation)
            try:
                await operation
            except RuntimeError as error:
                print(error)
            print([select((channel.send, number), default)[0] for number in range(2)])
            while not futures[0].done():
                await asyncio.sleep(0)
        channel, operations, futures = chan(), [], []
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(main())
        """,
        "import asyncio, faulthandler; faulthandler.dump_traceback_later(15, exit=True)",
    )
    refusal = "arecv: it was awaited before; call it again for another one"
    assert program.end() == Outcome(0, f"{refusal}\n[0, 1]\n", "")


def test_loop_that_goes_on_in_another_thread_is_woken_there() -> None:
    async def begin() -> Any:
        task = asyncio.ensure_future(channel.arecv())
        await asyncio.sleep(0)
        return task

    async def receive(task: Any) -> None:
        loop.call_soon(runs.set)
        received.append(await task)

    async def send() -> None:
        await channel.asend("value")

    channel, received, runs = chan(1), [], Event()
    loop = asyncio.new_event_loop()
    loop.set_debug(True)  # so that it refuses to be woken in a wrong thread
    task = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_until_complete, args=(receive(task),), daemon=True)
    thread.start()
    assert runs.wait(10)
    asyncio.run(send())
    thread.join(5)
    assert received == ["value"]
    loop.close()
