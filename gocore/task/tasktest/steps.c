#define _GNU_SOURCE
#include "steps.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1500 };

struct state {
    fastgo_chan *in, *out, *other;
    int64_t value, count;
    fastgo_string bytes;
    bool sending;
    int at;
    char *text; /* of TEXT bytes, or NULL */
};

static _Atomic int64_t states;

int64_t tasktest_states(void)
{
    return atomic_load(&states);
}

static struct state *new_state(struct fastgo_chan *in, struct fastgo_chan *out)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        abort();
    }
    atomic_fetch_add(&states, 1);
    state->in = in;
    state->out = out;
    return state;
}

static struct state *new_state_with_text(struct fastgo_chan *in)
{
    struct state *state = new_state(in, NULL);
    if ((state->text = malloc(TEXT)) == NULL) {
        abort();
    }
    return state;
}

static void release(void *state)
{
    atomic_fetch_sub(&states, 1);
    free(((struct state *)state)->text);
    free(state);
}

static int sum(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    int64_t value;
    int done;
    while ((done = fastgo_task_recv_int(task, state->in, &value)) == FASTGO_OK) {
        state->value += value;
    }
    return done == FASTGO_CLOSED ? fastgo_task_return_int(task, state->value) : done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}

struct tasktest_done *tasktest_sum(struct fastgo_chan *numbers)
{
    return tasktest_spawn(sum, NULL, new_state(numbers, NULL), release);
}

static int count(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    for (; state->value < state->count; state->value++) {
        int done = fastgo_task_send_int(task, state->out, state->sending ? -1 : state->value);
        state->sending = done == FASTGO_WAIT; /* and what is given again does not matter */
        if (done != FASTGO_OK) {
            return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
        }
    }
    fastgo_close(state->out);
    return FASTGO_DONE;
}

struct tasktest_done *tasktest_count(struct fastgo_chan *numbers, int64_t most)
{
    struct state *state = new_state(NULL, numbers);
    state->count = most;
    return tasktest_spawn(count, NULL, state, release);
}

/* Sends on what it receives, and closes behind the last. */
static int relay(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    const bool integers = fastgo_chan_kind(state->in) == FASTGO_INT;
    for (;;) {
        int done;
        if (!state->sending) {
            done = integers ? fastgo_task_recv_int(task, state->in, &state->value) : fastgo_task_recv(task, state->in, &state->bytes);
        } else {
            done = integers ? fastgo_task_send_int(task, state->out, state->value)
                            : fastgo_task_send(task, state->out, state->bytes.data, state->bytes.size);
            state->bytes = (fastgo_string){NULL, 0}; /* for the call after FASTGO_WAIT */
        }
        if (done != FASTGO_OK) {
            if (done == FASTGO_CLOSED) {
                fastgo_close(state->out);
            }
            return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
        }
        state->sending = !state->sending;
    }
}

struct tasktest_done *tasktest_relay(struct fastgo_chan *in, struct fastgo_chan *out)
{
    return tasktest_spawn(relay, NULL, new_state(in, out), release);
}

static int join(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    fastgo_string bytes;
    int done;
    while ((done = fastgo_task_recv(task, state->in, &bytes)) == FASTGO_OK) {
        if (state->count != 0) {
            state->text[state->count++] = ',';
        }
        memcpy(state->text + state->count, bytes.data, bytes.size);
        state->count += (int64_t)bytes.size;
    }
    return done == FASTGO_WAIT ? FASTGO_WAIT : fastgo_task_return(task, state->text, (size_t)state->count);
}

struct tasktest_done *tasktest_join(struct fastgo_chan *in)
{
    return tasktest_spawn(join, NULL, new_state_with_text(in), release);
}

