//go:build python

#include "plan.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "request.h"

static int number_of(PyObject *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

int fastgo_plan_read(struct fastgo_plan *plan, PyObject *pairs)
{
    static const char *const sources[] = {"path", "request"};
    static const char *const forms[] = {"str", "int", "float"};
    Py_ssize_t count = PyTuple_Size(pairs);
    if (count < 0) {
        return -1;
    }
    if (count > FASTGO_MAX_ARGUMENTS) {
        PyErr_SetString(PyExc_ValueError, "a plan has too many arguments");
        return -1;
    }
    uint32_t params = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *source, *form;
        if (!PyArg_ParseTuple(PyTuple_GetItem(pairs, i), "UU", &source, &form)) {
            return -1;
        }
        struct fastgo_argument *argument = &plan->arguments[i];
        int from = number_of(source, sources, 2);
        int as = from == FASTGO_FROM_PATH ? number_of(form, forms, 3) : 0;
        if (from < 0 || as < 0) {
            PyErr_Format(PyExc_ValueError, "a plan has the unknown argument (%R, %R)", source, form);
            return -1;
        }
        argument->source = (enum fastgo_source)from;
        argument->form = (enum fastgo_form)as;
        if (from == FASTGO_FROM_PATH) {
            argument->index = params++;
        }
    }
    plan->count = (int)count;
    return 0;
}

static bool is_digit(char c)
{
    return '0' <= c && c <= '9';
}

/* Decimal digits, with a sign in front or not: as int() reads them, but without
 * its white space, underscores and digits of other scripts. */
static PyObject *read_int(const char *text, uint32_t size, bool *invalid)
{
    uint32_t begin = size > 0 && (text[0] == '-' || text[0] == '+');
    *invalid = begin == size;
    for (uint32_t i = begin; i < size; i++) {
        *invalid = *invalid || !is_digit(text[i]);
    }
    if (*invalid) {
        return NULL;
    }
    if (size - begin <= 18) { /* which fits */
        long long value = 0;
        for (uint32_t i = begin; i < size; i++) {
            value = 10 * value + (text[i] - '0');
        }
        return PyLong_FromLongLong(text[0] == '-' ? -value : value);
    }
    PyObject *digits = PyUnicode_DecodeASCII(text, size, NULL);
    PyObject *number = digits == NULL ? NULL : PyNumber_Long(digits);
    Py_XDECREF(digits);
    if (number == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) { /* sys.set_int_max_str_digits */
        PyErr_Clear();
        *invalid = true;
    }
    return number;
}

/* A finite number as float() reads it, but without its white space and
 * underscores. */
static PyObject *read_float(const char *text, uint32_t size, bool *invalid)
{
    char copy[400];
    *invalid = size == 0 || size >= sizeof(copy);
    for (uint32_t i = 0; i < size && !*invalid; i++) {
        *invalid = !is_digit(text[i]) && memchr("+-.eE", text[i], 5) == NULL;
    }
    if (*invalid) {
        return NULL;
    }
    memcpy(copy, text, size);
    copy[size] = 0;
    char *end;
    double value = PyOS_string_to_double(copy, &end, NULL);
    if ((value == -1.0 && PyErr_Occurred()) || end != copy + size || !isfinite(value)) {
        *invalid = !PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_ValueError);
        if (*invalid) {
            PyErr_Clear();
        }
        return NULL;
    }
    return PyFloat_FromDouble(value);
}

static PyObject *read_str(const char *text, uint32_t size, bool *invalid)
{
    PyObject *value = PyUnicode_DecodeUTF8(text, size, NULL);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        *invalid = true;
    }
    return value;
}

static PyObject *read_param(const struct fastgo_argument *argument, const struct fastgo_slot *slot, bool *invalid)
{
    struct fastgo_span value = slot->params[argument->index].value;
    const char *text = slot->request.data + value.offset;
    switch (argument->form) {
    case FASTGO_AS_INT:
        return read_int(text, value.size, invalid);
    case FASTGO_AS_FLOAT:
        return read_float(text, value.size, invalid);
    default:
        return read_str(text, value.size, invalid);
    }
}

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

static void release(PyObject **arguments, int count)
{
    for (int i = 0; i < count; i++) {
        Py_XDECREF(arguments[i]);
    }
}

/* Notes that an argument cannot be given. -1 with an exception. */
static int note_problem(struct fastgo_call *call, int argument)
{
    PyObject *number = PyLong_FromLong(argument);
    if (number != NULL && call->problems == NULL) {
        call->problems = PyList_New(0);
    }
    int failed = number == NULL || call->problems == NULL || PyList_Append(call->problems, number) < 0;
    Py_XDECREF(number);
    return failed ? -1 : 0;
}

PyObject *fastgo_plan_call(const struct fastgo_plan *plan, PyObject *function, struct fastgo_slot *slot,
                           PyTypeObject *request_type, struct fastgo_call *call)
{
    if (plan->count == 0) {
        return PyObject_CallNoArgs(function);
    }
    PyObject *a[FASTGO_MAX_ARGUMENTS + 1] = {NULL}, *result = NULL;
    for (int i = 0; i < plan->count; i++) {
        bool invalid = false;
        const struct fastgo_argument *argument = &plan->arguments[i];
        if (argument->source == FASTGO_FROM_REQUEST) {
            a[i] = Py_XNewRef(fastgo_call_request(call, slot, request_type));
        } else {
            a[i] = read_param(argument, slot, &invalid);
        }
        if (a[i] == NULL && (!invalid || note_problem(call, i) < 0)) {
            release(a, i);
            return NULL;
        }
    }
    if (call->problems == NULL) {
        /* The first NULL ends them. (PyObject_Vectorcall is not in the limited API of 3.11.) */
        result = PyObject_CallFunctionObjArgs(function, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
                                              a[10], a[11], a[12], a[13], a[14], a[15], NULL);
    }
    release(a, plan->count);
    return result;
}
