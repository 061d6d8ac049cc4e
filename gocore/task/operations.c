/*
 * The operations of native tasks. One that cannot be done at once parks the task and returns
 * FASTGO_WAIT, and so does the step; called again, the step asks for the same operation again,
 * which is then done and tells what it has come to.
 */
#include "chan_state.h"
#include "task.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CASES = 65536 };

/* What begin returns beside FASTGO_OK, the operation is to be tried, and what the step gets. */
enum { RESUMED = 1 };

static int begin(struct fastgo_task *task, enum fastgo_operation_kind kind)
{
    if (task->operation != FASTGO_NO_OPERATION) {
        if (!task->resumed) {
            return FASTGO_WAIT; /* the step should have returned */
        }
        if (task->operation == kind) {
            task->operation = FASTGO_NO_OPERATION;
            return RESUMED;
        }
        if (task->operation != FASTGO_YIELD) {
            return FASTGO_WRONG_CALL;
        }
        task->operation = FASTGO_NO_OPERATION; /* it only gave way to others */
    }
    if (fastgo_task_was_cancelled(task)) {
        return FASTGO_CANCELLED;
    }
    task->budget -= task->budget != 0;
    return FASTGO_OK;
}

/* Gives back the bytes that were lent, when what the next operation sends is copied. */
static void give_back(struct fastgo_task *task)
{
    if (task->lender != NULL) {
        fastgo_chan_release(task->lender, task->lent);
        fastgo_chan_unref(task->lender);
        task->lender = NULL;
    }
}

static int park(struct fastgo_task *task, enum fastgo_operation_kind kind)
{
    task->operation = (uint8_t)kind;
    task->resumed = false;
    return FASTGO_WAIT;
}

/* Has the step wait for what is done, as it is the turn of others: as if it had been parked, and had
 * fired. So what was asked for first is what is done, also then. */
static int park_done(struct fastgo_task *task, enum fastgo_operation_kind kind, struct fastgo_case *cases,
                     unsigned count, unsigned done)
{
    task->wait.cases = cases;
    task->wait.count = count;
    atomic_store_explicit(&task->wait.fired, done + 1, memory_order_relaxed);
    atomic_fetch_or(&task->state, FASTGO_TASK_WOKEN);
    return park(task, kind);
}

static bool was_cancelled(const struct fastgo_wait *wait)
{
    return fastgo_wait_fired(wait) + 1 == FASTGO_WAIT_CANCELLED;
}

/* --- send, receive -------------------------------------------------------------------- */

/* Gives back a value that was not sent. */
static void release_unsent(struct fastgo_chan *chan, union fastgo_value value)
{
    if (chan != NULL) {
        fastgo_chan_release(chan, value);
    }
}

static bool is_wrong(const struct fastgo_chan *chan, enum fastgo_kind kind)
{
    return chan != NULL && fastgo_chan_kind(chan) != kind;
}

/* The end of an operation that was parked. */
static int resume(struct fastgo_task *task, struct fastgo_chan *chan, enum fastgo_direction direction)
{
    const struct fastgo_case *one = &task->wait.one;
    if (one->chan != chan || one->direction != direction) {
        task->operation = FASTGO_PLAIN; /* which stays as it is */
        return FASTGO_WRONG_CALL;
    }
    if (was_cancelled(&task->wait)) {
        return FASTGO_CANCELLED;
    }
    return one->ok ? FASTGO_OK : FASTGO_CLOSED;
}

/* The beginning of one that has been done at once, or is parked. */
static int settle(struct fastgo_task *task, struct fastgo_chan *chan, enum fastgo_direction direction,
                  union fastgo_value value, int done)
{
    struct fastgo_case *one = &task->wait.one;
    if (done == FASTGO_WAIT) {
        return park(task, FASTGO_PLAIN);
    }
    if (task->budget != 0) {
        return done;
    }
    one->chan = chan;
    one->direction = (uint8_t)direction;
    one->value = value;
    one->ok = done == FASTGO_OK;
    return park_done(task, FASTGO_PLAIN, one, 1, 0);
}

static int send_value(struct fastgo_task *task, struct fastgo_chan *chan, union fastgo_value value)
{
    int done;
    give_back(task);
    done = fastgo_chan_send(chan, value, &task->wait);
    return settle(task, chan, FASTGO_SEND, value, done);
}

int fastgo_operation_send(struct fastgo_task *task, struct fastgo_chan *chan, const void *data, size_t size)
{
    union fastgo_value value = {.block = NULL};
    int done = is_wrong(chan, FASTGO_BYTES) ? FASTGO_WRONG_KIND : begin(task, FASTGO_PLAIN);
    if (done == RESUMED) {
        done = resume(task, chan, FASTGO_SEND);
        value = task->wait.one.value;
    } else if (done != FASTGO_OK) {
        return done;
    } else if (chan != NULL && !fastgo_chan_make_bytes(chan, data, size, &value)) {
        return FASTGO_NO_MEMORY;
    } else {
        done = send_value(task, chan, value);
    }
    if (done == FASTGO_CLOSED || done == FASTGO_CANCELLED) {
        release_unsent(chan, value);
    }
    return done;
}

