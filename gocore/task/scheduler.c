#define _GNU_SOURCE
#include "scheduler.h"

#include <sched.h>
#include <stdlib.h>

#define LOAD(place) atomic_load_explicit((place), memory_order_relaxed)

enum {
    RING = 256,          /* tasks in a worker's ring, a power of two */
    BATCH = 4096,        /* steps until a worker goes back to Go */
    INJECTED_EVERY = 61, /* steps until it looks at the common list before its own ring */
    LOOKS = 16,          /* of a searcher at all queues, before it sleeps */
    WATCH = 1000000,     /* nanoseconds between two looks of a watcher */
};

struct worker {
    /* The tasks that are ready are those from head to tail. Only the worker moves tail. */
    _Alignas(64) atomic_uint head;
    atomic_uint tail;
    struct fastgo_task *_Atomic ring[RING];

    /* The worker's alone. */
    unsigned ticks;
    unsigned random;
    struct fastgo_task *kept; /* to be run first */
    struct fastgo_task_list spare;

    _Alignas(64) atomic_uint asleep; /* its futex */
};

static struct worker workers[FASTGO_MAX_WORKERS];

static struct {
    struct fastgo_lock lock; /* of the list */
    struct fastgo_task *first, *last;
    atomic_uint injected; /* how many are in the list */

    unsigned most;
    atomic_uint started;
    atomic_uint sleeping;
    atomic_uint searching;
    atomic_uint watching;
    atomic_bool stopped;
} common;

/* The library is loaded by dlopen, and this is a word of its TLS. */
static __thread struct worker *current __attribute__((tls_model("initial-exec")));

struct fastgo_task_list *fastgo_worker_spare(void)
{
    return current != NULL ? &current->spare : NULL;
}

/* --- queues --------------------------------------------------------------------------- */

static void inject(struct fastgo_task *first, struct fastgo_task *last, unsigned count)
{
    last->next = NULL;
    fastgo_lock(&common.lock);
    if (common.injected != 0) {
        common.last->next = first;
    } else {
        common.first = first;
    }
    common.last = last;
    atomic_store(&common.injected, LOAD(&common.injected) + count);
    fastgo_unlock(&common.lock);
}

/* Moves the older half of a full ring to the common list, with one more task. False: others have
 * stolen from it meanwhile, and there is room. */
static bool overflow(struct worker *worker, struct fastgo_task *task)
{
    struct fastgo_task *moved[RING / 2 + 1];
    unsigned head = atomic_load_explicit(&worker->head, memory_order_acquire), count = RING / 2;
    if (LOAD(&worker->tail) - head < RING) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        moved[i] = LOAD(&worker->ring[(head + i) % RING]);
    }
    if (!atomic_compare_exchange_strong(&worker->head, &head, head + count)) {
        return false;
    }
    moved[count] = task;
    for (unsigned i = 0; i < count; i++) {
        moved[i]->next = moved[i + 1];
    }
    inject(moved[0], task, count + 1);
    return true;
}

/* Returns how many tasks stand in the ring with it. */
static unsigned push(struct worker *worker, struct fastgo_task *task)
{
    for (;;) {
        const unsigned head = atomic_load_explicit(&worker->head, memory_order_acquire), tail = LOAD(&worker->tail);
        if (tail - head < RING) {
            atomic_store_explicit(&worker->ring[tail % RING], task, memory_order_relaxed);
            atomic_store_explicit(&worker->tail, tail + 1, memory_order_release);
            return tail + 1 - head;
        }
        if (overflow(worker, task)) {
            return RING;
        }
    }
}

