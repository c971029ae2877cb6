"""What a redrive of an execution would do: whether AWS allows it, until when, what would run again and what would not.

Sources: AWS API, `RedriveExecution` (its conditions) and `DescribeExecution` (redriveStatus and its reason). AWS docs,
"Restarting state machine executions with redrive in Step Functions": what was left keeps its result, a state whose
Entered event has no Exited event runs again with the same input, under the same definition, its Retriers count anew; of
a Parallel or an Inline Map only what failed or was aborted, all of it after States.DataLimitExceeded. "Redriving Map
Runs": the unsuccessful child executions; a Map Run that was not started is started.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED
from sfdebug.history.partings import fault_of, item_count
from sfdebug.history.started import map_run_of
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_REDRIVE_WAIT_SECONDS, ExecutionType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import Recording

REDRIVABLE: Final = "REDRIVABLE"
NOT_REDRIVABLE: Final = "NOT_REDRIVABLE"
BY_MAP_RUN: Final = "REDRIVABLE_BY_MAP_RUN"
"""The values of redriveStatus."""

_UNSUCCESSFUL: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)
_NO_ROOM: Final = MAX_HISTORY_EVENTS - 1
"""A history with so many events has no room for ExecutionRedriven and one more."""
_LAUNCH: Final = 1_700_006_400_000
"""2023-11-15: what began before cannot be redriven."""
_MAP_RUNS: Final = (EventType.MAP_RUN_STARTED, EventType.MAP_RUN_REDRIVEN)
_CONTAINERS: Final = ("Map", "Parallel")


class RunAgain(StrEnum):
    """How a state would be run again."""

    STATE = "state"
    """From its beginning, with the input that it has."""
    FAIL = "fail"
    """It is a Fail state: it fails again."""
    WHOLE = "whole"
    """All branches or iterations of it, because its data were too large."""
    PARTS = "parts"
    """Those of its branches or iterations that did not succeed."""
    CHILDREN = "children"
    """The child executions of its Map Run that did not succeed."""


class RedrivenState(Struct, frozen=True, gc=False):
    """A state that would be run again. Of `PARTS`: all but `finished` of its `total` branches or iterations (None: how
    many there are is not known). Of `CHILDREN`: the ARN of the `map_run`."""

    visit: RecordedVisit
    again: RunAgain
    finished: int = 0
    total: int | None = None
    map_run: str = ""


class RedriveOutlook(Struct, frozen=True, gc=False):
    """What is known of a redrive of an execution that ended without success.

    `status` is AWS's word where it was asked (`is_told`), else what its rules say; `reason` why it is not possible.
    `ended_at` and `until` are the first and the last moment at which it is, in milliseconds since 1970, None where the
    times are not recorded. `again` are the states that would run again, the containers before what is in them; `kept`
    is how many visits were left, and are not run again.
    """

    status: str
    is_told: bool
    reason: str
    ended_at: int | None
    until: int | None
    again: tuple[RedrivenState, ...]
    kept: int

    @property
    def is_possible(self) -> bool:
        """Whether it was possible when AWS was asked, or is by its rules; how long ago that was apart."""
        return self.status != NOT_REDRIVABLE

    def is_late(self, now: int) -> bool:
        """Whether the time for it is over at a moment, in milliseconds since 1970."""
        return self.until is not None and now > self.until


def redrive_outlook(alignment: Alignment) -> RedriveOutlook | None:
    """What a redrive would do; None for an execution that runs, went well, or of which the end was not recorded."""
    recording = alignment.recording
    end = recording.end
    if end is None or recording.status not in _UNSUCCESSFUL:
        return None
    told = recording.facts.redrive_status
    reason = recording.facts.redrive_status_reason
    status = told
    if not told:
        reason = _why_not(recording)
        status = NOT_REDRIVABLE if reason else REDRIVABLE
        if reason and _is_express_child(recording):
            status, reason = BY_MAP_RUN, ""
    until = end.time + MAX_REDRIVE_WAIT_SECONDS * 1000 if end.time is not None else None
    again = _again(alignment)
    kept = sum(visit.exited is not None for visit in alignment.visits)
    return RedriveOutlook(status, bool(told), reason, end.time, until, again, kept)


def _is_express_child(recording: Recording) -> bool:
    """Whether it is a child of a Map Run that only a redrive of that starts again."""
    facts = recording.facts
    return facts.execution_type == ExecutionType.EXPRESS and bool(map_run_of(facts.arn))


def _why_not(recording: Recording) -> str:
    """Why AWS's rules do not allow it, in the words of its redriveStatusReason where it has some; "" where they do."""
    if recording.facts.execution_type == ExecutionType.EXPRESS:
        return "an Express execution cannot be redriven"
    if len(recording.events) >= _NO_ROOM:
        return "Execution history event limit exceeded"
    start = recording.start_time
    if start is not None and start < _LAUNCH:
        return "Execution was started before the launch of RedriveExecution"
    return ""


def _again(alignment: Alignment) -> tuple[RedrivenState, ...]:
    """What was not left: the last visit of the execution, and what is in it."""
    last = next((visit for visit in reversed(alignment.visits) if not visit.branch), None)
    return tuple(_Unfinished(alignment).of(last)) if last is not None and last.exited is None else ()


class _Unfinished:
    """Finds what was not left, from the outside in."""

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment
        self._inside: dict[int, list[RecordedVisit]] = {}
        for visit in alignment.visits:
            if visit.container is not None:
                self._inside.setdefault(visit.container, []).append(visit)

    def of(self, visit: RecordedVisit) -> Iterator[RedrivenState]:
        """A visit that was not left, and those in it: of what was tried anew only what the last try ran."""
        if visit.type not in _CONTAINERS or not visit.attempts:
            yield RedrivenState(visit, RunAgain.FAIL if visit.type == "Fail" else RunAgain.STATE)
            return
        attempt = visit.attempts[-1]
        fault = fault_of(visit, self._alignment)
        if fault is not None and fault[0] == DATA_LIMIT_EXCEEDED:
            yield RedrivenState(visit, RunAgain.WHOLE)
            return
        arns = (event.text("mapRunArn") for event in attempt.events if event.type in _MAP_RUNS)
        map_run = next((arn for arn in arns if arn), "")
        if map_run:
            yield RedrivenState(visit, RunAgain.CHILDREN, map_run=map_run)
            return
        inside = self._inside.get(visit.number, ())
        lasts = {inner.branch: inner for inner in inside if inner.entered.id > attempt.began.id}
        if not lasts:
            yield RedrivenState(visit, RunAgain.STATE)
            return
        total = item_count(visit) if visit.type == "Map" else len(lasts)
        finished = {branch for branch, inner in lasts.items() if self._is_finished(visit, inner, attempt.began.id)}
        yield RedrivenState(visit, RunAgain.PARTS, len(finished), total)
        for branch, inner in lasts.items():
            if branch not in finished and inner.exited is None:
                yield from self.of(inner)

    def _is_finished(self, container: RecordedVisit, last: RecordedVisit, began: int) -> bool:
        """Whether a branch or an iteration is over and went well, by its last visit."""
        if container.type == "Parallel":
            return last.exited is not None
        events, visit_of = self._alignment.recording.events, self._alignment.visit_of
        return any(
            events[index].type == EventType.MAP_ITERATION_SUCCEEDED
            and visit_of[index] == container.number
            and events[index].id > began
            for index in self._alignment.by_branch.get(last.branch, ())
        )
