"""What a recorded Task answered: from the events of one of its attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.faults import TIMEOUT
from sfdebug.history.recording import TASK_FAMILIES, RecordedEvent
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer

_RECORDED: Final = Provenance.RECORDED
_BEGUN: Final = frozenset({"LambdaFunctionStarted", "TaskStarted", "ActivityStarted", "TaskSubmitted"})
_NOT_BEGUN: Final = Submission(begun=False)


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """How an attempt ended: the answer, and the event that tells; `is_unknown` when its result was not recorded."""

    answer: Answer
    event: RecordedEvent | None
    is_unknown: bool = False


def is_begun(event_type: str) -> bool:
    """Whether the event tells that a scheduled task has begun: it comes between scheduling and end, or not at all."""
    return event_type in _BEGUN


def is_scheduled(event_type: str) -> bool:
    """Whether the event schedules an attempt of a Task."""
    return event_type.endswith("Scheduled") and event_type.removesuffix("Scheduled") in TASK_FAMILIES


def answer_in(events: Iterable[RecordedEvent]) -> RecordedAnswer | None:
    """The answer in the events that follow the scheduling of an attempt in its branch; None when there is none."""
    submission = _NOT_BEGUN
    for event in events:
        if event.type == "TaskSubmitted":
            submission = Submission(response=event.payload("output"))
        elif event.type == "ActivityStarted":
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
