/*
 * Schedulers of coroutines, and tasks.
 *
 * A task is in one of these places, and in no other:
 *
 *     the run queue   READY
 *     `current`       RUNNING
 *     the parked      PARKED: `waiting` is what it has awaited
 *     none            DONE; or ELSEWHERE: no scheduler runs it, but a thread, asyncio or Go
 *
 * A scheduler has one reference to each task of its own that is not done. Such a task cannot be
 * garbage, so the collector is told of a task when that is done and has left something behind.
 *
 * A task is made of a function and its arguments; the coroutine is made when its turn comes. So
 * what has not begun is one small object, and 500,000 of these are cheap.
 *
 * All of this is guarded by the GIL: any thread that has it may cancel a task or add one. Only the
 * inbox is used without it.
 */
#ifndef FASTGO_SCHEDULER_H
#define FASTGO_SCHEDULER_H

#include "await.h"

enum fastgo_place { FASTGO_PLACE_READY, FASTGO_PLACE_RUNNING, FASTGO_PLACE_PARKED, FASTGO_PLACE_ELSEWHERE, FASTGO_PLACE_DONE };

typedef struct fastgo_task_object {
    PyObject_HEAD
    struct fastgo_inbox *inbox; /* of its scheduler, as a party has it; NULL elsewhere */
    /* The function, then the coroutine. Elsewhere: what cancels it, or NULL. Done: the traceback
     * of its exception. */
    PyObject *coroutine;
    /* The arguments, then what is to be thrown, or NULL. Done: its result or exception. */
    PyObject *value;
    struct fastgo_task_object *next, *previous;
    fastgo_await *waiting;   /* begun last, since it was resumed */
    struct fastgo_case *joiners; /* of the waits for its end */
    uint8_t place;
    bool begun;
    bool cancel;   /* asked for, and not delivered yet */
    bool bare;     /* it has yielded None, and no operation of ours */
    bool failed;   /* value is an exception */
    bool asked;    /* somebody knows what it has come to */
    uint8_t forks; /* the last byte of fastgo_forks, when it was made */
} fastgo_task_object;

typedef struct {
    fastgo_task_object *first, *last;
} fastgo_tasks;

typedef struct {
    int64_t deadline;
    fastgo_await *operation;
} fastgo_timer;

typedef struct {
    PyObject_HEAD
    struct fastgo_inbox inbox;
    fastgo_tasks ready, parked;
    fastgo_task_object *current;
    Py_ssize_t live; /* tasks that are not done */
    unsigned budget; /* operations that may be done at once in this turn */
    /* Operations that were begun in this turn, before `waiting` of the task. */
    fastgo_await **aside;
    uint32_t aside_count, aside_room;
    /* The last function that was found to be a coroutine function. */
    PyObject *known;
    /* What has ended the run: KeyboardInterrupt or SystemExit of a task. */
    PyObject *fatal;
    fastgo_timer *timers; /* a heap */
    uint32_t timer_count, timer_room;
    bool endless; /* it runs on where there is no task */
    bool running, ending;
    uint8_t forks; /* the same, where it runs */
} fastgo_scheduler;

/* The scheduler that runs in this thread, or NULL. */
extern _Thread_local fastgo_scheduler *fastgo_here;

/* The task that runs in this thread, or NULL. */
static inline fastgo_task_object *fastgo_current_task(void)
{
    return fastgo_here == NULL ? NULL : fastgo_here->current;
}

/* Functions of Python's that the package gives to the module once. */
struct fastgo_hooks {
    PyObject *elsewhere;  /* elsewhere(function, *arguments, **keywords) -> Task */
    PyObject *is_coroutine_function; /* of what is no instance of function_type */
    PyObject *function_type;
    PyObject *is_stuck;   /* is_stuck() -> bool: nothing outside can wake a scheduler */
    PyObject *deadlock;   /* deadlock(tasks) -> exception */
    PyObject *sleep;      /* sleep(seconds), where no task of ours runs */
    PyObject *cancel_later; /* cancel_later(): cancels the asyncio task that runs at its next await */
    PyObject *cancel_is_due; /* cancel_is_due() -> bool: whether that is now; None: for no task any more */
    PyObject *promise;    /* promise() -> Promise for the asyncio task that runs; raises */
    PyObject *running_loop; /* running_loop() -> asyncio's loop that runs in this thread, or None */
    PyObject *neglected;  /* neglected(exception): nobody has asked for it */
    PyObject *channel_error;
    PyObject *task_error;  /* of native tasks */
    PyObject *fork_error;
    PyObject *otherwise;  /* `default` of select */
};
extern struct fastgo_hooks fastgo_hooks;

