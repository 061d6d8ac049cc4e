/*
 * What a handler runs in. A frame belongs to one running handler and lies in one mapping,
 * outside of Go's heap, with the first memory of its output and of its arena behind it:
 *
 *     | frame | output ... | arena ... |
 *
 * What every call touches lies in the first page, close together: between two calls the
 * system's network code has had the processor's cache.
 *
 * More memory comes in pieces that are mapped one by one, for the arena, and in one piece
 * that is moved as it grows, for the output. A frame keeps some of it for its next handler.
 */
#ifndef FASTGO_FRAME_H
#define FASTGO_FRAME_H

#include "fastgo.h"

#define FASTGO_FRAME_SIZE (128 * 1024)
#define FASTGO_FRAME_ARENA (64 * 1024) /* where the arena begins */
#define FASTGO_FRAME_KEPT (1024 * 1024) /* of what was mapped beyond */
#define FASTGO_MAX_PARAMS 16

/* A handler as its route knows it; it never changes. */
struct fastgo_target {
    fastgo_handler function;
    void *data;
    size_t data_size;
    size_t param_count;
    const char *route; /* for the report of a crash */
    fastgo_string param_names[FASTGO_MAX_PARAMS];
};

struct fastgo_piece {
    struct fastgo_piece *next;
    size_t size;
};

struct fastgo_frame {
    fastgo_request request;
    fastgo_response response;
    fastgo_arena arena;
    const struct fastgo_target *target;
    int64_t nanoseconds; /* how long the handler surely ran */

    size_t limit;                /* of what one handler uses beyond the frame */
    size_t used;                 /* of that */
    size_t mapped;               /* used or kept */
    struct fastgo_piece *pieces; /* of the arena, the latest first */
    struct fastgo_piece *spare;  /* for the next handlers */
    char *output;                /* larger output, or NULL */
    size_t output_room;

    int64_t *words; /* of a compiled function */
    fastgo_string params[FASTGO_MAX_PARAMS];
};

#define FASTGO_FRAME_ROOM (FASTGO_FRAME_ARENA - sizeof(struct fastgo_frame)) /* of the output */

/* Makes a frame of a mapping of FASTGO_FRAME_SIZE bytes, all zero. */
void fastgo_frame_init(struct fastgo_frame *frame, size_t limit);

/* Calls the target and returns what it returned; the response is in the frame. */
int fastgo_frame_call(struct fastgo_frame *frame);

/* Makes the frame ready for its next handler. */
void fastgo_frame_reset(struct fastgo_frame *frame);

/* Gives back what was mapped beyond the frame itself. */
void fastgo_frame_close(struct fastgo_frame *frame);

/* The output that lies in the frame. */
static inline char *fastgo_frame_output(struct fastgo_frame *frame)
{
    return (char *)(frame + 1);
}

/* The slow ways of fastgo_alloc and fastgo_reserve; NULL beyond the limit. */
void *fastgo_frame_alloc(struct fastgo_frame *frame, size_t size);
int fastgo_frame_grow_output(struct fastgo_frame *frame, size_t room);

/* A function that fastgo.compiled has made: it is called with one block of memory, in which
 * are its arguments and what it needs to return memory. It returns 0 where there is a result. */
typedef int32_t (*fastgo_compiled)(int64_t *words, double *same_words);

#define FASTGO_WORD_ALLOC 5   /* fastgo_functions.alloc */
#define FASTGO_WORD_REQUEST 6 /* what that takes */
#define FASTGO_MAX_WORDS 256

/* A handler that calls such a function, its data, with the words of its frame. */
int fastgo_call_compiled(const fastgo_request *, fastgo_response *, void *function);

/* The content type where a handler sets none. */
#define FASTGO_PLAIN_TEXT "text/plain; charset=utf-8"
extern const char *const fastgo_plain_text;

/* The functions of fastgo.h. */
extern const fastgo_functions fastgo_function_table;

/* The frame whose handler this thread runs, or NULL. */
const struct fastgo_frame *fastgo_running_frame(void);

/* From now on a crash in a handler is reported before the process dies. 0, or an errno. */
int fastgo_report_crashes(void);

/* Looks an address up: the name of its symbol, "" where it has none, cut to the room; false
 * where it lies in no shared library. */
int fastgo_symbol(const void *address, char *name, size_t room);

/* The layout that the library of an address declares, 0 where it declares none. */
uint64_t fastgo_declared_layout(const void *address);

#endif
