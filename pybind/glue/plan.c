//go:build python

#include "plan.h"

#include <string.h>

#include "request.h"

/* The most arguments that PyObject_CallFunctionObjArgs is given: it needs no tuple, but
 * they are written out. (PyObject_Vectorcall is not in the limited API of 3.11.) */
enum { FEW = 16 };

/* --- reading a plan --- */

static int number_of(PyObject *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) {
            return i;
        }
    }
    PyErr_Format(PyExc_ValueError, "a plan has the unknown word %R", name);
    return -1;
}

static int read_argument(struct fastgo_argument *argument, PyObject *row)
{
    static const char *const sources[] = {"path", "parameter", "query", "header", "cookie", "body", "request"};
    static const char *const forms[] = {"str", "field", "int", "float", "bool", "bytes", "json"};
    PyObject *source, *name, *form, *steps, *keyword, *fallback;
    int many;
    if (!PyArg_ParseTuple(row, "UUUpO!UO!", &source, &name, &form, &many, &PyTuple_Type, &steps, &keyword, &PyTuple_Type,
                          &fallback)) {
        return -1;
    }
    int from = number_of(source, sources, 7), as = from < 0 ? -1 : number_of(form, forms, 7);
    Py_ssize_t size;
    const char *text = as < 0 ? NULL : PyUnicode_AsUTF8AndSize(name, &size);
    if (text == NULL) {
        return -1;
    }
    *argument = (struct fastgo_argument){
        .source = (enum fastgo_source)from,
        .form = (enum fastgo_form)as,
        .many = many,
        .name = {text, (uint64_t)size},
        .name_object = Py_NewRef(name),
        .steps = PyTuple_Size(steps) > 0 ? Py_NewRef(steps) : NULL,
        .keyword = PyUnicode_GetLength(keyword) > 0 ? Py_NewRef(keyword) : NULL,
        .fallback = PyTuple_Size(fallback) > 0 ? Py_NewRef(PyTuple_GetItem(fallback, 0)) : NULL,
    };
    return 0;
}

int fastgo_plan_read(struct fastgo_plan *plan, PyObject *rows)
{
    Py_ssize_t count = PyTuple_Size(rows);
    if (count < 0) {
        return -1;
    }
    if (count > FASTGO_MAX_ARGUMENTS) {
        PyErr_SetString(PyExc_ValueError, "a plan has too many arguments");
        return -1;
    }
    plan->arguments = PyMem_Calloc((size_t)count, sizeof(plan->arguments[0]));
    if (plan->arguments == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        struct fastgo_argument *argument = &plan->arguments[i];
        if (read_argument(argument, PyTuple_GetItem(rows, i)) < 0) {
            return -1;
        }
        plan->count++;
        if (argument->keyword == NULL && ++plan->positional < plan->count) {
            PyErr_SetString(PyExc_ValueError, "a plan has a positional argument behind one with a keyword");
            return -1;
        }
    }
    return 0;
}

void fastgo_plan_clear(struct fastgo_plan *plan)
{
    struct fastgo_plan old = *plan;
    *plan = (struct fastgo_plan){0, 0, NULL};
    for (int i = 0; i < old.count; i++) {
        Py_XDECREF(old.arguments[i].name_object);
        Py_XDECREF(old.arguments[i].steps);
        Py_XDECREF(old.arguments[i].keyword);
        Py_XDECREF(old.arguments[i].fallback);
    }
    PyMem_Free(old.arguments);
}

int fastgo_plan_visit(const struct fastgo_plan *plan, visitproc visit, void *arg)
{
    for (int i = 0; i < plan->count; i++) {
        Py_VISIT(plan->arguments[i].steps);
        Py_VISIT(plan->arguments[i].fallback);
    }
    return 0;
}

/* --- calling by it --- */

PyObject *fastgo_call_request(struct fastgo_call *call, struct fastgo_slot *slot, PyTypeObject *request_type)
{
    if (call->request == NULL) {
        call->request = fastgo_request_new(request_type, slot);
    }
    return call->request;
}

