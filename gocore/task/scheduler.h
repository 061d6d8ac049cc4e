/*
 * The scheduler of native tasks: run queues, and the workers that empty them.
 *
 * A worker is a goroutine that has called fastgo_worker_run: so it is in C, on a thread of its own,
 * and comes back to Go after some steps, where it competes with other goroutines for a processor.
 * Each has a ring of tasks that are ready, first come, first served, of which others steal the
 * older half when they have nothing. What does not fit, and what comes from threads that are no
 * workers, goes to one list with a lock (the design is that of Go's own scheduler, runtime/proc.go).
 *
 * Who sleeps, and who wakes
 *   - A worker without work looks at all queues for some microseconds, and then sleeps on its futex.
 *   - Who queues a task wakes a sleeper, unless one is searching. A searcher that finds work wakes
 *     the next where more is left. A sleeper announces itself and looks once more, all in
 *     sequentially consistent order, so that one of the two sees the other.
 *   - A task that is alone in the queue of the worker that made it ready is left to that worker: it
 *     mostly comes to it sooner than a thread wakes up, and two tasks that talk stay on one core.
 *     For the case that the running step is a long one, a sleeper watches: as long as others work,
 *     it looks every millisecond, and takes such a task. Who begins to work while nobody watches
 *     wakes a sleeper, which finds something or watches.
 *   - Until there are as many workers as there may be, one at least is idle: a worker that takes
 *     work while nobody else is idle has Go start another first.
 */
#ifndef FASTGO_SCHEDULER_H
#define FASTGO_SCHEDULER_H

#include "task.h"

enum { FASTGO_MAX_WORKERS = 256 };

/* What a worker does when fastgo_worker_run has returned. */
enum fastgo_worker_order {
    FASTGO_WORKER_AGAIN, /* call it again */
    FASTGO_WORKER_GROW,  /* start the next worker, and call it again */
    FASTGO_WORKER_STOP,  /* end */
};

/* Called once, before the first worker runs: how many there may be, 1 to FASTGO_MAX_WORKERS. */
void fastgo_scheduler_start(unsigned workers);

/* From now on no task is spawned, and workers end when the step that they run has returned. */
void fastgo_scheduler_stop(void);
bool fastgo_scheduler_has_stopped(void);

/* Runs tasks as the worker of that number, from 0 on; each is one thread's at a time. */
enum fastgo_worker_order fastgo_worker_run(unsigned number);

/* Queues a task that is ready. */
void fastgo_schedule(struct fastgo_task *task);

/* The calling worker's spare tasks, NULL on other threads. */
struct fastgo_task_list *fastgo_worker_spare(void);

#endif
