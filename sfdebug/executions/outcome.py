"""What became of one execution: the facts of a row in a list, as far as they are known, and where each is from.

The little that ListExecutions says, what DescribeExecution adds, what the end of a history tells, or a whole recording:
`Known` says how far it was looked. Source of the fields: AWS Step Functions API Reference, `ExecutionListItem`,
`DescribeExecution`.
"""

from __future__ import annotations

from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.listing import matches
from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.faults import TIMEOUT
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.recording import ExecutionInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.listing import ExecutionEntry, Wanted
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent, Recording
    from sfdebug.values import Json

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
PENDING_REDRIVE: Final = "PENDING_REDRIVE"
UNSUCCESSFUL: Final = ("FAILED", "TIMED_OUT", "ABORTED")
"""How an execution stands that ended without success. Source: AWS Step Functions API Reference, `ExecutionStatus`."""


class Known(IntEnum):
    """How far somebody has looked at an execution."""

    LISTED = 0
    """A list has it: name, status, times, redrives, version."""
    DESCRIBED = 1
    """It was described: error and cause, too, and what a redrive could do. No event of it was looked at."""
    END = 2
    """The end of its history was read: the failed state, if it is not further back than was read."""
    WHOLE = 3
    """All of its history was followed: everything is known that it tells."""


class FailedState(Struct, frozen=True, gc=False, omit_defaults=True):
    """The state with which an execution ended without success: whose fault it was, or (`is_fault` False) where it stood
    when it timed out or was aborted.

    `branch` are the Maps and Parallels around it, each with its iteration or branch, the outermost first; without
    `is_branch_known` only the Maps that its end names. `attempts` is how often its Task was tried since it was entered
    last (None: not known); `event_id` is the event that tells of the fault.
    """

    name: str
    branch: BranchId = ()
    is_branch_known: bool = True
    is_fault: bool = True
    error: str | None = None
    cause: str | None = None
    attempts: int | None = None
    event_id: int = 0
    event_type: str = ""

    @property
    def path(self) -> str:
        """`Orders[3]/Charge`: the state with what it is in; `…/` in front where not all of that is known."""
        around = "".join(f"{name}[{index}]/" for name, index in self.branch)
        return f"{'' if self.is_branch_known else '…/'}{around}{self.name}"


