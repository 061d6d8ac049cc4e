//go:build python

/*
 * A request decodes what it is asked for when it is asked. While its handler
 * runs it borrows the slot, which costs nothing. When the handler has returned,
 * the reference of the worker goes; a request that is still there then was
 * kept by somebody, and gets a copy of the slot's head and bytes.
 */
#include "request.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct request {
    PyObject_HEAD
    /* Lent by the worker or a copy of our own; NULL where there was no memory
     * for that. */
    struct fastgo_slot *slot;
    bool own;
    /* While it is lent: where to note that the request has gone. */
    bool *gone;
} request;

static struct fastgo_slot *slot_of(PyObject *self)
{
    struct fastgo_slot *slot = ((request *)self)->slot;
    if (slot == NULL) {
        PyErr_NoMemory();
    }
    return slot;
}

static PyObject *decoded(struct fastgo_slot *slot, struct fastgo_span span)
{
    return PyUnicode_DecodeUTF8(slot->request.data + span.offset, span.size, "surrogateescape");
}

static PyObject *get_method(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    return slot == NULL ? NULL : decoded(slot, slot->method);
}

static PyObject *get_path(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    return slot == NULL ? NULL : decoded(slot, slot->path);
}

static PyObject *get_query(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    return slot == NULL ? NULL : decoded(slot, slot->query);
}

static PyObject *get_raw_headers(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    if (slot == NULL) {
        return NULL;
    }
    return PyBytes_FromStringAndSize(slot->request.data + slot->header.offset, slot->header.size);
}

static PyObject *get_body(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    if (slot == NULL) {
        return NULL;
    }
    return PyBytes_FromStringAndSize(slot->request.data + slot->body_offset, (Py_ssize_t)slot->body_size);
}

static PyObject *get_params(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    PyObject *params = slot == NULL ? NULL : PyDict_New();
    if (params == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < slot->param_count; i++) {
        PyObject *name = decoded(slot, slot->params[i].name);
        PyObject *value = decoded(slot, slot->params[i].value);
        int failed = name == NULL || value == NULL || PyDict_SetItem(params, name, value) < 0;
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (failed) {
            Py_DECREF(params);
            return NULL;
        }
    }
    return params;
}

static PyObject *get_client(PyObject *self, void *Py_UNUSED(closure))
{
    struct fastgo_slot *slot = slot_of(self);
    if (slot == NULL) {
        return NULL;
    }
    char text[INET6_ADDRSTRLEN];
    const unsigned char *address = slot->peer_address;
    bool mapped = IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
    if (!slot->has_peer || inet_ntop(mapped ? AF_INET : AF_INET6, address + (mapped ? 12 : 0), text, sizeof(text)) == NULL) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(si)", text, (int)slot->peer_port);
}

static PyObject *represent(PyObject *self)
{
    PyObject *method = get_method(self, NULL), *path = get_path(self, NULL), *text = NULL;
    if (method != NULL && path != NULL) {
        text = PyUnicode_FromFormat("<fastgo.Request %U %U>", method, path);
    }
    Py_XDECREF(method);
    Py_XDECREF(path);
    return text;
}

static void dealloc(PyObject *self)
{
    request *this = (request *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (this->gone != NULL) {
        *this->gone = true;
    }
    if (this->own) {
        PyMem_Free(this->slot);
    }
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* It refers to nothing but its type. The base is a class of Python's, whose
 * instances are all seen by the collector. */
static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyGetSetDef attributes[] = {
    {"method", get_method, NULL, NULL, NULL},
    {"path", get_path, NULL, NULL, NULL},
    {"query", get_query, NULL, NULL, NULL},
    {"raw_headers", get_raw_headers, NULL, NULL, NULL},
    {"body", get_body, NULL, NULL, NULL},
    {"params", get_params, NULL, NULL, NULL},
    {"client", get_client, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot type_slots[] = {
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_traverse, (void *)traverse},
    {Py_tp_repr, (void *)represent},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec type_spec = {
    .name = "fastgo.Request",
    .basicsize = sizeof(request),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = type_slots,
};

PyObject *fastgo_request_type(PyObject *Py_UNUSED(module), PyObject *base)
{
    return PyType_FromSpecWithBases(&type_spec, base);
}

PyObject *fastgo_request_new(PyTypeObject *type, struct fastgo_slot *slot)
{
    request *made = (request *)PyType_GenericAlloc(type, 0);
    if (made != NULL) {
        made->slot = slot;
    }
    return (PyObject *)made;
}

void fastgo_request_release(PyObject *self)
{
    request *this = (request *)self;
    bool gone = false;
    this->gone = &gone;
    Py_DECREF(self);
    if (gone) {
        return;
    }
    this->gone = NULL;
    const struct fastgo_slot *lent = this->slot;
    const size_t head = offsetof(struct fastgo_slot, request_bytes);
    struct fastgo_slot *copy = PyMem_Malloc(head + lent->request.size);
    if (copy != NULL) {
        char *bytes = (char *)copy + head;
        memcpy(copy, lent, head);
        memcpy(bytes, lent->request.data, lent->request.size);
        copy->request.data = bytes;
    }
    this->slot = copy;
    this->own = true;
}
