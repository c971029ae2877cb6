"""What an expression made a value of: the places in the data of the run that its parts stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, Keys, OriginKind, OriginStep, UnknownOrigin
from sfdebug.debugger.data_origins.parts import DataRoot, PartKind, starts_with
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.parts import DataRef, ValueParts
    from sfdebug.debugger.data_origins.visits import VisitIndex

SELECTING: Final = (StageName.INPUT_PATH, StageName.OUTPUT_PATH, StageName.ITEMS_PATH, StageName.ITEMS)


class MadeValues:
    """Finds on one fork what expressions made their values of."""

    def __init__(self, index: VisitIndex) -> None:
        self._index = index

    def step(
        self, flow: VisitFlow, place: DataPlace, parts: ValueParts, value: Json, item: int | None = None
    ) -> OriginStep:
        """What an expression made a value of."""
        over = [part for part in parts.parts if starts_with(place.keys, part.target)]
        if len(over) == 1:
            part = over[0]
            rest = place.keys[len(part.target) :]
            if part.kind is PartKind.LITERAL:
                field = (*part.field, *rest)
                return OriginStep(OriginKind.LITERAL, place, value, part.text, field)
            if part.kind is PartKind.TAKEN:
                return self._taken(flow, place, part.refs[0], rest, value, part.field, item)
            sources = self._sources(flow, place.stage, part.refs, item)
            return OriginStep(OriginKind.COMPUTED, place, value, part.text, part.field, sources)
        inside = [part for part in parts.parts if starts_with(part.target, place.keys)]
        if not inside or over:
            return unknown(place, why_unknown(flow), value)
        places = [DataPlace(place.visit, place.stage, DataSide.AFTER, part.target) for part in inside]
        field = inside[0].field[: len(place.keys)] if len(inside) == 1 else ()
        return OriginStep(OriginKind.BUILT, place, value, sources=tuple(dict.fromkeys(places)), field=field)

    def _taken(
        self,
        flow: VisitFlow,
        place: DataPlace,
        ref: DataRef,
        rest: Keys,
        value: Json,
        field: Keys,
        item: int | None,
    ) -> OriginStep:
        name = flow.stages[place.stage].name
        if ref.root is DataRoot.CONTEXT:
            return self._context(flow, place, (*ref.keys, *rest), value, ref.text, field, item)
        source = flow.root_place(place.stage, ref.root, ref.name)
        if source is not None:
            source = into(source, (*ref.keys, *rest))
        if source is None or not self.is_at(source, value):
            sources = self._sources(flow, place.stage, (ref,), item)
            return OriginStep(OriginKind.COMPUTED, place, value, ref.text, field, sources)
        kind = OriginKind.SELECTED if name in SELECTING else OriginKind.TAKEN
        if name is StageName.ASSIGN:
            kind = OriginKind.ASSIGNED
        elif _is_same_place(flow, place, source):
            kind = OriginKind.KEPT
        return OriginStep(kind, place, value, ref.text, field, (source,))

    def _context(
        self, flow: VisitFlow, place: DataPlace, keys: Keys, value: Json, text: str, field: Keys, item: int | None
    ) -> OriginStep:
        """The Context object: the item of a Map and the input of the execution are data, all else is its own."""
        own = OriginStep(OriginKind.CONTEXT, place, value, text, field)
        if self._index.fork.nodes[0].execution.settings.context is not None:
            return own
        source: DataPlace | None = None
        if starts_with(keys, ("Map", "Item", "Value")):
            source = self._item(flow, place, keys[3:], item)
        elif starts_with(keys, ("Execution", "Input")):
            found = self._execution_input(flow, keys[2:])
            if found is None:
                return OriginStep(OriginKind.INPUT, place, value, text, keys[2:])
            source = found if isinstance(found, DataPlace) else None
        else:
            return own
        if source is None:
            return unknown(place, UnknownOrigin.NOT_COMPUTED, value)
        if self.is_at(source, value):
            return OriginStep(OriginKind.TAKEN, place, value, text, field, (source,))
        sources = (source,) if self.is_there(source) else ()
        return OriginStep(OriginKind.COMPUTED, place, value, text, field, sources)

    def _item(self, flow: VisitFlow, place: DataPlace, keys: Keys, item: int | None) -> DataPlace | None:
        """Where the item of the Map at hand stands: of the one whose ItemSelector this is, or of the one around."""
        if item is not None:
            return self._listed(flow, place.stage, (item, *keys))
        branch, visit = flow.visit.branch, flow.visit
        while branch:
            start = self._index.run_start(visit, branch)
            if start is None:
                return None
            around = VisitFlow(start.visit)
            if around.stages[start.stage].name is StageName.ITERATIONS:
                return self._listed(around, start.stage, (start.index, *keys))
            if around.stages[start.stage].name is StageName.MAP_RUN:
                return None  # the Context object of a child execution has no item
            branch, visit = start.visit.branch, start.visit
        return None

    def _listed(self, flow: VisitFlow, stage: int, keys: Keys) -> DataPlace | None:
        """An item in the list of a Map, before its ItemSelector."""
        giver = flow.nearest(
            stage, (StageName.ITEM_READER, StageName.ITEMS_PATH, StageName.ITEMS, StageName.INPUT_PATH)
        )
        value = flow.stages[giver].after
        if not isinstance(value, dict):
            return DataPlace(flow.visit.number, giver, DataSide.AFTER, keys)
        names, index = list(value), keys[0]
        if not isinstance(index, int) or index >= len(names):
            return None
        return DataPlace(flow.visit.number, giver, DataSide.AFTER, (names[index], *keys[1:]))

    def _execution_input(self, flow: VisitFlow, keys: Keys) -> DataPlace | UnknownOrigin | None:
        """`$$.Execution.Input`: the input of the first state; of a child execution what its Map Run gave it.

        None where the first state was given another input than the execution.
        """
        visit, branch = flow.visit, flow.visit.branch
        ready = self._index.ready_for(visit)
        child = ready.child_id if ready is not None else ()
        if not child:
            return self._index.first_input(keys)
        while len(branch) > len(child):
            around = self._index.run_start(visit, branch)
            if around is None:
                return UnknownOrigin.NOT_COMPUTED
            visit, branch = around.visit, around.visit.branch
        start = self._index.run_start(visit, child)
        if start is None:
            return UnknownOrigin.NOT_COMPUTED
        return VisitFlow(start.visit).given(start.stage, start.index, keys)

    def _sources(
        self, flow: VisitFlow, stage: int, refs: tuple[DataRef, ...], item: int | None
    ) -> tuple[DataPlace, ...]:
        """The places of what was read, as far as they are data of the run."""
        found: list[DataPlace] = []
        for ref in refs:
            source = flow.root_place(stage, ref.root, ref.name)
            if ref.root is DataRoot.CONTEXT and starts_with(ref.keys, ("Map", "Item", "Value")):
                probe = DataPlace(flow.visit.number, stage)
                source = self._item(flow, probe, ref.keys[3:], item)
                if source is not None and source not in found:
                    found.append(source)
            elif source is not None:
                place = into(source, ref.keys)
                if place not in found and self.is_there(place):
                    found.append(place)
        return tuple(found)

    def is_at(self, place: DataPlace, value: Json) -> bool:
        """Whether a place has the value that is said to be from there."""
        found = VisitFlow(self._index.visit(place.visit)).value(place)
        return is_present(found) and same(found, value)

    def is_there(self, place: DataPlace) -> bool:
        """Whether a place has a value."""
        return VisitFlow(self._index.visit(place.visit)).value(place) is not MISSING


def unknown(place: DataPlace, why: UnknownOrigin, value: Value = MISSING) -> OriginStep:
    """The step of which nobody knows."""
    return OriginStep(OriginKind.UNKNOWN, place, value, why=why)


def why_unknown(flow: VisitFlow) -> UnknownOrigin:
    """Why a step inside a visit cannot be told."""
    recorded = any(stage.provenance is Provenance.RECORDED for stage in flow.stages)
    return UnknownOrigin.NOT_RECORDED if recorded else UnknownOrigin.NOT_COMPUTED


def into(place: DataPlace, keys: Keys) -> DataPlace:
    """The place inside of another one."""
    return DataPlace(place.visit, place.stage, place.side, (*place.keys, *keys), place.name) if keys else place


def _is_same_place(flow: VisitFlow, place: DataPlace, source: DataPlace) -> bool:
    """Whether a stage that makes all of its data anew left a value where it was: InputPath, Output and the like."""
    name = flow.stages[place.stage].name
    is_flow = name in SELECTING or name is StageName.OUTPUT
    return is_flow and source.keys == place.keys and source.side is DataSide.AFTER
