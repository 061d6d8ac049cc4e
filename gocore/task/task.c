#define _GNU_SOURCE
#include "task.h"

#include "chan_state.h"
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many operations of one step may be done at once before the task gives way to others. */
enum { BUDGET = 256 };

/* --- parked, woken, cancelled --------------------------------------------------------- */

static bool change(struct fastgo_task *task, unsigned *state, unsigned next)
{
    return atomic_compare_exchange_weak_explicit(&task->state, state, next, memory_order_acq_rel, memory_order_acquire);
}

static void wake(struct fastgo_wait *wait)
{
    struct fastgo_task *task = (struct fastgo_task *)((char *)wait - offsetof(struct fastgo_task, wait));
    unsigned state = atomic_load_explicit(&task->state, memory_order_acquire), next;
    do {
        const bool parked = (state & (FASTGO_TASK_PARKED | FASTGO_TASK_BUSY)) == FASTGO_TASK_PARKED;
        next = parked ? state & ~(unsigned)FASTGO_TASK_PARKED : state | FASTGO_TASK_WOKEN;
    } while (!change(task, &state, next));
    if (!(next & FASTGO_TASK_WOKEN)) {
        fastgo_schedule(task);
    }
}

/* Leaves a task, whose step has returned, to its wait. */
static void leave(struct fastgo_task *task)
{
    unsigned state = atomic_load_explicit(&task->state, memory_order_acquire);
    for (;;) {
        if (state & FASTGO_TASK_WOKEN) {
            if (change(task, &state, state & ~(unsigned)FASTGO_TASK_WOKEN)) {
                fastgo_schedule(task);
                return;
            }
        } else if (state & FASTGO_TASK_CANCELLED && fastgo_wait_cancel(&task->wait)) {
            fastgo_schedule(task);
            return;
        } else if (change(task, &state, state | FASTGO_TASK_PARKED)) {
            return;
        }
    }
}

void fastgo_task_cancel(struct fastgo_task *task)
{
    unsigned state = atomic_load_explicit(&task->state, memory_order_acquire), parked;
    do {
        if (state & FASTGO_TASK_CANCELLED) {
            return;
        }
        parked = state & FASTGO_TASK_PARKED;
    } while (!change(task, &state, state | FASTGO_TASK_CANCELLED | (parked ? FASTGO_TASK_BUSY : 0)));
    if (!parked) {
        return;
    }
    if (fastgo_wait_cancel(&task->wait)) {
        atomic_fetch_and(&task->state, ~(unsigned)(FASTGO_TASK_PARKED | FASTGO_TASK_BUSY));
        fastgo_schedule(task);
    } else if (atomic_fetch_and(&task->state, ~(unsigned)FASTGO_TASK_BUSY) & FASTGO_TASK_WOKEN) {
        atomic_fetch_and(&task->state, ~(unsigned)(FASTGO_TASK_PARKED | FASTGO_TASK_WOKEN));
        fastgo_schedule(task);
    } /* else wake is still to come */
}

/* --- the end -------------------------------------------------------------------------- */

static void finish(struct fastgo_task *task)
{
    fastgo_operation_release(task);
    free(task->cases);
    task->cases = NULL;
    if (task->outcome == FASTGO_RETURNED_NOTHING && fastgo_task_was_cancelled(task)) {
        task->outcome = FASTGO_WAS_CANCELLED;
    }
    if (task->spec.release != NULL) {
        task->spec.release(task->spec.state);
    }
    if (task->spec.done != NULL) {
        task->spec.done(task);
    }
    fastgo_task_unref(task);
}

/* Ends a task whose last step has returned; it may have left an operation parked. */
static void end(struct fastgo_task *task)
{
    const bool parked = (task->operation == FASTGO_PLAIN || task->operation == FASTGO_SELECT) && !task->resumed;
    if (parked && !fastgo_wait_cancel(&task->wait)) {
        task->ending = true;
        leave(task);
        return;
    }
    finish(task);
}

