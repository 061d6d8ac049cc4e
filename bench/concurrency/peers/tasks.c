/*
 * Native tasks, channels and a handler, for fastgo_native.py, which calls the functions that are
 * not static with the GIL released. Each has begun when it returns; where something has to end,
 * the last of its tasks sends into `done`.
 */
#include <fastgo.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void begin(fastgo_chan *chan, fastgo_step step, void *state)
{
    if (fastgo_go(fastgo_concurrency_of(chan), step, state, NULL) != FASTGO_OK) {
        abort();
    }
}

/* --- those that end: the state of all is how many are left --- */

static struct {
    fastgo_chan *done;
    _Atomic int64_t left;
} running;

static int end(void)
{
    if (atomic_fetch_sub(&running.left, 1) == 1) {
        fastgo_chan_try_send_int(running.done, 1);
    }
    return FASTGO_DONE;
}

static int empty(fastgo_task *task, void *none)
{
    (void)task, (void)none;
    return end();
}

int empty_step(fastgo_task *task, void *none)
{
    (void)task, (void)none;
    return FASTGO_DONE;
}

void spawn_empty(fastgo_chan *done, int64_t count)
{
    running.done = done;
    running.left = count;
    for (int64_t i = 0; i < count; i++) {
        begin(done, empty, NULL);
    }
}

static int take_turns(fastgo_task *task, void *state)
{
    for (int64_t *left = state; *left > 0; --*left) {
        if (fastgo_task_yield(task) == FASTGO_WAIT) {
            return FASTGO_WAIT;
        }
    }
    return end();
}

void switch_tasks(fastgo_chan *done, int64_t tasks, int64_t times)
{
    int64_t *left = calloc((size_t)tasks, sizeof(*left));
    running.done = done;
    running.left = tasks;
    for (int64_t i = 0; i < tasks; i++) {
        left[i] = times;
        begin(done, take_turns, &left[i]);
    }
}

/* --- computing --- */

static int compute(fastgo_task *task, void *state)
{
    (void)task;
    uint32_t word = 1;
    for (int64_t i = *(const int64_t *)state; i > 0; i--) {
        word = word * 1664525 + 1013904223;
    }
    volatile uint32_t kept = word;
    (void)kept;
    return end();
}

void compute_in_tasks(fastgo_chan *done, int64_t tasks, int64_t steps)
{
    static int64_t each;
    each = steps;
    running.done = done;
    running.left = tasks;
    for (int64_t i = 0; i < tasks; i++) {
        begin(done, compute, &each);
    }
}

/* --- ping-pong --- */

struct player {
    fastgo_chan *in, *out;
    int64_t left, value;
    int sending;
};

static int play(fastgo_task *task, void *state)
{
    struct player *player = state;
    while (player->left > 0) {
        int done = player->sending ? fastgo_task_send_int(task, player->out, player->value)
                                   : fastgo_task_recv_int(task, player->in, &player->value);
        if (done != FASTGO_OK) {
            return done;
        }
        player->sending = !player->sending;
        player->left--;
    }
    return end();
}

void ping_pong(fastgo_chan *done, fastgo_chan *there, fastgo_chan *back, int64_t count)
{
    static struct player players[2];
    players[0] = (struct player){back, there, 2 * count, 0, 1};
    players[1] = (struct player){there, back, 2 * count, 0, 0};
    running.done = done;
    running.left = 2;
    begin(done, play, &players[0]);
    begin(done, play, &players[1]);
}

/* --- tasks that wait --- */

static _Atomic int64_t waiting;

static int wait_for_value(fastgo_task *task, void *chan)
{
    int64_t value;
    atomic_fetch_add(&waiting, 1);
    return fastgo_task_recv_int(task, chan, &value) == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
}

void park(fastgo_chan *never, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        begin(never, wait_for_value, never);
    }
    while (atomic_load(&waiting) < count) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

/* --- operations that never wait: nanoseconds of each --- */

static void fill(fastgo_chan *chan, size_t room, size_t size)
{
    static const char data[1024];
    for (size_t i = 0; i < room; i++) {
        int sent = size ? fastgo_chan_try_send(chan, data, size) : fastgo_chan_try_send_int(chan, 1);
        if (sent != FASTGO_OK) {
            abort();
        }
    }
}

static void drain(fastgo_chan *chan, size_t room, size_t size)
{
    char data[1024];
    int64_t integer;
    for (size_t i = 0; i < room; i++) {
        int received = size ? fastgo_chan_try_recv(chan, data, sizeof data, &size)
                            : fastgo_chan_try_recv_int(chan, &integer);
        if (received != FASTGO_OK) {
            abort();
        }
    }
}

void try_all(fastgo_chan *chan, int64_t count, size_t size, double *send, double *receive)
{
    size_t room = fastgo_cap(chan);
    double sending = 0, receiving = 0;
    int64_t done = 0;
    fill(chan, room, size); /* which makes the memory that the others find */
    drain(chan, room, size);
    for (; done < count; done += (int64_t)room) {
        double first = now();
        fill(chan, room, size);
        double second = now();
        drain(chan, room, size);
        sending += second - first;
        receiving += now() - second;
    }
    *send = 1e9 * sending / (double)done;
    *receive = 1e9 * receiving / (double)done;
}

/* --- a handler that collects what is posted, and who calls it --- */

static int collect(const fastgo_request *request, fastgo_response *response, void *events)
{
    (void)response;
    int sent = fastgo_chan_try_send(events, request->body.data, request->body.size);
    return sent == FASTGO_OK ? 202 : 503;
}

/* Posts until so many were accepted; a client that was refused comes back a little later. */
int64_t post(fastgo_chan *events, int64_t count, size_t size)
{
    char data[1024] = {0};
    fastgo_request request;
    memset(&request, 0, sizeof request);
    request.body = (fastgo_string){.data = data, .size = size};
    int64_t refused = 0;
    for (int64_t accepted = 0; accepted < count;) {
        if (collect(&request, NULL, events) == 202) {
            accepted++;
        } else {
            refused++;
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        }
    }
    return refused;
}
