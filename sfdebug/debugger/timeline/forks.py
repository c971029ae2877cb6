"""The forks of a timeline: each as it grows, and as a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.debugger.timeline.nodes import Cursor

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.index import TimelineIndex
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.status import ExecutionStatus


class ForkInfo(Struct, frozen=True, gc=False):
    """One fork of the timeline, as a snapshot. `at_event` is the last event that it shares with its parent.

    `reason` says in one line what was decided there ("" for main); `events` counts all its explored events;
    `status` is the execution's at its tip.
    """

    id: int
    name: str
    parent: int | None
    at_event: int
    reason: str
    events: int
    status: ExecutionStatus
    is_current: bool


class Fork:
    """One fork as it grows: its nodes from the first to the tip, and where its cursor was left."""

    def __init__(
        self, id: int, nodes: list[TimelineNode], facts: TimelineIndex, parent: Fork | None, reason: str
    ) -> None:
        self.id = id
        self.name = f"fork {id}" if id else "main"
        self.nodes = nodes
        self.facts = facts
        self.parent = parent
        self.reason = reason
        self.undoes: TimelineNode | None = None
        self.shared = len(nodes) if parent else 0
        self.recorded: int = min(parent.recorded, self.shared) if parent else 0
        self.at_event = len(nodes[-1].execution.events) if parent else 0
        self.cursor = Cursor(nodes[-1], nodes[-1].last_stage_offset)

    def append(self, node: TimelineNode) -> None:
        """Add a node behind the tip."""
        self.nodes.append(node)
        self.facts.add(node)

    def holds(self, node: TimelineNode) -> bool:
        """Whether `node` is one of its own."""
        return node.index < len(self.nodes) and self.nodes[node.index] is node

    def after(self, node: TimelineNode) -> TimelineNode | None:
        """The node that follows `node` here; None at the tip."""
        return self.nodes[node.index + 1] if node.index + 1 < len(self.nodes) else None
