"""What a ticket needs to know of one execution: what failed, where, why, since when, how often, the data that count.

Facts only, from what was recorded, computed, or told by AWS; a report puts them into words (`reports/ticket.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.arns import read_arn
from sfdebug.aws.console import (
    ConsoleLink,
    LinkKind,
    arn_links,
    function_log_link,
    log_link,
    span_around,
    trace_link,
)
from sfdebug.aws.errors import InvalidArnError
from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.debugger.recorded.summary import Retried, retried
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.executions.outcome import ExecutionOutcome, FailedState, Known, outcome_of
from sfdebug.expressions.choice import Verdict
from sfdebug.history.partings import failed_visit
from sfdebug.history.recording import ExecutionInfo, parse_payload
from sfdebug.history.redrive import redrive_outlook
from sfdebug.history.started import started_in
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.debugger.decisive_data.model import ExecutionContrast
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.executions.groups import FailureGroup
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.redrive import RedriveOutlook

_MOST_TRACE: Final = 200
_MOST_OPERANDS: Final = 6
_TRACES: Final = ("trace", "stackTrace", "stack")
"""Where the runtimes of Lambda put the stack trace. Source: AWS Lambda Developer Guide, error objects of each runtime:
lists of lines, or of [file, line, function, code] (Python 2.7)."""


class LambdaError(Struct, frozen=True, gc=False):
    """The cause of a failed Lambda function, read: its error object. Texts are "" where it has none."""

    type: str
    message: str
    trace: tuple[str, ...] = ()
    request_id: str = ""


class TicketFailure(Struct, frozen=True, gc=False):
    """What ended an execution without success. `place` is where, None where `why_no_state` says why that is not known.

    `error` and `cause` are those of the fault itself, `ended_with` the error of the execution where that is another
    one. `started` is the ARN of an execution or a Map Run that the failed state had started, "" where there is none.
    """

    place: FailedState | None
    why_no_state: str
    error: str
    cause: str
    parsed: LambdaError | None = None
    ended_with: str = ""
    started: str = ""


class DatumKind(StrEnum):
    """What a value was to the failure."""

    TASK_INPUT = "task input"
    """What the failed Task was called with last."""
    STATE_INPUT = "state input"
    """What the failed state was given, where nothing was called."""
    EXECUTION_INPUT = "execution input"


class TicketDatum(Struct, frozen=True, gc=False):
    """A value that counts, and the event that has it. `value` is MISSING where `lack` says why there is none."""

    kind: DatumKind
    value: Value
    state: str = ""
    branch: BranchId = ()
    event_id: int = 0
    lack: str = ""


class RuleOperand(Struct, frozen=True, gc=False):
    """What a comparison of a rule read: how the definition writes it, what was there, and why that decided."""

    path: str
    value: Value
    why: str = ""


class RuleTaken(Struct, frozen=True, gc=False):
    """The Choice that led to the failed state: the rule that it took (`index` None: the Default), and what that read.

    Nothing but where it led (`target`) is known where no definition was run: `is_computed` is False.
    """

    state: str
    branch: BranchId
    target: str
    event_id: int
    is_computed: bool = False
    index: int | None = None
    operands: tuple[RuleOperand, ...] = ()


class FailureStatistics(Struct, frozen=True, gc=False):
    """How often an execution's failure happened: its `group`, among so many failures that were `looked_into` of so many
    that are known (`failed`), of executions that were listed from `since` on (None: of all that there are).

    `is_whole` says whether that list was read to its end.
    """

    group: FailureGroup
    looked_into: int
    failed: int
    since: int | None = None
    is_whole: bool = True


class Ticket(Struct, frozen=True):
    """All that is told of an execution. `run` is None where its history could not be read: `refusal` says why.
    `statistics` are None where nobody counted, or that could not be: `why_not_counted` says why, then. `redrive` is
    what a redrive would do, None where there is none to be had; `contrast` what is different in another one."""

    outcome: ExecutionOutcome
    info: ExecutionInfo
    failure: TicketFailure | None
    data: tuple[TicketDatum, ...]
    rule: RuleTaken | None
    retried: tuple[Retried, ...]
    caught: tuple[RecordedVisit, ...]
    links: tuple[ConsoleLink, ...]
    statistics: FailureStatistics | None = None
    why_not_counted: str = ""
    run: RecordedSession | None = None
    refusal: str = ""
    redrive: RedriveOutlook | None = None
    contrast: ExecutionContrast | None = None


def ticket_of(
    run: RecordedSession,
    outcome: ExecutionOutcome | None = None,
    statistics: FailureStatistics | None = None,
    *,
    against: RecordedSession | None = None,
) -> Ticket:
    """What a recording tells; `outcome` is what is known of it besides, `statistics` how often it failed like that,
    `against` another execution of the state machine, from which it is told what is different."""
    info = run.recording.facts
    outcome = outcome_of(run.recording, run.alignment, _based(info, outcome))
    alignment = run.alignment
    visit = failed_visit(alignment) if outcome.is_unsuccessful else None
    failure = _failure(outcome, alignment, visit) if outcome.is_unsuccessful else None
    return Ticket(
        outcome=outcome,
        info=info,
        failure=failure,
        data=tuple(_data(run, visit)),
        rule=_rule_before(run, visit) if visit is not None else None,
        retried=retried(alignment),
        caught=tuple(one for one in alignment.visits if one.status == "caught"),
        links=_links(outcome, info, visit, failure),
        statistics=statistics,
        run=run,
        redrive=redrive_outlook(alignment) if outcome.is_unsuccessful else None,
        contrast=contrast(run, against) if against is not None else None,
    )


def ticket_without_history(
    outcome: ExecutionOutcome, refusal: str, statistics: FailureStatistics | None = None
) -> Ticket:
    """What is known of an execution of which the history cannot be read."""
    info = ExecutionInfo.of_arn(outcome.arn, outcome.name, outcome.state_machine_arn).completed()
    failure = _failure(outcome, None, None) if outcome.is_unsuccessful else None
    links = _links(outcome, info, None, failure)
    return Ticket(outcome, info, failure, (), None, (), (), links, statistics, refusal=refusal)


def _based(info: ExecutionInfo, outcome: ExecutionOutcome | None) -> ExecutionOutcome:
    """What is known without the history: from a list, and from the description of the execution."""
    base = outcome or ExecutionOutcome()
    return replace(
        base,
        arn=base.arn or info.arn,
        name=base.name or info.name,
        state_machine_arn=base.state_machine_arn or info.state_machine_arn,
        version_arn=base.version_arn or info.version_arn,
        alias_arn=base.alias_arn or info.alias_arn,
        redrive_status=base.redrive_status or info.redrive_status,
        redrive_status_reason=base.redrive_status_reason or info.redrive_status_reason,
    )


# what failed


def _failure(outcome: ExecutionOutcome, alignment: Alignment | None, visit: RecordedVisit | None) -> TicketFailure:
    place = outcome.failed_state
    ended, own = outcome.error or "", (place.error or "") if place is not None and place.is_fault else ""
    cause = (place.cause if place is not None and place.is_fault else None) or outcome.cause or ""
    return TicketFailure(
        place=place,
        why_no_state=outcome.why_no_state,
        error=own or ended,
        cause=cause,
        parsed=lambda_error(cause),
        ended_with=ended if own and ended != own else "",
        started=_started(alignment, visit),
    )


def _started(alignment: Alignment | None, visit: RecordedVisit | None) -> str:
    if alignment is None or visit is None:
        return ""
    found = [one.arn for one in started_in(alignment) if one.visit == visit.number and one.failed is not False]
    return found[-1] if found else ""


def lambda_error(cause: str) -> LambdaError | None:
    """The error object that a Lambda function's failure has as its cause; None for any other cause."""
    found = parse_payload(cause) if cause.lstrip().startswith("{") else MISSING
    if not isinstance(found, dict):
        return None
    kind, message = found.get("errorType"), found.get("errorMessage")
    if not isinstance(kind, str) and not isinstance(message, str):
        return None
    trace = next((found[name] for name in _TRACES if found.get(name)), None)
    request = found.get("requestId")
    return LambdaError(
        type=kind if isinstance(kind, str) else "",
        message=message if isinstance(message, str) else "",
        trace=tuple(_trace_lines(trace))[:_MOST_TRACE],
        request_id=request if isinstance(request, str) else "",
    )