/* Receives from both until both are closed. */
static int merge(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    for (;;) {
        fastgo_select_case cases[] = {{.chan = state->in}, {.chan = state->other}};
        int done;
        if (state->in == NULL && state->other == NULL && !state->sending) {
            fastgo_close(state->out);
            return FASTGO_DONE;
        }
        if (state->sending) {
            done = fastgo_task_send_int(task, state->out, state->value);
        } else {
            done = fastgo_task_select(task, cases, 2);
        }
        if (done < 0) {
            return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
        }
        if (state->sending) {
            state->sending = false;
        } else if (cases[done].closed) {
            *(done == 0 ? &state->in : &state->other) = NULL;
        } else {
            state->value = cases[done].integer;
            state->sending = true;
        }
    }
}

struct tasktest_done *tasktest_merge(struct fastgo_chan *a, struct fastgo_chan *b, struct fastgo_chan *out)
{
    struct state *state = new_state(a, out);
    state->other = b;
    return tasktest_spawn(merge, NULL, state, release);
}

/* So often receives bytes from one channel or sends "sent" to the other, whatever can be done;
 * returns how often it has received. */
static int either(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    for (; state->count > 0; state->count--) {
        fastgo_select_case cases[] = {{.chan = state->in}, {.chan = state->out, .sends = 1}};
        int done;
        if (!state->sending) { /* for the call after FASTGO_WAIT, it does not matter */
            cases[1].bytes = (fastgo_string){"sent", 4};
        }
        done = fastgo_task_select(task, cases, 2);
        state->sending = done == FASTGO_WAIT;
        if (done < 0) {
            return done == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
        }
        if (cases[done].closed) {
            return fastgo_task_fail(task, done == 0 ? "nothing to receive" : "nobody to send to");
        }
        state->value += done == 0 && cases[0].bytes.size == 4;
    }
    return fastgo_task_return_int(task, state->value);
}

struct tasktest_done *tasktest_either(struct fastgo_chan *in, struct fastgo_chan *out, int64_t number)
{
    struct state *state = new_state(in, out);
    state->count = number;
    return tasktest_spawn(either, NULL, state, release);
}

static int do_it(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    int64_t value;
    if (strcmp(state->text, "wait for nothing") == 0) {
        return FASTGO_WAIT;
    }
    if (strcmp(state->text, "return 7") == 0) {
        return 7;
    }
    if (strcmp(state->text, "return 7 while it waits") == 0) {
        (void)fastgo_task_recv_int(task, NULL, &value);
        return 7;
    }
    if (strcmp(state->text, "end while it waits") == 0) {
        (void)fastgo_task_recv_int(task, NULL, &value);
        return fastgo_task_return_int(task, fastgo_task_recv_int(task, NULL, &value));
    }
    if (strcmp(state->text, "return FASTGO_CLOSED") == 0) {
        return FASTGO_CLOSED;
    }
    if (strcmp(state->text, "return too much") == 0) {
        return fastgo_task_return(task, state->text, SIZE_MAX);
    }
    if (strcmp(state->text, "fail") == 0) {
        return fastgo_task_fail(task, "it was asked to fail");
    }
    if (strcmp(state->text, "return twice") == 0) {
        (void)fastgo_task_return(task, "first", 5);
        return fastgo_task_return(task, "second", 6);
    }
    if (strcmp(state->text, "return no bytes") == 0) {
        return fastgo_task_return(task, NULL, 0);
    }
    if (strcmp(state->text, "yield") == 0) {
        for (; state->at < 10; state->at++) {
            if (fastgo_task_yield(task) == FASTGO_WAIT) {
                return FASTGO_WAIT;
            }
        }
        return fastgo_task_return_int(task, state->at);
    }
    if (strcmp(state->text, "ask only once") == 0) {
        return state->at++ == 0 ? fastgo_task_yield(task) : FASTGO_WAIT;
    }
    return fastgo_task_recv_int(task, NULL, &value) == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE; /* for ever */
}

struct tasktest_done *tasktest_do(const char *what)
{
    struct state *state = new_state_with_text(NULL);
    snprintf(state->text, TEXT, "%s", what);
    return tasktest_spawn(do_it, NULL, state, release);
}

