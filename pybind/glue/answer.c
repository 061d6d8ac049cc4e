//go:build python

/*
 * A small answer is copied into its slot. The body of a large one stays where
 * it is, in a str or bytes that nothing can change, and the slot owns a
 * reference to that until the loop has sent it and gives the slot back.
 */
#include "answer.h"

#include <stdbool.h>
#include <string.h>

static const char plain_text[] = "text/plain; charset=utf-8";
static const char octets[] = "application/octet-stream";
static const char json[] = "application/json";

static struct fastgo_text constant(const char *text)
{
    return (struct fastgo_text){text, strlen(text)};
}

static void begin(struct fastgo_slot *slot, uint32_t status)
{
    slot->status = status;
    slot->content_type = slot->fields = slot->body = constant("");
}

/* Sets the body, behind what was used of the slot's room. */
static void set_body(struct fastgo_slot *slot, size_t used, const char *data, Py_ssize_t size, PyObject *owner)
{
    slot->body.size = (uint64_t)size;
    if ((size_t)size <= FASTGO_ANSWER_INLINE - used) {
        slot->body.data = memcpy(slot->answer_bytes + used, data, (size_t)size);
        return;
    }
    slot->body.data = data;
    Py_INCREF(owner);
    slot->owners[0] = owner;
}

static int answer_encoded(struct fastgo_slot *slot, PyObject *result, PyObject *encode)
{
    PyObject *body = PyObject_CallFunctionObjArgs(encode, result, NULL);
    if (body == NULL) {
        return -1;
    }
    char *data;
    Py_ssize_t size;
    int failed = PyBytes_AsStringAndSize(body, &data, &size);
    if (!failed) {
        begin(slot, 200);
        slot->content_type = constant(json);
        set_body(slot, 0, data, size, body);
    }
    Py_DECREF(body);
    return failed;
}

static void remember(struct fastgo_encoder *encoder, PyObject *type, PyObject *encode)
{
    PyObject *old_type = encoder->type, *old_encode = encoder->encode;
    encoder->type = Py_NewRef(type);
    encoder->encode = Py_NewRef(encode);
    Py_XDECREF(old_type);
    Py_XDECREF(old_encode);
}

int fastgo_answer(struct fastgo_slot *slot, PyObject *result, struct fastgo_encoder *encoder, PyObject *convert)
{
    Py_ssize_t size;
    if (PyUnicode_Check(result)) {
        const char *text = PyUnicode_AsUTF8AndSize(result, &size);
        if (text == NULL) {
            return -1;
        }
        begin(slot, 200);
        slot->content_type = constant(plain_text);
        set_body(slot, 0, text, size, result);
        return 0;
    }
    if (PyBytes_Check(result)) {
        char *data;
        if (PyBytes_AsStringAndSize(result, &data, &size) < 0) {
            return -1;
        }
        begin(slot, 200);
        slot->content_type = constant(octets);
        set_body(slot, 0, data, size, result);
        return 0;
    }
    if (result == Py_None) {
        begin(slot, 204);
        return 0;
    }
    PyObject *converted; /* a triple, or what encodes it */
    if (encoder->type == (PyObject *)Py_TYPE(result)) {
        converted = Py_NewRef(encoder->encode); /* which another thread may replace */
    } else {
        converted = PyObject_CallFunctionObjArgs(convert, result, NULL);
    }
    if (converted == NULL) {
        return -1;
    }
    int failed;
    if (PyTuple_Check(converted)) {
        failed = fastgo_answer_triple(slot, converted);
    } else {
        failed = answer_encoded(slot, result, converted);
        if (!failed && encoder->type != (PyObject *)Py_TYPE(result)) {
            remember(encoder, (PyObject *)Py_TYPE(result), converted);
        }
    }
    Py_DECREF(converted);
    return failed;
}

/* --- fields --- */

/* A token (RFC 9110, section 5.6.2). */
static bool is_token(const char *text, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || ('0' <= c && c <= '9');
        if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return size > 0;
}

/* The value of a field, which must not end its line (RFC 9110, section 5.5). */
static bool is_value(const char *text, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static const char *checked(PyObject *text, Py_ssize_t *size, bool (*check)(const char *, Py_ssize_t), const char *what)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "the %s of a header field must be str, not %R", what, text);
        return NULL;
    }
    const char *data = PyUnicode_AsUTF8AndSize(text, size);
    if (data != NULL && !check(data, *size)) {
        PyErr_Format(PyExc_ValueError, "%R cannot be the %s of a header field", text, what);
        return NULL;
    }
    return data;
}

static bool is_named(const char *name, Py_ssize_t size, const char *other)
{
    return (size_t)size == strlen(other) && PyOS_mystrnicmp(name, other, size) == 0;
}

/* Fields that a response has once at most, and not empty. */
static int check_once(const char *name, Py_ssize_t size, Py_ssize_t value_size, bool *seen)
{
    static const char *const once[] = {"content-type", "content-encoding"};
    for (int i = 0; i < 2; i++) {
        if (is_named(name, size, once[i])) {
            if (seen[i] || value_size == 0) {
                PyErr_Format(PyExc_ValueError, "the header field %s is there twice, or empty", once[i]);
                return -1;
            }
            seen[i] = true;
        }
    }
    return 0;
}

