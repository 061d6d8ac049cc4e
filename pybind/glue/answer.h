/*
 * Answers: what a handler's function has returned, as the loop will send it.
 */
#ifndef FASTGO_ANSWER_H
#define FASTGO_ANSWER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "queue.h"

/* What encodes the results of a function, those of one type: the last that was
 * encoded. Zeroed memory knows none. */
struct fastgo_encoder {
    PyObject *type, *encode;
};

/* Answers with a result: str is text, bytes is bytes and None is 204. For all else
 * convert(result) returns a triple; or, for types that are JSON, a function that
 * encodes them, which is kept for the next result. -1 with an exception. */
int fastgo_answer(struct fastgo_slot *slot, PyObject *result, struct fastgo_encoder *encoder, PyObject *convert);

/* Answers with a triple: the status; the Content-Type as str, or all fields as a
 * list or tuple of pairs of str, or None; and the body, which is bytes. */
int fastgo_answer_triple(struct fastgo_slot *slot, PyObject *triple);

/* Answers a client that has gone, as far as one can know: nginx's 499, which cannot fail. */
void fastgo_answer_gone(struct fastgo_slot *slot);

/* Answers 500, which cannot fail. */
void fastgo_answer_error(struct fastgo_slot *slot);

/* Gives up what the answer keeps, which must not be needed any more. */
void fastgo_answer_drop(struct fastgo_slot *slot);

#endif
