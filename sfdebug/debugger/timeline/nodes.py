"""The nodes of the timeline: an execution, the decision that led to it, and the places where a cursor can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.engine.execution.branches import started
from sfdebug.engine.execution.decisions import BranchId, EditInput, ForceChoice, InjectFailure, Redrive
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.stages import in_common
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.readiness import first_inside, is_ready, next_to_move, readiness

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Visit


class TimelineNode(Struct, frozen=True, eq=False):
    """One instant of the timeline: an execution, and the decision that led to it from its parent.

    A step of the engine can add several stages to a visit; they are revealed one at a time, so a node has one
    or more places where the cursor can stand, numbered from 0 (`Cursor.stage_offset`).

    `visit` is the moved branch's visit, also when this very step ended it with new stages; `kept` of its stages
    were there before, `fresh` are new. `focus` is the branch to go on with: the moved one, or, when that one has
    ended, has started branches or has to wait, the one that takes its place. `entered` is the state that this
    step entered, `arrived` says that the moved branch stands before its next state, `faulted` that it raised a
    fault.

    Nodes form a chain as long as the run. The collector knows them, and lets go of one after the other; without it each
    would let go of its parent from within, until the stack is full.
    """

    id: int
    index: int
    parent: TimelineNode | None
    decision: Decision | None
    execution: Execution
    visit: Visit | None
    kept: int
    fresh: int
    focus: BranchId
    entered: StatePath | None
    arrived: bool
    faulted: bool

    @property
    def moved(self) -> BranchId:
        """The branch that this step moved."""
        return self.execution.moved

    @property
    def hands_over(self) -> bool:
        """Whether the last place belongs to another branch than the moved one, which still is in its visit."""
        return self.visit is not None and self.focus != self.moved and self.moved in self.execution.branches

    @property
    def last_stage_offset(self) -> int:
        """The place at which all of this step is revealed."""
        return max(1, self.fresh) - (0 if self.hands_over else 1)

    def revealed(self, stage_offset: int) -> int:
        """How many stages of `visit` are revealed at a place."""
        return self.kept + min(stage_offset + 1, self.fresh)

    def focus_at(self, stage_offset: int) -> BranchId:
        """The branch that a place is about."""
        if self.visit is None or (self.hands_over and stage_offset == self.last_stage_offset):
            return self.focus
        return self.moved

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to see of this step: the visit goes on, without a new stage (time passed)."""
        return self.visit is not None and not (self.fresh or self.hands_over or self.faulted or self.is_over)

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended."""
        return self.execution.status is not ExecutionStatus.RUNNING


class Cursor(Struct, frozen=True, gc=False):
    """Where the debugger stands: a node, a place in it, and the branch in focus (None: the branch of the place)."""

    node: TimelineNode
    stage_offset: int = 0
    focus: BranchId | None = None

    @property
    def is_settled(self) -> bool:
        """Whether all that the node's step did is revealed."""
        return self.stage_offset == self.node.last_stage_offset

    @property
    def branch(self) -> BranchId:
        """The branch in focus."""
        return self.focus if self.focus is not None else self.node.focus_at(self.stage_offset)


def state_path(branch: Branch) -> StatePath:
    """The path of the state that a branch is in, or about to enter."""
    return (*branch.scope_path, branch.state_name)


def first_node(execution: Execution) -> TimelineNode:
    """The node of a fresh execution."""
    return TimelineNode(0, 0, None, None, execution, None, 0, 0, (), None, True, False)


def next_node(
    node_id: int, parent: TimelineNode, decision: Decision, after: Execution, focus: BranchId | None = None
) -> TimelineNode:
    """The node that `decision` leads to from `parent`. `focus` is the branch to go on with, if it is known."""
    moved, before = after.moved, parent.execution
    branch, was = after.branches.get(moved), before.branches.get(moved)
    if isinstance(decision, InjectFailure):  # moves nothing: the cursor stays with the branch it was with
        keep = focus if focus is not None and focus in after.branches else parent.focus
        return TimelineNode(node_id, parent.index + 1, parent, decision, after, None, 0, 0, keep, None, False, False)
    old = was.visit if was is not None else None
    if isinstance(decision, Redrive) and branch is not None:
        old = _resumed(before, branch)
    visit = branch.visit if branch is not None else None
    if visit is None:
        visit = _ended_with_more(before, after, old)
    kept = in_common(old.stages, visit.stages) if old and visit and old.number == visit.number else 0
    fresh = len(visit.stages) - kept if visit else 0
    is_running = after.status is ExecutionStatus.RUNNING
    is_ready = branch is not None and branch.phase is Phase.READY
    entered = state_path(was) if was is not None and after.visit_count > before.visit_count else None
    return TimelineNode(
        id=node_id,
        index=parent.index + 1,
        parent=parent,
        decision=decision,
        execution=after,
        visit=visit,
        kept=kept,
        fresh=fresh,
        focus=(_redriven(after) if isinstance(decision, Redrive) else _focus(before, after, branch))
        if is_running
        else (),
        entered=entered,
        arrived=is_ready and is_running and not isinstance(decision, (EditInput, ForceChoice)),
        faulted=branch is not None and branch.phase is Phase.FAULT and is_running,
    )


def _resumed(before: Execution, branch: Branch) -> Visit | None:
    """The visit that a redrive goes on with, as it had ended."""
    number = branch.visit.number if branch.visit is not None else None
    return next((visit for visit in reversed(before.visits) if visit.number == number), None)


def _redriven(execution: Execution) -> BranchId:
    """The branch to look at after a redrive: the first that does not wait for branches of its own."""
    return min((branch.id for branch in execution.branches.values() if branch.phase is not Phase.CHILDREN), default=())


def _ended_with_more(before: Execution, after: Execution, old: Visit | None) -> Visit | None:
    """The visit that this step both added stages to and ended: the last verdicts on a fault that nobody took."""
    if old is None or len(after.visits) == len(before.visits):
        return None
    for visit in after.visits[len(before.visits) :]:
        if visit.number == old.number:
            return visit if in_common(old.stages, visit.stages) < len(visit.stages) else None
    return None


def _focus(before: Execution, after: Execution, branch: Branch | None) -> BranchId:
    """The branch to go on with after a step that moved `branch` (None: it has ended)."""
    if branch is None:
        return _successor(after, after.moved)
    if branch.phase is Phase.CHILDREN:
        begun = [id for id in started(before.branches, after.branches) if id[:-1] == branch.id]
        if begun:
            return min(begun)
    if branch.phase not in (Phase.CHILDREN, Phase.SLEEPING) or is_ready(branch, after.clock):
        return branch.id
    inside = first_inside(after, branch.id) or next_to_move(after)
    if inside is None:  # nobody is ready: what may start a child execution all the same
        ready = readiness(after).ready
        if not ready or branch.id in ready:
            return branch.id
        inside = next((id for id in ready if id[: len(branch.id)] == branch.id), ready[0])
    return inside if after.branches[inside].phase is Phase.READY else branch.id


def _successor(execution: Execution, ended: BranchId) -> BranchId:
    """The next live sibling of a branch that has ended, from the left again after the last; else its parent."""
    branches = execution.branches
    while ended:
        name, index = ended[-1]
        following = (*ended[:-1], (name, index + 1))
        if following in branches:
            return following
        depth = len(ended)
        siblings = [id for id in branches if len(id) == depth and id[:-1] == ended[:-1] and id[-1][0] == name]
        if siblings:
            return min(siblings, key=lambda id: (id[-1][1] < index, id[-1][1]))
        ended = ended[:-1]
        if ended in branches:
            return ended
    return ()
