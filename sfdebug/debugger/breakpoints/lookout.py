"""What a verb that walks asks at each node: does somebody stop here?

There is none when nothing can stop, which costs nothing. Forward and back it gives the same places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, Trigger
from sfdebug.debugger.breakpoints.hits import BEFORE, Hit, judged
from sfdebug.debugger.breakpoints.triggers import before_entering, offsets_in, place_in
from sfdebug.debugger.expressions.language import CannotEvaluateError
from sfdebug.debugger.expressions.visible import Visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.breakpoints.hits import Tallies
    from sfdebug.debugger.expressions.language import Condition
    from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId


_RAISED: Final = (Trigger.FAULT, Trigger.ERROR)
"""What a node that raised a fault can trigger."""


class StopPlace(Struct, frozen=True, gc=False):
    """A place to stop at: how one stands there, and what stops. `is_target`: it is where one wanted to go."""

    cursor: Cursor
    hits: tuple[Hit, ...] = ()
    is_target: bool = False

    def beside(self, earlier: StopPlace) -> StopPlace:
        """Both, at one place."""
        return StopPlace(self.cursor, (*earlier.hits, *self.hits), self.is_target or earlier.is_target)


class Until:
    """A condition that is waited for at every place. Where it cannot be told it is not true yet: that is counted."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.places = 0
        self.untold = 0
        self.first_problem = ""

    def holds(self, cursor: Cursor) -> bool:
        """Whether it is true at a cursor."""
        self.places += 1
        try:
            return self.condition.holds(Visible(cursor))
        except CannotEvaluateError as error:
            self.untold += 1
            self.first_problem = self.first_problem or str(error)
            return False


