#define _GNU_SOURCE
#include "parties.h"

#include <stdlib.h>

static void wake(struct fastgo_wait *wait)
{
    struct tasktest_party *party = (struct tasktest_party *)wait; /* which begins with it */
    atomic_fetch_add(&party->woken, 1);
    fastgo_futex_wake(&party->woken, 1);
}

struct tasktest_party *tasktest_party_new(void)
{
    struct tasktest_party *party = calloc(1, sizeof *party);
    if (party == NULL) {
        abort();
    }
    party->wait.wake = wake;
    return party;
}

unsigned tasktest_party_woken(const struct tasktest_party *party)
{
    return atomic_load(&party->woken);
}

void tasktest_party_await(struct tasktest_party *party, unsigned woken)
{
    while (atomic_load(&party->woken) == woken) {
        fastgo_futex_wait(&party->woken, woken, NULL);
    }
}

static void tell_done(struct fastgo_task *task)
{
    struct tasktest_done *done = task->spec.owner;
    atomic_store(&done->word, 1);
    fastgo_futex_wake(&done->word, 1);
}

struct tasktest_done *tasktest_spawn(fastgo_step step, int64_t (*function)(void *), void *state, void (*release)(void *))
{
    struct tasktest_done *done = calloc(1, sizeof *done);
    const struct fastgo_task_spec spec = {
        .step = step, .function = function, .state = state, .release = release, .done = tell_done, .owner = done};
    if (done == NULL || (done->task = fastgo_task_spawn(&spec)) == NULL) {
        abort();
    }
    return done;
}

void tasktest_await(struct tasktest_done *done)
{
    while (atomic_load(&done->word) == 0) {
        fastgo_futex_wait(&done->word, 0, NULL);
    }
}

static _Atomic int64_t released;

static void count(void *object)
{
    atomic_fetch_add(&released, (int64_t)(intptr_t)object);
}

void tasktest_count_released(void)
{
    fastgo_release_object = count;
    atomic_store(&released, 0);
}

int64_t tasktest_released(void)
{
    return atomic_load(&released);
}

static int add(void *object, void *sum)
{
    *(int64_t *)sum += (int64_t)(intptr_t)object;
    return 0;
}

int64_t tasktest_visit(struct fastgo_chan *chan)
{
    int64_t sum = 0;
    fastgo_chan_visit(chan, add, &sum);
    return sum;
}
