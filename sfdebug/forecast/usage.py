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
from sfdebug.forecast.loops import RunLoop
from sfdebug.forecast.meter import PayloadPeak, RunMeter, StateUsage, UsageSoFar, bytes_of, raw_details
from sfdebug.history.alignment.alignment import align
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, ExecutionType

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.children import ChildExecution
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
    """What the items of an inline Map used: of one visit, that with the most items.

    `events` and `transitions` are those of the item that used the most; `events_before` those of all else in the
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


class ChildrenUsage(Struct, frozen=True):
    """What the child executions of a distributed Map used together, `most_events` in the longest history of one.

    `milliseconds` are those of each, as far as the clock says.
    """

    state: str
    type: ExecutionType
    count: int
    transitions: int
    most_events: int
    payload: int
    milliseconds: tuple[int, ...]


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
        children=children_of(execution),
        milliseconds=execution.clock,
        is_duration_known=not meter.has_instant_tasks,
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


def _maps(events: Sequence[Event], meter: RunMeter) -> tuple[MapUsage, ...]:
    """The visits to inline Maps with the most items, by state."""
    iterations: dict[tuple[BranchId, str], set[BranchId]] = {}
    outputs: dict[tuple[BranchId, str], int] = {}
    for event in events:
        if event.type == EventType.MAP_ITERATION_STARTED and event.branch:
            iterations.setdefault((event.branch[:-1], event.branch[-1][0]), set()).add(event.branch)
        elif event.type == EventType.MAP_STATE_EXITED:
            outputs[event.branch, event.state] = _payload_bytes(event, "output")
    found: dict[str, MapUsage] = {}
    for (around, state), branches in iterations.items():
        counts = [meter.loops.counted(branch) for branch in branches]
        inside = sum(events for events, _ in counts)
        most = max(counts)
        usage = MapUsage(state, len(branches), *most, len(meter) - inside, outputs.get((around, state), 0))
        if state not in found or usage.items > found[state].items:
            found[state] = usage
    return tuple(found.values())


def children_of(execution: Execution) -> tuple[ChildrenUsage, ...]:
    """What the child executions of each Map Run have used."""
    by_run: dict[str, list[tuple[RunMeter, int]]] = {}
    first: dict[str, ChildExecution] = {}
    for child in (*execution.ended_children, *execution.children.values()):
        events = child.events
        times = [event.time for event in events]
        first.setdefault(child.map_run_arn, child)
        lasted = times[-1] - times[0] if times else 0
        by_run.setdefault(child.map_run_arn, []).append((RunMeter(events), lasted))
    return tuple(
        ChildrenUsage(
            first[arn].id[-1][0],
            ExecutionType(first[arn].execution_type),
            len(runs),
            sum(meter.total.transitions for meter, _ in runs),
            max(len(meter) for meter, _ in runs),
            max(meter.total.payload_bytes for meter, _ in runs),
            tuple(lasted for _, lasted in runs),
        )
        for arn, runs in by_run.items()
    )
