"""What stands at a cursor, worked out once for the view, the walker and the interventions; and what the user decided
there and right ahead of it, so that nothing is followed without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.engine.execution.decisions import AnswerTask, ForceChoice, InjectFailure
from sfdebug.engine.execution.execution import Phase

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Stage, TaskRequest, Visit


class Position(Struct, frozen=True, gc=False):
    """The branch in focus at a cursor, and what it is doing.

    `branch` is None when it has ended in this very step, or the execution is over. `visit` is None when it is
    about to run `state`; `revealed` counts the stages of the visit that the cursor has come to.
    """

    node: TimelineNode
    is_settled: bool
    focus: BranchId
    branch: Branch | None
    visit: Visit | None
    revealed: int
    state: State | None

    @property
    def execution(self) -> Execution:
        """The execution at the node."""
        return self.node.execution

    @property
    def is_ready(self) -> bool:
        """Whether the branch is about to enter its state."""
        return self.visit is None and self.branch is not None

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended, and that is revealed."""
        return self.is_settled and self.node.is_over

    @property
    def stage(self) -> Stage | None:
        """The last stage that is revealed."""
        return self.visit.stages[self.revealed - 1] if self.visit and self.revealed else None

    @property
    def request(self) -> TaskRequest | None:
        """What the branch's own Task asks here."""
        branch = self.branch
        asks = self.is_settled and branch is not None and branch.phase is Phase.ASKING
        return branch.request if asks and branch is not None else None

    @property
    def name(self) -> str:
        """The name of the state, for sentences."""
        return self.state.name if self.state else "the execution"


def _left_by(node: TimelineNode, focus: BranchId) -> Visit | None:
    """The last visit of an execution that is over, or of a branch that ended in this very step."""
    visits = node.execution.visits
    if node.is_over:
        return visits[-1] if len(visits) else None
    before = len(node.parent.execution.visits) if node.parent else 0
    return next((visit for visit in reversed(visits[before:]) if visit.branch[: len(focus)] == focus), None)


def position_at(cursor: Cursor) -> Position:
    """The position of a cursor."""
    node, execution, focus = cursor.node, cursor.node.execution, cursor.branch
    branch = None if node.is_over else execution.branches.get(focus)
    visit: Visit | None
    if node.visit is not None and focus == node.moved:
        visit, revealed = node.visit, node.revealed(cursor.stage_offset)
    elif branch is not None and branch.visit is not None:
        visit, revealed = branch.visit, len(branch.visit.stages)
    else:
        visit = _left_by(node, focus) if branch is None else None
        revealed = len(visit.stages) if visit else 0
    state: State | None = visit.state if visit else None
    if visit is None and branch is not None:
        state = execution.program.state(branch.scope_path, branch.state_name)
    return Position(node, cursor.is_settled, focus, branch, visit, revealed, state)


def pending_decisions(timeline: Timeline) -> tuple[TimelineNode, ...]:
    """The decisions of the user that the next step forward follows, the nearest first."""
    found: list[TimelineNode] = []
    node = timeline.next if timeline.cursor.is_settled else None
    while node is not None and timeline.decided(node):
        found.append(node)
        node = timeline.nodes[node.index + 1] if node is not timeline.tip else None
    return tuple(found)


def pending_interventions(timeline: Timeline) -> tuple[set[StatePath], set[StatePath]]:
    """The states right ahead of the cursor on which a rule is forced, and those into which a failure is injected."""
    forced: set[StatePath] = set()
    injected: set[StatePath] = set()
    for node in pending_decisions(timeline):
        decision = node.decision
        if isinstance(decision, ForceChoice):
            forced.add(state_path(node.execution.branches[decision.branch]))
        elif isinstance(decision, InjectFailure):
            injected.add(decision.state)
    return forced, injected


def decision_to_take_back(timeline: Timeline) -> TimelineNode | None:
    """The decision of the user, made on this fork, that the cursor stands at or else right before."""
    here = timeline.cursor.node
    after = timeline.next if timeline.cursor.is_settled else None
    # A decision ahead counts first: it is the one that the screen talks about.
    for node in (after, here):
        if node is not None and timeline.can_take_back(node):
            return node
    return None


def before_decision(timeline: Timeline, node: TimelineNode) -> TimelineNode:
    """The node from which `node` was decided; a failure injected into a task that waits is one decision of two."""
    base = node.parent
    assert base is not None, "the first node is no decision"
    joined = isinstance(node.decision, AnswerTask) and isinstance(base.decision, InjectFailure)
    if joined and base.parent is not None and timeline.decided(base) == timeline.decided(node):
        return base.parent
    return base
