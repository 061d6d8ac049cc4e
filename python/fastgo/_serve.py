"""serve: starts a server in the background."""

from fastgo._app import App
from fastgo._checks import check_bool, check_choice, check_int, check_seconds, check_text
from fastgo._demo import demo
from fastgo._errors import ConfigError
from fastgo._limits import Limits
from fastgo._server import Server, check_app

_MOST_THREADS = 256  # MOST_THREADS of _workers.py, which most programs do not need


def serve(
    app: App | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    uds: str | None = None,
    fd: int | None = None,
    backlog: int = 0,
    engine: str = "auto",
    loops: int | None = None,
    limits: Limits | None = None,
    threads: int | None = None,
    loop: str = "auto",
    slow_handler: float = 10.0,
    debug: bool = False,
) -> Server:
    """Serves an app in the background and returns when it accepts connections.

    Args:
        app: The routes; None serves the demo.
        host: IP address or name to listen on. "0.0.0.0" listens on all of IPv4, "::" on
            all of IPv6 and IPv4.
        port: TCP port; 0 takes a free one, which `Server.port` tells.
        uds: Path of a Unix socket to listen on in place of host and port. A socket that
            nobody listens on any more is replaced.
        fd: Descriptor of a listening TCP or Unix socket to serve on in place of all of the
            above, as a parent process or systemd passes it on; see `systemd_socket`. It is
            duplicated: closing it stays the caller's business.
        backlog: Connections that may wait to be accepted; 0 means as many as the system
            allows.
        engine: "epoll", event loops of fastgo's own, on Linux; "fasthttp" everywhere;
            "auto", the best one that is there.
        loops: How many cores to serve on; None means all that the process may use, by its
            affinity and its control group.
        limits: What clients may ask; None means the defaults of `Limits`.
        threads: How many threads run Python functions, where the app has any; None means four
            more than the cores that the process may use, and 32 at most.
        loop: The event loop that runs coroutine functions, where the app has any: "asyncio",
            "uvloop", or "auto" for uvloop where that is installed.
        slow_handler: Seconds after which a Python function that has not returned is reported in
            the log, with its stack; 0 reports none.
        debug: Whether clients are shown what went wrong in a Python function: its traceback, with
            the lines of the source. And whether a crash in a native handler is reported on
            standard error, with the route and the function, before the process dies of it, which
            holds for the whole process from then on. Not for production.

    Returns:
        The running server, which is also a context manager that stops it.

    Raises:
        ConfigError: The app or an option is wrong.
        BindError: The address cannot be listened on.
        ForkError: The process was forked from one that had served already.

    Example:
        >>> with serve(demo(), port=0) as server:
        ...     server.stats().requests
        0
    """
    app = demo() if app is None else check_app(app)
    limits = Limits() if limits is None else limits
    if not isinstance(limits, Limits):
        raise ConfigError(f"limits must be fastgo.Limits, not {type(limits).__name__}")
    check_text("host", host)
    check_int("port", port)
    check_text("engine", engine)
    if uds is not None:
        check_text("uds", uds)
        if not uds:
            raise ConfigError("uds is empty; write a path, or None to listen on host and port")
    if fd is not None:
        check_int("fd", fd)
    check_int("backlog", backlog)
    if loops is not None:
        check_int("loops", loops)
        if loops < 1:
            raise ConfigError(f"loops must be 1 or more, not {loops}; None means all cores")
    if threads is not None:
        check_int("threads", threads)
        if not 1 <= threads <= _MOST_THREADS:
            raise ConfigError(f"threads must be 1 to {_MOST_THREADS}, not {threads}")
    check_choice("loop", loop, ("auto", "asyncio", "uvloop"))
    if loop == "uvloop":
        _check_uvloop()
    check_seconds("slow_handler", slow_handler)
    if slow_handler < 0:
        raise ConfigError(f"slow_handler must be 0 or more seconds, not {slow_handler}")
    check_bool("debug", debug)
    listen = {"host": host, "port": port, "uds": uds or "", "fd": fd, "backlog": backlog}
    how = {"engine": engine, "loops": loops or 0, "debug": debug}
    work = {"threads": threads, "loop": loop, "slow_handler": slow_handler, "debug": debug}
    return Server(app, limits, {**listen, **how}, work)


def _check_uvloop() -> None:
    from importlib.util import find_spec

    if find_spec("uvloop") is None:
        raise ConfigError(
            'loop is "uvloop", which is not installed; install it by `pip install uvloop`, or '
            'write "auto"'
        )