static struct fastgo_task *pop(struct worker *worker)
{
    unsigned head = atomic_load_explicit(&worker->head, memory_order_acquire);
    const unsigned tail = LOAD(&worker->tail);
    while (head != tail) {
        struct fastgo_task *task = LOAD(&worker->ring[head % RING]);
        if (atomic_compare_exchange_weak_explicit(&worker->head, &head, head + 1, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            return task;
        }
    }
    return NULL;
}

/* Takes a task from the common list, and at most so many more into the ring, which has room. */
static struct fastgo_task *take_injected(struct worker *worker, unsigned more)
{
    struct fastgo_task *taken = NULL, *last;
    unsigned count, share = 0;
    if (LOAD(&common.injected) == 0) {
        return NULL;
    }
    fastgo_lock(&common.lock);
    count = LOAD(&common.injected);
    if (count != 0) {
        share = (count - 1) / LOAD(&common.started);
        share = share < more ? share : more;
        last = taken = common.first;
        for (unsigned i = 0; i < share; i++) {
            last = last->next;
        }
        common.first = last->next;
        atomic_store(&common.injected, count - share - 1);
    }
    fastgo_unlock(&common.lock);
    for (struct fastgo_task *task = share > 0 ? taken->next : NULL; share > 0; share--) {
        struct fastgo_task *next = task->next; /* before it is pushed: others may steal it at once */
        push(worker, task);
        task = next;
    }
    return taken;
}

/* Takes the older half of another worker's tasks, if there are so many at least: one to be run, the
 * rest into the ring, which is empty. */
static struct fastgo_task *steal(struct worker *worker, struct worker *victim, unsigned least)
{
    const unsigned tail = LOAD(&worker->tail);
    for (;;) {
        unsigned head = atomic_load_explicit(&victim->head, memory_order_acquire);
        unsigned count = atomic_load_explicit(&victim->tail, memory_order_acquire) - head;
        struct fastgo_task *taken;
        if (count < least) {
            return NULL;
        }
        count -= count / 2;
        if (count > RING / 2) {
            continue; /* head has moved between the two loads */
        }
        taken = LOAD(&victim->ring[head % RING]);
        for (unsigned i = 1; i < count; i++) {
            struct fastgo_task *task = LOAD(&victim->ring[(head + i) % RING]);
            atomic_store_explicit(&worker->ring[(tail + i - 1) % RING], task, memory_order_relaxed);
        }
        if (atomic_compare_exchange_strong(&victim->head, &head, head + count)) {
            atomic_store_explicit(&worker->tail, tail + count - 1, memory_order_release);
            return taken;
        }
    }
}

/* Whether there are tasks that a searcher would take, or the scheduler has stopped. */
static bool any_ready(void)
{
    bool any = atomic_load(&common.injected) != 0 || atomic_load(&common.stopped);
    for (unsigned i = 0; !any && i < LOAD(&common.started); i++) {
        const unsigned head = atomic_load(&workers[i].head);
        any = (int)(atomic_load(&workers[i].tail) - head) > 1;
    }
    return any;
}

/* --- sleeping and waking -------------------------------------------------------------- */

/* Takes a worker out of its sleep. False: it is awake, or somebody else has. */
static bool rouse(struct worker *worker)
{
    unsigned asleep = 1;
    if (!atomic_compare_exchange_strong(&worker->asleep, &asleep, 0)) {
        return false;
    }
    atomic_fetch_sub(&common.sleeping, 1);
    return true;
}

/* Wakes one sleeper, which then searches, if nobody does. Between what the caller has queued and the
 * look for sleepers is a fence: a sleeper announces itself and looks then, so that one sees the other. */
static void wake_one(void)
{
    unsigned none = 0;
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&common.sleeping) == 0 || !atomic_compare_exchange_strong(&common.searching, &none, 1)) {
        return;
    }
    for (unsigned i = 0; i < LOAD(&common.started); i++) {
        if (LOAD(&workers[i].asleep) && rouse(&workers[i])) {
            fastgo_futex_wake(&workers[i].asleep, 1);
            return;
        }
    }
    atomic_fetch_sub(&common.searching, 1);
}

/* Sleeps until there may be work. Begins and ends as a searcher. True: it has watched in vain. */
static bool sleep_until_woken(struct worker *worker)
{
    const struct timespec watch = {.tv_nsec = WATCH};
    unsigned nobody = 0;
    bool watches = false;
    atomic_store(&worker->asleep, 1);
    atomic_fetch_add(&common.sleeping, 1);
    atomic_fetch_sub(&common.searching, 1);
    if (!any_ready()) {
        watches = atomic_load(&common.sleeping) < atomic_load(&common.started) &&
                  atomic_compare_exchange_strong(&common.watching, &nobody, 1);
        fastgo_futex_wait(&worker->asleep, 1, watches ? &watch : NULL);
        if (watches) {
            atomic_store(&common.watching, 0);
        }
    }
    if (rouse(worker)) { /* else whoever has roused it has counted it as a searcher */
        atomic_fetch_add(&common.searching, 1);
        return watches;
    }
    return false;
}

