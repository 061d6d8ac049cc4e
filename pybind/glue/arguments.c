//go:build python

#include "arguments.h"

#include <string.h>

#include "exception.h"
#include "search.h"

static struct fastgo_text text_of(const struct fastgo_slot *slot, struct fastgo_span span)
{
    return (struct fastgo_text){slot->request.data + span.offset, span.size};
}

static PyObject *missing(struct fastgo_problem *problem)
{
    problem->reason = FASTGO_MISSING;
    return NULL;
}

/* --- path, query, header and cookies --- */

static bool find_param(const struct fastgo_argument *argument, const struct fastgo_slot *slot, struct fastgo_text *value)
{
    for (uint32_t i = 0; i < slot->param_count; i++) {
        const struct fastgo_param *param = &slot->params[i];
        if (param->name.size == argument->name.size &&
            memcmp(slot->request.data + param->name.offset, argument->name.data, argument->name.size) == 0) {
            *value = text_of(slot, param->value);
            return true;
        }
    }
    return false;
}

static struct fastgo_search begin_search(const struct fastgo_argument *argument, const struct fastgo_slot *slot)
{
    bool in_header = argument->source == FASTGO_FROM_HEADER || argument->source == FASTGO_FROM_COOKIE;
    struct fastgo_text in = text_of(slot, in_header ? slot->header : slot->query);
    return fastgo_search(argument->name, in.data, in.size);
}

static bool search_next(struct fastgo_search *search, enum fastgo_source source, struct fastgo_text *value)
{
    switch (source) {
    case FASTGO_FROM_HEADER:
        return fastgo_search_header(search, value);
    case FASTGO_FROM_COOKIE:
        return fastgo_search_cookies(search, value);
    case FASTGO_FROM_PATH:
        return false;
    default:
        return fastgo_search_query(search, value);
    }
}

/* Returns a text as the argument's form has it. */
static PyObject *formed(const struct fastgo_argument *argument, struct fastgo_text text, struct fastgo_problem *problem)
{
    bool invalid = false;
    PyObject *value = fastgo_value(argument->form, text, &invalid);
    if (invalid) {
        problem->value = PyUnicode_DecodeUTF8(text.data, (Py_ssize_t)text.size, "surrogateescape");
        problem->reason = problem->value == NULL ? FASTGO_NO_REASON : FASTGO_MALFORMED;
    }
    return value;
}

/* The same for what a search has found. */
static PyObject *found(const struct fastgo_argument *argument, struct fastgo_text text, struct fastgo_problem *problem)
{
    bool in_query = argument->source == FASTGO_FROM_QUERY || argument->source == FASTGO_FROM_PARAMETER;
    if (!in_query || !fastgo_is_escaped(text)) {
        return formed(argument, text, problem);
    }
    char small[256], *copy = text.size <= sizeof(small) ? small : PyMem_Malloc(text.size);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *value = formed(argument, (struct fastgo_text){copy, fastgo_unescape(text, copy)}, problem);
    if (copy != small) {
        PyMem_Free(copy);
    }
    return value;
}

static PyObject *read_one(const struct fastgo_argument *argument, const struct fastgo_slot *slot, struct fastgo_problem *problem)
{
    struct fastgo_text text;
    if (argument->source <= FASTGO_FROM_PARAMETER && find_param(argument, slot, &text)) {
        return formed(argument, text, problem);
    }
    struct fastgo_search search = begin_search(argument, slot);
    return search_next(&search, argument->source, &text) ? found(argument, text, problem) : missing(problem);
}

static PyObject *read_all(const struct fastgo_argument *argument, const struct fastgo_slot *slot, struct fastgo_problem *problem)
{
    struct fastgo_text text;
    struct fastgo_search search = begin_search(argument, slot);
    bool any = search_next(&search, argument->source, &text);
    if (!any) {
        return missing(problem);
    }
    PyObject *values = PyList_New(0);
    while (any && values != NULL) {
        PyObject *value = found(argument, text, problem);
        if (value == NULL || PyList_Append(values, value) < 0) {
            Py_CLEAR(values);
        }
        Py_XDECREF(value);
        any = search_next(&search, argument->source, &text);
    }
    return values;
}

