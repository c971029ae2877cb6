"""Visits and attempts as a recorded history has them, with real times, and what each attempt of a Task was answered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.decisions import (
    Provenance,
    RefuseTask,
    Submission,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.faults import TIMEOUT
from sfdebug.history.recording import FAILURES, TASK_FAMILIES, RecordedEvent
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.execution import Branch

_RECORDED: Final = Provenance.RECORDED
_BEGUN: Final = frozenset(
    {EventType.LAMBDA_FUNCTION_STARTED, EventType.TASK_STARTED, EventType.ACTIVITY_STARTED, EventType.TASK_SUBMITTED}
)
_SCHEDULED: Final = frozenset(f"{family}Scheduled" for family in TASK_FAMILIES)
_NOT_BEGUN: Final = Submission(begun=False)
_STATE_FAILED: Final = re.compile(
    r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. (.*)", re.DOTALL
)


class Attempt(Struct, frozen=True, gc=False):
    """One try of a Task, a Parallel or a Map: its events, from what scheduled or started it. Counts from 1.

    `redrives` is how often the execution had been redriven when it began.
    """

    number: int
    events: tuple[RecordedEvent, ...]
    redrives: int = 0

    @property
    def began(self) -> RecordedEvent:
        """The event that scheduled or started it."""
        return self.events[0]

    @property
    def ended(self) -> RecordedEvent | None:
        """The event that says how it ended, None when none does."""
        return next((event for event in reversed(self.events) if _is_end(event.type)), None)

    @property
    def failed(self) -> bool:
        """Whether it failed or timed out."""
        end = self.ended
        return end is not None and end.type.endswith(FAILURES)

    @property
    def error(self) -> str | None:
        """The error name that it failed with, as its own events say."""
        end = self.ended
        return error_in(end) if end is not None and self.failed else None

    @property
    def cause(self) -> str | None:
        """The cause that it failed with."""
        end = self.ended
        return end.text("cause") if end is not None and self.failed else None

    @property
    def input(self) -> Value:
        """What the task was called with: the effective input. MISSING when it was not recorded."""
        for name in ("parameters", "input"):
            value = self.began.payload(name)
            if value is not MISSING:
                return value
        return MISSING

    @property
    def result(self) -> Value:
        """What the task returned. MISSING when it failed, or that was not recorded."""
        end = self.ended
        return end.payload("output") if end is not None and not self.failed else MISSING

    @property
    def milliseconds(self) -> int | None:
        """How long it took, as far as its events say."""
        return _between(self.began, self.events[-1])

    @property
    def is_of_task(self) -> bool:
        """Whether a Task was tried, and not a Parallel or a Map."""
        return is_scheduled(self.began.type)

    @property
    def answer(self) -> RecordedAnswer | None:
        """How the Task was answered; None when that is not recorded."""
        return answer_in(self.events[1:])


class RecordedVisit(Struct, frozen=True, gc=False):
    """One stay in one state. `number` counts the visits from 0, in order of entry.

    `last` is its last event, `exited` that by which the state was left, None when it never was. `container` is the
    number of the visit to the Parallel or Map that its branch belongs to, `previous` that of the visit that was left
    for this one, None when its branch begins with it.

    Of a visit that was not left, `failed` says that its failure was taken by nobody, and went up to its container or
    ended the execution; `aborted` that it was cut short by something else, also while it waited for a retry. Both are
    about the last time: a redrive can have gone on with it. `redriven` are the ids of the ExecutionRedriven that did.
    """

    number: int
    branch: BranchId
    state: str
    type: str
    entered: RecordedEvent
    last: RecordedEvent
    exited: RecordedEvent | None
    attempts: tuple[Attempt, ...] = ()
    container: int | None = None
    aborted: bool = False
    failed: bool = False
    redriven: tuple[int, ...] = ()
    previous: int | None = None

    @property
    def milliseconds(self) -> int | None:
        """How long the stay was, up to its last event."""
        return _between(self.entered, self.exited or self.last)

    @property
    def input(self) -> Value:
        """The state's raw input."""
        return self.entered.payload("input")

    @property
    def output(self) -> Value:
        """What the state gave on, MISSING when it was not left or that was not recorded."""
        return self.exited.payload("output") if self.exited is not None else MISSING

    @property
    def status(self) -> str:
        """ "succeeded", "caught" (left after a failure), "failed", "aborted" or, as far as is recorded, "running"."""
        if self.exited is not None:
            return "caught" if self.attempts and self.attempts[-1].failed else "succeeded"
        if self.failed:
            return "failed"
        return "aborted" if self.aborted else "running"


