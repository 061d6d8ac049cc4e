"""Labels: what a channel is a part of, so that messages name that and not the channel."""

from typing import Any, Self
from weakref import ref


class Label:
    """Says what who waits at a channel waits for: its text, such as "to lock <Mutex ...>".

    C reads it for a report of a deadlock, and `instead` where an operation would block a
    coroutine. The owner has the channel, so the label must not keep the owner.

    Attributes:
        instead: What to write in a coroutine.
    """

    __slots__ = ("_owner", "_purpose", "instead")

    def __init__(self, purpose: str, owner: object, *, instead: str) -> None:
        """Is on no channel yet."""
        self._purpose, self._owner, self.instead = purpose, ref(owner), instead

    def put_on(self, channel: Any) -> Self:
        """Has the channel carry it."""
        channel._label = self
        return self

    def __str__(self) -> str:
        """Returns what is waited for."""
        owner = self._owner()
        return f"{self._purpose} {'what is gone' if owner is None else repr(owner)}"


def describe(owner: object, state: str) -> str:
    """Returns the text of an owner by which it is known among others, and its state."""
    return f"<{type(owner).__name__} at {id(owner):#x}: {state}>"