class Lookout:
    """Looks for places to stop at along the current fork of a timeline.

    `paths` are those of states by their names, `target` is a state before which one wants to stop once, `until` a
    condition that one waits for.
    """

    def __init__(
        self,
        timeline: Timeline,
        tallies: Tallies,
        breakpoints: Iterable[Breakpoint],
        paths: Mapping[str, StatePath],
        target: StatePath | None = None,
        until: Until | None = None,
    ) -> None:
        self._timeline = timeline
        self._tallies = tallies
        self._target = target
        self._until = until
        self._states: dict[str, list[Breakpoint]] = {}
        self._others: list[Breakpoint] = []
        for point in breakpoints:
            if point.trigger is Trigger.STATE:
                self._states.setdefault(point.name, []).append(point)
            else:
                self._others.append(point)
        self._entered = [paths[name] for name in self._states if name in paths]
        self._entered += [target] if target is not None and target not in self._entered else []
        self._faults = any(point.trigger in _RAISED for point in self._others)
        self.is_indexed = until is None and all(point.trigger in _RAISED for point in self._others)
        """Whether the timeline knows the only nodes at which something can stop: no other has to be looked at."""

    # forward

    def before(self, node: TimelineNode, branch: BranchId | None, enters: StatePath | None) -> StopPlace | None:
        """What stops at `node` because `branch` is about to enter a state."""
        if enters is None or branch is None:
            return None
        is_target = enters == self._target
        waiting = self._states.get(str(enters[-1]), ())
        if not waiting and not is_target:
            return None
        cursor = before_entering(node, branch)
        hits = self._judged(waiting, cursor, (node.index + 1, BEFORE))
        return StopPlace(cursor, hits, is_target) if hits or is_target else None

    def within(self, node: TimelineNode, after: int = BEFORE) -> StopPlace | None:
        """The first place of a node, behind the one given, at which something stops."""
        if self._until is not None:
            return self._within_all(node, after, self._until)
        for offset, waiting in sorted(self._waiting(node).items()):
            if offset > after and (found := self._found(node, offset, waiting)) is not None:
                return found
        return None

    def _within_all(self, node: TimelineNode, after: int, until: Until) -> StopPlace | None:
        waiting = self._waiting(node)
        for offset in range(after + 1, node.last_stage_offset + 1):
            found = self._found(node, offset, waiting.get(offset, []))
            if until.holds(place_in(node, offset)):
                return StopPlace(place_in(node, offset), found.hits if found is not None else (), is_target=True)
            if found is not None:
                return found
        return None

    def ahead(self, cursor: Cursor) -> tuple[int, StopPlace] | None:
        """The first place of the explored nodes behind a cursor at which something stops, with the index of the node
        before which or in which it is; of one that `is_indexed`."""
        nodes, facts = self._timeline.nodes, self._timeline.facts
        index: int | None = cursor.node.index
        while index is not None:
            index = facts.stop_after(index, self._entered, on_fault=self._faults)
            if index is None:
                return None
            node, before = nodes[index], nodes[index - 1]
            stands_there = before is cursor.node and cursor.is_settled and node.moved == cursor.branch
            found = None if stands_there else self.before(before, node.moved, node.entered)
            found = found or self.within(node)
            if found is not None:
                return index, found
        return None

    # back

    def behind(self, cursor: Cursor, until: int = 0) -> StopPlace | None:
        """The last place before a cursor at which something stops, no further back than the node at `until`."""
        nodes = self._timeline.nodes
        index = self._index_behind(cursor.node.index)
        while index is not None and index > 0 and index >= until:
            node = nodes[index]
            waiting = self._waiting(node)
            for offset in sorted(waiting, reverse=True):
                if index == cursor.node.index and not _is_behind(place_in(node, offset), cursor):
                    continue
                found = self._found(node, offset, waiting[offset])
                if found is not None:
                    return found
            found = self.before(nodes[index - 1], node.moved, node.entered) if index > until else None
            if found is not None:
                return self._with_same_place(found)
            index = self._index_behind(index - 1)
        return None

    def _index_behind(self, index: int) -> int | None:
        """The last node up to an index of which anything can be said."""
        if not self.is_indexed:
            return index
        facts = self._timeline.facts
        entered = facts.stop_before(index, self._entered, on_fault=False)
        faulted = facts.stop_before(index + 1, (), on_fault=True) if self._faults else None
        return max((at for at in (entered, faulted) if at is not None), default=None)

    def _with_same_place(self, found: StopPlace) -> StopPlace:
        """What stops before a state, with what stops at the very same place because of what led there."""
        cursor = found.cursor
        same = place_in(cursor.node, cursor.stage_offset)
        if same.branch != cursor.branch:
            return found
        waiting = self._waiting(cursor.node).get(cursor.stage_offset, [])
        earlier = self._found(cursor.node, cursor.stage_offset, waiting)
        return found if earlier is None else found.beside(earlier)

    # at one place

    def _waiting(self, node: TimelineNode) -> dict[int, list[Breakpoint]]:
        """The breakpoints that could stop in a node, by the place."""
        waiting: dict[int, list[Breakpoint]] = {}
        for point in self._others:
            for offset in offsets_in(point, node):
                waiting.setdefault(offset, []).append(point)
        return waiting

    def _found(self, node: TimelineNode, offset: int, waiting: list[Breakpoint]) -> StopPlace | None:
        cursor = place_in(node, offset)
        hits = self._judged(waiting, cursor, (node.index, offset))
        return StopPlace(cursor, hits) if hits else None

    def _judged(self, waiting: Iterable[Breakpoint], cursor: Cursor, place: tuple[int, int]) -> tuple[Hit, ...]:
        hits = [judged(point, cursor, place, self._timeline, self._tallies) for point in waiting]
        return tuple(hit for hit in hits if hit is not None and (hit.breakpoint.message is None or hit.problem))


def _is_behind(place: Cursor, cursor: Cursor) -> bool:
    """Whether a place of the cursor's own node comes before it: one with another branch in focus is no later."""
    if place.stage_offset != cursor.stage_offset:
        return place.stage_offset < cursor.stage_offset
    return place.branch != cursor.branch
