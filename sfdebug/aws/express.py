"""Executions of Express workflows: AWS keeps no history of them, their events are in CloudWatch Logs.

Source: Step Functions Developer Guide, "Using CloudWatch Logs to log execution history"; CloudWatch Logs API Reference,
`FilterLogEvents`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.errors import AwsError, DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError
from sfdebug.aws.listing import describe_state_machine
from sfdebug.aws.session import ReadOperation, plain_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.concurrency import Progress
    from sfdebug.aws.executions import MachineDescription
    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json

LogEvent = dict[str, "Json"]
"""One log event in the shape of FilterLogEvents; its `message` is the JSON text of a history event."""


class LogSearch(Struct, frozen=True):
    """Where to look for the log of an Express execution: in `group` ("": the one that its state machine names), and
    between which times, in milliseconds since 1970."""

    since: int | None = None
    until: int | None = None
    group: str = ""


ANYWHERE: Final = LogSearch()


class MachineLog(Struct, frozen=True):
    """The log group of an Express state machine, and the state machine as it is now; None when the log group was given,
    and AWS does not describe it: `refusals` say why."""

    machine: MachineDescription | None
    group: str
    refusals: tuple[AwsError, ...] = ()


class ExpressLog(Struct, frozen=True):
    """What the logs have of an Express execution.

    `machine` is the state machine as it is now, not as it was then; None when the log group was given, and AWS does not
    describe the state machine: `refusals` say why.
    """

    machine: MachineDescription | None
    log_group: str
    events: tuple[LogEvent, ...]
    refusals: tuple[AwsError, ...] = ()

    @property
    def level(self) -> str:
        """The log level as it is now, "" when it is not known."""
        return self.machine.log_level if self.machine is not None else ""

    @property
    def is_complete(self) -> bool:
        """Whether the log level lets every event be logged, as far as it is known."""
        return self.level in ("ALL", "")


def read_express_log(
    reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE, progress: Progress | None = None
) -> ExpressLog:
    """The events of an Express execution from its log group, by time.

    Raises NotSupportedError when its state machine logs nothing, NotFoundError when nothing is there, and AwsError.
    """
    return read_logged(reader, log_of_machine(reader, arn, search), arn, search, progress)


def read_logged(
    reader: AwsReader, log: MachineLog, arn: Arn, search: LogSearch = ANYWHERE, progress: Progress | None = None
) -> ExpressLog:
    """The events of an Express execution from the log of its state machine, which is known already, by time.

    Raises NotFoundError when nothing is there, and AwsError.
    """
    pattern = f'{{ $.execution_arn = "{arn.text}" }}'
    events: list[LogEvent] = []
    for page in _log_pages(reader, log.group, pattern, search):
        events += (event for event in plain_list(page.get("events") or []) if _is_of(event, arn.text))
        if progress is not None:
            progress(len(events), None)
    if not events:
        raise _nothing_logged(log, "this execution", arn)
    return ExpressLog(log.machine, log.group, tuple(events), log.refusals)


def read_machine_log(
    reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE, progress: Progress | None = None
) -> tuple[LogEvent, ...]:
    """The events of all executions of an Express state machine. Raises what `read_express_log` raises."""
    log = log_of_machine(reader, arn, search)
    events: list[LogEvent] = []
    for page in _log_pages(reader, log.group, f'{{ $.execution_arn = "{_of_machine(arn)}*" }}', search):
        events += plain_list(page.get("events") or [])
        if progress is not None:
            progress(len(events), None)
    if not events:
        raise _nothing_logged(log, "its executions in that time", arn)
    return tuple(events)


class LogSurvey(Struct, frozen=True):
    """What a search of an Express state machine's log is about to read.

    `stored_bytes` is the size of all that the log group keeps, of all times and everybody who writes to it, as AWS last
    counted it; None where these credentials may not describe log groups. A search is of `since` to `until` only.
    CloudWatch charges nothing for it: FilterLogEvents is no item of its price list, unlike queries of Logs Insights
    and Live Tail. Source: Amazon CloudWatch pricing, "Logs". What it costs is time: a page has at most 1 MB or 10,000
    events. Source: CloudWatch Logs API Reference, `FilterLogEvents`.
    """

    log_group: str
    level: str
    since: int | None
    until: int | None
    stored_bytes: int | None = None
    retention_days: int | None = None


def survey_log(reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE, log: MachineLog | None = None) -> LogSurvey:
    """What a search of the log of an Express state machine reads, before it is made; `log` is where that is, when it is
    known already. Raises AwsError."""
    log = log or log_of_machine(reader, arn, search)
    group, level = log.group, log.machine.log_level if log.machine is not None else ""
    survey = LogSurvey(group, level, search.since, search.until)
    try:
        answer = reader.ask(ReadOperation.DESCRIBE_LOG_GROUPS, f"log group {group}", logGroupNamePrefix=group)
    except (DeniedError, NotFoundError, UnexpectedAnswerError):
        return survey
    for found in answer.get("logGroups") or ():
        if found.get("logGroupName") == group:
            return replace(survey, stored_bytes=found.get("storedBytes"), retention_days=found.get("retentionInDays"))
    return survey


def lifecycle_pages(
    reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE, log: MachineLog | None = None
) -> Iterator[list[LogEvent]]:
    """The log events that tell how the executions of an Express state machine began and ended, by time, a page at a
    time. A page can be empty. Raises NotSupportedError when it logs nothing, and AwsError."""
    group = (log or log_of_machine(reader, arn, search)).group
    pattern = f'{{ ($.execution_arn = "{_of_machine(arn)}*") && ($.type = "Execution*") }}'
    for page in _log_pages(reader, group, pattern, search):
        yield plain_list(page.get("events") or [])


def _of_machine(arn: Arn) -> str:
    """What the ARNs of all executions of an Express state machine begin with."""
    return f"arn:{arn.partition}:states:{arn.region}:{arn.account}:express:{arn.state_machine}:"


def log_of_machine(reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE) -> MachineLog:
    """Where the executions of an Express state machine are logged. Raises NotSupportedError when it logs nothing, and
    AwsError."""
    try:
        machine = describe_state_machine(reader, arn.state_machine_arn)
    except DeniedError as error:
        if search.group:
            return MachineLog(None, search.group, (error,))
        fix = f"{error.fix} Or name its log group: --log-group NAME"
        raise DeniedError(error.action, error.what, fix, where=error.where) from error
    return MachineLog(machine, search.group or _log_group(machine, arn))


def _log_group(machine: MachineDescription, arn: Arn) -> str:
    """The log group that a state machine names. Raises NotSupportedError when it logs nothing."""
    if not machine.log_groups or machine.log_level == "OFF":
        raise NotSupportedError(
            "this is an execution of an Express workflow that logs nothing, so nothing is kept of it",
            "Set the state machine's log level to ALL, with execution data, and run it again.",
            where=arn.text,
        )
    return _group_name(machine.log_groups[0])


def _log_pages(reader: AwsReader, group: str, pattern: str, search: LogSearch) -> Iterator[dict[str, Any]]:
    bounds = (("startTime", search.since), ("endTime", search.until))
    times = {name: time for name, time in bounds if time is not None}
    return reader.pages(
        ReadOperation.FILTER_LOG_EVENTS, f"log group {group}", logGroupName=group, filterPattern=pattern, **times
    )


def _nothing_logged(log: MachineLog, of: str, arn: Arn) -> NotFoundError:
    level = f"Its log level is {log.machine.log_level}; ALL" if log.machine is not None else "Log level ALL"
    return NotFoundError(
        f"the log group {log.group} has no events of {of}",
        f"{level} keeps all events. They can come a minute late, and are deleted after the log group's retention time.",
        where=arn.text,
    )


def _group_name(group_arn: str) -> str:
    """The name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`."""
    return group_arn.partition(":log-group:")[2].removesuffix(":*") or group_arn


def _is_of(event: Mapping[str, Any], arn: str) -> bool:
    try:
        message = json.loads(event.get("message", ""))
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("execution_arn") == arn
