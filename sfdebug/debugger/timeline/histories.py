"""Histories: the events of the execution, and of each child execution of a Map Run, along one fork.

Each of these executions numbers its events from 1. What the user looks at is the history of the execution that the
branch in focus belongs to; scrubbing and going to an event move along that one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sfdebug.values import shown_without

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import RecordedLine, Timeline
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Execution


class History(Struct, frozen=True, gc=False):
    """The events of one execution on the whole current fork, the explored future included.

    `child_id` is () for the execution itself; for a child execution, the branch that it runs as, and `child` what is
    known of it at the tip of the fork. `ended` is the index of the node at which it ended, None while it runs.
    """

    child_id: BranchId
    events: Sequence[Event]
    child: ChildExecution | None = None
    ended: int | None = None
    nodes: Sequence[TimelineNode] = field(default=())
    record: RecordedLine | None = field(default=None)
    fork: Fork | None = field(default=None)

    __repr__ = shown_without("nodes", "record", "fork")

    def position_of(self, event_id: int) -> int:
        """Where the event with that id stands, from 1; a recording can lack some. After the last: one more."""
        if self.record is None or self.child is not None:
            return event_id
        return bisect_left(self.events, event_id, key=lambda event: event.id) + 1

    def count_at(self, node: TimelineNode) -> int:
        """How many of the events have happened at `node`."""
        if self.record is not None and self.fork is not None:
            return self.record.count_on(self.fork, node)
        if self.child is None:
            return len(node.execution.events)
        if self.ended is not None and node.index >= self.ended:
            return len(self.events)
        running = node.execution.children.get(self.child_id)
        return len(running.events) if running is not None and running.arn == self.child.arn else 0

    def node_at(self, count: int) -> TimelineNode:
        """The first node at which so many events have happened; where there never are so many, the tip of the fork,
        or for a child execution that has ended, the node at which it did."""
        last = len(self.nodes) - 1 if self.ended is None else self.ended
        return self.nodes[min(bisect_left(self.nodes, count, key=self.count_at), last)]

    def nodes_of_events(self) -> Iterator[TimelineNode]:
        """For each of the events the first node at which it has happened, as `node_at` has it, without looking for each
        along the whole fork."""
        if not self.events:
            return
        at = self.node_at(1).index
        last = len(self.nodes) - 1 if self.ended is None else self.ended
        happened = self.count_at(self.nodes[at])
        for count in range(1, len(self.events) + 1):
            while happened < count and at < last:
                at += 1
                happened = self.count_at(self.nodes[at])
            yield self.nodes[at]


def history_at(timeline: Timeline, position: Position) -> History:
    """The history of the execution in focus."""
    child = _child_in_focus(position)
    nodes = timeline.nodes
    if child is None and timeline.record is not None:
        events = timeline.record.events(timeline.fork)
        return History((), events, nodes=nodes, record=timeline.record, fork=timeline.fork)
    if child is None:
        return History((), timeline.tip.execution.events, nodes=nodes)
    over = timeline.facts.child(child.arn)
    if over is not None and over[0] >= position.node.index:  # else it was redriven since
        index, ended = over
        return History(child.id, ended.events, ended, index, nodes)
    # Beyond the place where a definition has left a recording, nothing more is known of it than here.
    running = timeline.tip.execution.children.get(child.id, child)
    return History(child.id, running.events, running, nodes=nodes)


def history_of_child(timeline: Timeline, child: ChildExecution) -> History:
    """The history of a child execution as it stands at the tip of the fork."""
    running = timeline.tip.execution.children.get(child.id)
    over = timeline.facts.child(child.arn)
    if over is not None and (running is None or running.arn != child.arn):
        index, ended = over
        return History(child.id, ended.events, ended, index, timeline.nodes)
    return History(child.id, child.events, child, nodes=timeline.nodes)


def _child_in_focus(position: Position) -> ChildExecution | None:
    """The child execution that the branch in focus belongs to, or did before this step ended it; None for none."""
    executions: list[Execution] = [position.execution]
    if position.node.parent is not None:
        executions.append(position.node.parent.execution)
    if position.is_over:
        return None
    for execution in executions:
        branch = execution.branches.get(position.focus)
        if branch is not None:
            return execution.children.get(branch.child_id) if branch.child_id else None
    return None
