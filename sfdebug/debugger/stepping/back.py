"""Walking back: the reverse of each verb. Nothing is computed again; the nodes are there.

`step_back` is the exact reverse of `step_into`. `back_over` goes where `step_over` would have started: to where
the branch in focus stood before its present state, or, standing before one, before the one that it left; from the
first state of a branch to before the Parallel or Map that it runs in. `back_out` goes to where the branch in focus
began, and from there to before its container.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.stepping.halting import halt
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason
from sfdebug.debugger.wording import positions as words
from sfdebug.engine.execution.execution import Phase

if TYPE_CHECKING:
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.breakpoints.lookout import Lookout
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import Visit


class Backtracker:
    """Moves the cursor of a timeline back."""

    def __init__(self, timeline: Timeline, breakpoints: Breakpoints) -> None:
        self.timeline = timeline
        self.breakpoints = breakpoints

    # the verbs

    def back(self) -> Stop:
        """One place back."""
        timeline, cursor = self.timeline, self.timeline.cursor
        if cursor.focus is not None and self._back_in_chosen(cursor.focus):
            return self._stepped()
        if cursor.stage_offset > 0:
            timeline.put_cursor(cursor.node, cursor.stage_offset - 1)
        elif cursor.node.parent is not None:
            timeline.put_cursor(_visible(cursor.node.parent))
        else:
            return at_start(self.timeline)
        return self._stepped()

    def over(self) -> Stop:
        """To before the state at hand, or the previous one."""
        position = position_at(self.timeline.cursor)
        if position.visit is not None:
            return self._land(self._before(position.visit), position.visit.branch)
        ready = self._first_ready(position.node, position.focus)
        left = self._visit_left_at(ready, position.focus)
        if left is not None:
            return self._land(self._before(left), position.focus)
        return self._before_container(ready, position.focus)

    def out(self) -> Stop:
        """To where the branch in focus began, or from there to before its container."""
        position = position_at(self.timeline.cursor)
        node, focus = position.node, position.focus
        if not focus:
            self.timeline.put_cursor(self.timeline.nodes[0])
            return at_start(self.timeline)
        if focus not in node.execution.branches and node.parent is not None:
            node = node.parent
        began = self.timeline.began(node, focus)
        if began is position.node:
            return self._before_container(began, focus)
        return self._land(began, focus)

    def run(self) -> Stop:
        """To the previous breakpoint or watched fault, or to the start."""
        return self.until(self.breakpoints.lookout(self.timeline))

    def until(self, lookout: Lookout | None) -> Stop:
        """To the last place before this one at which `lookout` stops, or to the start."""
        timeline = self.timeline
        found = lookout.behind(timeline.cursor) if lookout is not None else None
        if found is not None:
            return halt(timeline, found)
        timeline.put_cursor(timeline.nodes[0])
        return at_start(timeline)

    def to_node(self, target: TimelineNode) -> Stop | None:
        """To the last place that stops on the way back to a node; None when there is none."""
        lookout = self.breakpoints.lookout(self.timeline)
        found = lookout.behind(self.timeline.cursor, target.index) if lookout is not None else None
        return halt(self.timeline, found) if found is not None else None

    # places to go back to

    def ready_before(self, visit: Visit) -> TimelineNode:
        """The last node before `visit` was opened: its branch is about to enter the state, all edits taken in."""
        return self.timeline.nodes[max(0, self.timeline.entering(visit.number).index - 1)]

    def _before(self, visit: Visit) -> TimelineNode:
        """Where the branch came to stand before the state of `visit`."""
        return self._first_ready(self.ready_before(visit), visit.branch)

    def _first_ready(self, node: TimelineNode, focus: BranchId) -> TimelineNode:
        """The first node, back from `node` without a gap, at which the branch is about to enter its state."""
        while node.parent is not None:
            branch = node.parent.execution.branches.get(focus)
            if branch is None or branch.phase is not Phase.READY:
                return node
            node = node.parent
        return node

    def _visit_left_at(self, node: TimelineNode, focus: BranchId) -> Visit | None:
        """The visit that the branch left to come where it stands at `node`."""
        parent = node.parent.execution.branches.get(focus) if node.parent else None
        return parent.visit if parent is not None else None

    def _before_container(self, started: TimelineNode, focus: BranchId) -> Stop:
        container = started.execution.branches.get(focus[:-1]) if focus else None
        if container is None or container.visit is None:
            self.timeline.put_cursor(self.timeline.nodes[0])
            return at_start(self.timeline)
        return self._land(self._before(container.visit), container.id)

    def _back_in_chosen(self, focus: BranchId) -> bool:
        """Go to the previous place of a branch that the user chose; False when it has none of its own."""
        node: TimelineNode | None = self.timeline.cursor.node
        while node is not None and focus in node.execution.branches:
            if node.moved == focus and node is not self.timeline.cursor.node and not node.is_silent:
                stage_offset = node.last_stage_offset - (1 if node.hands_over else 0)
                self.timeline.put_cursor(node, stage_offset)
                return True
            node = node.parent
        return False

    # landing

    def _land(self, node: TimelineNode, focus: BranchId) -> Stop:
        self.timeline.put_cursor(node, focus=focus)
        return self._stepped()

    def _stepped(self) -> Stop:
        if self.timeline.cursor.node.parent is None:
            return at_start(self.timeline)
        return Stop(StopReason.STEP, words.describe_position(position_at(self.timeline.cursor)))


def _visible(node: TimelineNode) -> TimelineNode:
    """The last node back from `node` of which there is something to see."""
    while node.is_silent and node.parent is not None:
        node = node.parent
    return node


def at_start(timeline: Timeline) -> Stop:
    """The stop at the beginning."""
    return Stop(StopReason.START, f"at the start: {words.describe_position(position_at(timeline.cursor))}")


def attempt_start(node: TimelineNode, visit: Visit) -> TimelineNode | None:
    """The last node back from `node` at which the work of `visit` was about to begin: a task to be called, branches
    to be started. None when it never came so far."""
    return _back_to(node, visit, Phase.WORK)


def asking_node(node: TimelineNode, visit: Visit) -> TimelineNode | None:
    """The last node back from `node` at which the task of `visit` waited for its answer."""
    return _back_to(node, visit, Phase.ASKING)


def _back_to(node: TimelineNode, visit: Visit, phase: Phase) -> TimelineNode | None:
    at: TimelineNode | None = node
    while at is not None and at.execution.visit_count >= visit.number:
        branch = at.execution.branches.get(visit.branch)
        now = branch.visit if branch is not None and branch.phase is phase else None
        if now is not None and now.number == visit.number:
            return at
        at = at.parent
    return None
