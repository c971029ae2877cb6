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
    from collections.abc import Mapping

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
    if not machine.log_groups or machine.log_level == "OFF":
        raise NotSupportedError(
            "this is an execution of an Express workflow that logs nothing, so nothing is kept of it",
            "Set the state machine's log level to ALL, with execution data, and run it again.",
            where=arn.text,
        )
    group = _group_name(machine.log_groups[0])
    times = {name: time for name, time in (("startTime", since), ("endTime", until)) if time is not None}
    pattern = f'{{ $.execution_arn = "{arn.text}" }}'
    events: list[LogEvent] = []
    for page in reader.pages(
        Operation.FILTER_LOG_EVENTS, f"log group {group}", logGroupName=group, filterPattern=pattern, **times
    ):
        events += (event for event in plain_list(page.get("events") or []) if _is_of(event, arn.text))
        if progress is not None:
            progress(len(events), None)
    if not events:
        raise NotFoundError(
            f"the log group {group} has no events of this execution",
            f"Its log level is {machine.log_level}; ALL keeps all events. They can come a minute late, and are deleted "
            "after the log group's retention time.",
            where=arn.text,
        )
    return ExpressLog(machine, group, tuple(events))


def _group_name(group_arn: str) -> str:
    """The name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`."""
    return group_arn.partition(":log-group:")[2].removesuffix(":*") or group_arn


def _is_of(event: Mapping[str, Any], arn: str) -> bool:
    try:
        message = json.loads(event.get("message", ""))
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("execution_arn") == arn