void fastgo_call_end(struct fastgo_call *call)
{
    PyObject *request = call->request, *problems = call->problems;
    call->request = call->problems = NULL;
    Py_XDECREF(problems);
    if (request != NULL) {
        fastgo_request_release(request);
    }
}

/* Notes what is wrong with an argument. -1 with an exception. */
static int note_problem(struct fastgo_call *call, int number, const struct fastgo_problem *problem)
{
    static const char *const reasons[] = {"", "missing", "malformed", "refused", "no json"};
    PyObject *value = problem->value == NULL ? Py_None : problem->value;
    PyObject *error = problem->error == NULL ? Py_None : problem->error;
    PyObject *noted = Py_BuildValue("(isOO)", number, reasons[problem->reason], value, error);
    if (noted != NULL && call->problems == NULL) {
        call->problems = PyList_New(0);
    }
    int failed = noted == NULL || call->problems == NULL || PyList_Append(call->problems, noted) < 0;
    Py_XDECREF(noted);
    return failed ? -1 : 0;
}

/* Reads an argument. NULL with an exception, or with none where the problem is noted. */
static PyObject *argument_of(const struct fastgo_plan *plan, int number, struct fastgo_slot *slot, PyTypeObject *request_type,
                             struct fastgo_call *call)
{
    const struct fastgo_argument *argument = &plan->arguments[number];
    if (argument->source == FASTGO_FROM_REQUEST) {
        return Py_XNewRef(fastgo_call_request(call, slot, request_type));
    }
    struct fastgo_problem problem = {FASTGO_NO_REASON, NULL, NULL};
    PyObject *value = fastgo_argument_read(argument, slot, &problem);
    if (value == NULL && problem.reason != FASTGO_NO_REASON) {
        note_problem(call, number, &problem);
        Py_XDECREF(problem.value);
        Py_XDECREF(problem.error);
    }
    return value;
}

static void release(PyObject **arguments, int count)
{
    for (int i = 0; i < count; i++) {
        Py_XDECREF(arguments[i]);
    }
}

/* Calls with more than a few arguments, or with some by their names. Takes the references. */
static PyObject *call_many(const struct fastgo_plan *plan, PyObject *function, PyObject **a)
{
    PyObject *positional = PyTuple_New(plan->positional), *keywords = PyDict_New(), *result = NULL;
    bool failed = positional == NULL || keywords == NULL;
    for (int i = 0; i < plan->count; i++) {
        if (i < plan->positional && !failed) {
            failed = PyTuple_SetItem(positional, i, Py_NewRef(a[i])) < 0;
        } else if (!failed) {
            failed = PyDict_SetItem(keywords, plan->arguments[i].keyword, a[i]) < 0;
        }
    }
    release(a, plan->count);
    if (!failed) {
        result = PyObject_Call(function, positional, keywords);
    }
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return result;
}

PyObject *fastgo_plan_call(const struct fastgo_plan *plan, PyObject *function, struct fastgo_slot *slot,
                           PyTypeObject *request_type, struct fastgo_call *call)
{
    if (plan->count == 0) {
        return PyObject_CallNoArgs(function);
    }
    PyObject *a[FASTGO_MAX_ARGUMENTS], *result = NULL;
    memset(a, 0, FEW * sizeof(a[0]));
    for (int i = 0; i < plan->count; i++) {
        a[i] = argument_of(plan, i, slot, request_type, call);
        if (a[i] == NULL && PyErr_Occurred()) {
            release(a, i);
            return NULL;
        }
    }
    if (call->problems != NULL) {
        release(a, plan->count);
    } else if (plan->count > FEW || plan->positional < plan->count) {
        result = call_many(plan, function, a);
    } else {
        /* The first NULL ends them. */
        result = PyObject_CallFunctionObjArgs(function, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
                                              a[10], a[11], a[12], a[13], a[14], a[15], NULL);
        release(a, plan->count);
    }
    return result;
}
