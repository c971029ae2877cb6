"""Asks who changed a value, and who reads it: the one entry to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.data_origins.back import WayBack
from sfdebug.debugger.data_origins.flow import WORK, VisitFlow
from sfdebug.debugger.data_origins.forward import WayOn, is_lasting, next_write
from sfdebug.debugger.data_origins.model import DataOrigin, DataPlace, DataSide, OriginKind, OriginStep, UnknownOrigin
from sfdebug.debugger.data_origins.parts import value_in
from sfdebug.debugger.data_origins.visits import VisitIndex
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.data_origins.model import Keys
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.values import Value


class DataOrigins:
    """The origins of the values on a timeline: what it has looked up once of a fork, it knows."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._index = VisitIndex(timeline.fork)
        self._back = WayBack(self._index)

    def of(self, place: DataPlace) -> DataOrigin:
        """All that is known of the value at a place of the current fork. Raises KeyError for a visit that it has
        not."""
        index = self._current()
        steps = self._back.steps(place)
        way = WayOn(index)
        reads = way.reads(place)
        lasts = is_lasting(VisitFlow(index.visit(place.visit)), place)
        written = next_write(index, self._back, place) if lasts else None
        return DataOrigin(place, self.value(place), steps, written, reads, way.is_cut, lasts)

    def coming(self, position: Position, keys: Keys) -> DataOrigin:
        """The same of the input of the state that is about to be entered."""
        branch, index = position.branch, self._current()
        assert branch is not None
        place = self._coming_place(position, keys)
        if isinstance(place, DataPlace):
            origin = self.of(place)
            if branch.edited is None or (is_present(origin.value) and _has(branch.input, keys, origin.value)):
                return origin
        at = place if isinstance(place, DataPlace) else DataPlace(0, 0, DataSide.AFTER, keys)
        value = value_in(branch.input, keys)
        if branch.edited is not None:
            step = OriginStep(OriginKind.EDITED, at, value, provenance=branch.edited)
        elif not branch.id and index.last_on((), position.node.execution.visit_count) is None:
            step = OriginStep(OriginKind.INPUT, at, value, field=keys)
        else:
            step = OriginStep(OriginKind.UNKNOWN, at, value, why=UnknownOrigin.NOT_COMPUTED)
        return DataOrigin(at, value, (step,))

    def _coming_place(self, position: Position, keys: Keys) -> DataPlace | None:
        """The place of what a branch has as the input of its next state: in the visit to it, where that is explored,
        else in the output of the one before, or in the Parallel or Map that has started the branch."""
        branch, index = position.branch, self._index
        assert branch is not None
        entered = index.next_on(branch.id, position.node.execution.visit_count)
        if entered is not None and entered.state.name == branch.state_name:
            return DataPlace(entered.number, 0, DataSide.AFTER, keys)
        before = index.last_on(branch.id, position.node.execution.visit_count)
        is_given = before is not None and (branch.edited is not None or before.output is branch.input)
        if before is not None and is_given and before.next == branch.state_name:
            return DataPlace(before.number, VisitFlow(before).output_stage(), DataSide.AFTER, keys)
        around = position.execution.branches.get(branch.id[:-1]) if branch.id else None
        if around is None or around.visit is None:
            return None
        flow = VisitFlow(around.visit)
        stage = next((at for at in range(len(flow.stages) - 1, -1, -1) if flow.stages[at].name in WORK), None)
        given = flow.given(stage, branch.id[-1][1], keys) if stage is not None else None
        return given if isinstance(given, DataPlace) else None

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

    def container_of(self, visit: Visit) -> State | None:
        """The Parallel or Map that a visit is inside of; None at the top level."""
        path = visit.state.path[:-2]
        return self._index.fork.nodes[-1].execution.machine.state(path) if path else None

    def given(self, visit: int, stage: int, keys: Keys) -> DataPlace:
        """The place of what a stage is compared with: of ResultPath the input, of Output what the stage before gave."""
        flow = VisitFlow(self._current().visit(visit))
        name = flow.stages[stage].name
        if name is StageName.RESULT_PATH:
            return DataPlace(visit, 0, DataSide.AFTER, keys)
        if name is StageName.OUTPUT and flow.stages[stage].before is MISSING:
            return DataPlace(visit, flow.giver(stage) or 0, DataSide.AFTER, keys)
        return DataPlace(visit, stage, DataSide.BEFORE, keys)

    def node_of(self, visit: int, stage: int) -> tuple[TimelineNode, int] | None:
        """The node at which a stage of a visit came about, and which of its places shows it; None where there is no
        such stage."""
        index = self._current()
        try:
            found = index.visit(visit)
        except KeyError:
            return None
        node = index.node_of(found, stage)
        if node is None:
            return None
        if node.visit is None or node.visit.number != visit:
            return node, 0
        return node, min(max(stage - node.kept, 0), node.last_stage_offset)

    def _current(self) -> VisitIndex:
        fork = self._timeline.fork
        if not self._index.is_of(fork):
            self._index = VisitIndex(fork)
            self._back = WayBack(self._index)
        self._index.update()
        return self._index


def _has(document: Value, keys: Keys, value: Value) -> bool:
    found = value_in(document, keys)
    return is_present(found) and is_present(value) and same(found, value)
