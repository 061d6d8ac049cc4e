"""Two threads of Python and a queue.Queue between them."""

from __future__ import annotations

import queue
import threading

from bench.concurrency.peers.figures import Figures, Stopwatch, main

CAPACITY = 4096
MESSAGE = 100


def messages(count: int) -> Figures:
    message = bytes(MESSAGE)
    between: queue.Queue[bytes] = queue.Queue(CAPACITY)

    def produce() -> None:
        for _ in range(count):
            between.put(message)

    producer = threading.Thread(target=produce)
    watch = Stopwatch()
    producer.start()
    for _ in range(count):
        between.get()
    figures = watch.per_second(count)
    producer.join()
    return figures


if __name__ == "__main__":
    main({"messages": messages})
