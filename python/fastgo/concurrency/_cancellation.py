"""Cancellation: what contexts are cancelled by, with all that follow them.

There is no lock, so that the handler of a signal may cancel while the same thread does:

  - to cancel is to note the reason, if there is none yet, then to close the channel, and then to
    cancel all that follow;
  - to follow is to get among these, and then to look whether the channel is closed.

So one of the two sees the other, or both do: to cancel twice does nothing more. Who cancels goes
through all, also where another has begun to: when it returns, all are cancelled.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from fastgo.concurrency import chan, default, nilchan, select
from fastgo.concurrency._errors import Canceled, ChannelError, DeadlineExceeded
from fastgo.concurrency.time import call_after, check_seconds, now

if TYPE_CHECKING:
    from fastgo.concurrency import Chan, Task

Reason = type[Canceled] | type[DeadlineExceeded]


class Follower(Protocol):
    """What is cancelled with another."""

    def end(self, reason: Reason) -> list["Follower"]:
        """Cancels it alone, and returns those that follow it."""


class Cancellation:
    """Is cancelled by anybody, with any of its parents, or when its deadline has passed.

    Attributes:
        done: The channel that is closed then; `nilchan` where there are no parents, as that is
            never cancelled.
        deadline: The earliest of its own and its parents', or None.
    """

    def __init__(self, *parents: "Cancellation", deadline: float | None = None) -> None:
        """Follows its parents, and sets the timer."""
        deadlines: list[float] = [each.deadline for each in parents if each.deadline is not None]
        if deadline is not None:
            deadlines.append(check_seconds(deadline))
        self.deadline: float | None = min(deadlines, default=None)
        self.done: Chan[None] = chan() if parents else nilchan
        self._parents = parents
        self._reason: dict[str, Reason] = {}  # under one key, which is set once
        self._followers: dict[Follower, None] = {}
        self._timer: Task[None] | None = None
        for parent in parents:
            parent.add(self)
        if deadline is not None and deadline == self.deadline:
            self._set_timer(deadline - now())

    def _set_timer(self, seconds: float) -> None:
        if seconds <= 0:
            self.cancel(DeadlineExceeded)
            return
        self._timer = call_after(seconds, self._expire)
        if self.reason is not None:
            self._stop_timer()

    def _expire(self) -> None:
        self._timer = None
        self.cancel(DeadlineExceeded)

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    @property
    def reason(self) -> Reason | None:
        """Why it was cancelled; None while the channel is open."""
        if select(self.done.recv, default)[0] == 1:
            return None
        return self._reason["reason"]

    def cancel(self, reason: Reason) -> None:
        """Cancels it, with all that follow it."""
        _cancel(self, reason)

    def end(self, reason: Reason) -> list[Follower]:
        """Cancels it alone, and returns those that follow it."""
        self._reason.setdefault("reason", reason)
        with suppress(ChannelError):  # somebody else has
            self.done.close()
        for parent in self._parents:
            parent._followers.pop(self, None)
        self._stop_timer()
        return list(self._followers)

    def add(self, follower: Follower) -> None:
        """Has the follower cancelled with it; at once where it is cancelled already."""
        if not self.done:
            return
        self._followers[follower] = None
        reason = self.reason
        if reason is not None:
            self._followers.pop(follower, None)
            _cancel(follower, reason)


def _cancel(follower: Follower, reason: Reason) -> None:
    left = [follower]
    while left:
        left += left.pop().end(reason)
