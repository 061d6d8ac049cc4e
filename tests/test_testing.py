"""fastgo.testing: clients that bring the server of an app with them."""

import asyncio
import doctest
import inspect
import threading

import anyio
import httpx
import pytest

import fastgo.testing
from fastgo.testing import AsyncClient, Client
from tests.client import refuses
from tests.programs import Programs
from tests.servers import texts

HELLO = texts(root="Hello, World!")


def no_server_runs() -> bool:
    return not fastgo._server._running


@pytest.mark.smoke
def test_requests_reach_the_app_until_the_client_is_closed(engine: str) -> None:
    app = fastgo.App()
    app.post("/users/{key}", lambda key, request: {"key": key, "body": request.body.decode()})
    with Client(app, engine=engine) as client:
        assert isinstance(client, httpx.Client)
        assert client.server.engine == engine
        answer = client.post("/users/7", content="text")
        assert (answer.status_code, answer.json()) == (200, {"key": "7", "body": "text"})
        assert client.get("/nowhere").status_code == 404
        assert client.server.stats().connections_accepted == 1
    assert refuses(client.server.url)


def test_client_serves_from_its_making_on_and_close_ends_it(engine: str) -> None:
    client = Client(HELLO, engine=engine)
    assert client.get("/").text == "Hello, World!"
    client.close()
    assert refuses(client.server.url)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/")


def test_exception_stops_the_server(engine: str) -> None:
    client = Client(HELLO, engine=engine)
    with pytest.raises(ZeroDivisionError), client:
        raise ZeroDivisionError
    assert refuses(client.server.url)


def test_server_is_stopped_though_the_connections_cannot_be_closed(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_transport: object, *_: object) -> None:
        raise OSError

    for close in ("close", "__exit__"):
        client = Client(HELLO, engine=engine)
        monkeypatch.setattr(httpx.HTTPTransport, close, fail)
        with pytest.raises(OSError):  # noqa: PT011 (it has no text)
            getattr(client, close)()
        monkeypatch.undo()
        assert refuses(client.server.url)


def test_options_reach_the_server(engine: str) -> None:
    names: set[str] = set()

    def employ() -> None:
        names.update(each.name for each in threading.enumerate())

    app = fastgo.App()
    app.post("/", employ)
    limits = fastgo.Limits(body=10)
    with Client(
        app,
        engine=engine,
        loops=1,
        limits=limits,
        threads=3,
        loop="asyncio",
        slow_handler=0,
        debug=False,
    ) as client:
        assert client.server.loops == 1
        assert client.post("/", content=b"x" * 11).status_code == 413
        assert client.post("/", content=b"x" * 10).status_code == 204
    assert {name for name in names if name.startswith("fastgo-worker")} == {
        f"fastgo-worker-{number}" for number in (1, 2, 3)
    }


def test_options_reach_httpx(engine: str) -> None:
    app = fastgo.App()
    app.get("/", lambda request: request.raw_headers)
    app.get("/old", fastgo.redirect("/"))
    with Client(
        app,
        engine=engine,
        headers=[("X-A", "1"), ("X-A", "2")],
        cookies={"key": "value"},
        timeout=7.0,
        follow_redirects=True,
    ) as client:
        assert client.timeout == httpx.Timeout(7.0)
        assert client.get("/old").url.path == "/"
        fields = client.get("/").text.lower()
        assert all(field in fields for field in ("x-a: 1", "x-a: 2", "cookie: key=value"))
    with Client(app, engine=engine) as client:
        assert client.get("/old").is_redirect


def test_routes_of_another_host_are_reached_by_a_header(engine: str) -> None:
    app = fastgo.App()
    app.host("a.example").get("/", fastgo.text("a"))
    with Client(app, engine=engine) as client:
        assert client.get("/").status_code == 404
        assert client.get("/", headers={"Host": "a.example"}).text == "a"


