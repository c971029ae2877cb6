"""Where on the timeline a breakpoint could stop, before its condition is asked: read off each node, never computed.

One on a state stops before the node that enters it. The others stop in a node: at the stage that they are about, else
at its last place, where all that the step did is revealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, Trigger
from sfdebug.debugger.expressions.visible import ASIDE
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.engine.execution.events import LastPayload
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.engine.faults import matches
from sfdebug.values import MISSING, Value, is_present, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import Visit

_LEFT: Final = (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT)
_ANEW: Final = frozenset(
    {StageName.TASK, StageName.RESULT, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN}
)
"""Stages that give a value of their own, not one made of what they were given."""


def entering_place(node: TimelineNode, before: TimelineNode) -> Cursor:
    """Where one stands before the state that `node` enters."""
    return before_entering(before, node.moved)


def before_entering(before: TimelineNode, branch: tuple[tuple[str, int], ...]) -> Cursor:
    """Where one stands at a node before a branch enters its state."""
    offset = before.last_stage_offset
    return Cursor(before, offset, None if branch == before.focus_at(offset) else branch)


def place_in(node: TimelineNode, offset: int) -> Cursor:
    """Where one stands at a stage of a node, with the branch that it moved in focus."""
    is_other = offset == node.last_stage_offset and node.hands_over
    return Cursor(node, offset, node.moved if is_other else None)


def offsets_in(point: Breakpoint, node: TimelineNode) -> list[int]:
    """The places of a node at which a breakpoint could stop; [] of one on a state, which stops before a node."""
    if node.parent is None or point.trigger is Trigger.STATE:
        return []
    return list(_OFFSETS[point.trigger](point, node))


def _when(is_so: Callable[[Breakpoint, TimelineNode], bool]) -> Callable[[Breakpoint, TimelineNode], Iterator[int]]:
    """At the last place of the nodes of which something is so."""

    def offsets(point: Breakpoint, node: TimelineNode) -> Iterator[int]:
        if is_so(point, node):
            yield node.last_stage_offset

    return offsets


def _where(
    is_so: Callable[[Breakpoint, Visit, int], bool],
) -> Callable[[Breakpoint, TimelineNode], Iterator[int]]:
    """At the new stages of which something is so, each told by its number in the visit."""

    def offsets(point: Breakpoint, node: TimelineNode) -> Iterator[int]:
        visit = node.visit
        if visit is None or not node.fresh:
            return
        for offset in range(node.fresh):
            if is_so(point, visit, node.kept + offset):
                yield offset

    return offsets


def _has_faulted(point: Breakpoint, node: TimelineNode) -> bool:
    return node.faulted


def _has_raised(point: Breakpoint, node: TimelineNode) -> bool:
    fault = node.visit.fault if node.faulted and node.visit is not None else None
    if fault is None:
        return False
    return point.name == fault.error or matches((point.name,), fault.error, fault.aliases)


def _has_event(point: Breakpoint, node: TimelineNode) -> bool:
    return any(event.type == point.name for event in _new_events(node))


def _new_events(node: TimelineNode) -> Iterator[Event]:
    """The events of a step: of the execution, and of the child execution that it moved."""
    assert node.parent is not None
    after, before = node.execution, node.parent.execution
    seen = len(before.events)
    if len(after.events) > seen:
        yield from after.events[seen:]
    branch = after.branches.get(node.moved) or before.branches.get(node.moved)
    if branch is None or not branch.child_id:
        return
    running, was = after.children.get(branch.child_id), before.children.get(branch.child_id)
    known = len(was.events) if was is not None else 0
    if running is None:
        ended = after.ended_children[len(before.ended_children) :]
        running = next((child for child in ended if child.id == branch.child_id), None)
    if running is not None:
        yield from running.events[known:]


def _has_left(point: Breakpoint, node: TimelineNode) -> bool:
    assert node.parent is not None
    before, visits = len(node.parent.execution.visits), node.execution.visits
    if len(visits) == before:
        return False
    return any(
        visit.state.name == point.name and visit.next == point.detail and visit.status in _LEFT
        for visit in visits[before:]
    )


def _has_passed(point: Breakpoint, node: TimelineNode) -> bool:
    assert node.parent is not None
    return node.parent.execution.clock < point.amount <= node.execution.clock


def _is_stage(point: Breakpoint, visit: Visit, index: int) -> bool:
    stage = visit.stages[index]
    if visit.state.name != point.name or stage.status is StageStatus.WAITING:
        return False
    name, _, number = point.detail.partition(" ")
    return stage.name == name and (not number or stage.index == int(number) - 1)


def _gives_variable(point: Breakpoint, visit: Visit, index: int) -> bool:
    stage = visit.stages[index]
    if stage.name is not StageName.ASSIGN or stage.status is not StageStatus.DONE or not isinstance(stage.after, dict):
        return False
    given: Value = stage.after.get(point.name, MISSING)
    was: Value = visit.variables.get(point.name, MISSING)
    return is_present(given) and (not is_present(was) or not same(was, given))


def _grows(point: Breakpoint, visit: Visit, index: int) -> bool:
    stage = visit.stages[index]
    after, before = stage.after, stage.before
    if not is_present(before):
        earlier = (visit.stages[at] for at in range(index - 1, -1, -1))
        before = next((given.after for given in earlier if given.name not in ASIDE), MISSING)
    if not is_present(after):
        return False
    if stage.name is StageName.INPUT:
        return visit.number == 1 and _size(after) > point.amount
    if after is before or _size(after) <= point.amount:
        return False
    return stage.name in _ANEW or not is_present(before) or _size(before) <= point.amount


_texts: Final = LastPayload()


def _size(value: Value) -> int:
    """The bytes of a value as AWS counts a payload: those of its JSON in UTF-8."""
    return len(_texts.text_of(value).encode("utf-8", "surrogatepass")) if is_present(value) else 0


_OFFSETS: Final = {
    Trigger.STAGE: _where(_is_stage),
    Trigger.EDGE: _when(_has_left),
    Trigger.EVENT: _when(_has_event),
    Trigger.ERROR: _when(_has_raised),
    Trigger.VARIABLE: _where(_gives_variable),
    Trigger.PAYLOAD: _where(_grows),
    Trigger.CLOCK: _when(_has_passed),
    Trigger.FAULT: _when(_has_faulted),
}
