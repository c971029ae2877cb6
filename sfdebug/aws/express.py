"""Executions of Express workflows: AWS keeps no history of them, their events are in CloudWatch Logs.

Source: Step Functions Developer Guide, "Using CloudWatch Logs to log execution history"; CloudWatch Logs API Reference,
`FilterLogEvents`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfdebug.aws.answers import plain_list
from sfdebug.aws.machines import describe_state_machine
from sfdebug.aws.problems import NotFoundError, NotSupportedError
from sfdebug.aws.session import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.executions import MachineDescription
    from sfdebug.aws.session import Reader
    from sfdebug.aws.waiting import Progress
    from sfdebug.values import Json

LogEvent = dict[str, "Json"]
"""One log event in the shape of FilterLogEvents; its `message` is the JSON text of a history event."""


@dataclass(frozen=True, slots=True)
class ExpressLog:
    """What the logs have of an Express execution. `machine` is the state machine as it is now, not as it was then."""

    machine: MachineDescription
    log_group: str
    events: tuple[LogEvent, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the log level lets every event be logged."""
        return self.machine.log_level == "ALL"


def read_express_log(
    reader: Reader, arn: Arn, since: int | None = None, until: int | None = None, progress: Progress | None = None
) -> ExpressLog:
    """The events of an Express execution from the log group that its state machine names, by time.

    `since` and `until` bound the search, in milliseconds since 1970. Raises NotSupportedError when it logs nothing,
    NotFoundError when nothing is there, and AwsError.
    """
    machine = describe_state_machine(reader, arn.state_machine_arn)
    group = _log_group(machine, arn)
    pattern = f'{{ $.execution_arn = "{arn.text}" }}'
    events: list[LogEvent] = []
    for page in _log_pages(reader, group, pattern, since, until):
        events += (event for event in plain_list(page.get("events") or []) if _is_of(event, arn.text))
        if progress is not None:
            progress(len(events), None)
    if not events:
        raise _nothing_logged(group, machine.log_level, "this execution", arn)
    return ExpressLog(machine, group, tuple(events))


def read_machine_log(
    reader: Reader, arn: Arn, since: int | None = None, progress: Progress | None = None
) -> tuple[LogEvent, ...]:
    """The events of all executions of an Express state machine since a time, in milliseconds since 1970.

    Raises what `read_express_log` raises.
    """
    machine = describe_state_machine(reader, arn.state_machine_arn)
    group = _log_group(machine, arn)
    express = f"arn:{arn.partition}:states:{arn.region}:{arn.account}:express:{arn.state_machine}:"
    events: list[LogEvent] = []
    for page in _log_pages(reader, group, f'{{ $.execution_arn = "{express}*" }}', since, None):
        events += plain_list(page.get("events") or [])
        if progress is not None:
            progress(len(events), None)
    if not events:
        raise _nothing_logged(group, machine.log_level, "its executions in that time", arn)
    return tuple(events)


def _log_group(machine: MachineDescription, arn: Arn) -> str:
    """The log group that a state machine names. Raises NotSupportedError when it logs nothing."""
    if not machine.log_groups or machine.log_level == "OFF":
        raise NotSupportedError(
            "this is an execution of an Express workflow that logs nothing, so nothing is kept of it",
            "Set the state machine's log level to ALL, with execution data, and run it again.",
            where=arn.text,
        )
    return _group_name(machine.log_groups[0])


def _log_pages(
    reader: Reader, group: str, pattern: str, since: int | None, until: int | None
) -> Iterator[dict[str, Any]]:
    times = {name: time for name, time in (("startTime", since), ("endTime", until)) if time is not None}
    return reader.pages(
        Operation.FILTER_LOG_EVENTS, f"log group {group}", logGroupName=group, filterPattern=pattern, **times
    )


def _nothing_logged(group: str, level: str, of: str, arn: Arn) -> NotFoundError:
    return NotFoundError(
        f"the log group {group} has no events of {of}",
        f"Its log level is {level}; ALL keeps all events. They can come a minute late, and are deleted after the log "
        "group's retention time.",
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
