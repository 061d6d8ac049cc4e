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
 * A native task waits for channels without a thread of its own. It is a step function, which is
 * called until it returns FASTGO_DONE, and gives way where an operation has to wait:
 *
 *     static int add(fastgo_task *task, void *state)
 *     {
 *         struct adder *adder = state;
 *         int64_t value;
 *         int done;
 *         while ((done = fastgo_task_recv_int(task, adder->numbers, &value)) == FASTGO_OK) {
 *             adder->sum += value;
 *         }
 *         return done == FASTGO_WAIT ? FASTGO_WAIT : fastgo_task_return_int(task, adder->sum);
 *     }
 *
 * An operation that returns FASTGO_WAIT has begun. The step returns FASTGO_WAIT at once, and when it
 * is called again it asks for the same operation again, which is then done: FASTGO_OK, FASTGO_CLOSED
 * or FASTGO_CANCELLED. What has to outlive that is kept in the state, not in local variables.
 *
 * Rules
 *   - Any number of threads may use a channel at once. Nothing here waits, takes Python's GIL or
 *     calls into Go: handlers may call all of it, but for what takes a task.
 *   - A channel must live as long as whoever uses it: Python's object keeps it, and so does a hold.
 *   - A step must not wait in another way, nor take the GIL; no exception or longjmp may leave it.
 *     It may compute for as long as it likes: other tasks go on, on other cores.
 *   - A task's operations are for its own step alone, on the thread that has called it.
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
    FASTGO_DONE = 0, /* what a step returns that will not be called again */
    FASTGO_WAIT = -1, /* it cannot be done at once */
    FASTGO_CLOSED = -2,     /* the channel is closed; for receivers: and empty */
    FASTGO_WRONG_KIND = -3, /* the values of the channel are of another kind */
    FASTGO_NO_MEMORY = -4,
    FASTGO_TOO_LARGE = -5,  /* the value does not fit the caller's memory, and is still there */
    FASTGO_CANCELLED = -6,  /* the task is to end */
    FASTGO_WRONG_CALL = -7, /* the task has to ask for another operation, which has begun */
};

/* A channel, and a task. Both begin with the address of the functions below. */
typedef struct fastgo_chan fastgo_chan;
typedef struct fastgo_task fastgo_task;

typedef int (*fastgo_step)(fastgo_task *, void *state);

/* The state of a step that parallel_for starts: a piece of its range. */
typedef struct fastgo_range {
    int64_t start; /* its first index */
    int64_t stop;  /* the one behind its last */
    void *data;    /* of the step */
} fastgo_range;

/* One case of a select. */
typedef struct fastgo_select_case {
    fastgo_chan *chan;   /* NULL: never ready */
    int32_t sends;       /* or else it receives */
    int32_t closed;      /* the result: the channel was closed, so that nothing was sent or received */
    int64_t integer;     /* to be sent, or received, where the channel has integers */
    fastgo_string bytes; /* the same where it has bytes */
} fastgo_select_case;

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

    int (*go)(fastgo_step, void *state, void (*release)(void *state));
    int (*task_send)(fastgo_task *, fastgo_chan *, const void *data, size_t size);
    int (*task_send_int)(fastgo_task *, fastgo_chan *, int64_t value);
    int (*task_recv)(fastgo_task *, fastgo_chan *, fastgo_string *bytes);
    int (*task_recv_int)(fastgo_task *, fastgo_chan *, int64_t *value);
    int (*task_select)(fastgo_task *, fastgo_select_case *, size_t count);
    int (*task_yield)(fastgo_task *);
    int (*task_cancelled)(fastgo_task *);
    int (*task_return)(fastgo_task *, const void *data, size_t size);
    int (*task_return_int)(fastgo_task *, int64_t value);
    int (*task_fail)(fastgo_task *, const char *reason);
} fastgo_concurrency;

/* The functions, from a channel or a task. */
static inline const fastgo_concurrency *fastgo_concurrency_of(const void *chan_or_task)
{
    return *(const fastgo_concurrency *const *)chan_or_task;
}

/* --- channels ------------------------------------------------------------------------ */

/* NULL is the nil channel here as well: it is never ready, and empty, and cannot be closed. */

/* Sends a copy of the bytes, or an integer: FASTGO_OK; FASTGO_WAIT where the channel is full, or
 * unbuffered and nobody receives; FASTGO_CLOSED; FASTGO_WRONG_KIND; FASTGO_NO_MEMORY. */
static inline int fastgo_chan_try_send(fastgo_chan *chan, const void *data, size_t size)
{
    return chan ? fastgo_concurrency_of(chan)->chan_try_send(chan, data, size) : FASTGO_WAIT;
}

static inline int fastgo_chan_try_send_int(fastgo_chan *chan, int64_t value)
{
    return chan ? fastgo_concurrency_of(chan)->chan_try_send_int(chan, value) : FASTGO_WAIT;
}

/* Receives bytes into the caller's memory, or an integer: FASTGO_OK; FASTGO_WAIT where the channel
 * is empty; FASTGO_CLOSED; FASTGO_WRONG_KIND; FASTGO_TOO_LARGE, and the channel keeps the bytes.
 * *size is how many bytes there are, also where they are too many. */
