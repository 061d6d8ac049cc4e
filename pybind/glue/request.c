//go:build python

/*
 * A request decodes what it is asked for when it is asked, and keeps it. While its
 * handler runs it borrows the slot, which costs nothing. When the handler has
 * returned, the reference of the worker goes; a request that is still there then was
 * kept by somebody, and gets a copy of the slot's head and bytes.
 *
 * That may happen while another thread asks, wherever that lets others run: so the slot
 * is not looked at after anything is called that may run Python code, and, up to 3.11,
 * after an object is made that the collector knows.
 */
#include "request.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { METHOD, PATH, QUERY_STRING, RAW_HEADERS, BODY, PARAMS, CLIENT, QUERY, HEADERS, COOKIES, STATE, ATTRIBUTES };

typedef struct request {
    PyObject_HEAD
    /* Lent by the worker or a copy of our own; NULL where there was no memory
     * for that. */
    struct fastgo_slot *slot;
    bool own;
    /* While it is lent: where to note that the request has gone. */
    bool *gone;
    PyObject *kept[ATTRIBUTES];
} request;

static struct fastgo_slot *slot_of(request *self)
{
    if (self->slot == NULL) {
        PyErr_NoMemory();
    }
    return self->slot;
}

/* --- what is made of the slot --- */

static PyObject *decoded(const struct fastgo_slot *slot, struct fastgo_span span)
{
    return PyUnicode_DecodeUTF8(slot->request.data + span.offset, span.size, "surrogateescape");
}

static PyObject *make_method(request *self)
{
    return decoded(self->slot, self->slot->method);
}

static PyObject *make_path(request *self)
{
    return decoded(self->slot, self->slot->path);
}

static PyObject *make_query_string(request *self)
{
    return decoded(self->slot, self->slot->query);
}

static PyObject *make_raw_headers(request *self)
{
    const struct fastgo_slot *slot = self->slot;
    return PyBytes_FromStringAndSize(slot->request.data + slot->header.offset, slot->header.size);
}

static PyObject *make_body(request *self)
{
    const struct fastgo_slot *slot = self->slot;
    return PyBytes_FromStringAndSize(slot->request.data + slot->body_offset, (Py_ssize_t)slot->body_size);
}

static PyObject *make_params(request *self)
{
    PyObject *params = PyDict_New();
    uint32_t count = params != NULL && slot_of(self) != NULL ? self->slot->param_count : 0;
    for (uint32_t i = 0; i < count && slot_of(self) != NULL; i++) {
        PyObject *name = decoded(self->slot, self->slot->params[i].name);
        PyObject *value = decoded(self->slot, self->slot->params[i].value);
        if (name != NULL && value != NULL) {
            PyDict_SetItem(params, name, value);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (PyErr_Occurred()) {
            break;
        }
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(params);
    }
    return params;
}

static PyObject *make_client(request *self)
{
    const struct fastgo_slot *slot = self->slot;
    char text[INET6_ADDRSTRLEN];
    const unsigned char *address = slot->peer_address;
    bool mapped = IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
    if (!slot->has_peer || inet_ntop(mapped ? AF_INET : AF_INET6, address + (mapped ? 12 : 0), text, sizeof(text)) == NULL) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(si)", text, (int)slot->peer_port);
}

/* What the property makes that the base has in Python. */
static PyObject *ask_base(request *self, const char *name)
{
    PyObject *base = PyType_GetSlot(Py_TYPE((PyObject *)self), Py_tp_base);
    PyObject *property = PyObject_GetAttrString(base, name);
    PyObject *made = property == NULL ? NULL : PyObject_CallMethod(property, "__get__", "O", (PyObject *)self);
    Py_XDECREF(property);
    return made;
}

static PyObject *make_query(request *self)
{
    return ask_base(self, "query");
}

static PyObject *make_headers(request *self)
{
    return ask_base(self, "headers");
}

static PyObject *make_cookies(request *self)
{
    return ask_base(self, "cookies");
}

static PyObject *make_state(request *self)
{
    return ask_base(self, "state");
}

/* --- attributes --- */

static PyObject *(*const makers[ATTRIBUTES])(request *) = {
    [METHOD] = make_method,
    [PATH] = make_path,
    [QUERY_STRING] = make_query_string,
    [RAW_HEADERS] = make_raw_headers,
    [BODY] = make_body,
    [PARAMS] = make_params,
    [CLIENT] = make_client,
    [QUERY] = make_query,
    [HEADERS] = make_headers,
    [COOKIES] = make_cookies,
    [STATE] = make_state,
};

static PyObject *kept(request *self, size_t attribute)
{
    if (self->kept[attribute] == NULL) {
        PyObject *made = slot_of(self) == NULL ? NULL : makers[attribute](self);
        if (self->kept[attribute] == NULL) {
            self->kept[attribute] = made;
        } else { /* another thread was faster */
            Py_XDECREF(made);
            PyErr_Clear();
        }
    }
    return Py_XNewRef(self->kept[attribute]);
}

static PyObject *get(PyObject *self, void *maker)
{
    return kept((request *)self, (size_t)((PyObject * (*const *)(request *)) maker - makers));
}

static PyObject *represent(PyObject *self)
{
    PyObject *method = kept((request *)self, METHOD);
    PyObject *path = method == NULL ? NULL : kept((request *)self, PATH);
    PyObject *text = path == NULL ? NULL : PyUnicode_FromFormat("<fastgo.Request %U %U>", method, path);
    Py_XDECREF(method);
    Py_XDECREF(path);
    return text;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (int i = 0; i < ATTRIBUTES; i++) {
        Py_VISIT(((request *)self)->kept[i]);
    }
    return 0;
}

static int clear(PyObject *self)
{
    for (int i = 0; i < ATTRIBUTES; i++) {
        Py_CLEAR(((request *)self)->kept[i]);
    }
    return 0;
}

static void dealloc(PyObject *self)
{
    request *this = (request *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (this->gone != NULL) {
        *this->gone = true;
    }
    clear(self);
    if (this->own) {
        PyMem_Free(this->slot);
    }
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

#define ATTRIBUTE(name, number) {name, get, NULL, NULL, (void *)&makers[number]}

static PyGetSetDef attributes[] = {
    ATTRIBUTE("method", METHOD),
    ATTRIBUTE("path", PATH),
    ATTRIBUTE("query_string", QUERY_STRING),
    ATTRIBUTE("raw_headers", RAW_HEADERS),
    ATTRIBUTE("body", BODY),
    ATTRIBUTE("params", PARAMS),
    ATTRIBUTE("client", CLIENT),
    ATTRIBUTE("query", QUERY),
    ATTRIBUTE("headers", HEADERS),
    ATTRIBUTE("cookies", COOKIES),
    ATTRIBUTE("state", STATE),
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
