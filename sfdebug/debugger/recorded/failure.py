"""Where a recorded execution failed: the event that began it, below the containers and the execution that it took
along."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason
from sfdebug.debugger.wording import positions as words

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession, RecordedTimeline
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.history.recording import RecordedEvent

_TAKEN_ALONG: Final = frozenset(
    {"MapIterationFailed", "MapIterationAborted", "MapStateFailed", "ParallelStateFailed", "MapStateAborted",
     "ParallelStateAborted", "TaskStateAborted", "WaitStateAborted", "ExecutionFailed", "MapRunFailed"}
)  # fmt: skip
"""What fails because something in it did. (A Map Run's children are not in the history of its execution.)"""
_FAULTS: Final = ("Failed", "TimedOut")
_ENDS: Final = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


def failure_place(run: RecordedSession) -> int | None:
    """The place in the recording of the event that made the execution fail; None when it did not, in the end."""
    end = run.recording.end
    return place_of_failure(run, end) if end is not None and end.type in _ENDS else None


def ends_before_redrives(run: RecordedSession) -> tuple[tuple[RecordedEvent, RecordedEvent], ...]:
    """Each redrive, with the end of the execution that it went on from."""
    events = run.recording.events
    found = ((place, events[place - 1]) for place in run.alignment.redrives if place)
    return tuple((end, events[place]) for place, end in found if end.type in _ENDS)


def place_of_failure(run: RecordedSession, end: RecordedEvent) -> int | None:
    """The place of the event that made the execution end so, with that event."""
    recording = run.recording
    event: RecordedEvent | None = recording.by_id.get(end.previous_event_id)
    if event is not None and event.type == "ExecutionRedriven":  # a Fail state that failed again: it has no event
        event = next((one.entered for one in run.alignment.visits if event.id in one.redriven and one.failed), event)
    seen = 0
    first = event
    while event is not None and event.type in _TAKEN_ALONG and seen < len(recording.events):
        before = recording.by_id.get(event.previous_event_id)
        if event.type == "MapRunFailed" or before is None or not _is_fault(before):
            break
        event, seen = before, seen + 1
    found = event or first or end
    return run.place_of_id(found.id)


def _is_fault(event: RecordedEvent) -> bool:
    return event.type.endswith((*_FAULTS, "Aborted")) or event.type == "FailStateEntered"


def fault_places(run: RecordedSession) -> tuple[int, ...]:
    """The places of all recorded faults: each failed attempt, evaluation, and Fail state."""
    return tuple(
        place
        for place, event in enumerate(run.recording.events)
        if (event.type.endswith(_FAULTS) and event.type not in _TAKEN_ALONG and not event.type.startswith("Execution"))
        or event.type == "FailStateEntered"
    )


def has_failure(run: RecordedSession) -> bool:
    """Whether there is a fault to go to: one that was recorded, or that which ended the execution without an event."""
    end = run.recording.end
    return bool(fault_places(run)) or (end is not None and end.type == "ExecutionFailed")


def goto_failure(timeline: Timeline) -> Stop | None:
    """Go to what made the recording fail; from there, and where nothing did, to the next fault, round and round.

    None when there is no fault.
    """
    record = timeline.record
    if record is not None and timeline.is_on_recording:
        decisive = _decisive_place(record.run)
        if decisive is not None:
            node = _node_of(timeline, record, decisive)
            if timeline.cursor.node is not node:
                return _land(timeline, node)
    nodes, here = timeline.nodes, timeline.cursor.node.index
    order = [*range(here + 1, len(nodes)), *range(here + 1)]
    found = next((nodes[index] for index in order if nodes[index].faulted), None)
    return _land(timeline, found) if found is not None else None


def _decisive_place(run: RecordedSession) -> int | None:
    """What made the execution fail; where it went well in the end, what made it fail before it was redriven."""
    place = failure_place(run)
    redriven = ends_before_redrives(run)
    return place_of_failure(run, redriven[-1][0]) if place is None and redriven else place


def _node_of(timeline: Timeline, record: RecordedTimeline, place: int) -> TimelineNode:
    """The node at which the fault of a recorded event was raised: the one that made the event."""
    nodes = timeline.main_nodes
    computed = record.run.replay.computed.get(place) if record.run.replay is not None else None
    if computed is None:
        return nodes[record.node_of_place(place)]
    # Other branches can have gone on before the engine came to it: the node that shows the event can be a later one.
    return nodes[bisect_left(nodes, computed.id, key=lambda node: len(node.execution.events))]


def _land(timeline: Timeline, node: TimelineNode) -> Stop:
    timeline.put_cursor(node)
    if node.visit is not None and node.visit.fault is not None:
        return Stop(StopReason.FAULT, words.fault(node))
    return Stop(StopReason.FAULT, words.describe_position(position_at(timeline.cursor)))