static inline int fastgo_chan_try_recv(fastgo_chan *chan, void *data, size_t room, size_t *size)
{
    return chan ? fastgo_concurrency_of(chan)->chan_try_recv(chan, data, room, size) : FASTGO_WAIT;
}

static inline int fastgo_chan_try_recv_int(fastgo_chan *chan, int64_t *value)
{
    return chan ? fastgo_concurrency_of(chan)->chan_try_recv_int(chan, value) : FASTGO_WAIT;
}

/* Closes the channel: who waits for it is woken. FASTGO_CLOSED where it was closed before. */
static inline int fastgo_close(fastgo_chan *chan)
{
    return chan ? fastgo_concurrency_of(chan)->close(chan) : FASTGO_CLOSED;
}

/* How many values are in the buffer, and how many fit. */
static inline size_t fastgo_len(fastgo_chan *chan)
{
    return chan ? fastgo_concurrency_of(chan)->len(chan) : 0;
}

static inline size_t fastgo_cap(const fastgo_chan *chan)
{
    return chan ? fastgo_concurrency_of(chan)->cap(chan) : 0;
}

/* Keeps the channel when Python has let it go, until a drop for each hold. */
static inline void fastgo_hold(fastgo_chan *chan)
{
    if (chan) {
        fastgo_concurrency_of(chan)->hold(chan);
    }
}

static inline void fastgo_drop(fastgo_chan *chan)
{
    if (chan) {
        fastgo_concurrency_of(chan)->drop(chan);
    }
}

/* --- tasks --------------------------------------------------------------------------- */

/* Spawns a task. The functions are those of any channel or task. The state is the task's until its
 * last step has returned; then release is called, if it is not NULL. FASTGO_OK, or
 * FASTGO_NO_MEMORY, also when the process is about to end: the state is still the caller's. */
static inline int fastgo_go(const fastgo_concurrency *functions, fastgo_step step, void *state,
                            void (*release)(void *state))
{
    return functions->go(step, state, release);
}

/* Sends a copy of the bytes, or an integer: FASTGO_OK, FASTGO_WAIT, FASTGO_CLOSED,
 * FASTGO_CANCELLED, FASTGO_WRONG_KIND, FASTGO_NO_MEMORY. What is given again after FASTGO_WAIT does
 * not matter: the value was taken over. A NULL channel is never ready. */
static inline int fastgo_task_send(fastgo_task *task, fastgo_chan *chan, const void *data,
                                   size_t size)
{
    return fastgo_concurrency_of(task)->task_send(task, chan, data, size);
}

static inline int fastgo_task_send_int(fastgo_task *task, fastgo_chan *chan, int64_t value)
{
    return fastgo_concurrency_of(task)->task_send_int(task, chan, value);
}

/* Receives bytes, or an integer: FASTGO_OK, FASTGO_WAIT, FASTGO_CLOSED, FASTGO_CANCELLED,
 * FASTGO_WRONG_KIND. The bytes are valid until the task's next operation, and may be what that
 * sends. */
static inline int fastgo_task_recv(fastgo_task *task, fastgo_chan *chan, fastgo_string *bytes)
{
    return fastgo_concurrency_of(task)->task_recv(task, chan, bytes);
}

static inline int fastgo_task_recv_int(fastgo_task *task, fastgo_chan *chan, int64_t *value)
{
    return fastgo_concurrency_of(task)->task_recv_int(task, chan, value);
}

/* Does one of the cases that can be done, each with the same chance, and returns its index; or
 * FASTGO_WAIT, FASTGO_CANCELLED, FASTGO_WRONG_KIND, FASTGO_NO_MEMORY, FASTGO_TOO_LARGE for more than
 * 65,536 cases. The cases are read at the first call; the call after FASTGO_WAIT has the same
 * channels in the same order. */
static inline int fastgo_task_select(fastgo_task *task, fastgo_select_case *cases, size_t count)
{
    return fastgo_concurrency_of(task)->task_select(task, cases, count);
}

/* Lets other tasks run: FASTGO_WAIT, and when the step is called again FASTGO_OK, or
 * FASTGO_CANCELLED. Operations do so by themselves now and then. */
static inline int fastgo_task_yield(fastgo_task *task)
{
    return fastgo_concurrency_of(task)->task_yield(task);
}

/* Whether the task was cancelled, for steps that compute for long. */
static inline int fastgo_task_cancelled(fastgo_task *task)
{
    return fastgo_concurrency_of(task)->task_cancelled(task);
}

/* Set the result of the task: a copy of the bytes, an integer, or the reason for which it has
 * failed. To be returned by the step: they return FASTGO_DONE, but FASTGO_NO_MEMORY where there is
 * none for the bytes. */
static inline int fastgo_task_return(fastgo_task *task, const void *data, size_t size)
{
    return fastgo_concurrency_of(task)->task_return(task, data, size);
}

static inline int fastgo_task_return_int(fastgo_task *task, int64_t value)
{
    return fastgo_concurrency_of(task)->task_return_int(task, value);
}

static inline int fastgo_task_fail(fastgo_task *task, const char *reason)
{
    return fastgo_concurrency_of(task)->task_fail(task, reason);
}

#endif