/* Visits the pairs: measures them where into is NULL, else writes their lines. */
static Py_ssize_t write_fields(PyObject *pairs, char *into)
{
    Py_ssize_t written = 0, count = PySequence_Size(pairs);
    bool seen[2] = {false, false};
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *pair = PySequence_GetItem(pairs, i), *name, *value;
        if (pair == NULL) {
            return -1;
        }
        Py_ssize_t name_size, value_size;
        const char *name_data = NULL, *value_data = NULL;
        if (!PyTuple_Check(pair)) {
            PyErr_Format(PyExc_TypeError, "header fields must be pairs (name, value), not %R", pair);
        } else if (PyArg_ParseTuple(pair, "OO", &name, &value) &&
                   (name_data = checked(name, &name_size, is_token, "name")) != NULL) {
            value_data = checked(value, &value_size, is_value, "value");
        }
        if (value_data == NULL || check_once(name_data, name_size, value_size, seen) < 0) {
            Py_DECREF(pair);
            return -1;
        }
        if (into != NULL) {
            char *line = into + written;
            memcpy(line, name_data, (size_t)name_size);
            memcpy(line + name_size, ": ", 2);
            memcpy(line + name_size + 2, value_data, (size_t)value_size);
            memcpy(line + name_size + 2 + value_size, "\r\n", 2);
        }
        written += name_size + value_size + 4;
        Py_DECREF(pair);
    }
    return count < 0 ? -1 : written;
}

/* Sets the fields from their pairs. Returns how much room of the slot that took. */
static Py_ssize_t set_fields(struct fastgo_slot *slot, PyObject *given)
{
    PyObject *pairs = PySequence_Tuple(given); /* which nobody changes between the two passes */
    Py_ssize_t size = pairs == NULL ? -1 : write_fields(pairs, NULL), used = -1;
    if (size >= 0 && size <= FASTGO_ANSWER_INLINE) {
        slot->fields.data = slot->answer_bytes;
        used = size;
    } else if (size >= 0) {
        PyObject *memory = PyBytes_FromStringAndSize(NULL, size);
        if (memory != NULL) {
            slot->owners[1] = memory;
            slot->fields.data = PyBytes_AsString(memory);
            used = 0;
        }
    }
    if (used >= 0) {
        write_fields(pairs, (char *)slot->fields.data);
        slot->fields.size = (uint64_t)size;
    }
    Py_XDECREF(pairs);
    return used;
}

/* Sets the Content-Type alone. Returns how much room of the slot that took. */
static Py_ssize_t set_content_type(struct fastgo_slot *slot, PyObject *text)
{
    Py_ssize_t size;
    const char *data = checked(text, &size, is_value, "value");
    if (data == NULL) {
        return -1;
    }
    if (size > FASTGO_ANSWER_INLINE) {
        PyErr_SetString(PyExc_ValueError, "a Content-Type is too long");
        return -1;
    }
    slot->content_type.data = memcpy(slot->answer_bytes, data, (size_t)size);
    slot->content_type.size = (uint64_t)size;
    return size;
}

int fastgo_answer_triple(struct fastgo_slot *slot, PyObject *triple)
{
    int status;
    PyObject *head, *body;
    if (!PyTuple_Check(triple)) {
        PyErr_Format(PyExc_TypeError, "an answer must be a tuple (status, header, body), not %R", triple);
        return -1;
    }
    if (!PyArg_ParseTuple(triple, "iOS;an answer is (status, header, body), and its body is bytes", &status, &head, &body)) {
        return -1;
    }
    if (status < 200 || status > 599) {
        PyErr_Format(PyExc_ValueError, "%d is no final status (200 to 599)", status);
        return -1;
    }
    begin(slot, (uint32_t)status);
    Py_ssize_t used = 0;
    if (PyUnicode_Check(head)) {
        used = set_content_type(slot, head);
    } else if (head != Py_None) {
        used = set_fields(slot, head);
    }
    char *data;
    Py_ssize_t size;
    if (used < 0 || PyBytes_AsStringAndSize(body, &data, &size) < 0) {
        return -1;
    }
    set_body(slot, (size_t)used, data, size, body);
    return 0;
}

void fastgo_answer_gone(struct fastgo_slot *slot)
{
    begin(slot, 499);
    slot->content_type = constant(plain_text);
    slot->body = constant("499 Client Closed Request\n");
}

void fastgo_answer_error(struct fastgo_slot *slot)
{
    begin(slot, 500);
    slot->content_type = constant(plain_text);
    slot->body = constant("500 Internal Server Error\n");
}

void fastgo_answer_drop(struct fastgo_slot *slot)
{
    for (int i = 0; i < 2; i++) {
        PyObject *owned = slot->owners[i];
        slot->owners[i] = NULL;
        Py_XDECREF(owned);
    }
}
