"""Request: what a Python handler can learn of a request."""


class Request:
    """A request, as a Python handler gets it that asks for it.

    A parameter of the handler with this annotation, or one without annotation that is called
    `request`, gets the request. Nothing of it is decoded before it is asked for. It may be kept
    when the handler has returned.

    Example:
        >>> app = App()
        >>> @app.post("/echo")
        ... def echo(request: Request) -> bytes:
        ...     return request.body
    """

    __slots__ = ()

    @property
    def method(self) -> str:
        """The method, for example "GET"."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The path as it came, percent-encoded."""
        raise NotImplementedError

    @property
    def query(self) -> str:
        """What is behind the "?" of the target, as it came; "" where there is none."""
        raise NotImplementedError

    @property
    def raw_headers(self) -> bytes:
        r"""The header fields as they came: each is a line `Name: value\r\n`."""
        raise NotImplementedError

    @property
    def body(self) -> bytes:
        """The body."""
        raise NotImplementedError

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the path, percent-decoded."""
        raise NotImplementedError

    @property
    def client(self) -> tuple[str, int] | None:
        """The client's IP address and port; None on a Unix socket."""
        raise NotImplementedError
