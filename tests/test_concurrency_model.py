"""Random programs on channels are linearizable: what happened can be explained by the model.

A program has some channels, and some parties that do operations on them one after the other:
coroutines of a scheduler, threads, and tasks of asyncio. Each operation is noted with when it was
called, when it returned and what it came to. When nothing goes on any more, coroutines and tasks
are cancelled, and threads are told to stop: such an operation must not have happened. Then the
channels are emptied, as the last operations of all.

The history is linearizable (Herlihy and Wing, 1990) if there is an order of its operations that
the model of a channel can do, in which no operation comes before one that had returned when it
was called. The search for it is that of Wing and Gong (1993); a sender and a receiver that meet
on an unbuffered channel are one step.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fastgo.concurrency import (
    Cancelled,
    ChannelError,
    aselect,
    chan,
    default,
    go,
    run,
    select,
    sleep,
)

# --- programs ---


@dataclass(frozen=True)
class Case:
    channel: int
    sends: bool
    value: int = 0


@dataclass(frozen=True)
class Operation:
    """A select of its cases; one case alone is a plain operation; none closes the channel."""

    cases: tuple[Case, ...]
    otherwise: bool = False  # has default
    closes: int = -1


@dataclass(frozen=True)
class Party:
    kind: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Program:
    capacities: tuple[int, ...]
    parties: tuple[Party, ...]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    capacities = tuple(draw(st.lists(st.integers(0, 2), min_size=1, max_size=3)))
    channels = st.integers(0, len(capacities) - 1)
    values = itertools.count(1)  # each is sent once

    def case() -> Case:
        sends = draw(st.booleans())
        return Case(draw(channels), sends, next(values) if sends else 0)

    def operation() -> Operation:
        match draw(st.sampled_from(["plain"] * 6 + ["select"] * 4 + ["default", "close"])):
            case "close":
                return Operation((), closes=draw(channels))
            case "plain":
                return Operation((case(),))
            case kind:
                cases = tuple(case() for _ in range(draw(st.integers(1, 3))))
                return Operation(cases, otherwise=kind == "default")

    kinds = st.sampled_from(["coroutine", "coroutine", "coroutine", "thread", "asyncio"])
    parties = tuple(
        Party(draw(kinds), tuple(operation() for _ in range(draw(st.integers(1, 5)))))
        for _ in range(draw(st.integers(2, 5)))
    )
    return Program(capacities, parties)


# --- what happened ---


@dataclass
class Event:
    """An operation that was done: by `case`, or default (-1); it received, or raised."""

    party: int
    operation: Operation
    called: int
    returned: int = 0
    case: int = -1
    received: Any = None
    ok: bool = True
    raised: bool = False


@dataclass
class Run:
    """A program, being run."""

    program: Program
    channels: list[Any] = field(default_factory=list)
    stop: Any = field(default_factory=chan)
    events: list[Event] = field(default_factory=list)
    clock: Iterator[int] = field(default_factory=itertools.count)

    def arguments(self, operation: Operation) -> list[Any]:
        given: list[Any] = [
            (self.channels[case.channel].send, case.value)
            if case.sends
            else self.channels[case.channel].recv_
            for case in operation.cases
        ]
        return [*given, default] if operation.otherwise else given

    def note(self, event: Event, outcome: Callable[[], tuple[int, Any]]) -> None:
        """Notes what an operation has come to."""
        try:
            index, value = outcome()
        except ChannelError:
            event.raised = True
        else:
            event.case = index if index < len(event.operation.cases) else -1
            if event.case >= 0 and not event.operation.cases[index].sends:
                event.received, event.ok = value
        event.returned = next(self.clock)
        self.events.append(event)

    async def awaited(self, operation: Operation) -> tuple[int, Any]:
        if operation.closes >= 0:
            self.channels[operation.closes].close()
            return 0, None
        if len(operation.cases) > 1 or operation.otherwise:
            result: tuple[int, Any] = await aselect(*self.arguments(operation))
            return result
        channel, case = self.channels[operation.cases[0].channel], operation.cases[0]
        return 0, await (channel.asend(case.value) if case.sends else channel.arecv_())

    async def coroutine(self, number: int, operations: tuple[Operation, ...]) -> None:
        for operation in operations:
            event = Event(number, operation, next(self.clock))
            result: Any = None
            try:
                result = await self.awaited(operation)
            except ChannelError as error:
                self.note(event, lambda error=error: raise_(error))  # type: ignore[misc]
            else:
                self.note(event, lambda result=result: result)  # type: ignore[misc]

    def thread(self, number: int, operations: tuple[Operation, ...]) -> None:
        for operation in operations:
            event = Event(number, operation, next(self.clock))
            if operation.closes >= 0:
                self.note(event, lambda o=operation: (0, self.channels[o.closes].close()))  # type: ignore[misc]
                continue
            arguments = self.arguments(operation)
            try:
                result = select(*arguments, *([] if operation.otherwise else [self.stop.recv]))
            except ChannelError as error:
                self.note(event, lambda error=error: raise_(error))  # type: ignore[misc]
                continue
            if result[0] == len(arguments):
                return  # stopped
            self.note(event, lambda result=result: result)  # type: ignore[misc]

    async def main(self) -> None:
        self.channels = [chan(capacity) for capacity in self.program.capacities]
        loop_tasks: list[Any] = []

        async def in_asyncio() -> None:
            parties = [
                asyncio.create_task(self.coroutine(number, party.operations))
                for number, party in enumerate(self.program.parties)
                if party.kind == "asyncio"
            ]
            _, __ = await self.stop.arecv_(), [task.cancel() for task in parties]
            await asyncio.gather(*parties, return_exceptions=True)

        tasks = []
        for number, party in enumerate(self.program.parties):
            if party.kind == "coroutine":
                tasks.append(go(self.coroutine, number, party.operations))
            elif party.kind == "thread":
                loop_tasks.append(go(self.thread, number, party.operations))
        if any(party.kind == "asyncio" for party in self.program.parties):
            loop_tasks.append(go(lambda: asyncio.run(in_asyncio())))
        await self.quiet()
        for task in tasks:
            task.cancel()
        self.stop.close()
        for task in tasks + loop_tasks:
            with contextlib.suppress(Cancelled):
                await task
        self.empty()

    async def quiet(self) -> None:
        """Waits until nothing goes on, or gives up: whatever it cuts short must not happen."""
        total = sum(len(party.operations) for party in self.program.parties)
        before = -1
        while before != len(self.events) < total:
            before = len(self.events)
            await sleep(0.002)

    def empty(self) -> None:
        for number, channel in enumerate(self.channels):
            while True:
                operation = Operation((Case(number, False),), otherwise=True)
                event = Event(len(self.program.parties), operation, next(self.clock))
                self.note(event, lambda channel=channel: select(channel.recv_, default))  # type: ignore[misc]
                if event.case < 0 or not event.ok:
                    break


def raise_(error: Exception) -> Any:
    raise error


# --- the model ---

Buffers = tuple[tuple[int, ...], ...]


class Model:
    """Searches for an order in which channels can have done what happened."""

    def __init__(self, program: Program, events: list[Event]) -> None:
        self.capacities = program.capacities
        parties = range(len(program.parties) + 1)
        self.histories = [[each for each in events if each.party == party] for party in parties]
        for history in self.histories:
            history.sort(key=lambda event: event.called)
        self.seen: set[Any] = set()

    def explains(self) -> bool:
        buffers: Buffers = tuple(() for _ in self.capacities)
        stack = [((0,) * len(self.histories), buffers, frozenset[int]())]
        while stack:
            state = stack.pop()
            if state in self.seen:
                continue
            self.seen.add(state)
            if all(at == len(each) for at, each in zip(state[0], self.histories, strict=True)):
                return True
            stack.extend(self.steps(*state))
        return False

    def steps(
        self, at: tuple[int, ...], buffers: Buffers, closed: frozenset[int]
    ) -> Iterator[tuple[tuple[int, ...], Buffers, frozenset[int]]]:
        pending = [h[i] for h, i in zip(self.histories, at, strict=True) if i < len(h)]
        first = min(event.returned for event in pending)
        enabled = [event for event in pending if event.called < first]
        for event in enabled:
            after = self.alone(event, buffers, closed)
            if after is not None:
                yield advance(at, event), *after
        for sender, receiver in itertools.permutations(enabled, 2):
            if self.meet(sender, receiver, buffers, closed):
                yield advance(advance(at, sender), receiver), buffers, closed

    def alone(
        self, event: Event, buffers: Buffers, closed: frozenset[int]
    ) -> tuple[Buffers, frozenset[int]] | None:
        """Returns the state after an operation that needs no other at the same moment."""
        operation = event.operation
        if operation.closes >= 0:
            if event.raised:
                return (buffers, closed) if operation.closes in closed else None
            return None if operation.closes in closed else (buffers, closed | {operation.closes})
        if event.raised:  # any of its sends may have been chosen
            possible = any(each.sends and each.channel in closed for each in operation.cases)
            return (buffers, closed) if possible else None
        if event.case < 0:
            ready = any(self.is_ready(each, buffers, closed) for each in operation.cases)
            return None if ready else (buffers, closed)
        case = operation.cases[event.case]
        buffer = buffers[case.channel]
        if case.sends:
            if case.channel in closed or len(buffer) >= self.capacities[case.channel]:
                return None
            return replace(buffers, case.channel, (*buffer, case.value)), closed
        if not event.ok:
            return (buffers, closed) if case.channel in closed and not buffer else None
        if not buffer or buffer[0] != event.received:
            return None
        return replace(buffers, case.channel, buffer[1:]), closed

    def is_ready(self, case: Case, buffers: Buffers, closed: frozenset[int]) -> bool:
        """Returns whether a case can be done whoever waits at the other end."""
        length = len(buffers[case.channel])
        room = length < self.capacities[case.channel]
        return case.channel in closed or (room if case.sends else length > 0)

    def meet(
        self, sender: Event, receiver: Event, buffers: Buffers, closed: frozenset[int]
    ) -> bool:
        """Returns whether one has handed its value to the other."""
        if min(sender.case, receiver.case) < 0 or sender.raised or receiver.raised:
            return False
        if -1 not in (sender.operation.closes, receiver.operation.closes):
            return False
        if not sender.operation.cases or not receiver.operation.cases:
            return False
        sent, got = sender.operation.cases[sender.case], receiver.operation.cases[receiver.case]
        return (
            sent.sends
            and not got.sends
            and sent.channel == got.channel
            and sent.channel not in closed
            and not buffers[sent.channel]
            and receiver.ok
            and receiver.received == sent.value
        )


def advance(at: tuple[int, ...], event: Event) -> tuple[int, ...]:
    return (*at[: event.party], at[event.party] + 1, *at[event.party + 1 :])


def replace(buffers: Buffers, channel: int, buffer: tuple[int, ...]) -> Buffers:
    return (*buffers[:channel], buffer, *buffers[channel + 1 :])


@given(programs())
def test_programs_are_linearizable(program: Program) -> None:
    happened = Run(program)
    run(happened.main())
    assert Model(program, happened.events).explains(), happened.events


def test_model_refuses_what_cannot_have_happened() -> None:
    send, receive = Operation((Case(0, True, 7),)), Operation((Case(0, False),))
    program = Program((1,), (Party("thread", (send,)), Party("thread", (receive,))))

    def explains(*events: Event) -> bool:
        return Model(program, list(events)).explains()

    sent = Event(0, send, called=0, returned=1, case=0)
    assert explains(sent, Event(1, receive, 2, 3, case=0, received=7))
    assert not explains(sent, Event(1, receive, 2, 3, case=0, received=8))  # another value
    assert not explains(sent, Event(1, receive, 2, 3, case=0, ok=False))  # not closed
    assert not explains(Event(1, receive, 0, 1, case=0, received=7), Event(0, send, 2, 3, case=0))
    assert not explains(  # it was there, so default cannot have been chosen
        sent, Event(1, Operation(receive.cases, otherwise=True), 2, 3, case=-1)
    )
    assert not explains(sent, Event(0, send, 2, 3, case=0))  # there was no room