def _trace_lines(trace: Json) -> Iterator[str]:
    """The lines of a stack trace: a text, lines, or [file, line, function, code] for each."""
    if isinstance(trace, str):
        yield from trace.splitlines()
    elif isinstance(trace, list):
        for line in trace:
            if isinstance(line, str):
                yield from line.rstrip("\n").splitlines()
            elif isinstance(line, list):
                yield ", ".join(str(part) for part in line)


# the data that count


def _data(run: RecordedSession, visit: RecordedVisit | None) -> Iterator[TicketDatum]:
    """What the failed Task was called with, else what the failed state was given; then the execution's input."""
    if visit is not None:
        attempt = visit.attempts[-1] if visit.attempts and visit.attempts[-1].is_of_task else None
        if attempt is not None and is_present(attempt.input):
            yield TicketDatum(DatumKind.TASK_INPUT, attempt.input, visit.state, visit.branch, attempt.began.id)
        else:
            lack = "" if is_present(visit.input) else visit.entered.lack_of("input")
            yield TicketDatum(
                DatumKind.STATE_INPUT, visit.input, visit.state, visit.branch, visit.entered.id, lack=lack
            )
    first = run.recording.events[0]
    value = run.recording.input
    yield TicketDatum(
        DatumKind.EXECUTION_INPUT, value, event_id=first.id, lack="" if is_present(value) else first.lack_of("input")
    )


# the rule that led there