void fastgo_schedule(struct fastgo_task *task)
{
    if (current == NULL) {
        inject(task, task, 1);
        wake_one();
    } else if (push(current, task) > 1 || LOAD(&common.watching) == 0) {
        wake_one();
    }
}

/* --- workers -------------------------------------------------------------------------- */

static struct fastgo_task *look(struct worker *worker, unsigned least)
{
    struct fastgo_task *task = take_injected(worker, RING / 4);
    const unsigned count = LOAD(&common.started);
    worker->random = worker->random * 1664525 + 1013904223;
    for (unsigned i = 0; task == NULL && i < count; i++) {
        struct worker *victim = &workers[((worker->random >> 16) + i) % count];
        if (victim != worker) {
            task = steal(worker, victim, least);
        }
    }
    return task;
}

/* Finds work elsewhere, or sleeps until there is some. NULL: the scheduler has stopped. */
static struct fastgo_task *search(struct worker *worker)
{
    struct fastgo_task *task = NULL;
    unsigned looks = 0, least = 2;
    atomic_fetch_add(&common.searching, 1);
    while (!fastgo_scheduler_has_stopped() && (task = look(worker, least)) == NULL) {
        if (least > 1 && ++looks < LOOKS) {
            sched_yield();
        } else {
            least = sleep_until_woken(worker) ? 1 : 2;
            looks = 0;
        }
    }
    atomic_fetch_sub(&common.searching, 1);
    /* It may have been the watcher: what is alone in the ring of a long step needs another. */
    if (task != NULL && (any_ready() || atomic_load(&common.watching) == 0)) {
        wake_one();
    }
    return task;
}

/* Whether Go has to start another worker before this one begins to work. */
static bool must_grow(void)
{
    unsigned started = LOAD(&common.started);
    return started < common.most && LOAD(&common.sleeping) == 0 && LOAD(&common.searching) == 0 &&
           atomic_compare_exchange_strong(&common.started, &started, started + 1);
}

static enum fastgo_worker_order run(struct worker *worker)
{
    for (unsigned steps = 0; steps < BATCH; steps++) {
        struct fastgo_task *task = worker->kept;
        worker->kept = NULL;
        if (task == NULL && ++worker->ticks % INJECTED_EVERY == 0) {
            task = take_injected(worker, 0);
        }
        if (task == NULL) {
            task = pop(worker);
        }
        if (task == NULL) {
            task = search(worker);
            if (task == NULL) {
                return FASTGO_WORKER_STOP;
            }
            if (must_grow()) {
                worker->kept = task;
                return FASTGO_WORKER_GROW;
            }
        }
        if (fastgo_scheduler_has_stopped()) {
            return FASTGO_WORKER_STOP;
        }
        fastgo_task_run(task);
    }
    return FASTGO_WORKER_AGAIN;
}

enum fastgo_worker_order fastgo_worker_run(unsigned number)
{
    enum fastgo_worker_order order;
    current = &workers[number];
    order = run(current);
    current = NULL; /* the thread may do other things next */
    return order;
}

void fastgo_scheduler_start(unsigned most)
{
    common.most = most;
    atomic_store(&common.started, 1);
}

bool fastgo_tasks_are_idle(void)
{
    bool idle = atomic_load(&common.sleeping) == atomic_load(&common.started) && atomic_load(&common.injected) == 0;
    for (unsigned i = 0; idle && i < LOAD(&common.started); i++) {
        idle = atomic_load(&workers[i].head) == atomic_load(&workers[i].tail);
    }
    return idle;
}

bool fastgo_scheduler_has_stopped(void)
{
    return LOAD(&common.stopped);
}

void fastgo_scheduler_stop(void)
{
    atomic_store(&common.stopped, true);
    for (unsigned i = 0; i < FASTGO_MAX_WORKERS; i++) {
        if (rouse(&workers[i])) {
            atomic_fetch_add(&common.searching, 1); /* on its behalf */
            fastgo_futex_wake(&workers[i].asleep, 1);
        }
    }
}
