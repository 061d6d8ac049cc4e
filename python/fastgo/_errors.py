"""What fastgo raises.

Exception
└── Error
├── ConfigError   also a ValueError
├── BindError     also an OSError, with errno
├── ForkError
├── HTTPError     _http_error.py
└── StateError
"""


class Error(Exception):
    """Base class of all errors that fastgo raises."""


class ConfigError(Error, ValueError):
    """A route, handler, option or answer is wrong; the message says which, and what to write."""


class BindError(Error, OSError):
    """The address cannot be listened on.

    Attributes:
        errno: The system's error number, for example `errno.EADDRINUSE`.
        address: The address, as "host:port" or the path of a Unix socket.
    """

    def __init__(self, message: str, errno: int | None = None, address: str = "") -> None:
        """Keeps the parts beside the message."""
        super().__init__(message)
        self.errno = errno
        self.address = address

    def __str__(self) -> str:
        """Returns the message."""
        return str(self.args[0])


class ForkError(Error):
    """This process was forked from one that had loaded the Go library.

    Go's threads do not survive a fork. Start workers by spawn, or fork before the first
    `run` or `serve`.
    """


class StateError(Error):
    """The server is not in a state for this call, for example stopped already."""
