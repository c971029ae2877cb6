"""Jumps: along the timeline to an event, a visit, a node, a failure, another branch; and between its forks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.stepping.back import at_start
from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason, Verb, no_branch, no_number, no_text, refused
from sfdebug.debugger.wording import positions as words

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.histories import History
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId


class Jumps:
    """Puts the cursor of a timeline where something else than the next step is."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def scrub(self, delta: int) -> Stop:
        """Along the explored timeline by so many events; events of one step of the engine belong together."""
        if refusal := no_number(delta, "a distance"):
            return refusal
        history = history_at(self.timeline, position_at(self.timeline.cursor))
        here = history.count_at(self.timeline.cursor.node)
        target = here + delta
        if delta < 0:
            first = history.node_at(here)
            before = history.count_at(first.parent) if first.parent else 1
            target = min(target, before)
        return self._to_count(history, max(1, target))

    def to_event(self, event_id: int) -> Stop:
        """To where an event of the history in focus happened; to the last one when there is no such event."""
        if refusal := no_number(event_id, "an event"):
            return refusal
        history = history_at(self.timeline, position_at(self.timeline.cursor))
        return self._to_count(history, history.position_of(event_id))

    def _to_count(self, history: History, count: int) -> Stop:
        """To where so many of the events had happened."""
        if history.child is None:
            self.timeline.replay_to(count)
        node = history.node_at(count)
        stage_offset = node.last_stage_offset if history.count_at(node) < count else 0
        return self._to(node.id, stage_offset, history.child_id)

    def to_child(self, arn: str) -> Stop:
        """To where a child execution ended."""
        if refusal := no_text(arn, "an ARN"):
            return refusal
        over = self.timeline.facts.child(arn)
        if over is None:
            return refused("that child execution has not ended on this timeline")
        return self._to(self.timeline.nodes[over[0]].id, 0, over[1].id)

    def to_node(self, node_id: int) -> Stop:
        """To a node by its id, on whatever fork it is."""
        if refusal := no_number(node_id, "a node"):
            return refusal
        node = self.timeline.node(node_id)
        if node is None:
            return refused(f"there is no node {node_id} in the timeline")
        return self._to(node_id, node.last_stage_offset)

    def to_visit(self, number: int) -> Stop:
        """To where a visit began."""
        if refusal := no_number(number, "a visit"):
            return refusal
        node = self.timeline.entering(number)
        if node.execution.visit_count != number or number < 1:
            return refused(f"there is no visit {number} on this fork")
        return self._to(node.id, 0)

    def to_stage(self, found: tuple[TimelineNode, int] | None) -> Stop:
        """To where a stage of a visit came about: a node, and the place of it that shows the stage."""
        if found is None:
            return refused("there is no such stage on this fork")
        node, stage_offset = found
        return self._to(node.id, stage_offset)

    def to_fork(self, fork_id: int) -> Stop:
        """To another fork, where its cursor was left."""
        if refusal := no_number(fork_id, "a fork"):
            return refusal
        try:
            self.timeline.switch(fork_id)
        except KeyError:
            return refused(f"there is no fork {fork_id}")
        stop = self._jumped()
        return Stop(stop.reason, f"on {self.timeline.current.name}: {stop.text}")

    def why_not_to_failure(self) -> Stop | None:
        """Why there is no failure to go to; None when there is one."""
        from sfdebug.debugger.recorded.main_line import has_failure

        return None if has_failure(self.timeline) else refused("nothing has failed here")

    def to_failure(self) -> Stop:
        """To what made a recording fail; from there, or where nothing did, to the next fault."""
        from sfdebug.debugger.recorded.main_line import has_failure, land_on_failure, next_failure

        # Where nothing failed, nothing more is replayed to find that out.
        node = next_failure(self.timeline) if has_failure(self.timeline) else None
        return land_on_failure(self.timeline, node) if node is not None else refused("nothing has failed here")

    def to_recorded(self, index: int, branch: BranchId | None) -> Stop:
        """To where a recorded event happened, on the recording itself."""
        if refusal := no_number(index, "a recorded event") or (no_branch(branch) if branch is not None else None):
            return refusal
        from sfdebug.debugger.recorded.main_line import goto_event

        return goto_event(self.timeline, index, branch) or refused("there is no such recorded event")

    def to_branch(self, branch_id: BranchId) -> Stop:
        """To another live branch, from here."""
        if refusal := no_branch(branch_id):
            return refusal
        node = self.timeline.cursor.node
        if node.is_over or branch_id not in node.execution.branches:
            return refused("that branch is not running here")
        self.timeline.put_cursor(node, focus=branch_id)
        return self._jumped()

    # forks

    def why_not_fork_here(self) -> Stop | None:
        """Why the recording cannot be left here; None when it can."""
        timeline = self.timeline
        if timeline.record is None:
            ways = (Verb.FORCE_CHOICE, Verb.INJECT_FAILURE, Verb.EDIT_INPUT)
            return refused("this is a simulation already: force, inject or edit makes a fork", *ways)
        if not timeline.is_on_recording:
            whole = "the execution itself" if timeline.record.is_decided else "the recording"
            return refused(f"this is {timeline.current.name} already, not {whole}")
        if position_at(timeline.cursor).is_over:
            return refused("the execution is over: go back to before what should go otherwise", Verb.BACK_OVER)
        why = timeline.record.why_not_fork(timeline.cursor.node, timeline.fork)
        return refused(why) if why is not None else None

    def fork_here(self) -> Stop:
        """Go on from the cursor as a simulation."""
        if (refusal := self.why_not_fork_here()) is not None:
            return refusal
        cursor = self.timeline.cursor
        is_followed = not self.timeline.is_of_recording
        self.timeline.branch_off(cursor.node, "left the execution" if is_followed else "left the recording")
        self.timeline.put_cursor(cursor.node, cursor.stage_offset, cursor.focus)
        text = "a simulation from here on; Tasks answer as recorded where they are called alike"
        if is_followed:
            text = "your own from here on, nobody else sees it; Tasks answer as they did where they are called alike"
        return Stop(StopReason.CHANGED, text, self.timeline.current.id)

    # landing

    def _jumped(self) -> Stop:
        return Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor)))

    def _to(self, node_id: int, stage_offset: int, child_id: BranchId = ()) -> Stop:
        """To a stage of a node. Where that belongs to another branch than one of `child_id`, look at `child_id` itself,
        which may have ended there."""
        node = self.timeline.node(node_id)
        assert node is not None
        is_inside = node.focus_at(stage_offset)[: len(child_id)] == child_id
        before = node.parent.execution.branches if node.parent else {}
        focus = child_id if not is_inside and (child_id in node.execution.branches or child_id in before) else None
        self.timeline.put_cursor(node, stage_offset, focus)
        if position_at(self.timeline.cursor).is_over:
            return Stop(StopReason.END, words.end(node.execution))
        return at_start(self.timeline) if node.parent is None else self._jumped()
