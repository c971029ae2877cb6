"""Where breakpoints hit: their places on a fork, judged one by one, and counted in the order of the timeline.

A place is a pair: the index of a node, and the place in it; -1 stands for right before the node, where one on a state
stops. So the third hit is the third on the fork, however often somebody has walked over the first two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, HitRule, Trigger
from sfdebug.debugger.breakpoints.triggers import entering_place, offsets_in, place_in
from sfdebug.debugger.expressions.language import CannotEvaluateError, compile_condition
from sfdebug.debugger.expressions.visible import Visible, iteration_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline

Place: TypeAlias = "tuple[int, int]"
"""The index of a node, and the place in it."""

BEFORE: Final = -1
"""The place right before a node."""


class Hit(Struct, frozen=True, gc=False):
    """A breakpoint that has something to do at a place. `number` is which of its hits on the fork, 0 where that was not
    asked; `problem` says why its condition cannot be told, "" where it holds."""

    breakpoint: Breakpoint
    number: int = 0
    problem: str = ""


def applies(point: Breakpoint, cursor: Cursor) -> bool:
    """Whether a breakpoint counts where it waits for something. Raises CannotEvaluateError where none can tell."""
    if point.iteration is not None:
        return iteration_of(cursor.node.execution, cursor.branch) == point.iteration and _holds(point, cursor)
    return _holds(point, cursor)


def _holds(point: Breakpoint, cursor: Cursor) -> bool:
    return not point.condition or compile_condition(point.condition).holds(Visible(cursor))


def places_of(point: Breakpoint, node: TimelineNode) -> Iterator[tuple[int, Cursor]]:
    """Where a breakpoint could stop before a node or in it: the place, and how one stands there."""
    if point.trigger is Trigger.STATE:
        if node.entered is not None and node.entered[-1] == point.name and node.parent is not None:
            yield BEFORE, entering_place(node, node.parent)
        return
    for offset in offsets_in(point, node):
        yield offset, place_in(node, offset)


class _Tally:
    """The hits of one breakpoint along one fork, as far as they were looked for."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._last: TimelineNode | None = None

    def extend(self, point: Breakpoint, nodes: list[TimelineNode], index: int) -> None:
        """Look for hits up to the node at `index`."""
        last = self._last
        if last is not None and (last.index >= len(nodes) or nodes[last.index] is not last):
            self.places, last = [], None  # a recording that goes on was put together anew
        for at in range(last.index + 1 if last is not None else 0, min(index + 1, len(nodes))):
            for place, cursor in places_of(point, nodes[at]):
                try:
                    is_hit = applies(point, cursor)
                except CannotEvaluateError:
                    continue  # it stops there and says so, but is no hit
                if is_hit:
                    self.places.append((at, place))
            self._last = nodes[at]


class Tallies:
    """The hits of all breakpoints, each counted when it is asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Breakpoint], _Tally] = {}

    def forget(self, point: Breakpoint) -> None:
        """Forget what was counted of a breakpoint that is gone."""
        for key in [key for key in self._known if key[1] == point]:
            del self._known[key]

    def number_at(self, point: Breakpoint, timeline: Timeline, place: Place) -> int:
        """Which hit of the fork one at this place is, from 1."""
        return bisect_left(self._places(point, timeline, place[0]), place) + 1

    def until(self, point: Breakpoint, timeline: Timeline, place: Place) -> list[Place]:
        """Its hits up to a place of the current fork."""
        places = self._places(point, timeline, place[0])
        return places[: bisect_right(places, place)]

    def _places(self, point: Breakpoint, timeline: Timeline, index: int) -> list[Place]:
        tally = self._known.setdefault((timeline.fork.id, point), _Tally())
        tally.extend(point, timeline.nodes, index)
        return tally.places


def judged(point: Breakpoint, cursor: Cursor, place: Place, timeline: Timeline, tallies: Tallies) -> Hit | None:
    """What a breakpoint that waits for something at a place does there: None when nothing."""
    try:
        if not applies(point, cursor):
            return None
    except CannotEvaluateError as error:
        return Hit(point, problem=str(error))
    if point.hit_rule is HitRule.ALL:
        return Hit(point)
    number = tallies.number_at(point, timeline, place)
    return Hit(point, number) if point.counts(number) else None
