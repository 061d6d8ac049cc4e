/*
 * Memory of tasks. It is taken from the system in chunks and never given back, as Go's is for
 * goroutines. Each worker has spare tasks of its own, and exchanges them with the others' by the
 * dozen.
 */
#include "task.h"

#include <stdlib.h>

enum { CHUNK = 64, EXCHANGED = 32 };

static struct fastgo_lock lock;
static struct fastgo_task *spares;

static void put(struct fastgo_task *first, struct fastgo_task *last)
{
    fastgo_lock(&lock);
    last->next = spares;
    spares = first;
    fastgo_unlock(&lock);
}

/* Takes one, and some more for the list. */
static struct fastgo_task *take(struct fastgo_task_list *spare)
{
    struct fastgo_task *taken;
    fastgo_lock(&lock);
    taken = spares;
    if (taken != NULL) {
        spares = taken->next;
    }
    while (spare != NULL && spares != NULL && spare->count < EXCHANGED) {
        struct fastgo_task *task = spares;
        spares = task->next;
        task->next = spare->first;
        spare->first = task;
        spare->count++;
    }
    fastgo_unlock(&lock);
    return taken;
}

static struct fastgo_task *take_new(void)
{
    struct fastgo_task *chunk = malloc(CHUNK * sizeof *chunk);
    if (chunk == NULL) {
        return NULL;
    }
    for (unsigned i = 1; i < CHUNK - 1; i++) {
        chunk[i].next = &chunk[i + 1];
    }
    put(&chunk[1], &chunk[CHUNK - 1]);
    return &chunk[0];
}

struct fastgo_task *fastgo_pool_take(struct fastgo_task_list *spare)
{
    struct fastgo_task *task;
    if (spare != NULL && spare->first != NULL) {
        task = spare->first;
        spare->first = task->next;
        spare->count--;
        return task;
    }
    task = take(spare);
    return task != NULL ? task : take_new();
}

void fastgo_pool_give(struct fastgo_task_list *spare, struct fastgo_task *task)
{
    if (spare == NULL) {
        put(task, task);
        return;
    }
    task->next = spare->first;
    spare->first = task;
    spare->count++;
    if (spare->count > 2 * EXCHANGED) {
        struct fastgo_task *first = spare->first, *last = first;
        for (unsigned i = 1; i < EXCHANGED; i++) {
            last = last->next;
        }
        spare->first = last->next;
        spare->count -= EXCHANGED;
        put(first, last);
    }
}