def error_in(event: RecordedEvent) -> str | None:
    """The error that an event of a failure names. A TimedOut event without one is States.Timeout."""
    return event.text("error") or ("States.Timeout" if event.type.endswith("TimedOut") else None)


def _is_end(event_type: str) -> bool:
    return event_type.endswith(("Succeeded", *FAILURES)) and not event_type.startswith(("MapIteration", "Evaluation"))


def _between(first: RecordedEvent, last: RecordedEvent) -> int | None:
    if first.time is None or last.time is None:
        return None
    return last.time - first.time


# what a Task was answered


class RecordedAnswer(Struct, frozen=True, gc=False):
    """How an attempt ended: the answer, and the event that tells; `is_unknown` when its result was not recorded."""

    answer: Answer
    event: RecordedEvent | None
    is_unknown: bool = False


def is_begun(event_type: str) -> bool:
    """Whether the event tells that a scheduled task has begun: it comes between scheduling and end, or not at all."""
    return event_type in _BEGUN


def is_scheduled(event_type: str) -> bool:
    """Whether the event schedules an attempt of a Task."""
    return event_type in _SCHEDULED


def answer_in(events: Iterable[RecordedEvent]) -> RecordedAnswer | None:
    """The answer in the events that follow the scheduling of an attempt in its branch; None when there is none."""
    submission = _NOT_BEGUN
    for event in events:
        if event.type == EventType.TASK_SUBMITTED:
            submission = Submission(response=event.payload("output"))
        elif event.type == EventType.ACTIVITY_STARTED:
            submission = Submission(worker_name=event.text("workerName"))
        elif is_begun(event.type):
            continue
        else:
            found = _ending(event, submission)
            if found is not None:
                return found
            break
    return RecordedAnswer(TaskSilence(_RECORDED, submission), None) if submission.begun else None


def _ending(event: RecordedEvent, submission: Submission) -> RecordedAnswer | None:
    family = next((family for family in TASK_FAMILIES if event.type.startswith(family)), "")
    what = event.type.removeprefix(family)
    if not family or what.startswith("State"):
        return None
    if what == "TimedOut" and event.text("cause") is None:
        return RecordedAnswer(TaskSilence(_RECORDED, submission), event)
    if what == "TimedOut":  # the service itself reported it
        name, cause = event.text("error") or TIMEOUT, event.text("cause")
        return RecordedAnswer(TaskFailure(name, cause, 0.0, _RECORDED, submission), event)
    if what.endswith("Failed"):  # also ScheduleFailed, StartFailed, SubmitFailed: before the task began
        error, cause = event.text("error"), event.text("cause")
        answer = TaskFailure(error, cause, provenance=_RECORDED, submission=replace(submission, failure=what))
        return RecordedAnswer(answer, event)
    if what != "Succeeded":
        return None
    output = event.payload("output")
    if output is MISSING:
        return RecordedAnswer(TaskResult(None, provenance=_RECORDED, submission=submission), event, is_unknown=True)
    return RecordedAnswer(TaskResult(output, provenance=_RECORDED, submission=submission), event)


def told_cause(cause: str) -> str:
    """A cause without the words in front that only say in which state it happened."""
    found = _STATE_FAILED.fullmatch(cause)
    return found[1] if found is not None else cause


def refused_task(branch: Branch, failed: RecordedEvent) -> RefuseTask | None:
    """What befell a Task about to be scheduled when its execution failed next.

    Recorded: its activity does not exist. None when the branch stands elsewhere.
    """
    visit = branch.visit
    if branch.phase is not Phase.WORK or visit is None or visit.state.type is not StateType.TASK:
        return None
    error, reason = failed.text("error"), _STATE_FAILED.fullmatch(failed.text("cause") or "")
    return RefuseTask(branch.id, error, reason[1]) if error is not None and reason is not None else None
