/*
 * fastgo_concurrency.h: channels and tasks of fastgo.concurrency, for C and what speaks its ABI.
 * Part of fastgo.h, which includes it.
 *
 * A channel is made in Python, for the kind of values that native code can carry, and reaches
 * native code by its address:
 *
 *     events = chan(1024, of=bytes)
 *     app.post("/events", fastgo.native(library, "collect", data=events.address, keep=events))
 *
 *     static int collect(const fastgo_request *request, fastgo_response *response, void *events)
 *     {
 *         int sent = fastgo_chan_try_send(events, request->body.data, request->body.size);
 *         return sent == FASTGO_OK ? 202 : 503;
 *     }
 *
 * Nothing here waits, takes Python's GIL or calls into Go: handlers may call all of it, but for
 * what takes a task. Any number of threads may use a channel at once.
 */
#ifndef FASTGO_CONCURRENCY_H
#define FASTGO_CONCURRENCY_H

#ifndef FASTGO_H
#error "include fastgo.h"
#endif

#define FASTGO_CONCURRENCY_ABI 1

/* What operations return. */
enum {
    FASTGO_OK = 0,
    FASTGO_WAIT = -1,       /* it cannot be done at once */
    FASTGO_CLOSED = -2,     /* the channel is closed; for receivers: and empty */
    FASTGO_WRONG_KIND = -3, /* the values of the channel are of another kind */
    FASTGO_NO_MEMORY = -4,
    FASTGO_TOO_LARGE = -5, /* the value does not fit the caller's memory, and is still there */
};

/* A channel. It begins with the address of the functions below. */
typedef struct fastgo_chan fastgo_chan;

/* The functions of this file for other languages. Later versions have more behind these. */
typedef struct fastgo_concurrency {
    uint32_t abi;  /* FASTGO_CONCURRENCY_ABI */
    uint32_t size; /* sizeof(fastgo_concurrency) */

    int (*chan_try_send)(fastgo_chan *, const void *data, size_t size);
    int (*chan_try_send_int)(fastgo_chan *, int64_t value);
    int (*chan_try_recv)(fastgo_chan *, void *data, size_t room, size_t *size);
    int (*chan_try_recv_int)(fastgo_chan *, int64_t *value);
    int (*close)(fastgo_chan *);
    size_t (*len)(fastgo_chan *);
    size_t (*cap)(const fastgo_chan *);
    void (*hold)(fastgo_chan *);
    void (*drop)(fastgo_chan *);
} fastgo_concurrency;

/* The functions, from a channel. */
static inline const fastgo_concurrency *fastgo_concurrency_of(const void *chan)
{
    return *(const fastgo_concurrency *const *)chan;
}

/* --- channels ------------------------------------------------------------------------ */

/* Sends a copy of the bytes, or an integer: FASTGO_OK; FASTGO_WAIT where the channel is full, or
 * unbuffered and nobody receives; FASTGO_CLOSED; FASTGO_WRONG_KIND; FASTGO_NO_MEMORY. */
static inline int fastgo_chan_try_send(fastgo_chan *chan, const void *data, size_t size)
{
    return fastgo_concurrency_of(chan)->chan_try_send(chan, data, size);
}

static inline int fastgo_chan_try_send_int(fastgo_chan *chan, int64_t value)
{
    return fastgo_concurrency_of(chan)->chan_try_send_int(chan, value);
}

/* Receives bytes into the caller's memory, or an integer: FASTGO_OK; FASTGO_WAIT where the channel
 * is empty; FASTGO_CLOSED; FASTGO_WRONG_KIND; FASTGO_TOO_LARGE, and the channel keeps the bytes.
 * *size is how many bytes there are, also where they are too many. */
static inline int fastgo_chan_try_recv(fastgo_chan *chan, void *data, size_t room, size_t *size)
{
    return fastgo_concurrency_of(chan)->chan_try_recv(chan, data, room, size);
}

static inline int fastgo_chan_try_recv_int(fastgo_chan *chan, int64_t *value)
{
    return fastgo_concurrency_of(chan)->chan_try_recv_int(chan, value);
}

/* Closes the channel: who waits for it is woken. FASTGO_CLOSED where it was closed before. */
static inline int fastgo_close(fastgo_chan *chan)
{
    return fastgo_concurrency_of(chan)->close(chan);
}

/* How many values are in the buffer, and how many fit. */
static inline size_t fastgo_len(fastgo_chan *chan)
{
    return fastgo_concurrency_of(chan)->len(chan);
}

static inline size_t fastgo_cap(const fastgo_chan *chan)
{
    return fastgo_concurrency_of(chan)->cap(chan);
}

/* Keeps the channel when Python has let it go, until a drop for each hold. */
static inline void fastgo_hold(fastgo_chan *chan)
{
    fastgo_concurrency_of(chan)->hold(chan);
}

static inline void fastgo_drop(fastgo_chan *chan)
{
    fastgo_concurrency_of(chan)->drop(chan);
}

#endif
