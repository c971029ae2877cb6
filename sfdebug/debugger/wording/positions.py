"""Plain phrases for where the debugger stands, why it stopped there, and how far branches have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.debugger.timeline.position import decision_to_take_back, pending_decisions
from sfdebug.debugger.verbs import Hint, Stop, StopReason, Verb
from sfdebug.debugger.wording.values import dataset_location, named
from sfdebug.engine.execution.decisions import Redrive
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RequestKind, StageName
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Fault, Stage, TaskRequest
    from sfdebug.engine.execution.work import Tolerance


class Progress(NamedTuple):
    """`ended` of `total` are over, `failed` of them without success (only a Map Run goes on after that).

    `tolerates` says in words how many items of a Map Run may fail; "" where none may.
    """

    ended: int
    total: int
    failed: int = 0
    tolerates: str = ""

    @property
    def text(self) -> str:
        """`12 of 25 over, 1 failed, 2 tolerated`."""
        parts = [f"{self.ended:,} of {self.total:,} over"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if self.tolerates:
            parts.append(f"{self.tolerates} tolerated")
        return ", ".join(parts)


def progress_of(branch: Branch | None) -> Progress | None:
    """The progress of what `branch` has started; None when it has started nothing."""
    work = branch.work if branch is not None else None
    if isinstance(work, MapRunWork):
        failed = len(work.failed_children)
        return Progress(len(work.ended) + failed, work.count, failed, _tolerance_text(work.tolerance))
    if isinstance(work, (MapWork, ParallelWork)):
        return Progress(len(work.ended), work.count)
    return None


def _tolerance_text(tolerance: Tolerance) -> str:
    """How many items may fail: `2`, `10%`, `2 or 10%`; "" when none may."""
    parts = [] if not tolerance.count else [f"{tolerance.count:,}"]
    if tolerance.percentage:
        parts.append(f"{tolerance.percentage:g}%")
    # Both thresholds count: the lower one decides.
    return " and ".join(parts)


def describe_position(position: Position) -> str:
    """Where the debugger stands: "about to run Ship", "in Ship, after Parameters"."""
    if position.is_over:
        return end(position.execution)
    where = inside(position.execution, position.focus)
    if position.visit is None:
        return f"about to run {named(position.name)}{where}"
    stage = position.stage
    at = f", at {stage_label(stage, position.visit.state)}" if stage else ""
    return f"in {named(position.name)}{where}{at}"


def stage_label(stage: Stage, state: State) -> str:
    """A stage by its name; of several alike, which one: "Rule 2 of 3", "Retry 1"."""
    counts = {
        StageName.RULE: len(state.choices),
        StageName.RETRY: len(state.retriers),
        StageName.CATCH: len(state.catchers),
    }
    if stage.name not in counts or stage.index is None:
        return str(stage.name)
    count = counts[stage.name]
    return f"{stage.name} {stage.index + 1}" + (f" of {count}" if count > 1 else "")


def inside(execution: Execution, branch: BranchId) -> str:
    """The branch as an addition to a sentence: ", iteration 4 of 12 of Each order"; "" at the top level."""
    if not branch:
        return ""
    return f", {branch_label(execution, branch)} of {named(branch[-1][0])}"


def branch_label(execution: Execution, branch: BranchId) -> str:
    """What a branch is called: "top level", "branch 2 of 3", "iteration 4 of 12", "child 3 of 25"."""
    if not branch:
        return "top level"
    container, number = container_of(execution, branch), branch[-1][1] + 1
    if container is not None and container.type is StateType.PARALLEL:
        return f"branch {number} of {len(container.branches)}"
    parent = execution.branches.get(branch[:-1])
    work = parent.work if parent is not None else None
    of = f" of {work.count:,}" if isinstance(work, (MapWork, MapRunWork)) else ""
    thing = "child" if container is not None and container.is_distributed else "iteration"
    return f"{thing} {number:,}{of}"


def execution_label(execution: Execution, child_id: BranchId) -> str:
    """What a child execution is called: "child execution 3 of 25"; "" for the execution itself."""
    return branch_label(execution, child_id).replace("child", "child execution", 1) if child_id else ""


def container_of(execution: Execution, branch: BranchId) -> State | None:
    """The Parallel or Map that a branch runs in: found by its names, also when its run is over."""
    scope, state = execution.machine.scope, None
    for name, index in branch:
        state = scope.states.get(name)
        if state is None or not state.branches:
            return None
        scope = state.branches[0 if state.type is StateType.MAP else index]
    return state


def question(request: TaskRequest) -> str:
    """What a Task waits for, or a Map Run."""
    if request.kind is RequestKind.MAP_RUN:
        location = dataset_location(request.input)
        what = f"what its ItemReader finds at {location}" if location else "what its ItemReader finds"
        return f"{named(request.state.name)} waits for its items: give {what}, a result, or let it fail"
    attempt = f" (attempt {request.attempt})" if request.attempt > 1 else ""
    return f"{named(request.state.name)}{attempt} waits for an answer: give a result, or let it fail"


def _fault_text(fault: Fault) -> str:
    """A fault in one line."""
    name = fault.error or "an error without a name"
    return f"{name}: {fault.cause}" if fault.cause else name


def fault(node: TimelineNode) -> str:
    """The fault that a node raised."""
    visit = node.visit
    if visit is None or visit.fault is None:
        return "a fault was raised"
    return f"{named(visit.state.name)} failed with {_fault_text(visit.fault)}"


def end(execution: Execution) -> str:
    """How an execution ended."""
    if execution.status is ExecutionStatus.SUCCEEDED:
        return "the execution succeeded"
    if execution.status is ExecutionStatus.TIMED_OUT:
        return "the execution timed out: its TimeoutSeconds is over"
    if execution.status is ExecutionStatus.ABORTED:
        named = execution.fault is not None and execution.fault.error is not None
        return (
            f"the execution was aborted{f' with {_fault_text(execution.fault)}' if execution.fault and named else ''}"
        )
    text = _fault_text(execution.fault) if execution.fault else "an error without a name"
    return f"the execution failed with {text}"


class Pending(Struct, frozen=True, gc=False):
    """What lies right ahead of a cursor that going on follows, and the verbs that are about it."""

    text: str
    hints: tuple[Hint, ...]


def pending(timeline: Timeline) -> Pending | None:
    """What the user decided right ahead of the cursor, or that the recorded execution was redriven; else None."""
    reasons = list(dict.fromkeys(map(timeline.decided, pending_decisions(timeline))))
    if not reasons:
        return _redrive_ahead(timeline)
    it = "it" if len(reasons) == 1 else "them"
    parent = timeline.current.parent
    hints = [Hint(Verb.STEP_OVER, f"follows {it}")]
    if decision_to_take_back(timeline) is not None:
        hints.append(Hint(Verb.LEAVE_FORK, f"takes {it} back"))
    elif parent is not None:
        hints.append(Hint(Verb.LEAVE_FORK, f"goes back to {timeline.forks[parent].name}"))
    return Pending(f"ahead: {', then '.join(reasons)}", tuple(hints))


def _redrive_ahead(timeline: Timeline) -> Pending | None:
    following = timeline.next if timeline.cursor.is_settled else None
    if following is None or not isinstance(following.decision, Redrive):
        return None
    milliseconds = following.execution.clock - timeline.cursor.node.execution.clock
    return Pending(f"it was redriven {duration_text(milliseconds)} later", (Hint(Verb.STEP_OVER, "goes on"),))


def edge(timeline: Timeline) -> Stop:
    """The stop at the end of a recording of an execution that was not over."""
    record = timeline.record
    if record is not None and record.is_live:
        return Stop(StopReason.EDGE, "this is the newest event: the execution still runs")
    can_fork = record is not None and record.why_not_fork(timeline.tip, timeline.fork) is None
    hints = (Hint(Verb.FORK_HERE, "goes on from it as a simulation"),) if can_fork else ()
    return Stop(StopReason.EDGE, "the recording ends here", hints=hints)