/* --- tasks (task.c) --- */

extern PyTypeObject *fastgo_pytask_type;

/* A task that is in no place yet. */
fastgo_task_object *fastgo_pytask_new(void);

/* Ends a task that has been taken out of its place, with a result or with the exception that is
 * set. Takes the reference to the result. */
void fastgo_pytask_finish(fastgo_task_object *task, PyObject *result);
void fastgo_pytask_fail(fastgo_task_object *task);

/* Returns its result or raises its exception, of which somebody knows then. */
PyObject *fastgo_pytask_outcome(fastgo_task_object *task);

/* Takes back what a parked task waits for, so that it raises Cancelled. False: that was done before.
 * Python code may have run then, and the task may be in any place. */
bool fastgo_pytask_cancel_wait(fastgo_task_object *task);

/* asyncio.CancelledError, borrowed, which is loaded by the first use. NULL with an exception. */
PyObject *fastgo_cancelled_error(void);

int fastgo_add_task(PyObject *module);

/* --- waits for their end (join.c) --- */

/* An operation that waits for a task's end. */
PyObject *fastgo_pytask_await(PyObject *task);

/* Has the thread wait for it; timeout is in seconds, or None. -1 with an exception. */
int fastgo_pytask_wait(fastgo_task_object *task, PyObject *timeout);

/* Wakes all that wait. */
void fastgo_pytask_wake(fastgo_task_object *task);

/* --- forks (fork.c) --- */

/* keep_scheduler(): to be called in the child, which goes on with the scheduler of its thread. */
PyObject *fastgo_keep_scheduler(PyObject *module, PyObject *none);

/* Whether a task runs in a process that this one was forked from; -1 with an exception if so. */
bool fastgo_pytask_is_lost(const fastgo_task_object *task);
int fastgo_pytask_check_lost(const fastgo_task_object *task);

/* --- schedulers (scheduler.c) --- */

/* Adds a new task, of which it takes a reference of its own. */
void fastgo_scheduler_add(fastgo_scheduler *scheduler, fastgo_task_object *task);

/* Makes a task ready if it is parked, as its operation is so no more. */
void fastgo_scheduler_resume(fastgo_task_object *task);

void fastgo_scheduler_make_ready(fastgo_scheduler *scheduler, fastgo_task_object *task);

static inline void fastgo_tasks_put_last(fastgo_tasks *tasks, fastgo_task_object *task)
{
    task->next = NULL;
    task->previous = tasks->last;
    *(tasks->last != NULL ? &tasks->last->next : &tasks->first) = task;
    tasks->last = task;
}

static inline void fastgo_tasks_take_out(fastgo_tasks *tasks, fastgo_task_object *task)
{
    *(task->previous != NULL ? &task->previous->next : &tasks->first) = task->next;
    *(task->next != NULL ? &task->next->previous : &tasks->last) = task->previous;
    task->next = task->previous = NULL;
}

static inline fastgo_scheduler *fastgo_scheduler_of(const fastgo_task_object *task)
{
    return (fastgo_scheduler *)((char *)task->inbox - offsetof(fastgo_scheduler, inbox));
}

int fastgo_add_scheduler(PyObject *module);

/* --- turns (turn.c) --- */

/* Has a ready task run until it ends or waits. */
void fastgo_scheduler_turn(fastgo_scheduler *scheduler, fastgo_task_object *task);

/* Puts the operation of the task that runs aside, as it begins another one. -1 with an exception. */
int fastgo_scheduler_put_aside(fastgo_scheduler *scheduler, fastgo_task_object *task);

/* Closes the coroutine of a task that is not done, and ends the task. */
void fastgo_scheduler_close_task(fastgo_scheduler *scheduler, fastgo_task_object *task);

/* --- go (go.c) --- */

/* go(function, *arguments, **keywords) */
PyObject *fastgo_go_function(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names);

/* spawn(coroutine) of a scheduler; and spawn_last(coroutine), for what cleans up: it is not cancelled
 * where the scheduler is about to end. */
PyObject *fastgo_scheduler_spawn(PyObject *scheduler, PyObject *coroutine);
PyObject *fastgo_scheduler_spawn_last(PyObject *scheduler, PyObject *coroutine);

/* --- timers (timers.c) --- */

/* Resumes the tasks whose time has come. */
void fastgo_timers_fire(fastgo_scheduler *scheduler, int64_t now);

/* sleep(seconds) */
PyObject *fastgo_make_sleep(PyObject *module, PyObject *seconds);

#endif
