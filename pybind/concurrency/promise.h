/*
 * Promises: the parties of operations that tasks of asyncio await.
 */
#ifndef FASTGO_PROMISE_H
#define FASTGO_PROMISE_H

#include "await.h"

/* Returns the future of a promise, in the state in which a coroutine yields it; NULL with an
 * exception, also where it is no promise. */
PyObject *fastgo_promise_future(PyObject *promise);

/* Notes that an operation is parked for a promise; and that it is so no more. */
void fastgo_promise_hold(PyObject *promise, fastgo_await *operation);
void fastgo_promise_let_go(PyObject *promise);

/* Has the future come true: the operation was done. */
void fastgo_promise_keep(PyObject *promise);

/* Where the loop that runs in this thread is known: has it take what comes as its own, until
 * fastgo_bridge_retire delivers that and takes the reference. NULL where it is not known. */
PyObject *fastgo_bridge_attend(void);
void fastgo_bridge_retire(PyObject *bridge);

int fastgo_add_promise(PyObject *module);

#endif
