"""Native tasks of fastgo, written in C, and a native handler that feeds Python."""

from __future__ import annotations

import ctypes
import threading

from bench.concurrency.peers.figures import Figures, Memory, Stopwatch, main
from bench.concurrency.peers.queue_threads import CAPACITY, MESSAGE
from bench.concurrency.prepare import LIBRARY
from fastgo.concurrency import Chan, chan, go, step

RING = 1000
# Of tasks that compute: enough for every core to have many.
COMPUTING = 64

library = ctypes.CDLL(str(LIBRARY))


def address(channel: Chan[int] | Chan[bytes]) -> ctypes.c_void_p:
    return ctypes.c_void_p(channel.address)


def number(value: int) -> ctypes.c_int64:
    return ctypes.c_int64(value)


def seeds(count: int) -> Figures:
    done = chan(1, of=int)
    place = address(done)
    watch = Stopwatch()
    library.spawn_empty(place, number(count))
    watch.spawned()
    done.recv()
    return watch.seeds()


def seeds_from_python(count: int) -> Figures:
    empty = step(library, "empty_step")
    watch = Stopwatch()
    tasks = [go(empty) for _ in range(count)]
    watch.spawned()
    for task in tasks:
        task.result()
    return watch.seeds()


def ping_pong(count: int) -> Figures:
    done, there, back = chan(1, of=int), chan(of=int), chan(of=int)
    places = [address(each) for each in (done, there, back)]
    watch = Stopwatch()
    library.ping_pong(*places, number(count))
    done.recv()
    return watch.each(count)


def switch(count: int) -> Figures:
    done = chan(1, of=int)
    place = address(done)
    watch = Stopwatch()
    library.switch_tasks(place, number(RING), number(count // RING))
    done.recv()
    return watch.each(count)


def scaling(count: int) -> Figures:
    done = chan(1, of=int)
    place = address(done)
    watch = Stopwatch()
    library.compute_in_tasks(place, number(COMPUTING), number(count // COMPUTING))
    done.recv()
    return watch.per_second(count)


def parked(count: int) -> Figures:
    never = chan(of=int)
    place = address(never)
    memory = Memory()
    library.park(place, number(count))
    figures = memory.each(count)
    never.close()
    return figures


def attempts(count: int, size: int) -> Figures:
    channel: Chan[int] | Chan[bytes] = chan(1024, of=bytes) if size else chan(1024, of=int)
    send, receive = ctypes.c_double(), ctypes.c_double()
    arguments = (ctypes.c_size_t(size), ctypes.byref(send), ctypes.byref(receive))
    library.try_all(address(channel), number(count), *arguments)
    return {"send_ns": send.value, "receive_ns": receive.value}


def messages(count: int) -> Figures:
    events = chan(CAPACITY, of=bytes)
    arguments = (address(events), number(count), ctypes.c_size_t(MESSAGE))
    clients = threading.Thread(target=library.post, args=arguments)
    watch = Stopwatch()
    clients.start()
    for _ in range(count):
        events.recv()
    figures = watch.per_second(count)
    clients.join()
    return figures


if __name__ == "__main__":
    main(
        {
            "seeds": seeds,
            "seeds-from-python": seeds_from_python,
            "ping-pong": ping_pong,
            "switch": switch,
            "scaling": scaling,
            "parked": parked,
            "try": lambda count: attempts(count, 0),
            "try-bytes": lambda count: attempts(count, MESSAGE),
            "messages": messages,
        }
    )
