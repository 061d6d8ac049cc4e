"""Locks and counters, as Go's package sync has them, each in two manners.

One of these may be used by coroutines, tasks of asyncio and threads at once: threads call `lock()`
or write `with mutex:`, coroutines write `await mutex.alock()` or `async with mutex:`. Who waits
first is served first.

They are layers on channels. So whoever can wait at a channel can wait here, and is cancelled, or
found in a deadlock, in the same way. None of them belongs to who has locked it: as in Go, another
thread or coroutine may unlock it.
"""

from fastgo.concurrency._errors import SyncError
from fastgo.concurrency._mutex import Mutex, Semaphore
from fastgo.concurrency._once import Once
from fastgo.concurrency._rwmutex import RWMutex
from fastgo.concurrency._waitgroup import WaitGroup

__all__ = ["Mutex", "Once", "RWMutex", "Semaphore", "SyncError", "WaitGroup"]

for _each in (Mutex, Once, RWMutex, Semaphore, SyncError, WaitGroup):
    _each.__module__ = __name__  # tracebacks and help show what users write
