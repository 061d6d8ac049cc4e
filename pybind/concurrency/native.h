/*
 * Native tasks of Python's.
 */
#ifndef FASTGO_NATIVE_H
#define FASTGO_NATIVE_H

#include "scheduler.h"

/* Has native tasks run from now on: before there can be one. */
void fastgo_native_start(void);

/* stop_natives(milliseconds) -> whether all steps that ran have returned; for the exit. */
PyObject *fastgo_native_stop(PyObject *module, PyObject *milliseconds);

/* natives_are_idle(): whether none is ready or runs. */
PyObject *fastgo_native_is_idle(PyObject *module, PyObject *none);

/* spawn_native(address, data, words, form, kept) of a scheduler. */
PyObject *fastgo_scheduler_spawn_native(PyObject *scheduler, PyObject *arguments);

/* Ends the Task of an operation that has just been delivered. */
void fastgo_native_end(fastgo_await *operation, fastgo_task_object *task);

/* Asks the native task of a Task to end. */
void fastgo_native_cancel(fastgo_task_object *task);

#endif
