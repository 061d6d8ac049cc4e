"""systemd's socket activation: the sockets that it passes to a service."""

import os

from fastgo._errors import ConfigError

_FIRST = 3  # sd_listen_fds(3): passed descriptors begin behind stderr


def systemd_socket(number: int = 0) -> int:
    """Returns the descriptor of a listening socket that systemd has passed on.

    Args:
        number: Which of the unit's sockets, in the order of its .socket file, from 0.

    Returns:
        The descriptor, for the argument fd of `run` and `serve`.

    Raises:
        ConfigError: systemd has passed no such socket to this process (sd_listen_fds(3):
            LISTEN_PID and LISTEN_FDS).

    Example:
        `run(app, fd=systemd_socket())`
    """
    passed_to = os.environ.get("LISTEN_PID", "")
    passed = os.environ.get("LISTEN_FDS", "")
    if passed_to != str(os.getpid()) or not passed.isdecimal():
        raise ConfigError(
            "systemd has passed no socket to this process (LISTEN_PID and LISTEN_FDS do not say "
            "so); start it by a .socket unit, or choose host and port"
        )
    if not 0 <= number < int(passed):
        raise ConfigError(f"systemd has passed {passed} sockets, there is no number {number}")
    return _FIRST + number
