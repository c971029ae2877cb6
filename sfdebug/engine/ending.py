"""Ends: of a branch, what that does to its siblings and its container; of an execution, also one that comes from no
state: time is over, the history is full, StopExecution was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.engine.execution.decisions import BranchId, Decision, StopExecution
from sfdebug.engine.execution.events import NOT_TRUNCATED, STATE_ABORTED, EventType
from sfdebug.engine.execution.execution import Execution, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, VisitStatus
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork, PreparedWork
from sfdebug.engine.faults import RUNTIME, THRESHOLD_EXCEEDED, TIMEOUT
from sfdebug.engine.step_draft import StepDraft
from sfdebug.limits import EXPRESS_MAX_SECONDS, STANDARD_MAX_SECONDS, ExecutionType
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.execution import Branch


def end_branch(draft: StepDraft, output: Json) -> None:
    """The moved branch has ended with `output`: tell its container, or end the execution."""
    if not draft.id:
        draft.emit(EventType.EXECUTION_SUCCEEDED, {"output": output, "outputDetails": NOT_TRUNCATED})
        draft.end_execution(ExecutionStatus.SUCCEEDED, output, None)
        return
    parent, (name, index) = draft.branches[draft.id[:-1]], draft.id[-1]
    work, last = parent.work, draft.previous_event_id
    if isinstance(work, MapRunWork):
        draft.emit(EventType.EXECUTION_SUCCEEDED, {"output": output, "outputDetails": NOT_TRUNCATED})
        draft.end_child(draft.id, ExecutionStatus.SUCCEEDED, output)
        draft.branches[parent.id] = replace(parent, work=replace(work, ended=work.ended.append((index, output))))
        draft.phase = Phase.ENDED
        return
    if isinstance(work, MapWork):
        # Recorded: the next iteration follows the last event of the one whose place it takes, the end of the
        # Map follows the MapIterationSucceeded.
        succeeded = draft.emit(EventType.MAP_ITERATION_SUCCEEDED, {"name": name, "index": index})
        ended = work.ended.append((index, output))
        free = (*work.free, last)
        changed: MapWork | ParallelWork = replace(work, ended=ended, free=free)
        last = succeeded
    else:
        assert isinstance(work, ParallelWork)
        changed = replace(work, ended=work.ended.append((index, output)))
    draft.branches[parent.id] = replace(parent, work=changed, previous_event_id=last)
    draft.phase = Phase.ENDED


def fail_branch(draft: StepDraft, fault: Fault, *, in_task: bool) -> None:
    """The moved branch has failed: end the execution, or abort its siblings and give the fault to its container.

    `in_task` says that a Task raised it: recorded in a Parallel, where TaskStateAborted follows the failure.
    """
    if draft.id == draft.child_id or fault.error == RUNTIME:
        # Measured on AWS by others: what can be neither retried nor caught ends the execution from within a branch.
        end_execution(draft, ExecutionStatus.FAILED, fault, EventType.EXECUTION_FAILED)
        return
    parent, (name, index) = draft.branches[draft.id[:-1]], draft.id[-1]
    last = draft.previous_event_id
    if isinstance(parent.work, MapWork):
        draft.emit(EventType.MAP_ITERATION_FAILED, {"name": name, "index": index}, advance=False)
    elif in_task:
        draft.emit(EventType.TASK_STATE_ABORTED, advance=False)
    for sibling in _inside(draft, parent.id):
        _abort(draft, sibling)
    draft.branches[parent.id] = replace(parent, child_fault=fault, previous_event_id=last)
    draft.phase = Phase.ENDED


def end_execution(
    draft: StepDraft, status: ExecutionStatus, fault: Fault, event_type: EventType, *, previous: int | None = None
) -> None:
    """The execution that the moved branch belongs to, or the child execution, ends as a whole with `fault`.

    Whatever else runs in it is closed, without events of its own: AWS has none there.
    """
    child_id = draft.child_id
    root = draft.branches.get(child_id) if draft.id != child_id else None
    if draft.is_visiting or draft.phase is Phase.READY:  # else it was kept when its visit failed
        draft.keep_unfinished()
    for branch in _inside(draft, child_id):
        _close(draft, branch)
    if root is not None:
        _close(draft, root)
    elif draft.is_visiting:
        draft.end_visit(VisitStatus.ABORTED)
    draft.emit(event_type, fault.details, previous=previous)
    if child_id:
        _end_child(draft, child_id, status, fault)
        return
    if root is not None:
        draft.branches[root.id] = replace(root, phase=Phase.ENDED, visit=None, work=None, wake_at=None, request=None)
    draft.end_execution(status, MISSING, fault)


def _end_child(draft: StepDraft, child_id: BranchId, status: ExecutionStatus, fault: Fault) -> None:
    """A child execution has failed or timed out: its Map Run goes on unless too many have."""
    parent = draft.branches[child_id[:-1]]
    work, index = parent.work, child_id[-1][1]
    assert isinstance(work, MapRunWork)
    draft.end_child(child_id, status, fault=fault)
    failed = work.failed + work.counts[index]
    work = replace(work, failed=failed, failed_children=work.failed_children.append((index, fault)))
    draft.phase = Phase.ENDED
    is_over = work.tolerance.is_exceeded(failed, sum(work.counts))
    if is_over:
        for sibling in _inside(draft, parent.id):
            _abort(draft, sibling)
    draft.branches[parent.id] = replace(parent, work=work, child_fault=THRESHOLD_EXCEEDED if is_over else None)


def _close(draft: StepDraft, branch: Branch) -> None:
    """Take out a branch whose execution is over. A child execution in it is aborted."""
    draft.unfinished.append(branch)
    if branch.visit is not None:
        led_here = draft.id[: len(branch.id)] == branch.id
        status = VisitStatus.FAILED if led_here else VisitStatus.ABORTED
        draft.ended_visits.append(replace(branch.visit, status=status))
    if branch.child_id and branch.id == branch.child_id != draft.child_id:
        draft.emit(
            EventType.EXECUTION_ABORTED,
            previous=0,
            advance=False,
            branch=branch.id,
            child_id=branch.child_id,
        )
        draft.end_child(branch.child_id, ExecutionStatus.ABORTED)
    del draft.branches[branch.id]


def _inside(draft: StepDraft, parent: BranchId) -> list[Branch]:
    """All other branches below `parent`, the innermost first."""
    depth = len(parent)
    found = draft.branches.values()
    inside = [each for each in found if len(each.id) > depth and each.id[:depth] == parent and each.id != draft.id]
    return sorted(inside, key=lambda branch: (-len(branch.id), branch.id))


def _abort(draft: StepDraft, branch: Branch) -> None:
    visit, last, child_id = branch.visit, branch.previous_event_id, branch.child_id
    draft.unfinished.append(branch)
    if visit is not None:
        if isinstance(branch.work, MapRunWork) or (isinstance(branch.work, PreparedWork) and branch.work.arn):
            last = draft.emit(
                EventType.MAP_RUN_ABORTED, previous=last, advance=False, branch=branch.id, child_id=child_id
            )
        if visit.state.type in STATE_ABORTED:
            draft.emit(
                STATE_ABORTED[visit.state.type],
                previous=last,
                advance=False,
                branch=branch.id,
                state=branch.state_name,
                child_id=child_id,
            )
        draft.ended_visits.append(replace(visit, status=VisitStatus.ABORTED))
    container = draft.branches.get(branch.id[:-1])
    if container is not None and isinstance(container.work, MapWork):
        name, index = branch.id[-1]
        details: dict[str, Json] = {"name": name, "index": index}
        draft.emit(
            EventType.MAP_ITERATION_ABORTED,
            details,
            previous=last,
            advance=False,
            branch=branch.id,
            child_id=child_id,
        )
    if branch.id == child_id:
        draft.emit(EventType.EXECUTION_ABORTED, previous=0, advance=False, branch=branch.id, child_id=child_id)
        draft.end_child(child_id, ExecutionStatus.ABORTED)
    del draft.branches[branch.id]


def next_deadline(execution: Execution) -> tuple[int, BranchId]:
    """When the time of the execution, or of one of its child executions, is over first, and of which."""
    settings = execution.settings
    first: tuple[int, BranchId] = (own_deadline(execution), ())
    for child in execution.children.values():
        started = (child.identity.redrive_time or child.identity.start_time) - settings.start_time
        first = min(first, (started + _longest(child.execution_type) * 1000, child.id))
    return first


def own_deadline(execution: Execution) -> int:
    """When the time of the execution itself is over."""
    own = longest(execution)
    # AWS docs, "Restarting state machine executions with redrive": the state machine's timeout is reset.
    return (execution.redriven_at or 0) + min(own, execution.machine.timeout_seconds or own) * 1000


def longest(execution: Execution) -> int:
    """How many seconds AWS lets an execution of its type take, whatever its machine says."""
    return _longest(execution.settings.execution_type)


def _longest(execution_type: str) -> int:
    return EXPRESS_MAX_SECONDS if execution_type == ExecutionType.EXPRESS else STANDARD_MAX_SECONDS


def time_out(execution: Execution, child_id: BranchId, deadline: int, decision: Decision) -> Execution:
    """The time of the execution, or of a child execution, is over. Source: specification, "Top-level fields".

    Measured on AWS by others: ExecutionTimedOut follows no event.
    """
    draft = StepDraft(execution, execution.branches[child_id])
    draft.clock = deadline
    end_execution(draft, ExecutionStatus.TIMED_OUT, Fault(TIMEOUT), EventType.EXECUTION_TIMED_OUT, previous=0)
    return draft.commit(decision)


def is_history_full(execution: Execution, child_id: BranchId) -> bool:
    """Whether there is room for only one more event in a history, that of the execution or of a child execution."""
    child = execution.children.get(child_id) if child_id else None
    if child is not None:
        return child.execution_type == ExecutionType.STANDARD and _is_full(execution, child)
    return (
        not child_id
        and execution.settings.execution_type == ExecutionType.STANDARD
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
    end_execution(draft, ExecutionStatus.FAILED, fault, EventType.EXECUTION_FAILED, previous=most - 1)
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
    end_execution(draft, ExecutionStatus.ABORTED, fault, EventType.EXECUTION_ABORTED, previous=0)
    return draft.commit(decision)
