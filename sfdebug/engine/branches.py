"""Branches: what happens when one ends or fails, and to its siblings and the container it runs in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.events import NOT_TRUNCATED
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, VisitStatus
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork, PreparedWork
from sfdebug.engine.faults import RUNTIME, THRESHOLD_EXCEEDED
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.step_draft import StepDraft


def end_branch(draft: StepDraft, output: Json) -> None:
    """The moved branch has ended with `output`: tell its container, or end the execution."""
    if not draft.id:
        draft.emit("ExecutionSucceeded", {"output": output, "outputDetails": NOT_TRUNCATED})
        draft.end_execution(ExecutionStatus.SUCCEEDED, output, None)
        return
    parent, (name, index) = _container(draft), draft.id[-1]
    work, last = parent.work, draft.previous_event_id
    if isinstance(work, MapRunWork):
        draft.emit("ExecutionSucceeded", {"output": output, "outputDetails": NOT_TRUNCATED})
        draft.end_child(draft.id, ExecutionStatus.SUCCEEDED, output)
        draft.put(replace(parent, work=replace(work, ended=work.ended.append((index, output)))))
        draft.phase = Phase.ENDED
        return
    if isinstance(work, MapWork):
        # Recorded: the next iteration follows the last event of the one whose place it takes, the end of the
        # Map follows the MapIterationSucceeded.
        succeeded = draft.emit("MapIterationSucceeded", {"name": name, "index": index})
        ended = work.ended.append((index, output))
        free = (*work.free, last)
        changed: MapWork | ParallelWork = replace(work, ended=ended, free=free)
        last = succeeded
    else:
        assert isinstance(work, ParallelWork)
        changed = replace(work, ended=work.ended.append((index, output)))
    draft.put(replace(parent, work=changed, previous_event_id=last))
    draft.phase = Phase.ENDED


def fail_branch(draft: StepDraft, fault: Fault, *, in_task: bool) -> None:
    """The moved branch has failed: end the execution, or abort its siblings and give the fault to its container.

    `in_task` says that a Task raised it: recorded in a Parallel, where TaskStateAborted follows the failure.
    """
    if draft.id == draft.child_id or fault.error == RUNTIME:
        # Measured on AWS by others: what can be neither retried nor caught ends the execution from within a branch.
        end_execution(draft, ExecutionStatus.FAILED, fault, "ExecutionFailed")
        return
    parent, (name, index) = _container(draft), draft.id[-1]
    last = draft.previous_event_id
    if isinstance(parent.work, MapWork):
        draft.emit("MapIterationFailed", {"name": name, "index": index}, advance=False)
    elif in_task:
        draft.emit("TaskStateAborted", advance=False)
    for sibling in _inside(draft, parent.id):
        _abort(draft, sibling)
    draft.put(replace(parent, child_fault=fault, previous_event_id=last))
    draft.phase = Phase.ENDED


def end_execution(
    draft: StepDraft, status: ExecutionStatus, fault: Fault, event_type: str, *, previous: int | None = None
) -> None:
    """The execution that the moved branch belongs to, or the child execution, ends as a whole with `fault`.

    Whatever else runs in it is closed, without events of its own: AWS has none there.
    """
    child_id = draft.child_id
    root = draft.branch(child_id) if draft.id != child_id else None
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
        draft.put(replace(root, phase=Phase.ENDED, visit=None, work=None, wake_at=None, request=None))
    draft.end_execution(status, MISSING, fault)


def _end_child(draft: StepDraft, child_id: BranchId, status: ExecutionStatus, fault: Fault) -> None:
    """A child execution has failed or timed out: its Map Run goes on unless too many have."""
    parent = draft.branch(child_id[:-1])
    assert parent is not None
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
    draft.put(replace(parent, work=work, child_fault=THRESHOLD_EXCEEDED if is_over else None))


def _close(draft: StepDraft, branch: Branch) -> None:
    """Take out a branch whose execution is over. A child execution in it is aborted."""
    draft.keep_unfinished(branch)
    if branch.visit is not None:
        led_here = draft.id[: len(branch.id)] == branch.id
        status = VisitStatus.FAILED if led_here else VisitStatus.ABORTED
        draft.add_ended_visit(replace(branch.visit, status=status))
    if branch.child_id and branch.id == branch.child_id != draft.child_id:
        draft.emit(
            "ExecutionAborted",
            previous=0,
            advance=False,
            branch=branch.id,
            child_id=branch.child_id,
        )
        draft.end_child(branch.child_id, ExecutionStatus.ABORTED)
    draft.remove(branch.id)


def _container(draft: StepDraft) -> Branch:
    parent = draft.branch(draft.id[:-1])
    assert parent is not None
    return parent


def _inside(draft: StepDraft, parent: BranchId) -> list[Branch]:
    """All other branches below `parent`, the innermost first."""
    depth = len(parent)
    inside = [branch for branch in draft.live_branches() if len(branch.id) > depth and branch.id[:depth] == parent]
    return sorted(inside, key=lambda branch: (-len(branch.id), branch.id))


def _abort(draft: StepDraft, branch: Branch) -> None:
    visit, last, child_id = branch.visit, branch.previous_event_id, branch.child_id
    draft.keep_unfinished(branch)
    if visit is not None:
        if isinstance(branch.work, MapRunWork) or (isinstance(branch.work, PreparedWork) and branch.work.arn):
            last = draft.emit("MapRunAborted", previous=last, advance=False, branch=branch.id, child_id=child_id)
        if visit.state.type in ("Task", "Wait", "Parallel", "Map"):
            draft.emit(
                f"{visit.state.type}StateAborted",
                previous=last,
                advance=False,
                branch=branch.id,
                state=branch.state_name,
                child_id=child_id,
            )
        draft.add_ended_visit(replace(visit, status=VisitStatus.ABORTED))
    container = draft.branch(branch.id[:-1])
    if container is not None and isinstance(container.work, MapWork):
        name, index = branch.id[-1]
        details: dict[str, Json] = {"name": name, "index": index}
        draft.emit(
            "MapIterationAborted",
            details,
            previous=last,
            advance=False,
            branch=branch.id,
            child_id=child_id,
        )
    if branch.id == child_id:
        draft.emit("ExecutionAborted", previous=0, advance=False, branch=branch.id, child_id=child_id)
        draft.end_child(child_id, ExecutionStatus.ABORTED)
    draft.remove(branch.id)
