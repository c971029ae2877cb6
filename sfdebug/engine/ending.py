"""Ends that come from no state: time is over, the history is full, StopExecution was called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.engine.branches import end_execution
from sfdebug.engine.execution.decisions import BranchId, Decision, StopExecution
from sfdebug.engine.execution.execution import Execution
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault
from sfdebug.engine.faults import RUNTIME, TIMEOUT
from sfdebug.engine.step_draft import StepDraft
from sfdebug.limits import EXPRESS_MAX_SECONDS, STANDARD_MAX_SECONDS

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution


def next_deadline(execution: Execution) -> tuple[int, BranchId]:
    """When the time of the execution, or of one of its child executions, is over first, and of which."""
    settings = execution.settings
    own = _longest(settings.execution_type)
    # AWS docs, "Restarting state machine executions with redrive": the state machine's timeout is reset.
    begun = execution.redriven_at or 0
    first: tuple[int, BranchId] = (begun + min(own, execution.machine.timeout_seconds or own) * 1000, ())
    for child in execution.children.values():
        started = (child.identity.redrive_time or child.identity.start_time) - settings.start_time
        first = min(first, (started + _longest(child.execution_type) * 1000, child.id))
    return first


def _longest(execution_type: str) -> int:
    return EXPRESS_MAX_SECONDS if execution_type == "EXPRESS" else STANDARD_MAX_SECONDS


def time_out(execution: Execution, child_id: BranchId, deadline: int, decision: Decision) -> Execution:
    """The time of the execution, or of a child execution, is over. Source: specification, "Top-level fields".

    Measured on AWS by others: ExecutionTimedOut follows no event.
    """
    draft = StepDraft(execution, execution.branches[child_id])
    draft.clock = deadline
    end_execution(draft, ExecutionStatus.TIMED_OUT, Fault(TIMEOUT), "ExecutionTimedOut", previous=0)
    return draft.commit(decision)


def is_history_full(execution: Execution, child_id: BranchId) -> bool:
    """Whether there is room for only one more event in a history, that of the execution or of a child execution."""
    child = execution.children.get(child_id) if child_id else None
    if child is not None:
        return child.execution_type == "STANDARD" and _is_full(execution, child)
    return (
        not child_id
        and execution.settings.execution_type == "STANDARD"
        and execution.status is ExecutionStatus.RUNNING
        and _is_full(execution, execution)
    )


def _is_full(execution: Execution, child_id: Execution | ChildExecution) -> bool:
    return len(child_id.events) >= execution.settings.max_history_events - 1


def fail_full_history(execution: Execution, child_id: BranchId, decision: Decision) -> Execution:
    """The execution fails with its last possible event. Source: service quotas, "Maximum execution history size"."""
    most = execution.settings.max_history_events
    fault = Fault(RUNTIME, f"The execution reached the maximum number of history events ({most}).")
    draft = StepDraft(_shortened(execution, child_id, most - 1), execution.branches[child_id])
    end_execution(draft, ExecutionStatus.FAILED, fault, "ExecutionFailed", previous=most - 1)
    return replace(draft.commit(decision), decisions=execution.decisions)


def _shortened(execution: Execution, child_id: BranchId, most: int) -> Execution:
    """Without the events beyond the limit that the last step may have left."""
    child = execution.children.get(child_id)
    if child is not None:
        if len(child.events) <= most:
            return execution
        shorter = replace(child, events=Log(child.events[:most]))
        return replace(execution, children={**execution.children, child_id: shorter})
    return execution if len(execution.events) <= most else replace(execution, events=Log(execution.events[:most]))


def stop(execution: Execution, decision: StopExecution) -> Execution:
    """Recorded: ExecutionAborted follows no event, and nothing is said of what was under way."""
    draft = StepDraft(execution, execution.branches[()])
    draft.clock = execution.moment(decision.at)
    fault = Fault(decision.error, decision.cause)
    end_execution(draft, ExecutionStatus.ABORTED, fault, "ExecutionAborted", previous=0)
    return draft.commit(decision)
