"""What one run used, simulated or recorded: the meter at its end, with its loops, its Maps and its child executions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.recorded.events import PastEvent, PastEvents
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.events import PAYLOAD_TEXTS, Event, EventType
from sfdebug.forecast.children import ChildrenMeter, ChildrenUsage
from sfdebug.forecast.loops import RunLoop
from sfdebug.forecast.meter import PayloadPeak, RunMeter, StateUsage, UsageSoFar, bytes_of, raw_details
from sfdebug.history.alignment.alignment import align
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, ExecutionType

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler

ALL_TASKS: Final = ""
"""Stands for every Task, where it is said how long one takes."""


class RunSource(StrEnum):
    """Where a run is from."""

    SIMULATED = "simulated"
    RECORDED = "recorded"


class MapUsage(Struct, frozen=True):
    """What the items of an inline Map used: of one attempt of one visit, that with the most items.

    `events` and `transitions` are those of the item that used the most; `events_outside` those of all else in the
    history, `output` the bytes that the Map's output has.
    """

    state: str
    items: int
    events: int
    transitions: int
    events_outside: int
    output: int

    @property
    def items_until_full(self) -> int:
        """With so many items like that one the history is full: it would have no room for its last event."""
        room = MAX_HISTORY_EVENTS - 1 - self.events_outside
        return max(1, -(-room // self.events)) if self.events else 0

    @property
    def items_until_large(self) -> int | None:
        """With so many items the output is larger than a payload may be, if they are as large as these on average."""
        return int(MAX_PAYLOAD_BYTES * self.items / self.output) + 1 if self.output and self.items else None


class RunUsage(Struct, frozen=True):
    """What a run used. `milliseconds` is what its clock says; `is_duration_known` whether that is how long it takes on
    AWS: where Tasks were answered at once, it is but the least."""

    name: str
    source: RunSource
    status: str
    error: str | None
    total: UsageSoFar
    states: tuple[StateUsage, ...]
    loops: tuple[RunLoop, ...]
    maps: tuple[MapUsage, ...]
    children: tuple[ChildrenUsage, ...]
    milliseconds: int
    is_duration_known: bool
    unknown: tuple[str, ...] = ()

    @property
    def peak(self) -> PayloadPeak | None:
        """The largest payload."""
        return self.total.peak

    @property
    def child_transitions(self) -> int:
        """The transitions of Standard child executions, which are billed like those of their parent."""
        return sum(one.transitions for one in self.children if one.type is ExecutionType.STANDARD)


class AnswerKeeper:
    """Asks another task handler, keeps what it answers, and how long Tasks take where somebody has said that."""

    def __init__(self, tasks: TaskHandler | None, takes: Mapping[str, float] | None = None) -> None:
        """`takes`: the seconds that an attempt of each Task takes, by its state's name; `ALL_TASKS` for the others."""
        self._tasks = tasks
        self._takes = takes or {}
        self.kept: list[tuple[TaskRequest, Answer]] = []
        decide = getattr(tasks, "decide", None)
        if decide is not None:
            self.decide = decide

    @property
    def handlers(self) -> tuple[TaskHandler, ...]:
        """Who is asked."""
        return (self._tasks,) if self._tasks is not None else ()

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the other handler answers, after the time that was said."""
        answer = self._tasks.answer(request) if self._tasks is not None else None
        if answer is None:
            return None
        answer = self.delayed(answer, request)
        self.kept.append((request, answer))
        return answer

    def delayed(self, answer: Answer, request: TaskRequest) -> Answer:
        """An answer that comes when it was said to; one that says itself when it comes stays so."""
        seconds = self._takes.get(request.state.name, self._takes.get(ALL_TASKS, 0.0))
        if not isinstance(answer, TaskResult | TaskFailure) or not seconds or answer.after_seconds:
            return answer
        return replace(answer, after_seconds=seconds)


def usage_of_simulated(execution: Execution, name: str) -> RunUsage:
    """What a simulated run used."""
    meter = RunMeter(execution.events)
    return RunUsage(
        name=name,
        source=RunSource.SIMULATED,
        status=str(execution.status),
        error=execution.error,
        total=meter.total,
        states=meter.states,
        loops=meter.loops.found(),
        maps=_maps(execution.events, meter),
        children=ChildrenMeter().used_in(execution),
        milliseconds=execution.clock,
        is_duration_known=not meter.has_instant_tasks(len(meter)),
    )


def usage_of_recorded(recording: Recording, machine: StateMachine | None = None) -> RunUsage:
    """What a recorded run used, as far as it is recorded."""
    alignment = align(recording, machine)
    events = PastEvents(alignment)
    meter = RunMeter(events)
    times = [event.time for event in recording.events if event.time is not None]
    unknown = []
    if not recording.has_data:
        unknown.append("the payloads, which were not recorded")
    elif meter.has_unknown_sizes:
        unknown.append("the largest payload: AWS cut some off")
    if recording.has_more or recording.missing_ids:
        unknown.append("all of it: events are missing in the file")
    if any(event.type == EventType.MAP_RUN_STARTED for event in recording.events):
        unknown.append("its child executions: each has a history of its own")
    if recording.end is None:
        unknown.append("how it ends: it was recorded while it ran")
    return RunUsage(
        name=recording.key or recording.title,
        source=RunSource.RECORDED,
        status=str(recording.status),
        error=recording.error,
        total=meter.total,
        states=meter.states,
        loops=meter.loops.found(),
        maps=_maps(events, meter),
        children=(),
        milliseconds=times[-1] - times[0] if times else 0,
        is_duration_known=bool(times) and recording.end is not None,
        unknown=tuple(unknown),
    )


def _payload_bytes(event: Event, name: str) -> int:
    value = raw_details(event).get(name)
    if value is None:
        return 0
    is_text = isinstance(event, PastEvent) and isinstance(value, str)
    return bytes_of(value if is_text and isinstance(value, str) else PAYLOAD_TEXTS.text_of(value))


class _MapAttempt(Struct):
    """One attempt of a visit to an inline Map: what its items used, by branch, and the bytes of its output."""

    state: str
    items: dict[BranchId, tuple[int, int]] = {}
    output: int = 0

    @property
    def size(self) -> tuple[int, int, int]:
        """How many items there are, and what the longest of them used; an attempt that failed is cut short."""
        return (len(self.items), *max(self.items.values(), default=(0, 0)))

    def usage(self, events: int) -> MapUsage:
        """What its items used, in a history of so many events."""
        inside = sum(count for count, _ in self.items.values())
        return MapUsage(self.state, *self.size, events - inside, self.output)


def _maps(events: Sequence[Event], meter: RunMeter) -> tuple[MapUsage, ...]:
    """The attempts of inline Maps with the most items, by state: a loop that comes to a Map again begins it anew."""
    under_way: dict[tuple[BranchId, str], _MapAttempt] = {}
    attempts: list[_MapAttempt] = []
    for index, event in enumerate(events):
        branch = event.branch
        if event.type == EventType.MAP_STATE_STARTED:
            attempts.append(_MapAttempt(event.state))
            under_way[branch, event.state] = attempts[-1]
        elif event.type == EventType.MAP_STATE_EXITED and (branch, event.state) in under_way:
            under_way[branch, event.state].output = _payload_bytes(event, "output")
        for depth in range(len(branch)):
            around = under_way.get((branch[:depth], branch[depth][0]))
            if around is not None:
                counted, transitions = around.items.get(branch[: depth + 1], (0, 0))
                around.items[branch[: depth + 1]] = counted + 1, transitions + meter.transitions_of(index)
    largest: dict[str, _MapAttempt] = {}
    for attempt in attempts:
        known = largest.get(attempt.state)
        if attempt.items and (known is None or attempt.size > known.size):
            largest[attempt.state] = attempt
    return tuple(attempt.usage(len(meter)) for attempt in largest.values())
