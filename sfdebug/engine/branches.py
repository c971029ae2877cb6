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
from sfdebug.engine.faults import RUNTIME
from sfdebug.engine.items.tolerance import THRESHOLD_EXCEEDED
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.step_draft import StepDraft


def end_branch(move: StepDraft, output: Json) -> None:
    """The moved branch has ended with `output`: tell its container, or end the execution."""
    if not move.id:
        move.emit("ExecutionSucceeded", {"output": output, "outputDetails": NOT_TRUNCATED})
        move.end_execution(ExecutionStatus.SUCCEEDED, output, None)
        return
    parent, (name, index) = _container(move), move.id[-1]
    work, last = parent.work, move.previous_event_id
    if isinstance(work, MapRunWork):
        move.emit("ExecutionSucceeded", {"output": output, "outputDetails": NOT_TRUNCATED})
        move.end_child(move.id, ExecutionStatus.SUCCEEDED, output)
        move.put(replace(parent, work=replace(work, ended=work.ended.append((index, output)))))
        move.phase = Phase.ENDED
        return
    if isinstance(work, MapWork):
        # Recorded: the next iteration follows the last event of the one whose place it takes, the end of the
        # Map follows the MapIterationSucceeded.
        succeeded = move.emit("MapIterationSucceeded", {"name": name, "index": index})
        ended = work.ended.append((index, output))
        free = (*work.free, last)
        changed: MapWork | ParallelWork = replace(work, ended=ended, free=free)
        last = succeeded
    else:
        assert isinstance(work, ParallelWork)
        changed = replace(work, ended=work.ended.append((index, output)))
    move.put(replace(parent, work=changed, previous_event_id=last))
    move.phase = Phase.ENDED


def fail_branch(move: StepDraft, fault: Fault, *, in_task: bool) -> None:
    """The moved branch has failed: end the execution, or abort its siblings and give the fault to its container.

    `in_task` says that a Task raised it: recorded in a Parallel, where TaskStateAborted follows the failure.
    """
    if move.id == move.unit or fault.error == RUNTIME:
        # Measured on AWS by others: what can be neither retried nor caught ends the execution from within a branch.
        end_unit(move, ExecutionStatus.FAILED, fault, "ExecutionFailed")
        return
    parent, (name, index) = _container(move), move.id[-1]
    last = move.previous_event_id
    if isinstance(parent.work, MapWork):
        move.emit("MapIterationFailed", {"name": name, "index": index}, advance=False)
    elif in_task:
        move.emit("TaskStateAborted", advance=False)
    for sibling in _inside(move, parent.id):
        _abort(move, sibling)
    move.put(replace(parent, child_fault=fault, previous_event_id=last))
    move.phase = Phase.ENDED


def end_unit(
    move: StepDraft, status: ExecutionStatus, fault: Fault, event_type: str, *, previous: int | None = None
) -> None:
    """The execution that the moved branch belongs to, or the child execution, ends as a whole with `fault`.

    Whatever else runs in it is closed, without events of its own: AWS has none there.
    """
    unit = move.unit
    root = move.branch(unit) if move.id != unit else None
    if move.visit is not None or move.phase is Phase.READY:  # else it was kept when its visit failed
        move.keep_unfinished()
    for branch in _inside(move, unit):
        _close(move, branch)
    if root is not None:
        _close(move, root)
    elif move.visit is not None:
        move.end_visit(VisitStatus.ABORTED)
    move.emit(event_type, fault.details, previous=previous)
    if unit:
        _end_child(move, unit, status, fault)
        return
    if root is not None:
        move.put(replace(root, phase=Phase.ENDED, visit=None, work=None, wake_at=None, request=None))
    move.end_execution(status, MISSING, fault)


def _end_child(move: StepDraft, unit: BranchId, status: ExecutionStatus, fault: Fault) -> None:
    """A child execution has failed or timed out: its Map Run goes on unless too many have."""
    parent = move.branch(unit[:-1])
    assert parent is not None
    work, index = parent.work, unit[-1][1]
    assert isinstance(work, MapRunWork)
    move.end_child(unit, status, fault=fault)
    failed = work.failed + work.counts[index]
    work = replace(work, failed=failed, failed_children=work.failed_children.append((index, fault)))
    move.phase = Phase.ENDED
    is_over = work.tolerance.is_exceeded(failed, sum(work.counts))
    if is_over:
        for sibling in _inside(move, parent.id):
            _abort(move, sibling)
    move.put(replace(parent, work=work, child_fault=THRESHOLD_EXCEEDED if is_over else None))


def _close(move: StepDraft, branch: Branch) -> None:
    """Take out a branch whose execution is over. A child execution in it is aborted."""
    move.keep_unfinished(branch)
    if branch.visit is not None:
        led_here = move.id[: len(branch.id)] == branch.id
        status = VisitStatus.FAILED if led_here else VisitStatus.ABORTED
        move.add_ended_visit(replace(branch.visit, status=status))
    if branch.unit and branch.id == branch.unit != move.unit:
        move.emit("ExecutionAborted", previous=0, advance=False, branch=branch.id, unit=branch.unit)
        move.end_child(branch.unit, ExecutionStatus.ABORTED)
    move.remove(branch.id)


def _container(move: StepDraft) -> Branch:
    parent = move.branch(move.id[:-1])
    assert parent is not None
    return parent


def _inside(move: StepDraft, parent: BranchId) -> list[Branch]:
    """All other branches below `parent`, the innermost first."""
    depth = len(parent)
    inside = [branch for branch in move.live_branches() if len(branch.id) > depth and branch.id[:depth] == parent]
    return sorted(inside, key=lambda branch: (-len(branch.id), branch.id))


def _abort(move: StepDraft, branch: Branch) -> None:
    visit, last, unit = branch.visit, branch.previous_event_id, branch.unit
    move.keep_unfinished(branch)
    if visit is not None:
        if isinstance(branch.work, MapRunWork) or (isinstance(branch.work, PreparedWork) and branch.work.arn):
            last = move.emit("MapRunAborted", previous=last, advance=False, branch=branch.id, unit=unit)
        if visit.state.type in ("Task", "Wait", "Parallel", "Map"):
            move.emit(
                f"{visit.state.type}StateAborted",
                previous=last,
                advance=False,
                branch=branch.id,
                state=branch.state_name,
                unit=unit,
            )
        move.add_ended_visit(replace(visit, status=VisitStatus.ABORTED))
    container = move.branch(branch.id[:-1])
    if container is not None and isinstance(container.work, MapWork):
        name, index = branch.id[-1]
        details: dict[str, Json] = {"name": name, "index": index}
        move.emit("MapIterationAborted", details, previous=last, advance=False, branch=branch.id, unit=unit)
    if branch.id == unit:
        move.emit("ExecutionAborted", previous=0, advance=False, branch=branch.id, unit=unit)
        move.end_child(unit, ExecutionStatus.ABORTED)
    move.remove(branch.id)
