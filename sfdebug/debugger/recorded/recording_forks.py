"""Forks of a recording: what answers their Tasks, and how they go otherwise than the recording, state by state."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.recorded.main_line import recorded_line
from sfdebug.debugger.recorded.summary import branch_text
from sfdebug.engine.execution.decisions import TaskFailure, TaskSilence
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.history.alignment.map_runs import RecordedMapRuns
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.explain import dotted, shown
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.values import compact, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt
    from sfdebug.history.comparison import ExecutionDifference


class ForkAnswers:
    """A task handler for a simulation that left its recording.

    An attempt is answered as the same attempt of the same visit was, and takes as long. A recorded failure is given
    again only to a task that is called with the same input: after an input was changed nobody knows what it would do.
    Whatever cannot be told is left to others, or else to the user.
    """

    def __init__(self, alignment: Alignment) -> None:
        self._visits: dict[tuple[str, BranchId], list[tuple[Attempt, ...]]] = defaultdict(list)
        self._branches: dict[str, set[BranchId]] = defaultdict(set)
        self._map_runs = RecordedMapRuns(alignment)
        for visit in alignment.visits:
            if visit.type == "Task":
                self._visits[visit.state, visit.branch].append(visit.attempts)
                self._branches[visit.state].add(visit.branch)

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The recording, and why it does not tell the answer."""
        why_not = "" if self.answer(request) is not None else "what it would answer here was not recorded"
        return Answerer(AnswererKind.RECORDING, "as recorded", why_not=why_not)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this attempt; None when there is none, or which one it is cannot be told."""
        if request.kind is RequestKind.MAP_RUN:
            return None if request.is_optional else self._map_runs.answer(request)
        return self._task(request)

    def _task(self, request: TaskRequest) -> Answer | None:
        attempt = self._attempt(request)
        found = attempt.answer if attempt is not None else None
        if attempt is None or found is None or found.is_unknown:
            return None
        is_other_call = is_present(attempt.input) and not same(attempt.input, request.input)
        if isinstance(found.answer, TaskSilence):
            return None if is_other_call else found.answer
        if isinstance(found.answer, TaskFailure) and is_other_call:
            return None
        took = attempt.milliseconds or 0
        return replace(found.answer, after_seconds=took / 1000)

    def _attempt(self, request: TaskRequest) -> Attempt | None:
        """By its place among the calls of the state; where the branch visited the state once, by the attempt alone."""
        name, index = request.state.name, request.attempt - 1
        visits = self._visits.get((name, request.branch), [])
        if len(visits) == 1:
            return visits[0][index] if index < len(visits[0]) else None
        if len(self._branches[name]) > 1:
            return None
        calls = [(number, attempt) for attempts in visits for number, attempt in enumerate(attempts)]
        if request.invocation >= len(calls) or calls[request.invocation][0] != index:
            return None
        return calls[request.invocation][1]


class ForkContrast(Struct, frozen=True, gc=False):
    """One difference. `position` is that of its event on the fork, from 1, 0 where the fork has none."""

    position: int
    label: str
    text: str
    is_path: bool


def fork_contrasts(timeline: Timeline, run: RecordedSession) -> list[ForkContrast]:
    """What differs between the recording and the current fork, as far as that has run; its own end counts only when it
    has one."""
    from sfdebug.history.comparison import compare_recordings
    from sfdebug.history.reading.read import parse_recordings

    record = recorded_line(timeline)
    if record is None:
        return []
    events = record.events(timeline.fork)
    try:
        (mine,) = parse_recordings(compact({"events": [event.as_dict() for event in events]}), timeline.current.name)
    except (RecordingError, ValueError):
        return []
    positions = {event.id: position for position, event in enumerate(events, start=1)}
    is_over = timeline.tip.is_over
    last = events[-1].id
    found = []
    for one in compare_recordings(run.recording, mine):
        if one.kind == "timing" or (not is_over and _is_not_yet(one, last)):
            continue
        found.append(ForkContrast(positions.get(one.right_event or 0, 0), _label(one), _text(one), one.kind == "path"))
    return found


def _is_not_yet(one: ExecutionDifference, last: int) -> bool:
    """Whether the fork merely has not come so far."""
    return one.right_event is None or not one.state or not is_present(one.right) or one.right_event == last


def _label(one: ExecutionDifference) -> str:
    return f"{one.state}{branch_text(one.branch)} {one.field}" if one.state else one.field


def _text(one: ExecutionDifference) -> str:
    if one.field == "visit":
        return "only on this fork" if not is_present(one.left) else "only in the recording"
    place = f" at {dotted(one.pointer)}" if one.pointer else ""
    return f"recorded {shown(one.left)}, here {shown(one.right)}{place}"
