"""Channels between native handlers and Python: fastgo_concurrency.h, being served."""

import ctypes
import threading
from pathlib import Path

import pytest

import fastgo
from fastgo.concurrency import chan, run
from tests.client import Client
from tests.compilers import compile_c, compile_cython
from tests.servers import Serve

HANDLERS = """
#include <fastgo.h>
#include <stdlib.h>

FASTGO_DECLARE_LAYOUT;

int collect(const fastgo_request *request, fastgo_response *response, void *events)
{
    int sent = fastgo_chan_try_send((fastgo_chan *)events, request->body.data, request->body.size);
    (void)response;
    return sent == FASTGO_OK ? 202 : sent == FASTGO_WAIT ? 503 : sent == FASTGO_CLOSED ? 410 : 500;
}

int take(const fastgo_request *request, fastgo_response *response, void *jobs)
{
    char room[16];
    size_t size = 0;
    int received = fastgo_chan_try_recv((fastgo_chan *)jobs, room, sizeof room, &size);
    (void)request;
    fastgo_printf(response, "%.*s/%zu", received == FASTGO_OK ? (int)size : 0, room, size);
    switch (received) {
    case FASTGO_OK: return 200;
    case FASTGO_WAIT: return 404;
    case FASTGO_TOO_LARGE: return 413;
    default: return 410;
    }
}

int count(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_chan *numbers = data;
    int64_t number = 0;
    int status = fastgo_param_int64(request, response, "number", &number);
    if (status != 0) {
        return status;
    }
    fastgo_printf(response, "%zu of %zu", fastgo_len(numbers), fastgo_cap(numbers));
    return fastgo_chan_try_send_int(numbers, number) == FASTGO_OK ? 200 : 503;
}
"""


# The handler answers at once, and a task goes on: it counts down to 1, as fast as it is received.
HANDLERS += """
struct countdown {
    fastgo_chan *out;
    int64_t left;
};

static int count_down(fastgo_task *task, void *state)
{
    struct countdown *countdown = state;
    for (; countdown->left > 0; countdown->left--) {
        int sent = fastgo_task_send_int(task, countdown->out, countdown->left);
        if (sent != FASTGO_OK) {
            return sent == FASTGO_WAIT ? FASTGO_WAIT : FASTGO_DONE;
        }
    }
    fastgo_close(countdown->out);
    return FASTGO_DONE;
}

static void release(void *state)
{
    fastgo_drop(((struct countdown *)state)->out);
    free(state);
}

int start(const fastgo_request *request, fastgo_response *response, void *data)
{
    fastgo_chan *out = data;
    struct countdown *countdown = malloc(sizeof *countdown);
    if (countdown == NULL) {
        return 500;
    }
    fastgo_hold(out);
    countdown->out = out;
    fastgo_param_int64(request, response, "number", &countdown->left);
    if (fastgo_go(fastgo_concurrency_of(out), count_down, countdown, release) != FASTGO_OK) {
        release(countdown);
        return 503;
    }
    return 202;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return ctypes.CDLL(str(compile_c(tmp_path_factory.mktemp("channels"), HANDLERS)))


@pytest.mark.smoke
def test_native_handler_feeds_a_thread(serve: Serve, library: ctypes.CDLL) -> None:
    events = chan(100, of=bytes)
    app = fastgo.App()
    app.post("/", fastgo.native(library, "collect", data=events.address, keep=events))
    received: list[bytes] = []
    consumer = threading.Thread(target=lambda: received.extend(events))
    consumer.start()
    sent = [b"%d" % number * 50 for number in range(500)]
    with Client(serve(app).url) as client:
        for body in sent:
            while client.ask("POST", "/", body).status == 503:  # the consumer is behind
                pass
        events.close()
        assert client.ask("POST", "/", b"late").status == 410
    consumer.join()
    assert received == sent


def test_native_handler_feeds_a_coroutine(serve: Serve, library: ctypes.CDLL) -> None:
    numbers = chan(4, of=int)
    app = fastgo.App()
    app.get("/{number:int}", fastgo.native(library, "count", data=numbers.address, keep=numbers))
    url = serve(app).url

    def ask() -> None:
        with Client(url) as client:
            for number in (1, -(2**63), 2**63 - 1):
                assert client.get(f"/{number}").status == 200

    async def main() -> list[int]:
        asking = threading.Thread(target=ask)
        asking.start()
        received = [await numbers.arecv() for _ in range(3)]
        asking.join()
        return [number for number in received if number is not None]

    assert run(main()) == [1, -(2**63), 2**63 - 1]


def test_native_handler_answers_at_once_where_a_channel_is_full_or_empty(
    serve: Serve, library: ctypes.CDLL
) -> None:
    full, jobs, rendezvous = chan(2, of=bytes), chan(2, of=bytes), chan(of=int)
    app = fastgo.App()
    app.post("/full", fastgo.native(library, "collect", data=full.address, keep=full))
    app.get("/jobs", fastgo.native(library, "take", data=jobs.address, keep=jobs))
    app.get("/count/{number:int}", fastgo.native(library, "count", data=rendezvous.address))
    app.post("/wrong", fastgo.native(library, "collect", data=rendezvous.address))
    with Client(serve(app).url) as client:
        statuses = [client.ask("POST", "/full", b"x").status for _ in range(3)]
        assert statuses == [202, 202, 503]
        assert client.get("/count/1").status == 503, "nobody receives"
        assert client.ask("POST", "/wrong", b"x").status == 500, "bytes into a channel of int"
        assert client.get("/jobs").status == 404
        jobs.send(b"build")
        jobs.send(b"a job that is too long")
        assert client.get("/jobs").body == b"build/5"
        answer = client.get("/jobs")
        assert (answer.status, answer.body) == (413, b"/22")
        assert jobs.recv() == b"a job that is too long", "it is still there"
        jobs.close()
        assert client.get("/jobs").status == 410


def test_server_keeps_the_channel_of_a_handler(serve: Serve, library: ctypes.CDLL) -> None:
    events = chan(1, of=bytes)
    app = fastgo.App()
    app.post("/", fastgo.native(library, "collect", data=events.address, keep=events))
    server = serve(app)
    del app, events
    with Client(server.url) as client:
        assert [client.ask("POST", "/", b"x").status for _ in range(2)] == [202, 503]


def test_native_handler_starts_a_task(serve: Serve, library: ctypes.CDLL) -> None:
    numbers = chan(of=int)
    app = fastgo.App()
    app.post("/{number:int}", fastgo.native(library, "start", data=numbers.address, keep=numbers))
    with Client(serve(app).url) as client:
        assert client.ask("POST", "/1000").status == 202
        assert list(numbers) == list(range(1000, 0, -1))


CYTHON = """
# cython: language_level=3
from fastgo cimport (
    FASTGO_OK, export, fastgo_chan, fastgo_chan_try_send, fastgo_request, fastgo_response)

cdef int collect(
        const fastgo_request *request, fastgo_response *response, void *events) noexcept nogil:
    cdef int sent = fastgo_chan_try_send(
        <fastgo_chan *> events, request.path.data, request.path.size)
    return 202 if sent == FASTGO_OK else 503

collect_handler = export(collect)
"""


def test_cython_feeds_python(serve: Serve, tmp_path: Path) -> None:
    events = chan(1, of=bytes)
    app = fastgo.App()
    module = compile_cython(tmp_path, CYTHON)
    app.get("/path", fastgo.native(module.collect_handler, data=events.address, keep=events))
    with Client(serve(app).url) as client:
        assert [client.get("/path").status for _ in range(2)] == [202, 503]
    assert events.recv() == b"/path"