class ExecutionOutcome(Struct, frozen=True, gc=False, omit_defaults=True):
    """What became of an execution. Texts are "" where they are not known or there is none; times are in milliseconds
    since 1970, None where they are not known.

    `error`, `cause`: None is "there is none" from `Known.DESCRIBED` on, before that "not known yet". `failed_state` is
    None when it did not fail, or `why_no_state` says why it is not known. `retries` is how many attempts Retriers made
    beyond the first ones, in all states (None: not known). `version_arn` is set where a version or an alias was
    started; `definition_hash` is that of the text of the definition that ran, `definition_at` since when that was the
    state machine's, where somebody asked. `place` is the file of it, `label` tells it apart in there, and `called` is
    what that file is called in the folder that was looked through, with the label. `refusal` is why AWS did not say
    more.
    """

    arn: str = ""
    name: str = ""
    state_machine_arn: str = ""
    status: str = ""
    started_at: int | None = None
    stopped_at: int | None = None
    known: Known = Known.LISTED
    error: str | None = None
    cause: str | None = None
    failed_state: FailedState | None = None
    why_no_state: str = ""
    retries: int | None = None
    redrive_count: int = 0
    redriven_at: int | None = None
    redrive_status: str = ""
    redrive_status_reason: str = ""
    version_arn: str = ""
    alias_arn: str = ""
    definition_hash: str = ""
    definition_at: int | None = None
    map_run_arn: str = ""
    events: int | None = None
    place: str = ""
    label: str = ""
    refusal: str = ""
    called: str = ""

    @property
    def title(self) -> str:
        """What to call it: its name, else what its file is called."""
        return self.name or self.called or self.label or self.place

    @property
    def key(self) -> str:
        """What tells it from all others of its source: its ARN, or where it is."""
        return self.arn or (f"{self.place}#{self.label}" if self.label else self.place)

    @property
    def state_machine_name(self) -> str:
        """The state machine's name, "" when it is not known."""
        return ExecutionInfo.of_arn(self.arn, self.name, self.state_machine_arn).state_machine_name

    @property
    def is_running(self) -> bool:
        """Whether more of it can come without a redrive."""
        return self.status == RUNNING

    @property
    def is_over(self) -> bool:
        """Whether it has ended; False as well where it is not known how it stands."""
        return self.status == SUCCEEDED or self.status in UNSUCCESSFUL

    @property
    def is_unsuccessful(self) -> bool:
        """Whether it failed, timed out or was aborted."""
        return self.status in UNSUCCESSFUL

    @property
    def milliseconds(self) -> int | None:
        """How long it took, None while it runs and where a time is not known."""
        if self.started_at is None or self.stopped_at is None:
            return None
        return self.stopped_at - self.started_at

    @property
    def newest_time(self) -> int | None:
        """The time that AWS sorts its list by: the stop, or the start or redrive of what runs."""
        return max(
            (one for one in (self.started_at, self.stopped_at, self.redriven_at) if one is not None), default=None
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be looked for: it succeeded, or it ended without success and its failure is known as
        far as it can be."""
        return self.status == SUCCEEDED or (self.is_unsuccessful and self.known >= Known.END)

    @property
    def version(self) -> str:
        """The version of the definition that it ran, as far as it is known: a version's ARN, or a hash of the text."""
        return self.version_arn or self.definition_hash


# made of what AWS lists and describes


def outcome_at(arn: Arn) -> ExecutionOutcome:
    """What the ARN of an execution says of it."""
    return ExecutionOutcome(arn=arn.text, name=arn.name, state_machine_arn=arn.state_machine_arn)


def listed(entry: ExecutionEntry, state_machine_arn: str = "") -> ExecutionOutcome:
    """What a list says of an execution."""
    return ExecutionOutcome(
        arn=entry.arn,
        name=entry.name,
        state_machine_arn=_text(entry.answer, "stateMachineArn") or state_machine_arn,
        status=entry.status,
        started_at=entry.started_at,
        stopped_at=entry.stopped_at,
        redrive_count=entry.redrive_count,
        redriven_at=entry.redriven_at,
        version_arn=_text(entry.answer, "stateMachineVersionArn"),
        alias_arn=_text(entry.answer, "stateMachineAliasArn"),
        map_run_arn=entry.map_run_arn or "",
    )


def described(answer: Mapping[str, Json], base: ExecutionOutcome | None = None) -> ExecutionOutcome:
    """What DescribeExecution's answer says, as JSON, with what `base` knows besides.

    An answer without a status (AWS did not describe the execution) says no more than what it has.
    """
    base = base or ExecutionOutcome()
    status = _text(answer, "status") or base.status
    is_unsuccessful, count = status in UNSUCCESSFUL, answer.get("redriveCount")
    started, redriven = moment_of(answer.get("startDate")), moment_of(answer.get("redriveDate"))
    is_described = bool(_text(answer, "status"))
    return replace(
        base,
        arn=_text(answer, "executionArn") or base.arn,
        name=_text(answer, "name") or base.name,
        state_machine_arn=_text(answer, "stateMachineArn") or base.state_machine_arn,
        status=status,
        started_at=started if started is not None else base.started_at,
        stopped_at=moment_of(answer.get("stopDate")) if is_described else base.stopped_at,
        known=max(base.known, Known.DESCRIBED) if is_described else base.known,
        error=(_text(answer, "error") or base.error) if is_unsuccessful else None,
        cause=(_text(answer, "cause") or base.cause) if is_unsuccessful else None,
        redrive_count=count if isinstance(count, int) else base.redrive_count,
        redriven_at=redriven if redriven is not None else base.redriven_at,
        redrive_status=_text(answer, "redriveStatus") or base.redrive_status,
        redrive_status_reason=_text(answer, "redriveStatusReason") or base.redrive_status_reason,
        version_arn=_text(answer, "stateMachineVersionArn") or base.version_arn,
        alias_arn=_text(answer, "stateMachineAliasArn") or base.alias_arn,
        map_run_arn=_text(answer, "mapRunArn") or base.map_run_arn,
    )


def _text(answer: Mapping[str, Json], name: str) -> str:
    found = answer.get(name)
    return found if isinstance(found, str) else ""


# made of events


def outcome_of(
    recording: Recording, alignment: Alignment | None = None, base: ExecutionOutcome | None = None
) -> ExecutionOutcome:
    """What a recording tells of its execution, with what `base` knows besides.

    `alignment` is that of the recording, where it is known already. A recording that is not whole (it has gaps, or AWS
    has more of it) tells less, and what it does not tell is not claimed.
    """
    is_whole = not recording.has_more and recording.events[0].id == 1 and not recording.missing_ids
    facts = recording.facts
    base = base or ExecutionOutcome(arn=facts.arn, name=facts.name, state_machine_arn=facts.state_machine_arn)
    alignment = alignment or align(recording, bridges_gaps=is_whole)
    found = _from_end(recording, alignment, base, is_whole=is_whole)
    if not is_whole:
        return found
    redrives = [recording.events[index] for index in alignment.redrives]
    return replace(
        found,
        known=Known.WHOLE,
        retries=_retries(alignment),
        started_at=base.started_at if base.started_at is not None else recording.start_time,
        redrive_count=max(base.redrive_count, len(redrives)),
        redriven_at=base.redriven_at if base.redriven_at is not None else redrives[-1].time if redrives else None,
    )


def outcome_of_end(recording: Recording, base: ExecutionOutcome) -> ExecutionOutcome:
    """What the last events of a history tell, with what `base` knows. They can be all that there are."""
    found = outcome_of(recording, None, base)
    if found.known != Known.END or not found.why_no_state:
        return found
    return replace(found, why_no_state=f"{found.why_no_state} among the last {len(recording.events):,} events")


def takes(wanted: Wanted, outcome: ExecutionOutcome) -> bool:
    """Whether an execution is one of those that are wanted, its status included."""
    if wanted.statuses and outcome.status not in wanted.statuses:
        return False
    start = outcome.started_at
    if start is not None and (
        (wanted.since is not None and start < wanted.since) or (wanted.until is not None and start > wanted.until)
    ):
        return False
    return matches(wanted.name, outcome.name)


def has_error(outcome: ExecutionOutcome, pattern: str) -> bool:
    """Whether its error or its cause has `pattern` in it, or fits it as a whole when it has * or ?; "" fits all."""
    return not pattern or matches(pattern, outcome.error or "") or matches(pattern, outcome.cause or "")


def definition_hash(definition: str) -> str:
    """What tells one text of a definition from another, for a person to compare: the start of its SHA-256."""
    return sha256(definition.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _from_end(
    recording: Recording, alignment: Alignment, base: ExecutionOutcome, *, is_whole: bool
) -> ExecutionOutcome:
    end = None if recording.has_more else recording.end
    status = str(recording.status) if not recording.has_more else base.status
    if end is None:
        return replace(base, status=status or base.status, stopped_at=None, events=_count(recording))
    failed, why = (None, "") if status == SUCCEEDED else _failed_state(alignment, end, is_whole=is_whole)
    error = end.text("error")
    if error is None and status == "TIMED_OUT":
        error = TIMEOUT
    return replace(
        base,
        status=status,
        stopped_at=end.time if end.time is not None else base.stopped_at,
        known=max(base.known, Known.END),
        error=error if error is not None else base.error,
        cause=end.text("cause") if end.text("cause") is not None else base.cause,
        failed_state=failed,
        why_no_state=why,
        events=_count(recording),
    )


def _count(recording: Recording) -> int:
    """How many events the execution has: ids have no gaps."""
    return max(recording.events[-1].id, len(recording.events))


def _failed_state(alignment: Alignment, end: RecordedEvent, *, is_whole: bool) -> tuple[FailedState | None, str]:
    """The state that the execution ended with, or why it is not known."""
    if end.type != EventType.EXECUTION_FAILED:
        return _stood_at(alignment, is_whole=is_whole)
    index = alignment.failure_behind(end)
    fault = alignment.recording.events[index] if index is not None else end
    visit = alignment.visit_at(index) if index is not None else None
    name = visit.state if visit is not None else fault.name or fault.text("state") or ""
    if index is None or fault is end or not name:
        if is_whole:
            return None, "AWS names no state: the execution itself failed"
        return None, "the entry of the failed state is not"
    branch = visit.branch if visit is not None and is_whole else _maps_named(alignment.recording, end, fault)
    is_fail = fault.type == EventType.FAIL_STATE_ENTERED
    error = end.text("error") if is_fail else fault.text("error")
    if error is None and fault.type.endswith("TimedOut"):
        error = TIMEOUT
    return FailedState(
        name=name,
        branch=branch,
        is_branch_known=is_whole,
        error=error,
        cause=end.text("cause") if is_fail else fault.text("cause"),
        attempts=_attempts_of(visit) if visit is not None else None,
        event_id=fault.id,
        event_type=fault.type,
    ), ""


def _stood_at(alignment: Alignment, *, is_whole: bool) -> tuple[FailedState | None, str]:
    """Where an execution stood that timed out or was aborted: the innermost visits that were not left."""
    if not is_whole:
        return None, "not all that was under way is"
    containers = {visit.container for visit in alignment.visits if visit.exited is None}
    open_ = [visit for visit in alignment.visits if visit.exited is None and visit.number not in containers]
    if not open_:
        return None, "no state was under way"
    if len(open_) > 1:
        names = ", ".join(dict.fromkeys(visit.state for visit in open_))
        return None, f"{len(open_)} states were under way: {names}"
    (visit,) = open_
    return FailedState(
        name=visit.state,
        branch=visit.branch,
        is_fault=False,
        attempts=_attempts_of(visit),
        event_id=visit.last.id,
        event_type=visit.last.type,
    ), ""


def _attempts_of(visit: RecordedVisit) -> int | None:
    """How often the Task of a visit was tried since its execution was redriven last; None for what is not tried."""
    if not visit.attempts:
        return None
    latest = visit.attempts[-1].redrives
    return sum(attempt.redrives == latest for attempt in visit.attempts)


def _maps_named(recording: Recording, end: RecordedEvent, fault: RecordedEvent) -> BranchId:
    """The iterations that failed on the way from a fault to the end, as their events name them; the outermost first.

    Recorded: MapIterationFailed and MapStateFailed follow the same event, the last one inside of the iteration.
    """
    way: set[int] = set()
    event: RecordedEvent | None = end
    while event is not None and event.id not in way:
        way.add(event.id)
        event = None if event is fault else recording.by_id.get(event.previous_event_id)
    found: list[tuple[str, int]] = []
    for event in reversed(recording.events):
        index = event.details.get("index")
        is_on_way = event.id in way or event.previous_event_id in way
        if event.type == EventType.MAP_ITERATION_FAILED and isinstance(index, int) and is_on_way:
            found.append((event.name, index))
    return tuple(found)


def _retries(alignment: Alignment) -> int:
    """How many attempts a Retrier made: those after the first of each visit, but for what a redrive began."""
    total = 0
    for visit in alignment.visits:
        begun = len({attempt.redrives for attempt in visit.attempts})
        total += len(visit.attempts) - begun
    return total