int fastgo_operation_send_int(struct fastgo_task *task, struct fastgo_chan *chan, int64_t value)
{
    const union fastgo_value sent = {.integer = value};
    int done = is_wrong(chan, FASTGO_INT) ? FASTGO_WRONG_KIND : begin(task, FASTGO_PLAIN);
    if (done == RESUMED) {
        return resume(task, chan, FASTGO_SEND);
    }
    return done == FASTGO_OK ? send_value(task, chan, sent) : done;
}

static int recv_value(struct fastgo_task *task, struct fastgo_chan *chan, enum fastgo_kind kind, union fastgo_value *value)
{
    int done = is_wrong(chan, kind) ? FASTGO_WRONG_KIND : begin(task, FASTGO_PLAIN);
    if (done == RESUMED) {
        *value = task->wait.one.value;
        return resume(task, chan, FASTGO_RECV);
    }
    if (done == FASTGO_OK) {
        give_back(task);
        done = fastgo_chan_recv(chan, value, &task->wait);
        return settle(task, chan, FASTGO_RECV, *value, done);
    }
    return done;
}

/* Keeps received bytes until the next operation. */
static fastgo_string lend(struct fastgo_task *task, struct fastgo_chan *chan, union fastgo_value value)
{
    fastgo_chan_ref(chan);
    task->lender = chan;
    task->lent = value;
    return fastgo_value_bytes(value);
}

int fastgo_operation_recv(struct fastgo_task *task, struct fastgo_chan *chan, fastgo_string *bytes)
{
    union fastgo_value value = {.block = NULL};
    int done = recv_value(task, chan, FASTGO_BYTES, &value);
    if (done == FASTGO_OK) {
        *bytes = lend(task, chan, value);
    }
    return done;
}

int fastgo_operation_recv_int(struct fastgo_task *task, struct fastgo_chan *chan, int64_t *value)
{
    union fastgo_value received = {.integer = 0};
    int done = recv_value(task, chan, FASTGO_INT, &received);
    if (done == FASTGO_OK) {
        *value = received.integer;
    }
    return done;
}

/* --- select --------------------------------------------------------------------------- */

/* Gives back the values of the first cases that were not sent. */
static void release_all_unsent(const struct fastgo_case *cases, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (cases[i].direction == FASTGO_SEND && !cases[i].ok) {
            release_unsent(cases[i].chan, cases[i].value);
        }
    }
}

/* Makes the task's cases of the caller's. */
static int make_cases(struct fastgo_task *task, const fastgo_select_case *wanted, unsigned count)
{
    if (count > task->room) {
        struct fastgo_case *cases = realloc(task->cases, count * sizeof *cases);
        if (cases == NULL) {
            return FASTGO_NO_MEMORY;
        }
        task->cases = cases;
        task->room = count;
    }
    for (unsigned i = 0; i < count; i++) {
        struct fastgo_chan *chan = wanted[i].chan;
        const bool sends = wanted[i].sends;
        int wrong = is_wrong(chan, FASTGO_INT) && is_wrong(chan, FASTGO_BYTES) ? FASTGO_WRONG_KIND : FASTGO_OK;
        union fastgo_value value = {.integer = wanted[i].integer};
        if (wrong == FASTGO_OK && sends && chan != NULL && fastgo_chan_kind(chan) == FASTGO_BYTES &&
            !fastgo_chan_make_bytes(chan, wanted[i].bytes.data, wanted[i].bytes.size, &value)) {
            wrong = FASTGO_NO_MEMORY;
        }
        if (wrong != FASTGO_OK) {
            release_all_unsent(task->cases, i);
            return wrong;
        }
        task->cases[i] = (struct fastgo_case){
            .chan = chan,
            .value = value,
            .direction = sends ? FASTGO_SEND : FASTGO_RECV,
        };
    }
    return FASTGO_OK;
}

/* Tells the caller what its case has come to. */
static int tell(struct fastgo_task *task, fastgo_select_case *wanted, unsigned count, unsigned chosen)
{
    const struct fastgo_case *one = &task->cases[chosen];
    fastgo_select_case *told = &wanted[chosen];
    told->closed = !one->ok;
    release_all_unsent(task->cases, count);
    if (one->ok && one->direction == FASTGO_RECV) {
        if (fastgo_chan_kind(one->chan) == FASTGO_BYTES) {
            told->bytes = lend(task, one->chan, one->value);
        } else {
            told->integer = one->value.integer;
        }
    }
    return (int)chosen;
}