static int64_t plain(void *argument)
{
    return ((struct state *)argument)->value;
}

struct tasktest_done *tasktest_plain(int64_t value)
{
    struct state *state = new_state(NULL, NULL);
    state->value = value;
    return tasktest_spawn(NULL, plain, state, release);
}

static int change_mind(fastgo_task *task, void *argument)
{
    struct state *state = argument;
    int64_t value;
    if (state->at++ == 0) {
        return fastgo_task_send_int(task, state->out, 1);
    }
    value = fastgo_task_recv_int(task, state->out, &value);
    return fastgo_task_return_int(task, value);
}

struct tasktest_done *tasktest_change_mind(struct fastgo_chan *out)
{
    return tasktest_spawn(change_mind, NULL, new_state(NULL, out), release);
}

static int leave(fastgo_task *task, void *argument)
{
    (void)fastgo_task_send(task, ((struct state *)argument)->out, "message", 7);
    return FASTGO_DONE;
}

struct tasktest_done *tasktest_leave(struct fastgo_chan *out)
{
    return tasktest_spawn(leave, NULL, new_state(NULL, out), release);
}

static int set(fastgo_task *task, void *word)
{
    (void)task;
    atomic_store((atomic_uint *)word, 1);
    fastgo_futex_wake(word, 1);
    return FASTGO_DONE;
}

static void await(atomic_uint *word)
{
    while (atomic_load(word) == 0) {
        fastgo_futex_wait(word, 0, NULL);
    }
}

static int wait_for_another(fastgo_task *task, void *argument)
{
    atomic_uint word = 0;
    (void)argument;
    if (fastgo_go(fastgo_concurrency_of(task), set, &word, NULL) == FASTGO_OK) {
        await(&word);
    }
    return fastgo_task_return_int(task, (int64_t)word);
}

struct tasktest_done *tasktest_wait_for_another(void)
{
    return tasktest_spawn(wait_for_another, NULL, NULL, NULL);
}

static atomic_uint came; /* to any meeting */

/* Waits until so many have come, for three seconds at most. */
static int meet(fastgo_task *task, void *all)
{
    const time_t end = time(NULL) + 3;
    const struct timespec patience = {.tv_sec = 1};
    unsigned now = atomic_fetch_add(&came, 1) + 1;
    (void)task;
    fastgo_futex_wake(&came, INT_MAX);
    for (; now < (uintptr_t)all && time(NULL) < end; now = atomic_load(&came)) {
        fastgo_futex_wait(&came, now, &patience);
    }
    return FASTGO_DONE;
}

static int meet_others(fastgo_task *task, void *count)
{
    const unsigned before = atomic_load(&came);
    void *all = (char *)count + before;
    for (uintptr_t i = 1; i < (uintptr_t)count; i++) {
        if (fastgo_go(fastgo_concurrency_of(task), meet, all, NULL) != FASTGO_OK) {
            abort();
        }
    }
    (void)meet(task, all);
    return fastgo_task_return_int(task, atomic_load(&came) - before);
}

struct tasktest_done *tasktest_meet(unsigned count)
{
    return tasktest_spawn(meet_others, NULL, (void *)(uintptr_t)count, NULL);
}

static atomic_uint blocked, unblocked;

static int64_t block(void *argument)
{
    (void)argument;
    (void)set(NULL, &blocked);
    await(&unblocked);
    return 0;
}

struct tasktest_done *tasktest_blocking(void)
{
    return tasktest_spawn(NULL, block, NULL, NULL);
}

void tasktest_await_blocked(void)
{
    await(&blocked);
}

void tasktest_unblock(void)
{
    (void)set(NULL, &unblocked);
}

bool tasktest_can_spawn(void)
{
    const struct fastgo_task_spec spec = {.step = set, .state = &blocked};
    return fastgo_task_spawn(&spec) != NULL;
}
