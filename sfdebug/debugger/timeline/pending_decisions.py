"""What the user decided at the cursor and right ahead of it, so that nothing is followed without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.engine.execution.decisions import AnswerTask, ForceChoice, InjectFailure

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline


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