/* The name of what an operation may have returned, or "". */
static const char *name_of(int returned)
{
    static const char *const names[] = {
        [-FASTGO_CLOSED] = "FASTGO_CLOSED, ",       [-FASTGO_WRONG_KIND] = "FASTGO_WRONG_KIND, ",
        [-FASTGO_NO_MEMORY] = "FASTGO_NO_MEMORY, ", [-FASTGO_TOO_LARGE] = "FASTGO_TOO_LARGE, ",
        [-FASTGO_CANCELLED] = "FASTGO_CANCELLED, ", [-FASTGO_WRONG_CALL] = "FASTGO_WRONG_CALL, ",
    };
    return returned <= FASTGO_CLOSED && returned >= FASTGO_WRONG_CALL ? names[-returned] : "";
}

static void fail(struct fastgo_task *task, int returned)
{
    char reason[96];
    if (returned == FASTGO_WAIT) {
        snprintf(reason, sizeof reason, "its step returned FASTGO_WAIT, and no operation had told it to");
    } else {
        snprintf(reason, sizeof reason, "its step returned %s%d, which is neither FASTGO_DONE nor FASTGO_WAIT",
                 name_of(returned), returned);
    }
    fastgo_operation_fail(task, reason);
    end(task);
}

void fastgo_task_run(struct fastgo_task *task)
{
    int returned;
    if (task->ending || (!task->begun && fastgo_task_was_cancelled(task))) {
        finish(task);
        return;
    }
    task->begun = true;
    if (task->spec.function != NULL) {
        fastgo_operation_return_int(task, task->spec.function(task->spec.state));
        finish(task);
        return;
    }
    task->resumed = true;
    task->budget = BUDGET;
    returned = task->spec.step(task, task->spec.state);
    if (returned == FASTGO_DONE || (returned == FASTGO_NO_MEMORY && task->outcome == FASTGO_LACKED_MEMORY)) {
        end(task);
    } else if (returned != FASTGO_WAIT || task->operation == FASTGO_NO_OPERATION || task->resumed) {
        fail(task, returned);
    } else if (task->operation == FASTGO_YIELD) {
        fastgo_schedule(task);
    } else {
        leave(task);
    }
}

/* --- life ----------------------------------------------------------------------------- */

struct fastgo_task *fastgo_task_spawn(const struct fastgo_task_spec *spec)
{
    struct fastgo_task *task;
    if (fastgo_scheduler_has_stopped() || (task = fastgo_pool_take(fastgo_worker_spare())) == NULL) {
        return NULL;
    }
    *task = (struct fastgo_task){
        .functions = &fastgo_concurrency_functions,
        .references = spec->done != NULL ? 2 : 1,
        .spec = *spec,
        .wait.wake = wake,
    };
    fastgo_schedule(task);
    return task;
}

void fastgo_task_unref(struct fastgo_task *task)
{
    if (atomic_fetch_sub_explicit(&task->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (task->outcome == FASTGO_RETURNED_BYTES || task->outcome == FASTGO_FAILED) {
        free(task->result.block);
    }
    fastgo_pool_give(fastgo_worker_spare(), task);
}

enum fastgo_outcome fastgo_task_outcome(const struct fastgo_task *task, int64_t *integer, fastgo_string *bytes)
{
    static const char no_memory[] = "there was no memory for what it was to return";
    if (task->outcome == FASTGO_LACKED_MEMORY) {
        *bytes = (fastgo_string){no_memory, sizeof no_memory - 1};
        return FASTGO_FAILED;
    }
    if (task->outcome == FASTGO_RETURNED_INT) {
        *integer = task->result.integer;
    } else if (task->outcome == FASTGO_RETURNED_BYTES || task->outcome == FASTGO_FAILED) {
        *bytes = fastgo_value_bytes(task->result);
    }
    return task->outcome;
}
