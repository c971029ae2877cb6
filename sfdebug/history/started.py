"""What an execution started, and what started it: executions and Map Runs by their ARNs, as a history names them.

Sources: AWS docs, "Start workflow executions from a task state": StartExecution answers with an ExecutionArn, which
stands in the output of TaskSubmitted (`.sync`, `.waitForTaskToken`) or TaskSucceeded; what a `.sync` Task fails with
describes the execution in its cause (recorded). The same page: a started execution says who started it only where its
input has AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID. AWS API, `MapRunStartedEventDetails`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.events import EventType
from sfdebug.history.recording import parse_payload

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import RecordedEvent, Recording
    from sfdebug.values import Json, Value

STARTED_BY: Final = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""The name in an execution's input by which AWS associates it with the one that started it."""

_STARTS: Final = re.compile(r"start(?:Sync)?Execution(?:\.|$)")
_SERVICES: Final = ("states", "aws-sdk:sfn")
_EXECUTION: Final = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:(?:execution|express):[^\s\"',\\]+")


class StartedKind(StrEnum):
    """What was started. The values are what messages call it."""

    EXECUTION = "execution"
    MAP_RUN = "Map Run"


class Started(Struct, frozen=True, gc=False):
    """An execution or a Map Run that a visit of a history started.

    `event_id` is the event that names it, `visit` the number of the visit, `attempt` the number of its try. `failed` is
    True where the try that started it failed, None where how that ended is not recorded; `is_waited_for` whether the
    Task waits for its end (only then does its own end say how that went).
    """

    kind: StartedKind
    arn: str
    state: str
    branch: BranchId
    visit: int
    attempt: int
    event_id: int
    failed: bool | None = None
    is_waited_for: bool = False
    status: str = ""
    """How the execution stood, where the answer that names it says so."""


class Unnamed(Struct, frozen=True, gc=False):
    """A visit that starts an execution, as what it calls says, whose history does not name it: `why` in words."""

    state: str
    branch: BranchId
    visit: int
    why: str


def started_in(alignment: Alignment) -> tuple[Started, ...]:
    """All executions and Map Runs that a history names as started in it, in the order of their events, each once."""
    found: dict[str, Started] = {}
    for visit in alignment.visits:
        for attempt in visit.attempts:
            one = _map_run(visit, attempt) or _execution(visit, attempt)
            if one is not None:
                found[one.arn] = one  # a redriven Map Run is the same one: how it went last counts
    return tuple(sorted(found.values(), key=lambda one: one.event_id))


def unnamed_in(alignment: Alignment) -> tuple[Unnamed, ...]:
    """The visits that started an execution, or were about to, which their history does not name."""
    return tuple(
        Unnamed(visit.state, visit.branch, visit.number, _why_unnamed(visit.attempts[-1]))
        for visit in alignment.visits
        if visit.attempts
        and _starts_one(visit.attempts[-1].began)
        and not any(_execution(visit, attempt) for attempt in visit.attempts)
    )


def started_by(recording: Recording) -> str:
    """The ARN of the execution that started this one, as its input says; "" where that does not."""
    value = recording.input.get(STARTED_BY) if isinstance(recording.input, dict) else None
    return value if isinstance(value, str) and _EXECUTION.fullmatch(value) else ""


def map_run_of(arn: str) -> str:
    """The part of a child execution's ARN that it has in common with its Map Run: `Machine/Label`; "" for another."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 7 and parts[5] in ("execution", "express") and "/" in parts[6] else ""


def _map_run(visit: RecordedVisit, attempt: Attempt) -> Started | None:
    kinds = (EventType.MAP_RUN_STARTED, EventType.MAP_RUN_REDRIVEN)
    event = next((one for one in attempt.events if one.type in kinds and one.text("mapRunArn")), None)
    if event is None:
        return None
    arn = event.text("mapRunArn") or ""
    return _started(StartedKind.MAP_RUN, arn, visit, attempt, event, is_waited_for=True)


def _execution(visit: RecordedVisit, attempt: Attempt) -> Started | None:
    if not _starts_one(attempt.began):
        return None
    resource = attempt.began.text("resource") or ""
    is_waited_for = ".sync" in resource or resource.startswith("startSync")
    named = [(event, *found) for event in attempt.events if (found := _named(event))]
    if not named:
        return None
    (event, arn, _), status = named[0], named[-1][2]
    return _started(StartedKind.EXECUTION, arn, visit, attempt, event, is_waited_for=is_waited_for, status=status)


def _started(
    kind: StartedKind,
    arn: str,
    visit: RecordedVisit,
    attempt: Attempt,
    event: RecordedEvent,
    *,
    is_waited_for: bool,
    status: str = "",
) -> Started:
    failed = attempt.failed if attempt.ended is not None else None
    number = attempt.number
    return Started(kind, arn, visit.state, visit.branch, visit.number, number, event.id, failed, is_waited_for, status)


def _starts_one(scheduled: RecordedEvent) -> bool:
    """Whether a Task calls what starts an execution. Source: AWS API, `TaskScheduledEventDetails`."""
    kind, resource = scheduled.text("resourceType") or "", scheduled.text("resource") or ""
    return kind in _SERVICES and _STARTS.match(resource) is not None


def _named(event: RecordedEvent) -> tuple[str, str] | None:
    """The ARN of the started execution that an event of its Task names, and how it stood; None when it names none."""
    found = _answer(event.payload("output"))
    if found is None and (cause := event.text("cause") or "").startswith("{"):
        found = _answer(parse_payload(cause))
    return found


def _answer(value: Value) -> tuple[str, str] | None:
    """What an answer of StartExecution, StartSyncExecution or DescribeExecution names."""
    if not isinstance(value, dict):
        return None
    arn: Json = value.get("ExecutionArn", value.get("executionArn"))
    status: Json = value.get("Status", value.get("status"))
    if not isinstance(arn, str) or _EXECUTION.fullmatch(arn) is None:
        return None
    return arn, status if isinstance(status, str) else ""


def _why_unnamed(attempt: Attempt) -> str:
    if any(event.is_truncated("output") for event in attempt.events):
        return "AWS cut the answer off that names it"
    if attempt.failed:
        return "it could not be started, or its failure does not name it"
    if attempt.ended is None:
        return "how it went is not recorded"
    return "the data of the events were not recorded"
