/*
 * The type _glue.Queue, and what all workers do.
 */
#ifndef FASTGO_WORKERS_H
#define FASTGO_WORKERS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "queue.h"
#include "registry.h"

/* A Queue: see workers.c. */
struct fastgo_functions {
    PyObject_HEAD
    struct fastgo_queue *shared;
    PyObject *request_type, *convert, *invalid, *failed;
    struct fastgo_registry registry;
    /* What each thread runs; changed and read with the GIL held. */
    struct fastgo_slot *running[FASTGO_MAX_WORKERS];
};

/* Adds the type to the module. */
int fastgo_add_queue(PyObject *module);

/* Sets the exception for a worker that can have no place. Returns NULL. */
PyObject *fastgo_refuse_worker(void);

/* Whether the server has stopped, and waits for its workers to be gone. */
bool fastgo_is_stopping(struct fastgo_queue *shared);

void fastgo_set_state(struct fastgo_worker *me, uint32_t state);

/* Notes that the worker runs a function, since a time, 0 where that is unknown. */
void fastgo_set_running(struct fastgo_worker *me, uint64_t now);

/* Gives up what answers hold that a loop does not need any more, in one port or all. */
void fastgo_drop_returned(struct fastgo_port *port);
void fastgo_drop_all_returned(struct fastgo_queue *shared);

/* Gives a worker's record back, and all that nobody will ask for: the last thing that
 * it does with the memory. */
void fastgo_leave(struct fastgo_queue *shared, struct fastgo_worker *me);

#endif
