"""Map Runs of hosted executions, and their child executions, as they stand. Source: AWS API, DescribeMapRun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.work import MapRunWork, Tolerance
from sfdebug.hosting.records import ExecutionRecord, MapRunCounts, MapRunRecord
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.work import PreparedWork
    from sfdebug.hosting.hosted import HostedExecution

_ENDS: Final = {
    EventType.MAP_RUN_SUCCEEDED: ExecutionStatus.SUCCEEDED,
    EventType.MAP_RUN_FAILED: ExecutionStatus.FAILED,
    EventType.MAP_RUN_ABORTED: ExecutionStatus.ABORTED,
}


class _ToldMapRun:
    """A Map Run, as far as the events tell of it."""

    def __init__(self, execution_arn: str, started: int) -> None:
        self.execution_arn = execution_arn
        self.started = started
        self.status = ExecutionStatus.RUNNING
        self.stopped: int | None = None
        self.redrives = 0
        self.redriven: int | None = None


def map_runs_of(hosted: HostedExecution) -> list[MapRunRecord]:
    """The Map Runs that an execution has started, also in its child executions, in their order."""
    execution = hosted.execution
    return [_record(hosted, execution, arn, run) for arn, run in _runs(hosted, execution).items()]


def children_of(execution: Execution, map_run_arn: str | None = None) -> Iterator[ChildExecution]:
    """The child executions that there have been, of one Map Run or of all; one that was redriven as it is now."""
    running = {child.arn for child in execution.children.values()}
    for child in execution.ended_children:
        if child.arn not in running and map_run_arn in (None, child.map_run_arn):
            yield child
    for child in execution.children.values():
        if map_run_arn in (None, child.map_run_arn):
            yield child


def child_record(
    child: ChildExecution, work: MapRunWork | PreparedWork | None, *, is_listed: bool = False
) -> ExecutionRecord:
    """A child execution; `work` is that of its Map Run. `is_listed` leaves out what it was given, and its output."""
    identity, fault, index = child.identity, child.fault, child.id[-1][1]
    items = work.counts[index] if isinstance(work, MapRunWork) and index < len(work.counts) else None
    is_timed_out = child.status is ExecutionStatus.TIMED_OUT
    status, reason = "NOT_REDRIVABLE", f"Execution is {child.status} and cannot be redriven"
    if child.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED):
        status, reason = "REDRIVABLE_BY_MAP_RUN", ""
    return ExecutionRecord(
        identity.arn,
        identity.name,
        identity.state_machine_arn,
        child.execution_type,
        child.status,
        identity.start_time,
        "" if is_listed else compact(identity.input),
        stopped=child.ended_at,
        output=compact(child.output) if is_present(child.output) and not is_listed else None,
        error=fault.error if fault is not None and not is_timed_out else None,
        cause=fault.cause if fault is not None and not is_timed_out else None,
        redrive_count=identity.redrive_count,
        redriven=identity.redrive_time,
        redrive_status=status,
        redrive_reason=reason or None,
        map_run_arn=child.map_run_arn,
        item_count=items,
    )


def map_run_branch(execution: Execution, arn: str) -> BranchId | None:
    """The branch in which a Map Run is under way; None where it is not."""
    for branch in execution.branches.values():
        if isinstance(branch.work, MapRunWork) and branch.work.arn == arn:
            return branch.id
    return None


def _runs(hosted: HostedExecution, execution: Execution) -> dict[str, _ToldMapRun]:
    """By their ARNs. The end of a Map Run is told by the branch that it runs in."""
    runs: dict[str, _ToldMapRun] = {}
    histories: list[tuple[str, Iterable[Event], bool]] = [
        (hosted.facts.arn, execution.events, execution.status is not ExecutionStatus.RUNNING)
    ]
    histories += [(child.arn, child.events, child.ended_at is not None) for child in children_of(execution)]
    for owner, events, is_over in histories:
        open_runs: dict[object, _ToldMapRun] = {}
        last = 0
        for event in events:
            last = event.time
            if event.type in (EventType.MAP_RUN_STARTED, EventType.MAP_RUN_REDRIVEN) and event.details is not None:
                arn = str(event.details["mapRunArn"])
                run = runs.setdefault(arn, _ToldMapRun(owner, event.time))
                if event.type == EventType.MAP_RUN_REDRIVEN:
                    run.redrives, run.redriven = run.redrives + 1, event.time
                run.status, run.stopped = ExecutionStatus.RUNNING, None
                open_runs[event.branch] = run
            elif event.type in _ENDS and event.branch in open_runs:
                run = open_runs.pop(event.branch)
                run.status, run.stopped = _ENDS[EventType(event.type)], event.time
        for run in open_runs.values() if is_over else ():
            run.status, run.stopped = ExecutionStatus.ABORTED, last
    return runs


def _record(hosted: HostedExecution, execution: Execution, arn: str, run: _ToldMapRun) -> MapRunRecord:
    work = hosted.map_run_works.get(arn)
    tolerance = (work.tolerance if work is not None else None) or Tolerance()
    machine = ":".join(arn.replace(":mapRun:", ":stateMachine:").split(":")[:7])
    executions, items = _counts(execution, arn, work)
    return MapRunRecord(
        arn,
        run.execution_arn,
        machine,
        run.status,
        run.started,
        run.stopped,
        work.concurrency if work is not None else 0,
        tolerance.count or 0,
        tolerance.percentage or 0.0,
        items,
        executions,
        run.redrives,
        run.redriven,
    )


def _counts(
    execution: Execution, arn: str, work: MapRunWork | PreparedWork | None
) -> tuple[MapRunCounts, MapRunCounts]:
    """How far its child executions have come, and the items that these stand for."""
    counts = work.counts if isinstance(work, MapRunWork) else ()
    executions: dict[str, int] = {}
    items: dict[str, int] = {}
    for child in children_of(execution, arn):
        index = child.id[-1][1]
        of_items = counts[index] if index < len(counts) else 1
        name = child.status.value.lower()
        executions[name] = executions.get(name, 0) + 1
        items[name] = items.get(name, 0) + of_items
    return _told(executions, len(counts)), _told(items, sum(counts))


def _told(found: dict[str, int], total: int) -> MapRunCounts:
    pending = max(0, total - sum(found.values()))
    written = found.get("succeeded", 0)
    return MapRunCounts(pending=pending, total=max(total, sum(found.values())), results_written=written, **found)
