/*
 * Native tasks: functions in C that run on worker threads, outside of Python's GIL, and wait for
 * channels without a stack of their own. A task is one block of memory; a step function runs until
 * it has to wait, and is called again when the operation that it waits for is done.
 *
 * At any time a task belongs to one party: the run queue in which it stands, the worker that runs
 * its step, or, while it is parked, whoever fires its wait or cancels it. `state` decides between
 * the latter, and between them and the worker whose step is about to return:
 *
 *     0                    it is in a run queue or runs
 *     PARKED               its step has returned and its wait has not fired
 *     WOKEN                its wait has fired before that: its worker, or who is BUSY, queues it
 *     PARKED | BUSY        cancel() takes its wait back
 *     CANCELLED            with any of these: operations that have not begun return
 *                          FASTGO_CANCELLED
 *
 * A reference is the scheduler's, until the task is done; another the one of whoever has spawned
 * it with `done`, until fastgo_task_unref.
 */
#ifndef FASTGO_TASK_H
#define FASTGO_TASK_H

#include "chan.h"

/* What a task is, and what becomes of it. */
struct fastgo_task_spec {
    fastgo_step step;                 /* or: */
    int64_t (*function)(void *state); /* called once; what it returns is the task's result */
    void *state;
    void (*release)(void *state);            /* called when the last step has returned, or NULL */
    void (*done)(struct fastgo_task *task);  /* called then, on a worker, without the GIL, or NULL */
    void *owner;                             /* for done */
};

/* How a task has ended. */
enum fastgo_outcome {
    FASTGO_RETURNED_NOTHING,
    FASTGO_RETURNED_INT,
    FASTGO_RETURNED_BYTES,
    FASTGO_FAILED, /* the bytes say why */
    FASTGO_WAS_CANCELLED,
    FASTGO_LACKED_MEMORY, /* of the task alone: for what it was to return, so it has failed */
};

enum fastgo_operation_kind { FASTGO_NO_OPERATION, FASTGO_PLAIN, FASTGO_SELECT, FASTGO_YIELD };

struct fastgo_task {
    const fastgo_concurrency *functions; /* first, as fastgo_concurrency.h says */
    struct fastgo_task *next;            /* in a queue, or in a list of free ones */
    atomic_uint state;
    atomic_uint references;
    uint8_t outcome;   /* enum fastgo_outcome */
    uint8_t operation; /* for which it waits: enum fastgo_operation_kind */
    bool resumed;      /* and which is done */
    bool begun;
    bool ending;     /* its step has returned FASTGO_DONE */
    uint16_t budget; /* of operations that are done at once, before it gives way to others */
    struct fastgo_task_spec spec;
    struct fastgo_wait wait;
    struct fastgo_case *cases; /* of selects, kept for the next one */
    unsigned room;             /* of them */
    struct fastgo_chan *lender; /* of the bytes that were received last: */
    union fastgo_value lent;
    union fastgo_value result; /* an integer, or a block of the system's */
};

/* Spawns a task. With `done` it has a reference for the caller. NULL: no memory, or the scheduler
 * has stopped. */
struct fastgo_task *fastgo_task_spawn(const struct fastgo_task_spec *spec);

/* Asks a task to end: the operation for which it waits, and all later ones, return
 * FASTGO_CANCELLED. One that has not begun does not. The caller has a reference. */
void fastgo_task_cancel(struct fastgo_task *task);

/* How a task that is done has ended. */
enum fastgo_outcome fastgo_task_outcome(const struct fastgo_task *task, int64_t *integer, fastgo_string *bytes);

void fastgo_task_unref(struct fastgo_task *task);

/* True: no task is ready or runs, and no worker looks for one; so all that there are wait for
 * somebody else. What they did before is seen by who asks this first and looks then. */
bool fastgo_tasks_are_idle(void);

/* --- within the package --------------------------------------------------------------- */

enum {
    FASTGO_TASK_PARKED = 1,
    FASTGO_TASK_WOKEN = 2,
    FASTGO_TASK_BUSY = 4,
    FASTGO_TASK_CANCELLED = 8,
};

static inline bool fastgo_task_was_cancelled(struct fastgo_task *task)
{
    return atomic_load_explicit(&task->state, memory_order_relaxed) & FASTGO_TASK_CANCELLED;
}

/* task.c: runs a task of the calling worker, which may be gone, or another's, afterwards. */
void fastgo_task_run(struct fastgo_task *task);

/* operations.c: what functions.c has for tasks. */
int fastgo_operation_go(fastgo_step step, void *state, void (*release)(void *));
int fastgo_operation_send(struct fastgo_task *task, struct fastgo_chan *chan, const void *data, size_t size);
int fastgo_operation_send_int(struct fastgo_task *task, struct fastgo_chan *chan, int64_t value);
int fastgo_operation_recv(struct fastgo_task *task, struct fastgo_chan *chan, fastgo_string *bytes);
int fastgo_operation_recv_int(struct fastgo_task *task, struct fastgo_chan *chan, int64_t *value);
int fastgo_operation_select(struct fastgo_task *task, fastgo_select_case *cases, size_t count);
int fastgo_operation_yield(struct fastgo_task *task);
int fastgo_operation_cancelled(struct fastgo_task *task);
int fastgo_operation_return(struct fastgo_task *task, const void *data, size_t size);
int fastgo_operation_return_int(struct fastgo_task *task, int64_t value);
int fastgo_operation_fail(struct fastgo_task *task, const char *reason);

/* Gives back what an operation of the task has lent or still has. */
void fastgo_operation_release(struct fastgo_task *task);

/* pool.c: memory of tasks, not zeroed; NULL where there is none. `spare` is the calling worker's
 * list, or NULL on other threads. */
struct fastgo_task_list {
    struct fastgo_task *first;
    unsigned count;
};

struct fastgo_task *fastgo_pool_take(struct fastgo_task_list *spare);
void fastgo_pool_give(struct fastgo_task_list *spare, struct fastgo_task *task);

#endif
