//go:build python

/*
 * The rings and chains of a queue, as workers use them. gocore/queue has the
 * other side, wake_linux.go says who wakes whom, and why so late.
 *
 * All that both sides use at the same time is sequentially consistent: each
 * side announces what it does (a request, an answer, that it sleeps) and then
 * looks for what the other has announced, so that one of them sees it.
 */
#include "queue.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOAD(place) __atomic_load_n((place), __ATOMIC_SEQ_CST)
#define STORE(place, value) __atomic_store_n((place), (value), __ATOMIC_SEQ_CST)
#define SWAP(place, value) __atomic_exchange_n((place), (value), __ATOMIC_SEQ_CST)
#define SWAP_IF(place, expected, value) \
    __atomic_compare_exchange_n((place), (expected), (value), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* How often a worker gives its core to others and looks again before it sleeps:
 * to be woken costs more. */
enum { YIELDS = 4 };

#define AT(type, field) offsetof(struct fastgo_##type, field)

uint64_t fastgo_fingerprint(void)
{
    const uint64_t numbers[] = {
        FASTGO_MAX_WORKERS, FASTGO_MAX_PORTS, FASTGO_MAX_PARAMS, FASTGO_REQUEST_INLINE, FASTGO_ANSWER_INLINE, FASTGO_QUICK,
        FASTGO_GONE, FASTGO_ASLEEP, FASTGO_HUNTING, FASTGO_RUNNING, FASTGO_ANSWERED, FASTGO_EMPTIED,
        FASTGO_THREADS, FASTGO_COROUTINES, FASTGO_LANES,

        sizeof(struct fastgo_queue), AT(queue, fingerprint), AT(queue, stopping), AT(queue, port_count),
        AT(queue, worker_count), AT(queue, left), AT(queue, workers), AT(queue, ports),

        sizeof(struct fastgo_worker), AT(worker, state), AT(worker, lane), AT(worker, since), AT(worker, event),

        sizeof(struct fastgo_lane), AT(lane, head), AT(lane, mask), AT(lane, ring), AT(lane, tail),

        sizeof(struct fastgo_port), AT(port, lanes), AT(port, answers), AT(port, returned), AT(port, sleeping), AT(port, event),
        AT(port, unflushed), AT(port, flushed),

        sizeof(struct fastgo_slot), AT(slot, next), AT(slot, port), AT(slot, number), AT(slot, state),
        AT(slot, handler), AT(slot, has_peer), AT(slot, peer_port), AT(slot, peer_address),
        AT(slot, request), AT(slot, method), AT(slot, path), AT(slot, query),
        AT(slot, header), AT(slot, body_offset), AT(slot, param_count), AT(slot, body_size),
        AT(slot, status), AT(slot, left), AT(slot, content_type), AT(slot, fields), AT(slot, body),
        AT(slot, owners), AT(slot, params), AT(slot, request_bytes), AT(slot, answer_bytes),
    };
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        for (int shift = 0; shift < 64; shift += 8) {
            hash = (hash ^ (numbers[i] >> shift & 0xff)) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

uint64_t fastgo_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct fastgo_slot *take_from(struct fastgo_lane *lane)
{
    uint64_t tail = LOAD(&lane->tail);
    while (tail < LOAD(&lane->head)) {
        /* Read before it is taken: behind that, the loop may put another there. */
        struct fastgo_slot *slot = LOAD(&lane->ring[tail & lane->mask]);
        __builtin_prefetch(lane->ring[(tail + 1) & lane->mask]); /* which may be an old one */
        if (SWAP_IF(&lane->tail, &tail, tail + 1)) {
            return slot;
        }
    }
    return NULL;
}

struct fastgo_slot *fastgo_take(struct fastgo_queue *queue, uint32_t lane, uint32_t *turn)
{
    uint32_t count = LOAD(&queue->port_count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t next = *turn + i;
        struct fastgo_slot *slot = take_from(&queue->ports[next % count]->lanes[lane]);
        if (slot != NULL) {
            *turn = (next + 1) % count;
            return slot;
        }
    }
    return NULL;
}

static bool any_work(struct fastgo_queue *queue, const struct fastgo_worker *me)
{
    uint32_t count = LOAD(&queue->port_count);
    for (uint32_t i = 0; i < count; i++) {
        struct fastgo_port *port = queue->ports[i];
        struct fastgo_lane *lane = &port->lanes[me->lane];
        if (LOAD(&lane->head) != LOAD(&lane->tail) || LOAD(&port->returned) != NULL) {
            return true;
        }
    }
    return LOAD(&queue->stopping) != 0 || (me->lane == FASTGO_COROUTINES && LOAD(&queue->left) != 0);
}

static void put(struct fastgo_slot *slot, uint32_t state)
{
    struct fastgo_port *port = slot->port;
    struct fastgo_slot *newest = LOAD(&port->answers);
    slot->state = state;
    do {
        slot->next = newest;
    } while (!SWAP_IF(&port->answers, &newest, slot));
}

static void flush_port(struct fastgo_port *port, uint64_t now)
{
    uint32_t asleep = 1;
    STORE(&port->unflushed, 0);
    STORE(&port->flushed, now);
    if (LOAD(&port->sleeping) && SWAP_IF(&port->sleeping, &asleep, 0)) {
        const uint64_t one = 1;
        while (write(port->event, &one, sizeof(one)) < 0 && errno == EINTR) {
        }
    }
}

/* An exchange costs more than a look. */
static void set_unflushed(struct fastgo_port *port)
{
    if (!LOAD(&port->unflushed)) {
        STORE(&port->unflushed, 1);
    }
}

uint64_t fastgo_publish(struct fastgo_slot *slot)
{
    struct fastgo_port *port = slot->port;
    set_unflushed(port);
    uint64_t now = fastgo_now(); /* behind that and before put: see untold in wake_linux.go */
    put(slot, FASTGO_ANSWERED);
    if ((int64_t)(now - LOAD(&port->flushed)) >= FASTGO_QUICK) {
        flush_port(port, now);
    } else {
        set_unflushed(port); /* another worker may have flushed in between */
        if (LOAD(&port->sleeping) && (int64_t)(fastgo_now() - LOAD(&port->flushed)) >= FASTGO_QUICK) {
            flush_port(port, fastgo_now()); /* the clock was read long ago */
        }
    }
    return now;
}

struct fastgo_slot *fastgo_take_chain(struct fastgo_slot **chain)
{
    return LOAD(chain) == NULL ? NULL : SWAP(chain, NULL);
}

void fastgo_give_back(struct fastgo_slot *slot)
{
    put(slot, FASTGO_EMPTIED);
}

void fastgo_flush(struct fastgo_queue *queue)
{
    uint32_t count = LOAD(&queue->port_count);
    for (uint32_t i = 0; i < count; i++) {
        if (LOAD(&queue->ports[i]->unflushed)) {
            flush_port(queue->ports[i], fastgo_now());
        }
    }
}

bool fastgo_linger(struct fastgo_queue *queue, const struct fastgo_worker *me)
{
    for (int i = 0; i < YIELDS; i++) {
        sched_yield();
        if (any_work(queue, me)) {
            return true;
        }
    }
    return false;
}

bool fastgo_fall_asleep(struct fastgo_queue *queue, struct fastgo_worker *me)
{
    STORE(&me->state, FASTGO_ASLEEP);
    if (any_work(queue, me)) {
        /* Somebody may have claimed it as well, which does no harm. */
        STORE(&me->state, FASTGO_HUNTING);
        return false;
    }
    return true;
}

void fastgo_sleep(struct fastgo_worker *me)
{
    while (LOAD(&me->state) == FASTGO_ASLEEP) {
        syscall(SYS_futex, &me->state, FUTEX_WAIT_PRIVATE, FASTGO_ASLEEP, NULL, NULL, 0);
    }
}

int fastgo_enter(struct fastgo_queue *queue, uint32_t lane, int event)
{
    for (uint32_t i = 0; i < FASTGO_MAX_WORKERS; i++) {
        uint32_t gone = FASTGO_GONE;
        if (SWAP_IF(&queue->workers[i].state, &gone, FASTGO_HUNTING)) {
            STORE(&queue->workers[i].lane, lane);
            STORE(&queue->workers[i].event, event);
            uint32_t count = LOAD(&queue->worker_count);
            while (count <= i && !SWAP_IF(&queue->worker_count, &count, i + 1)) {
            }
            /* Behind that: the server, which sets it before it counts, counts this worker or is
             * seen to stop here. */
            if (LOAD(&queue->stopping)) {
                STORE(&queue->workers[i].event, -1); /* the caller's to close */
                STORE(&queue->workers[i].state, FASTGO_GONE);
                return -1;
            }
            return (int)i;
        }
    }
    return -1;
}
