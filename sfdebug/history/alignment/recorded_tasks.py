"""Tasks answered from a recorded history: what AWS returned or failed with, attempt by attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from sfdebug.engine.execution.decisions import Proceed, Provenance, StopExecution, Submission, TaskSilence
from sfdebug.engine.execution.events import EventType, details_key
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.errors import UsageError
from sfdebug.history.alignment.alignment import align
from sfdebug.history.alignment.map_runs import RecordedMapRuns
from sfdebug.history.alignment.visits import refused_task
from sfdebug.history.recording import FAILURES, RecordedEvent, Recording
from sfdebug.limits import STANDARD_MAX_SECONDS
from sfdebug.text import with_article

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.values import Json, Value

_ORDER: Final = (
    ("Entered",), ("Scheduled",), ("Started",), ("Submitted",), ("Succeeded", *FAILURES), ("Aborted",), ("Exited",)
)  # fmt: skip
"""How the types of a Task's events end, in the order in which they come about."""
_NOT_BEGUN: Final = TaskSilence(Provenance.RECORDED, Submission(begun=False))
Iterations: TypeAlias = "tuple[tuple[str, int], ...]"
"""Which iterations of inline Maps an attempt was made in, from the outside in: name and index of each."""


class RecordedTasks:
    """Answers each Task as a recorded execution did: an iteration of a Map that came to a state once gets what it got
    there, attempt by attempt; else the n-th call of a state gets the answer of the n-th attempt that was scheduled.
    One that had none when the execution was over stays silent.

    A history holds nothing of a Map Run's items and child executions, only how it ended and what its state gave on:
    from that the result of the whole Map Run is worked out, where the state's own fields allow it. Child executions
    without Tasks need no answer, and are run.
    """

    def __init__(self, events: Sequence[Mapping[str, Json]]) -> None:
        """Read a recorded execution.

        Args:
            events: The list of GetExecutionHistory, in either order. They follow one another by previousEventId.

        Raises:
            UsageError: When it is something else.
        """
        recording = Recording(tuple(_in_order([_event(event) for event in _checked(events)])), "events")
        alignment = align(recording, bridges_gaps=False)
        self._events = recording.events
        self._is_over = bool(recording.events) and recording.end is not None
        self._map_runs = RecordedMapRuns(alignment)
        self._calls, self._single_visits = _calls(alignment)
        self._maps = frozenset(name for _, iterations in self._single_visits for name, _ in iterations)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this call of the state; None when it was never called so often, or when the history
        does not have the answer (it was read without the execution's data, or while the Task was under way)."""
        if request.kind is RequestKind.MAP_RUN:
            return self._map_runs.answer(request)
        attempt = self._attempt(request)
        if attempt is None:
            return None
        found = attempt.answer
        if found is None or found.event is None:
            # A sibling failed, or the execution was stopped or timed out: the task has no ending of its own.
            silence = found.answer if found is not None else _NOT_BEGUN
            return silence if self._is_over else None
        return None if found.is_unknown else found.answer

    def decide(self, execution: Execution) -> Decision | None:
        """What came from outside after as many events as `execution` has now, other than a Task's answer: it was
        stopped, a Task could not be scheduled, a Wait ended after more time than this execution may take."""
        index = len(execution.events)
        if index >= len(self._events):
            return None
        event = self._events[index]
        if event.type == EventType.EXECUTION_ABORTED:
            return StopExecution(event.text("error"), event.text("cause"))
        if len(execution.branches) != 1:
            return None
        (branch,) = execution.branches.values()
        if event.type == EventType.EXECUTION_FAILED:
            return refused_task(branch, event)
        return _waited(branch, event, execution)

    def _attempt(self, request: TaskRequest) -> Attempt | None:
        iterations = _iterations(request.branch, self._maps)
        visit = self._single_visits.get((request.state.name, iterations)) if iterations else None
        attempts, number = self._calls.get(request.state.name, []), request.invocation
        if visit is not None:
            attempts, number = visit, request.attempt - 1
        return attempts[number] if number < len(attempts) else None


def _calls(alignment: Alignment) -> tuple[dict[str, list[Attempt]], dict[tuple[str, Iterations], list[Attempt]]]:
    """The attempts of each Task by its name, in the order in which they were scheduled; and those of each state in each
    iteration that came to it once only."""
    maps = {event.name for event in alignment.recording.events if event.type == EventType.MAP_ITERATION_STARTED}
    visits: dict[tuple[str, Iterations], list[RecordedVisit]] = defaultdict(list)
    calls: dict[str, list[Attempt]] = defaultdict(list)
    for visit in alignment.visits:
        if any(attempt.is_of_task for attempt in visit.attempts):
            visits[visit.state, _iterations(visit.branch, maps)].append(visit)
            calls[visit.state] += visit.attempts
    for attempts in calls.values():
        attempts.sort(key=lambda attempt: attempt.began.id)
    return calls, {key: list(found[0].attempts) for key, found in visits.items() if len(found) == 1}


def _iterations(branch: BranchId, maps: Set[str]) -> Iterations:
    return tuple(entry for entry in branch if entry[0] in maps)


def _waited(branch: Branch, event: RecordedEvent, execution: Execution) -> Decision | None:
    """A Wait until a date that is too far from when this execution starts: it was not when it was recorded."""
    if event.type != EventType.WAIT_STATE_EXITED or branch.phase is not Phase.SLEEPING or branch.wake_at is None:
        return None
    if branch.wake_at < STANDARD_MAX_SECONDS * 1000:
        return None
    return Proceed(branch.id, at=execution.clock)


def _event(event: Mapping[str, Json]) -> RecordedEvent:
    """An event that has been checked."""
    event_type = str(event["type"])
    details = event.get(details_key(event_type) or "")
    previous = cast("int", event.get("previousEventId", 0))
    return RecordedEvent(
        cast("int", event["id"]), previous, event_type, None, details if isinstance(details, dict) else {}
    )


def _in_order(events: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    """The events; those whose ids a recorder took away (0) with such that each follows the one before, and those of one
    state stand in the order in which they come about."""
    lost = [event for event in events if not event.id]
    states = accumulate(event.is_entry for event in lost)
    ranked = sorted(zip(states, map(_rank, lost), range(len(lost)), lost, strict=True))
    found = [event for _, _, _, event in ranked]
    first = -len(lost)
    numbered = [
        event._replace(id=first + index, previous_event_id=first + index - 1) for index, event in enumerate(found)
    ]
    return [*numbered, *events[len(lost) :]]


def _rank(event: RecordedEvent) -> int:
    ends = (number for number, endings in enumerate(_ORDER) if event.type.endswith(endings))
    return next(ends, len(_ORDER))


def _checked(events: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """`events` in the order of their ids: GetExecutionHistory may have been asked for the reverse.

    Raises UsageError when it is no list of events.
    """
    fix = "Give the list `events` of GetExecutionHistory's response."
    if isinstance(events, str | Mapping) or not isinstance(events, Sequence):
        raise UsageError(f"a recorded history is a list of events, not {with_article(events)}", fix=fix)
    for number, event in enumerate(events):
        if not isinstance(event, Mapping):
            raise UsageError(f"this is {with_article(event)}, not an event", where=f"events[{number}]", fix=fix)
        why = _why_no_event(event)
        if why:
            raise UsageError(why, where=f"events[{number}]", fix=fix)
    return sorted(events, key=lambda event: cast("int", event["id"]))


def _why_no_event(event: Mapping[str, Json]) -> str:
    """What keeps an event from being one; "" when nothing does."""
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        return "this event has no type"
    if not _is_number(event.get("id")):
        return "this event has no id"
    if not _is_number(event.get("previousEventId", 0)):
        return "this event follows what is no event: previousEventId is a number"
    entered = event.get("stateEnteredEventDetails")
    if entered is not None and not (isinstance(entered, dict) and isinstance(entered.get("name"), str)):
        return "this event does not say which state was entered"
    return ""


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