/* --- the body --- */

/* Whether a Content-Type is JSON's (RFC 8259, section 11), or of the suffix +json (RFC 6839,
 * section 3.1), with parameters or without. */
static bool is_json(struct fastgo_text type)
{
    const char *parameters = type.size > 0 ? memchr(type.data, ';', type.size) : NULL;
    Py_ssize_t size = parameters == NULL ? (Py_ssize_t)type.size : parameters - type.data;
    while (size > 0 && (type.data[size - 1] == ' ' || type.data[size - 1] == '\t')) {
        size--;
    }
    return (size == 16 && PyOS_mystrnicmp(type.data, "application/json", 16) == 0) ||
           (size > 5 && PyOS_mystrnicmp(type.data + size - 5, "+json", 5) == 0);
}

static PyObject *read_body(const struct fastgo_argument *argument, const struct fastgo_slot *slot, struct fastgo_problem *problem)
{
    struct fastgo_text body = {slot->request.data + slot->body_offset, slot->body_size};
    bool invalid = false;
    if (body.size == 0 && (argument->form == FASTGO_AS_JSON || argument->fallback != NULL)) {
        return missing(problem);
    }
    if (argument->form == FASTGO_AS_JSON) {
        struct fastgo_text type, header = text_of(slot, slot->header);
        struct fastgo_search search = fastgo_search((struct fastgo_text){"content-type", 12}, header.data, header.size);
        bool known = fastgo_search_header(&search, &type);
        if (!known || !is_json(type)) {
            problem->value = known ? fastgo_value(FASTGO_AS_FIELD, type, &invalid) : NULL;
            problem->reason = known && problem->value == NULL ? FASTGO_NO_REASON : FASTGO_NO_JSON;
            return NULL;
        }
    }
    PyObject *value = fastgo_value(argument->form, body, &invalid);
    if (invalid) {
        problem->reason = FASTGO_MALFORMED;
    }
    return value;
}

/* --- steps --- */

/* Whether the exception that is set says that a value is wrong, and not that something
 * has failed: a ValueError, as those of msgspec are, or the RecursionError of a decoder in
 * C, which was given JSON that is too deep. */
static bool is_refusal(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    bool refusal = PyErr_GivenExceptionMatches(type, PyExc_ValueError) ||
                   (traceback == NULL && PyErr_GivenExceptionMatches(type, PyExc_RecursionError));
    PyErr_Restore(type, value, traceback);
    return refusal;
}

/* Takes a value through the steps. Takes the reference. */
static PyObject *stepped(const struct fastgo_argument *argument, PyObject *given, struct fastgo_problem *problem)
{
    Py_ssize_t count = PyTuple_Size(argument->steps);
    PyObject *value = Py_NewRef(given);
    for (Py_ssize_t i = 0; i < count && value != NULL; i++) {
        PyObject *before = value;
        value = PyObject_CallFunctionObjArgs(PyTuple_GetItem(argument->steps, i), before, NULL);
        Py_DECREF(before);
    }
    if (value == NULL && is_refusal()) {
        problem->reason = FASTGO_REFUSED;
        problem->error = fastgo_take_exception();
        problem->value = argument->source != FASTGO_FROM_BODY ? Py_NewRef(given) : NULL;
    }
    Py_DECREF(given);
    return value;
}

PyObject *fastgo_argument_read(const struct fastgo_argument *argument, const struct fastgo_slot *slot,
                               struct fastgo_problem *problem)
{
    PyObject *value;
    if (argument->source == FASTGO_FROM_BODY) {
        value = read_body(argument, slot, problem);
    } else if (argument->many) {
        value = read_all(argument, slot, problem);
    } else {
        value = read_one(argument, slot, problem);
    }
    if (value != NULL) {
        return argument->steps == NULL ? value : stepped(argument, value, problem);
    }
    if (problem->reason == FASTGO_MISSING && argument->fallback != NULL) {
        problem->reason = FASTGO_NO_REASON;
        return Py_NewRef(argument->fallback);
    }
    return NULL;
}