def test_proxies_of_the_environment_are_ignored(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def ask() -> str:
        async with AsyncClient(HELLO, engine=engine) as client:
            return (await client.get("/")).text

    with Client(HELLO, engine=engine) as client:
        assert client.get("/").text == "Hello, World!"
    assert asyncio.run(ask()) == "Hello, World!"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_wrong_arguments_leave_no_server_behind(kind: type[Client]) -> None:
    with pytest.raises(fastgo.ConfigError, match="app must be"):
        kind("app")  # type: ignore[arg-type]
    with pytest.raises(fastgo.ConfigError, match="engine"):
        kind(HELLO, engine="steam")
    with pytest.raises(TypeError, match="unknown"):
        kind(HELLO, unknown=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        kind(HELLO, headers=7)  # type: ignore[arg-type]
    assert no_server_runs()


@pytest.mark.smoke
def test_coroutines_have_a_client_too(engine: str) -> None:
    app = fastgo.App()
    app.get("/{name}", lambda name: name)

    async def ask() -> tuple[list[str], str]:
        async with AsyncClient(app, engine=engine) as client:
            assert isinstance(client, httpx.AsyncClient)
            names = [str(number) for number in range(50)]
            answers = await asyncio.gather(*(client.get(f"/{name}") for name in names))
            assert [answer.text for answer in answers] == names
            return names, client.server.url

    _, url = asyncio.run(ask())
    assert refuses(url)


def test_coroutine_closes_its_client(engine: str) -> None:
    async def ask() -> str:
        client = AsyncClient(HELLO, engine=engine)
        assert (await client.get("/")).text == "Hello, World!"
        await client.aclose()
        await client.aclose()
        return client.server.url

    assert refuses(asyncio.run(ask()))


def test_event_loop_goes_on_while_the_server_stops(engine: str) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def wait() -> str:
        asked.set()
        go_on.wait()
        return "waited"

    app = fastgo.App()
    app.get("/", wait)

    async def ask() -> None:
        async with AsyncClient(app, engine=engine) as client:
            request = asyncio.create_task(client.get("/"))
            await asyncio.to_thread(asked.wait)
            stopping = asyncio.create_task(client._stop())
            await asyncio.sleep(0)  # it has begun
            go_on.set()
            assert (await request).text == "waited"
            await stopping

    asyncio.run(ask())


def test_cancelled_task_stops_the_server(engine: str) -> None:
    async def use(client: AsyncClient) -> None:
        async with client:
            await client.get("/")
            asked.set()
            await asyncio.Event().wait()

    async def by_task(client: AsyncClient) -> None:
        task = asyncio.create_task(use(client))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def by_scope(client: AsyncClient) -> None:
        with anyio.CancelScope() as scope:  # which cancels whatever is awaited in it
            async with client:
                scope.cancel()
                await anyio.sleep_forever()

    for cancel in (by_task, by_scope):
        asked = asyncio.Event()
        client = AsyncClient(HELLO, engine=engine)
        asyncio.run(cancel(client))
        assert refuses(client.server.url)


def test_client_that_nobody_closes_does_not_hold_up_the_end(programs: Programs) -> None:
    out = programs.run(
        """
        import fastgo.testing
        app = fastgo.App()
        app.get("/", lambda: "x")
        client = fastgo.testing.Client(app, engine=ENGINE)
        print(client.get("/").text)
        streaming = client.stream("GET", "/")
        print(streaming.__enter__().status_code)
        """
    )
    assert out == "x\n200\n"


def test_missing_httpx_is_told_with_the_way_to_get_it(programs: Programs) -> None:
    out = programs.run(
        """
        import sys
        sys.modules["httpx"] = None
        try:
            import fastgo.testing
        except ImportError as error:
            print(error)
        """
    )
    assert out.startswith("fastgo.testing needs httpx, which cannot be loaded")
    assert out.endswith("run pip install 'fastgo[testing]'\n")


@pytest.mark.parametrize("name", ["Client", "AsyncClient"])
def test_examples_hold(name: str) -> None:
    kind = getattr(fastgo.testing, name)
    names = {"fastgo": fastgo, "asyncio": asyncio}
    runner, report = doctest.DocTestRunner(), list[str]()
    for test in doctest.DocTestFinder().find(kind, name, module=False, globs=names):
        runner.run(test, out=report.append)
    assert runner.tries > 0
    assert runner.failures == 0, "".join(report)
    assert no_server_runs()


def test_options_are_those_of_serve() -> None:
    options = fastgo.testing.ServerOptions.__annotations__
    offered = inspect.signature(fastgo.serve).parameters
    assert options.keys() <= offered.keys()
    assert {name: offered[name].annotation for name in options} == options
    assert all(f"`{name}`" in (Client.__init__.__doc__ or "") for name in options)
