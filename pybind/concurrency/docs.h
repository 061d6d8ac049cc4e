/*
 * What help() says of the functions that are written in C. Their types are in
 * python/fastgo/concurrency/__init__.pyi, and the examples run as tests.
 */
#ifndef FASTGO_DOCS_H
#define FASTGO_DOCS_H

#define FASTGO_GO_DOC \
    "go(function, /, *arguments, **keywords)\n" \
    "--\n" \
    "\n" \
    "Calls a function beside the caller, and returns the task of the call.\n" \
    "\n" \
    "Where it runs depends on the function. An `async def` runs as a coroutine: on the scheduler of\n" \
    "this thread, in `run`; on the event loop of asyncio that runs in this thread; or else on a\n" \
    "scheduler in the background, in a daemon thread. A native step function and what\n" \
    "`fastgo.compiled` has made run outside of the GIL, on all cores. Any other function runs in a\n" \
    "daemon thread, of which there are as many as calls at one time.\n" \
    "\n" \
    "Args:\n" \
    "    function: The function, or what `step` or `fastgo.compiled` returns.\n" \
    "    *arguments: Its arguments. Where they are wrong, the task fails.\n" \
    "    **keywords: More of them.\n" \
    "\n" \
    "Returns:\n" \
    "    The task, which need not be kept. It has the result or the exception; one that nobody has\n" \
    "    asked for is logged.\n" \
    "\n" \
    "Raises:\n" \
    "    TypeError: It is no function.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import go\n" \
    "    >>> go(pow, 2, 10).result()\n" \
    "    1024\n"

#define FASTGO_SLEEP_DOC \
    "sleep(seconds, /)\n" \
    "--\n" \
    "\n" \
    "Lets other coroutines run for a time, or once where it is 0. It is to be awaited.\n" \
    "\n" \
    "Args:\n" \
    "    seconds: How long, at least; negative means 0.\n" \
    "\n" \
    "Raises:\n" \
    "    RuntimeError: No coroutine calls it.\n" \
    "    TypeError, ValueError: It is no number of seconds.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import run, sleep\n" \
    "    >>> async def main():\n" \
    "    ...     await sleep(0.001)\n" \
    "    ...     return \"awake\"\n" \
    "    >>> run(main())\n" \
    "    'awake'\n"

#define FASTGO_CHAN_DOC \
    "chan(capacity=0, of=None)\n" \
    "--\n" \
    "\n" \
    "Makes a channel, as Go has them (The Go Programming Language Specification, \"Channel types\").\n" \
    "\n" \
    "Any number of coroutines, of any scheduler or of asyncio, threads and native tasks may use it\n" \
    "at once. Who waits is served in order.\n" \
    "\n" \
    "Args:\n" \
    "    capacity: How many values it holds for which nobody has come yet. With 0, a sender waits\n" \
    "        for a receiver.\n" \
    "    of: None for any objects, which are passed on as they are. int or bytes for a channel that\n" \
    "        native code can use, by `Chan.address`: integers of 64 bits with sign, or bytes, of\n" \
    "        which a receiver gets a copy.\n" \
    "\n" \
    "Returns:\n" \
    "    The channel.\n" \
    "\n" \
    "Raises:\n" \
    "    MemoryError: There is no memory for so many values.\n" \
    "    TypeError, ValueError: capacity or of is none of these.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import chan\n" \
    "    >>> numbers = chan(2)\n" \
    "    >>> numbers.send(1)\n" \
    "    >>> numbers.send(2)\n" \
    "    >>> numbers.close()\n" \
    "    >>> list(numbers)\n" \
    "    [1, 2]\n"

#define FASTGO_SELECT_DOC \
    "select(*cases)\n" \
    "--\n" \
    "\n" \
    "Waits until one of several channels is ready, and does what is asked for it (The Go Programming\n" \
    "Language Specification, \"Select statements\"). It blocks the thread; see `aselect`.\n" \
    "\n" \
    "Args:\n" \
    "    *cases: Each is `ch.recv`, `ch.recv_`, `(ch.send, value)`, or, once, `default`, which is\n" \
    "        chosen where no other can be done at once. Of several that can, each has the same\n" \
    "        chance. `nilchan` is never ready.\n" \
    "\n" \
    "Returns:\n" \
    "    The index of the case that was done, and what it has returned.\n" \
    "\n" \
    "Raises:\n" \
    "    ChannelError: The case that was chosen sends, and its channel is closed.\n" \
    "    RuntimeError: It would have to wait, in a coroutine.\n" \
    "    TypeError: A case is none of these.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import chan, default, select\n" \
    "    >>> full, empty = chan(1), chan(1)\n" \
    "    >>> full.send(\"value\")\n" \
    "    >>> select(empty.recv, full.recv)\n" \
    "    (1, 'value')\n" \
    "    >>> select(empty.recv, default)\n" \
    "    (1, None)\n"

#define FASTGO_ASELECT_DOC \
    "aselect(*cases)\n" \
    "--\n" \
    "\n" \
    "Is `select` for coroutines, to be awaited; its cases may be written with `arecv` and `asend` too.\n" \
    "\n" \
    "Args:\n" \
    "    *cases: As those of `select`.\n" \
    "\n" \
    "Returns:\n" \
    "    What is awaited for the index of the case that was done, and what it has returned. Where\n" \
    "    the wait is cancelled, none was done.\n" \
    "\n" \
    "Raises:\n" \
    "    ChannelError: The case that was chosen sends, and its channel is closed.\n" \
    "    TypeError: A case is none of these.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import aselect, chan, run\n" \
    "    >>> async def main():\n" \
    "    ...     full, empty = chan(1), chan(1)\n" \
    "    ...     await full.asend(\"value\")\n" \
    "    ...     return await aselect(empty.arecv, full.arecv)\n" \
    "    >>> run(main())\n" \
    "    (1, 'value')\n"

#define FASTGO_TASK_DOC \
    "A call that `go` has made. `await task` is its result, and so is `task.result()` for threads.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import go\n" \
    "    >>> task = go(pow, 2, 10)\n" \
    "    >>> task.result(timeout=10)\n" \
    "    1024\n" \
    "    >>> task.done(), task.cancelled(), task.exception()\n" \
    "    (True, False, None)\n"

#define FASTGO_CHAN_TYPE_DOC \
    "A channel, which `chan` makes.\n" \
    "\n" \
    "send, recv, recv_ and iteration block the thread; asend, arecv, arecv_ and `async for` are for\n" \
    "coroutines. `len` is how many values are in the buffer. A channel is true, and nilchan is not.\n" \
    "Sending on a closed channel, and closing one twice, raise ChannelError.\n" \
    "\n" \
    "Example:\n" \
    "    >>> from fastgo.concurrency import chan, run\n" \
    "    >>> async def main():\n" \
    "    ...     letters = chan(2)\n" \
    "    ...     await letters.asend(\"a\")\n" \
    "    ...     letters.close()\n" \
    "    ...     return await letters.arecv_(), await letters.arecv_()\n" \
    "    >>> run(main())\n" \
    "    (('a', True), (None, False))\n"

#endif