static bool are_the_same(const struct fastgo_wait *wait, const fastgo_select_case *wanted, size_t count)
{
    bool same = wait->count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = wait->cases[i].chan == wanted[i].chan && (wait->cases[i].direction == FASTGO_SEND) == (wanted[i].sends != 0);
    }
    return same;
}

int fastgo_operation_select(struct fastgo_task *task, fastgo_select_case *wanted, size_t count)
{
    struct fastgo_wait *wait = &task->wait;
    int done = count > MOST_CASES ? FASTGO_TOO_LARGE : begin(task, FASTGO_SELECT);
    if (done == RESUMED) {
        if (!are_the_same(wait, wanted, count)) {
            task->operation = FASTGO_SELECT;
            return FASTGO_WRONG_CALL;
        }
        fastgo_wait_finish(wait);
        if (was_cancelled(wait)) {
            release_all_unsent(task->cases, wait->count);
            return FASTGO_CANCELLED;
        }
        return tell(task, wanted, (unsigned)count, fastgo_wait_fired(wait));
    }
    if (done != FASTGO_OK || (done = make_cases(task, wanted, (unsigned)count)) != FASTGO_OK) {
        return done;
    }
    give_back(task);
    done = fastgo_select(task->cases, (unsigned)count, wait);
    if (done == FASTGO_WAIT) {
        return park(task, FASTGO_SELECT);
    }
    if (task->budget == 0) {
        return park_done(task, FASTGO_SELECT, task->cases, (unsigned)count, (unsigned)done);
    }
    return tell(task, wanted, (unsigned)count, (unsigned)done);
}

/* --- the rest ------------------------------------------------------------------------- */

int fastgo_operation_yield(struct fastgo_task *task)
{
    int done = begin(task, FASTGO_YIELD);
    if (done == RESUMED) {
        return fastgo_task_was_cancelled(task) ? FASTGO_CANCELLED : FASTGO_OK;
    }
    return done == FASTGO_OK ? park(task, FASTGO_YIELD) : done;
}

int fastgo_operation_cancelled(struct fastgo_task *task)
{
    return fastgo_task_was_cancelled(task);
}

static void set_result(struct fastgo_task *task, enum fastgo_outcome outcome, union fastgo_value result)
{
    if (task->outcome == FASTGO_RETURNED_BYTES || task->outcome == FASTGO_FAILED) {
        free(task->result.block);
    }
    task->outcome = (uint8_t)outcome;
    task->result = result;
}

static int set_bytes(struct fastgo_task *task, enum fastgo_outcome outcome, const void *data, size_t size)
{
    union fastgo_value result = {.block = NULL};
    if (size != 0) {
        result.block = fastgo_block_new(size);
        if (result.block == NULL) {
            set_result(task, FASTGO_LACKED_MEMORY, result);
            return FASTGO_NO_MEMORY;
        }
        result.block->size = size;
        memcpy(result.block->data, data, size);
    }
    set_result(task, outcome, result);
    return FASTGO_DONE;
}

int fastgo_operation_return(struct fastgo_task *task, const void *data, size_t size)
{
    return set_bytes(task, FASTGO_RETURNED_BYTES, data, size);
}

int fastgo_operation_return_int(struct fastgo_task *task, int64_t value)
{
    const union fastgo_value result = {.integer = value};
    set_result(task, FASTGO_RETURNED_INT, result);
    return FASTGO_DONE;
}

int fastgo_operation_fail(struct fastgo_task *task, const char *reason)
{
    (void)set_bytes(task, FASTGO_FAILED, reason, strlen(reason));
    return FASTGO_DONE;
}

/* The values of an operation that is done and for which nobody has asked again. */
static void release_done(struct fastgo_task *task)
{
    struct fastgo_wait *wait = &task->wait;
    unsigned fired;
    fastgo_wait_finish(wait);
    fired = fastgo_wait_fired(wait);
    for (unsigned i = 0; i < wait->count; i++) {
        const struct fastgo_case *one = &wait->cases[i];
        const bool moved = i == fired && one->ok;
        if (moved ? one->direction == FASTGO_RECV : one->direction == FASTGO_SEND) {
            release_unsent(one->chan, one->value);
        }
    }
}

void fastgo_operation_release(struct fastgo_task *task)
{
    if (task->operation == FASTGO_PLAIN || task->operation == FASTGO_SELECT) {
        release_done(task);
    }
    give_back(task);
}

int fastgo_operation_go(fastgo_step step, void *state, void (*release)(void *))
{
    const struct fastgo_task_spec spec = {.step = step, .state = state, .release = release};
    return fastgo_task_spawn(&spec) != NULL ? FASTGO_OK : FASTGO_NO_MEMORY;
}
