//go:build python

#include "values.h"

#include <math.h>
#include <string.h>

static bool is_digit(char c)
{
    return '0' <= c && c <= '9';
}

/* As int() reads it, but without its white space, underscores and digits of other
 * scripts. */
static PyObject *read_int(const char *text, uint64_t size, bool *invalid)
{
    uint64_t begin = size > 0 && (text[0] == '-' || text[0] == '+');
    *invalid = begin == size;
    for (uint64_t i = begin; i < size; i++) {
        *invalid = *invalid || !is_digit(text[i]);
    }
    if (*invalid) {
        return NULL;
    }
    if (size - begin <= 18) { /* which fits */
        long long value = 0;
        for (uint64_t i = begin; i < size; i++) {
            value = 10 * value + (text[i] - '0');
        }
        return PyLong_FromLongLong(text[0] == '-' ? -value : value);
    }
    PyObject *digits = PyUnicode_DecodeASCII(text, (Py_ssize_t)size, NULL);
    PyObject *number = digits == NULL ? NULL : PyNumber_Long(digits);
    Py_XDECREF(digits);
    if (number == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) { /* sys.set_int_max_str_digits */
        PyErr_Clear();
        *invalid = true;
    }
    return number;
}

/* As float() reads it, but without its white space and underscores. */
static PyObject *read_float(const char *text, uint64_t size, bool *invalid)
{
    char copy[400];
    *invalid = size == 0 || size >= sizeof(copy);
    for (uint64_t i = 0; i < size && !*invalid; i++) {
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

/* As msgspec reads a bool where it is not strict. */
static PyObject *read_bool(const char *text, uint64_t size, bool *invalid)
{
    static const char *const words[] = {"false", "0", "true", "1"};
    for (int i = 0; i < 4; i++) {
        if (size == strlen(words[i]) && PyOS_mystrnicmp(text, words[i], (Py_ssize_t)size) == 0) {
            return PyBool_FromLong(i / 2);
        }
    }
    *invalid = true;
    return NULL;
}

static PyObject *read_str(const char *text, uint64_t size, bool *invalid)
{
    PyObject *value = PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, NULL);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        *invalid = true;
    }
    return value;
}

static PyObject *read_field(const char *text, uint64_t size)
{
    bool other = false;
    PyObject *value = read_str(text, size, &other);
    return other ? PyUnicode_DecodeLatin1(text, (Py_ssize_t)size, NULL) : value;
}

PyObject *fastgo_value(enum fastgo_form form, struct fastgo_text text, bool *invalid)
{
    switch (form) {
    case FASTGO_AS_INT:
        return read_int(text.data, text.size, invalid);
    case FASTGO_AS_FLOAT:
        return read_float(text.data, text.size, invalid);
    case FASTGO_AS_BOOL:
        return read_bool(text.data, text.size, invalid);
    case FASTGO_AS_FIELD:
        return read_field(text.data, text.size);
    case FASTGO_AS_BYTES:
    case FASTGO_AS_JSON:
        return PyBytes_FromStringAndSize(text.data, (Py_ssize_t)text.size);
    default:
        return read_str(text.data, text.size, invalid);
    }
}
