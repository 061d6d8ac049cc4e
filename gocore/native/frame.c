#define _GNU_SOURCE
#include "frame.h"

#include <sys/mman.h>
#include <time.h>

#define PAGE ((size_t)4096)
#define SMALLEST_PIECE ((size_t)256 * 1024)

/* The library is loaded by dlopen, and its TLS is two words. */
static __thread const struct fastgo_frame *running __attribute__((tls_model("initial-exec")));

const struct fastgo_frame *fastgo_running_frame(void)
{
    return running;
}

void fastgo_frame_init(struct fastgo_frame *frame, size_t limit)
{
    frame->limit = limit;
    frame->request.functions = &fastgo_function_table;
    frame->request.param_values = frame->params;
    frame->request.arena = &frame->arena;
    frame->response.functions = &fastgo_function_table;
    frame->response.arena = &frame->arena;
    fastgo_frame_reset(frame);
}

/* Handlers are timed by the clock of the system's tick, which takes a quarter of the time of
 * the exact one and half of that of the processor's counter. It may be late by one tick. */
#ifdef CLOCK_MONOTONIC_COARSE
#define CLOCK CLOCK_MONOTONIC_COARSE
#else
#define CLOCK CLOCK_MONOTONIC
#endif

static int64_t tick;

__attribute__((constructor)) static void ask_tick(void)
{
    struct timespec resolution;
    clock_getres(CLOCK, &resolution);
    tick = resolution.tv_nsec;
}

static inline int64_t coarse_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *const fastgo_plain_text = FASTGO_PLAIN_TEXT;

int fastgo_frame_call(struct fastgo_frame *frame)
{
    const struct fastgo_target *target = frame->target;
    fastgo_request *request = &frame->request;
    fastgo_response *response = &frame->response;
    int64_t began;
    int status;

    request->param_names = target->param_names;
    request->param_count = target->param_count;
    request->data_size = target->data_size;
    response->body = fastgo_frame_output(frame);
    response->room = FASTGO_FRAME_ROOM;
    response->size = 0;
    response->content_type.data = fastgo_plain_text;
    response->content_type.size = sizeof FASTGO_PLAIN_TEXT - 1;
    response->fields = NULL;
    response->fields_size = 0;
    response->fields_room = 0;
    response->failure = NULL;
    response->is_static = 0;
    response->reserved = 0;

    running = frame;
    began = coarse_time();
    status = target->function(request, response, target->data);
    frame->nanoseconds = coarse_time() - began - tick;
    running = NULL;
    return status;
}

static void *map(struct fastgo_frame *frame, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    frame->mapped += size;
    return memory;
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* Takes a spare piece with room for size bytes, or maps one. */
static struct fastgo_piece *take_piece(struct fastgo_frame *frame, size_t size)
{
    const size_t left = frame->limit - frame->used, exact = round_up(size, PAGE);
    struct fastgo_piece **at, *piece;
    if (exact > left) {
        return NULL;
    }
    for (at = &frame->spare; *at != NULL; at = &(*at)->next) {
        if ((*at)->size >= size && (*at)->size <= left) {
            piece = *at;
            *at = piece->next;
            frame->used += piece->size;
            return piece;
        }
    }
    size = exact > SMALLEST_PIECE || SMALLEST_PIECE > left ? exact : SMALLEST_PIECE;
    piece = map(frame, size);
    if (piece != NULL) {
        piece->size = size;
        frame->used += size;
    }
    return piece;
}

void *fastgo_frame_alloc(struct fastgo_frame *frame, size_t size)
{
    fastgo_arena *arena = &frame->arena;
    struct fastgo_piece *piece;
    char *memory;
    if (size > frame->limit) {
        return NULL;
    }
    size = round_up(size, 16);
    if (size <= (size_t)(arena->end - arena->next)) {
        memory = arena->next;
        arena->next += size;
        return memory;
    }
    piece = take_piece(frame, size + sizeof(struct fastgo_piece));
    if (piece == NULL) {
        return NULL;
    }
    piece->next = frame->pieces;
    frame->pieces = piece;
    memory = (char *)(piece + 1);
    /* What is left of the piece before is lost where this one is needed for one large
     * allocation only; the larger rest is kept. */
    if ((char *)piece + piece->size - (memory + size) > arena->end - arena->next) {
        arena->next = memory + size;
        arena->end = (char *)piece + piece->size;
    }
    return memory;
}

static void *resize(char *memory, size_t size, size_t wanted)
{
#ifdef __linux__
    return mremap(memory, size, wanted, MREMAP_MAYMOVE);
#else
    void *larger = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (larger != MAP_FAILED) {
        memcpy(larger, memory, size < wanted ? size : wanted);
        munmap(memory, size);
    }
    return larger;
#endif
}

/* Moves the mapping of the output to one of another size, which the handler uses. */
static int resize_output(struct fastgo_frame *frame, size_t room)
{
    void *output = frame->output == NULL ? map(frame, room) : resize(frame->output, frame->output_room, room);
    if (output == NULL || output == MAP_FAILED) {
        return 0;
    }
    if (frame->output != NULL) {
        frame->mapped += room - frame->output_room;
    }
    frame->output = output;
    frame->output_room = room;
    return 1;
}

int fastgo_frame_grow_output(struct fastgo_frame *frame, size_t room)
{
    fastgo_response *response = &frame->response;
    const int moves = response->body != frame->output; /* out of the frame */
    const size_t used = frame->used - (moves ? 0 : frame->output_room), left = frame->limit - used;
    const size_t twice = round_up(2 * response->room, PAGE), exact = round_up(room, PAGE);
    const size_t wanted = twice > exact && twice <= left ? twice : exact;
    if (wanted > left) {
        return 0;
    }
    /* What was kept of a handler before may do. */
    if ((frame->output_room < wanted || frame->output_room > left) && !resize_output(frame, wanted)) {
        return 0;
    }
    if (moves) {
        memcpy(frame->output, response->body, response->size);
    }
    frame->used = used + frame->output_room;
    response->body = frame->output;
    response->room = frame->output_room;
    return 1;
}

static void unmap_pieces(struct fastgo_frame *frame, struct fastgo_piece **list)
{
    while (*list != NULL) {
        struct fastgo_piece *piece = *list;
        *list = piece->next;
        frame->mapped -= piece->size;
        munmap(piece, piece->size);
    }
}

void fastgo_frame_close(struct fastgo_frame *frame)
{
    unmap_pieces(frame, &frame->pieces);
    unmap_pieces(frame, &frame->spare);
    if (frame->output != NULL) {
        frame->mapped -= frame->output_room;
        munmap(frame->output, frame->output_room);
        frame->output = NULL;
        frame->output_room = 0;
    }
}

void fastgo_frame_reset(struct fastgo_frame *frame)
{
    if (frame->mapped > FASTGO_FRAME_KEPT) {
        fastgo_frame_close(frame);
    }
    while (frame->pieces != NULL) {
        struct fastgo_piece *piece = frame->pieces;
        frame->pieces = piece->next;
        piece->next = frame->spare;
        frame->spare = piece;
    }
    frame->used = 0;
    frame->arena.next = (char *)frame + FASTGO_FRAME_ARENA;
    frame->arena.end = (char *)frame + FASTGO_FRAME_SIZE;
}
