"""Asks who changed a value, and who reads it: the one entry to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.data_origins.back import WayBack
from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.debugger.data_origins.forward import WayOn, next_write
from sfdebug.debugger.data_origins.model import DataOrigin, DataPlace, DataSide, OriginStep
from sfdebug.debugger.data_origins.visits import VisitIndex

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.values import Value


class DataOrigins:
    """The origins of the values on a timeline: what it has looked up once of a fork, it knows."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._fork: Fork | None = None
        self._index = VisitIndex(timeline.fork)
        self._back = WayBack(self._index)

    def of(self, place: DataPlace) -> DataOrigin:
        """All that is known of the value at a place of the current fork. Raises KeyError for a visit that it has
        not."""
        index = self._current()
        steps = self._back.steps(place)
        way = WayOn(index)
        reads = way.reads(place)
        written = next_write(index, self._back, place)
        return DataOrigin(place, self.value(place), steps, written, reads, way.is_cut)

    def steps(self, place: DataPlace) -> tuple[OriginStep, ...]:
        """The way back of the value at a place of the current fork, the newest step first."""
        self._current()
        return self._back.steps(place)

    def value(self, place: DataPlace) -> Value:
        """The value at a place; MISSING where there is none."""
        return VisitFlow(self.visit(place)).value(place)

    def visit(self, place: DataPlace) -> Visit:
        """The visit of a place, as far as it has come on the current fork. Raises KeyError."""
        return self._current().visit(place.visit)

    def node_of(self, place: DataPlace) -> tuple[TimelineNode, int] | None:
        """The node at which the stage of a place came about, and which of its stages that is; None where there is
        none."""
        index = self._current()
        visit = index.visit(place.visit)
        node = index.node_of(visit, place.stage)
        if node is None:
            return None
        if node.visit is None or node.visit.number != visit.number:
            return node, 0
        return node, min(max(place.stage - node.kept, 0), node.last_stage_offset)

    def input_place(self, place: DataPlace) -> DataPlace:
        """The place of the same keys in the input of a place's visit."""
        return DataPlace(place.visit, 0, DataSide.AFTER, place.keys)

    def _current(self) -> VisitIndex:
        fork = self._timeline.fork
        if fork is not self._index.fork or len(fork.nodes) < len(self._index.fork.nodes):
            self._index = VisitIndex(fork)
            self._back = WayBack(self._index)
        self._index.update()
        return self._index
