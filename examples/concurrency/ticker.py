"""A ticker with cancel: something is done every so often, until a context is cancelled.

The worker does not know why it has to end: the context may be cancelled from a coroutine, as here,
from a thread or a signal handler, or by a timeout (`with_timeout`).
"""

from fastgo.concurrency import aselect, go, run, sleep
from fastgo.concurrency.context import Context, background, with_cancel
from fastgo.concurrency.time import Ticker


async def watch(context: Context) -> int:
    """Works on each tick, and returns how many there were."""
    ticks = 0
    with Ticker(0.1) as ticker:
        while True:
            index, _ = await aselect(ticker.c.recv, context.done().recv)
            if index == 1:
                return ticks
            ticks += 1
            print("tick", ticks)


async def main() -> None:
    """Cancels the worker after a while."""
    context, cancel = with_cancel(background())
    watcher = go(watch, context)
    await sleep(0.55)
    cancel()
    print(f"{await watcher} ticks; {context.err()}")


if __name__ == "__main__":
    run(main())
