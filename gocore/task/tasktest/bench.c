/* What the benchmarks measure: all of it in C, so that no call from Go is in it. */
#define _GNU_SOURCE
#include "steps.h"

#include <stdlib.h>

struct counter {
    _Atomic int64_t left;
    atomic_uint none;
};

static int count_down(fastgo_task *task, void *argument)
{
    struct counter *counter = argument;
    (void)task;
    if (atomic_fetch_sub_explicit(&counter->left, 1, memory_order_relaxed) == 1) {
        atomic_store(&counter->none, 1);
        fastgo_futex_wake(&counter->none, 1);
    }
    return FASTGO_DONE;
}

struct spawner {
    struct counter *counter;
    int64_t count;
};

static int spawn_all(fastgo_task *task, void *argument)
{
    struct spawner *spawner = argument;
    const fastgo_concurrency *functions = fastgo_concurrency_of(task);
    for (; spawner->count > 0; spawner->count--) {
        if (fastgo_go(functions, count_down, spawner->counter, NULL) != FASTGO_OK) {
            abort();
        }
    }
    return FASTGO_DONE;
}

void tasktest_spawn_empty(int64_t count, bool from_a_task)
{
    struct counter counter = {.left = count};
    struct spawner spawner = {&counter, count};
    const struct fastgo_task_spec one = {.step = count_down, .state = &counter}, all = {.step = spawn_all, .state = &spawner};
    for (int64_t i = 0; i < (from_a_task ? 1 : count); i++) {
        if (fastgo_task_spawn(from_a_task ? &all : &one) == NULL) {
            abort();
        }
    }
    while (atomic_load(&counter.none) == 0) {
        fastgo_futex_wait(&counter.none, 0, NULL);
    }
}

struct player {
    fastgo_chan *in, *out;
    int64_t left, value;
    bool sending;
};

static int play(fastgo_task *task, void *argument)
{
    struct player *player = argument;
    while (player->left > 0) {
        int done = player->sending ? fastgo_task_send_int(task, player->out, player->value)
                                   : fastgo_task_recv_int(task, player->in, &player->value);
        if (done != FASTGO_OK) {
            return done;
        }
        player->left -= player->sending;
        player->sending = !player->sending;
    }
    return FASTGO_DONE;
}

void tasktest_ping_pong(int64_t count)
{
    fastgo_chan *a = fastgo_chan_new(0, FASTGO_INT), *b = fastgo_chan_new(0, FASTGO_INT);
    struct player first = {a, b, count, 0, true}, second = {b, a, count, 0, false};
    struct tasktest_done *done[] = {tasktest_spawn(play, NULL, &first, NULL), tasktest_spawn(play, NULL, &second, NULL)};
    /* The last send of the second is received by nobody but the first, which has ended: so it plays once less. */
    tasktest_await(done[0]);
    fastgo_task_cancel(done[1]->task);
    tasktest_await(done[1]);
    for (int i = 0; i < 2; i++) {
        fastgo_task_unref(done[i]->task);
        free(done[i]);
    }
    fastgo_drop(a);
    fastgo_drop(b);
}

void tasktest_try(int64_t count, size_t size)
{
    char data[1024] = {0}, got[1024];
    fastgo_chan *chan = fastgo_chan_new(16, size == 0 ? FASTGO_INT : FASTGO_BYTES);
    for (int64_t i = 0; i < count; i++) {
        int64_t integer;
        size_t got_size;
        if (size == 0 ? fastgo_chan_try_send_int(chan, i) != FASTGO_OK || fastgo_chan_try_recv_int(chan, &integer) != FASTGO_OK
                      : fastgo_chan_try_send(chan, data, size) != FASTGO_OK ||
                            fastgo_chan_try_recv(chan, got, sizeof got, &got_size) != FASTGO_OK) {
            abort();
        }
    }
    fastgo_drop(chan);
}
