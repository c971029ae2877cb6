"""The executions of an Express state machine, of which AWS keeps no list: its log tells when each began and how it
ended. Source: Step Functions Developer Guide, "Using CloudWatch Logs to log execution history"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.aws.arns import read_arn
from sfdebug.aws.express import LogSearch, lifecycle_pages
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.faults import TIMEOUT
from sfdebug.executions.outcome import RUNNING, ExecutionOutcome, Known, takes
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.recording import ENDINGS
from sfdebug.limits import EXPRESS_MAX_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.aws.express import MachineLog
    from sfdebug.aws.listing import Wanted
    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json

_AFTER_START: Final = EXPRESS_MAX_SECONDS * 1000 + 120_000
"""How long after a start its end can be logged: the longest execution, and what a log event can be late by."""


def logged_pages(
    reader: AwsReader, arn: str, wanted: Wanted, log_group: str = "", log: MachineLog | None = None
) -> Iterator[list[ExecutionOutcome]]:
    """The executions of an Express state machine whose start was from `wanted.since` to `wanted.until`, as their log
    is read: by time, the oldest first. One comes again when its end is read. Raises AwsError.

    `log` is where they are logged, when that is known already. At a log level below ALL there are no starts in the log,
    and no ends of those that succeeded.
    """
    until = wanted.until + _AFTER_START if wanted.until is not None else None
    known: dict[str, ExecutionOutcome] = {}
    for page in lifecycle_pages(reader, read_arn(arn), LogSearch(wanted.since, until, log_group), log):
        changed: dict[str, ExecutionOutcome] = {}
        for entry in page:
            message = _message(entry)
            execution = message.get("execution_arn")
            if isinstance(execution, str):
                base = known.get(execution) or ExecutionOutcome(
                    arn=execution, name=_name(execution), state_machine_arn=arn
                )
                known[execution] = changed[execution] = _after(message, base)
        yield [one for one in reversed(changed.values()) if takes(wanted, one)]


def _after(message: Mapping[str, Json], outcome: ExecutionOutcome) -> ExecutionOutcome:
    """What is known of an execution after this event of its log."""
    time, event_type = moment_of(message.get("event_timestamp")), message.get("type")
    if event_type == EventType.EXECUTION_STARTED:
        return replace(outcome, started_at=time, status=outcome.status or RUNNING)
    ended = ENDINGS.get(str(event_type))
    if ended is None:
        return outcome
    details = message.get("details")
    error, cause = (details.get(name) for name in ("error", "cause")) if isinstance(details, dict) else (None, None)
    if error is None and ended == "TIMED_OUT":
        error = TIMEOUT
    number = message.get("id")
    return replace(
        outcome,
        status=str(ended),
        stopped_at=time,
        known=Known.DESCRIBED,
        error=error if isinstance(error, str) else None,
        cause=cause if isinstance(cause, str) else None,
        events=int(number) if isinstance(number, (str, int)) and str(number).isdecimal() else None,
    )


def _message(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    try:
        message = json.loads(str(entry.get("message", "")))
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _name(execution: str) -> str:
    """The name in `arn:…:express:MACHINE:NAME:ID`."""
    parts = execution.split(":")
    return parts[7] if len(parts) > 7 else execution
