/*
 * The memory that event loops in Go and workers here share. gocore/queue/layout
 * defines it and says what is whose; this is a copy, and fastgo_fingerprint
 * tells whether it is a true one. All of it is mapped by Go.
 */
#ifndef FASTGO_QUEUE_H
#define FASTGO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FASTGO_MAX_WORKERS = 257,
    FASTGO_MAX_PORTS = 4096,
    FASTGO_MAX_PARAMS = 16,
    FASTGO_REQUEST_INLINE = 2152,
    FASTGO_ANSWER_INLINE = 1440,
    FASTGO_QUICK = 200000,
    FASTGO_LINE = 64,
};

enum { FASTGO_GONE, FASTGO_ASLEEP, FASTGO_HUNTING, FASTGO_RUNNING };
enum { FASTGO_ANSWERED, FASTGO_EMPTIED };
enum { FASTGO_THREADS, FASTGO_COROUTINES, FASTGO_LANES };

struct fastgo_worker {
    uint32_t state, lane;
    uint64_t since;
    int32_t event;
    char rest[FASTGO_LINE - 20];
};

struct fastgo_queue {
    uint64_t fingerprint;
    uint32_t stopping, port_count, worker_count, left;
    char rest[FASTGO_LINE - 24];
    struct fastgo_worker workers[FASTGO_MAX_WORKERS];
    struct fastgo_port *ports[FASTGO_MAX_PORTS];
};

struct fastgo_lane {
    uint64_t head, mask;
    struct fastgo_slot **ring;
    char rest1[FASTGO_LINE - 24];
    uint64_t tail;
    char rest2[FASTGO_LINE - 8];
};

struct fastgo_port {
    struct fastgo_lane lanes[FASTGO_LANES];
    struct fastgo_slot *answers;
    char rest1[FASTGO_LINE - 8];
    struct fastgo_slot *returned;
    char rest2[FASTGO_LINE - 8];
    uint32_t sleeping;
    int32_t event;
    uint32_t unflushed, padding;
    uint64_t flushed;
    char rest3[FASTGO_LINE - 24];
};

struct fastgo_span {
    uint32_t offset, size;
};

struct fastgo_text {
    const char *data;
    uint64_t size;
};

struct fastgo_param {
    struct fastgo_span name, value;
};

struct fastgo_slot {
    struct fastgo_slot *next;
    struct fastgo_port *port;
    uint32_t number, state;
    uint32_t handler;
    uint32_t status;
    struct fastgo_text body, content_type, fields;
    void *owners[2];
    char answer_bytes[FASTGO_ANSWER_INLINE];
    struct fastgo_text request;
    struct fastgo_span method, path, query, header;
    uint32_t body_offset, param_count;
    uint64_t body_size;
    struct fastgo_param params[FASTGO_MAX_PARAMS];
    unsigned char peer_address[16];
    uint16_t has_peer, peer_port;
    uint32_t left;
    char request_bytes[FASTGO_REQUEST_INLINE];
};

/* The fingerprint of the layout as it is here. */
uint64_t fastgo_fingerprint(void);

/* --- the workers' side of it (rings.c); none of this needs the GIL --- */

/* The system's monotonic clock, in nanoseconds. */
uint64_t fastgo_now(void);

/* Takes the next request of a lane, NULL where there is none. Ports have their
 * turn, which the caller keeps. */
struct fastgo_slot *fastgo_take(struct fastgo_queue *queue, uint32_t lane, uint32_t *turn);

/* Puts an answer into its chain, and tells the loop if it was not told for a
 * moment. Returns the time. */
uint64_t fastgo_publish(struct fastgo_slot *slot);

/* Takes all of a chain: the newest, whose next is the one before it. */
struct fastgo_slot *fastgo_take_chain(struct fastgo_slot **chain);

/* Gives back a slot that owns nothing any more. */
void fastgo_give_back(struct fastgo_slot *slot);

/* Tells all loops of answers that they were not told of. */
void fastgo_flush(struct fastgo_queue *queue);

/* Gives the core to others a few times, until there is work: a request of the
 * worker's lane, something that was returned, or the end of the queue. Reports
 * whether there is. */
bool fastgo_linger(struct fastgo_queue *queue, const struct fastgo_worker *me);

/* Says that the worker sleeps, from when on its event or futex wakes it. False where
 * there is work: it does not. */
bool fastgo_fall_asleep(struct fastgo_queue *queue, struct fastgo_worker *me);

/* Waits for the futex of a worker that sleeps. */
void fastgo_sleep(struct fastgo_worker *me);

/* Takes a record for a worker of a lane, whom an eventfd wakes, or a futex where
 * that is -1. Go closes the eventfd. Returns -1 where there is no record. */
int fastgo_enter(struct fastgo_queue *queue, uint32_t lane, int event);

#endif
