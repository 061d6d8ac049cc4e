/*
 * Answers: what a handler's function has returned, as the loop will send it.
 */
#ifndef FASTGO_ANSWER_H
#define FASTGO_ANSWER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "queue.h"

/* Answers with a result: str is text, bytes is bytes, None is 204, and for
 * everything else convert returns a triple. -1 with an exception. */
int fastgo_answer(struct fastgo_slot *slot, PyObject *result, PyObject *convert);

/* Answers with a triple: the status; the Content-Type as str, or all fields as a
 * list or tuple of pairs of str, or None; and the body, which is bytes. */
int fastgo_answer_triple(struct fastgo_slot *slot, PyObject *triple);

/* Answers 500, which cannot fail. */
void fastgo_answer_error(struct fastgo_slot *slot);

/* Gives up what the answer keeps, which must not be needed any more. */
void fastgo_answer_drop(struct fastgo_slot *slot);

#endif
