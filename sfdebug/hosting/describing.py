"""Hosted executions as records, each of one moment. Source: AWS API, DescribeExecution, ListExecutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine import ExecutionStatus
from sfdebug.hosting.map_runs import child_record, children_of
from sfdebug.hosting.records import ExecutionRecord
from sfdebug.limits import MAX_REDRIVE_WAIT_SECONDS, ExecutionType
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution, Settings
    from sfdebug.hosting.hosted import HostedExecution


def record_of(hosted: HostedExecution, seen: Execution | None = None, *, is_listed: bool = False) -> ExecutionRecord:
    """A hosted execution as it was `seen`, else as it stands now: all of the record is of one moment. `is_listed`
    leaves its output out."""
    facts, execution = hosted.facts, seen if seen is not None else hosted.execution
    settings, fault, status = execution.settings, execution.fault, execution.status
    is_over = status is not ExecutionStatus.RUNNING
    # Measured on AWS by others: an execution that timed out as a whole is described without error and cause.
    told = fault if status is not ExecutionStatus.TIMED_OUT else None
    redrivable, reason = redrive_status(status, settings, len(execution.events), hosted.passed_since(execution))
    return ExecutionRecord(
        facts.arn,
        facts.name,
        facts.machine.arn,
        facts.machine.type,
        status,
        settings.start_time,
        facts.input_text,
        version_arn=facts.machine.version_arn,
        alias_arn=facts.alias_arn,
        stopped=settings.start_time + execution.clock if is_over else None,
        output=compact(execution.output) if is_present(execution.output) and not is_listed else None,
        error=told.error if told is not None else None,
        cause=told.cause if told is not None else None,
        redrive_count=execution.redrive_count,
        redriven=None if execution.redriven_at is None else settings.start_time + execution.redriven_at,
        redrive_status=redrivable,
        redrive_reason=reason,
        trace_header=facts.trace_header,
    )


def redrive_status(status: ExecutionStatus, settings: Settings, events: int, ended_ago: int) -> tuple[str, str | None]:
    """AWS's redriveStatus of an execution with so many events that ended so many milliseconds ago, and why it is not
    REDRIVABLE."""
    if status in (ExecutionStatus.RUNNING, ExecutionStatus.SUCCEEDED):
        return "NOT_REDRIVABLE", f"Execution is {status} and cannot be redriven"
    if settings.execution_type != ExecutionType.STANDARD:
        return "NOT_REDRIVABLE", "Execution is EXPRESS and cannot be redriven"
    if events > settings.max_history_events - 2:
        return "NOT_REDRIVABLE", "Execution history event limit exceeded"
    if ended_ago > MAX_REDRIVE_WAIT_SECONDS * 1000:
        return "NOT_REDRIVABLE", "Execution redrivable period exceeded"
    return "REDRIVABLE", None


def child_records(
    hosted: HostedExecution, map_run_arn: str, status: str | None, redriven: bool | None
) -> list[ExecutionRecord]:
    """The child executions of a Map Run, the newest first."""
    work = hosted.map_run_works.get(map_run_arn)
    found = [
        child_record(child, work, is_listed=True)
        for child in children_of(hosted.execution, map_run_arn)
        if status in (None, child.status) and redriven in (None, child.identity.redrive_count > 0)
    ]
    return sorted(found, key=_recent, reverse=True)


def _recent(record: ExecutionRecord) -> tuple[int, int]:
    """Source: AWS docs, "Viewing execution details", on redriven executions in lists."""
    since = record.redriven or record.started
    return (since if record.stopped is None else record.stopped), record.started