def _rule_before(run: RecordedSession, failed: RecordedVisit) -> RuleTaken | None:
    """The last Choice on the way to a visit: in its branch, else in the branches around it."""
    visits, at = run.alignment.visits, failed
    while True:
        before = visits[at.previous] if at.previous is not None else None
        if before is None:
            if at.container is None:
                return None
            at = visits[at.container]
            continue
        if before.type == "Choice":
            return _rule_taken(run, before, at.state)
        at = before


def _rule_taken(run: RecordedSession, choice: RecordedVisit, target: str) -> RuleTaken:
    taken = RuleTaken(choice.state, choice.branch, target, (choice.exited or choice.entered).id)
    computed = _computed(run, choice)
    if computed is None or computed.next != target:
        return taken
    read: list[RuleOperand] = []
    for stage in computed.stages:
        is_taken = stage.status in (StageStatus.MATCHED, StageStatus.FORCED)
        if stage.name is StageName.RULE:
            operands = tuple(_operands(stage.detail)) if isinstance(stage.detail, Verdict) else ()
            if is_taken:
                return replace(taken, is_computed=True, index=stage.index, operands=operands[:_MOST_OPERANDS])
            read += operands
        elif stage.name is StageName.DEFAULT and is_taken:  # that none matched is what decided
            once = {(one.path, one.why): one for one in read}
            return replace(taken, is_computed=True, operands=tuple(once.values())[:_MOST_OPERANDS])
    return taken


def _operands(verdict: Verdict) -> Iterator[RuleOperand]:
    """What the comparisons of a rule read."""
    if verdict.children and not verdict.path:
        for child in verdict.children:
            yield from _operands(child)
        return
    if verdict.path:
        yield RuleOperand(verdict.path, verdict.value, verdict.why)
    for child in verdict.children:  # parts of a JSONata condition
        if child.path and child.path != verdict.path:
            yield RuleOperand(child.path, child.value)


def _computed(run: RecordedSession, recorded: RecordedVisit) -> Visit | None:
    """The computed visit that a recorded one is: the same of its state in its branch, with the same input."""
    if run.replay is None:
        return None

    def is_like(one: Visit | RecordedVisit) -> bool:
        name = one.state if isinstance(one.state, str) else one.state.name
        return one.branch == recorded.branch and name == recorded.state

    number = sum(is_like(one) for one in run.alignment.visits[: recorded.number])
    alike = [one for one in run.replay.execution.visits if is_like(one)]
    found = alike[number] if number < len(alike) else None
    return found if found is not None and found.input == recorded.input else None


# links


def _links(
    outcome: ExecutionOutcome, info: ExecutionInfo, visit: RecordedVisit | None, failure: TicketFailure | None
) -> tuple[ConsoleLink, ...]:
    arn = outcome.arn
    found: list[ConsoleLink | None] = [*arn_links(arn, outcome.started_at)]
    if failure is not None and failure.started:
        found += [one for one in arn_links(failure.started) if one.kind is not LinkKind.STATE_MACHINE]
    around = span_around(outcome.started_at, outcome.stopped_at)
    own = replace(around, pattern=f'{{ $.execution_arn = "{arn}" }}') if arn else around
    found += [log_link(group, arn or outcome.state_machine_arn, own) for group in info.log_groups]
    function = function_called(visit, arn or outcome.state_machine_arn) if visit is not None else ""
    found.append(function_log_link(function, around))
    found.append(trace_link(info.trace_header, arn))
    return tuple(one for one in found if one is not None)


def function_called(visit: RecordedVisit, arn: str = "") -> str:
    """The ARN of the Lambda function that a Task called last, without its version; "" where it called none.

    A function that is called by its name alone is taken to be in the account and Region of `arn`. Source: AWS docs,
    "Invoke an AWS Lambda function": FunctionName is a name, an ARN or a part of one.
    """
    if not visit.attempts:
        return ""
    began = visit.attempts[-1].began
    resource = began.text("resource") or ""
    if ":function:" in resource:
        return resource
    called = began.payload("parameters")
    named = called.get("FunctionName") if began.text("resourceType") == "lambda" and isinstance(called, Mapping) else ""
    if not isinstance(named, str) or not named or named.startswith("arn:"):
        return named if isinstance(named, str) else ""
    try:
        place = read_arn(arn)
    except InvalidArnError:
        return ""
    parts = named.split(":")
    name = parts[parts.index("function") + 1] if "function" in parts[:-1] else parts[0]
    account = parts[0] if len(parts) > 1 and parts[0].isdecimal() else place.account
    return f"arn:{place.partition}:lambda:{place.region}:{account}:function:{name}"


def statistics_of(
    outcome: ExecutionOutcome,
    groups: Sequence[FailureGroup],
    known: Sequence[ExecutionOutcome],
    *,
    since: int | None,
    is_whole: bool,
) -> FailureStatistics | None:
    """How often it failed like that: the group that has it; None where no group has."""
    group = next((one for one in groups if outcome.key in one.members), None)
    if group is None:
        return None
    failed = [one for one in known if one.is_unsuccessful]
    looked = sum(one.known >= Known.DESCRIBED for one in failed)
    return FailureStatistics(group, looked, len(failed), since, is_whole)
