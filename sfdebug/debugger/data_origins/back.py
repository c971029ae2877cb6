"""The way of a value back: one step at a time, through the stages of a visit, from visit to visit, out of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.data_origins.flow import LISTS_ITEMS, WORK, VisitFlow, is_listed
from sfdebug.debugger.data_origins.made import MadeValues, into, unknown, why_unknown
from sfdebug.debugger.data_origins.model import (
    DataPlace,
    DataSide,
    Keys,
    OriginKind,
    OriginStep,
    UnknownOrigin,
)
from sfdebug.debugger.data_origins.parts import starts_with, value_in
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import MISSING, Json, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.parts import DataShape, ValueParts
    from sfdebug.debugger.data_origins.visits import VisitIndex
    from sfdebug.engine.execution.visit import Stage, Visit

_PASSING: Final = (StageName.RULE, StageName.DEFAULT)
_MOST_STEPS: Final = 100_000
"""More than any history has states and stages in one line."""


_MOST_WAYS: Final = 8
"""How many ways of one kind of visit are remembered, each under the data that it holds for."""


class _Through(Struct, frozen=True):
    """Where in the input of a visit the value of its output stands that it only kept, by stage the conditions under
    which that holds; `keys` are None where it did more with it."""

    keys: Keys | None
    conditions: tuple[tuple[int, tuple[DataShape, ...]], ...]


class WayBack:
    """Goes back along one fork."""

    def __init__(self, index: VisitIndex) -> None:
        self._index = index
        self._made = MadeValues(index)
        self._through: dict[tuple[object, ...], list[_Through]] = {}

    def steps(self, place: DataPlace) -> tuple[OriginStep, ...]:
        """All steps back from a place: those that only kept the value are one."""
        found: list[OriginStep] = []
        kept: list[int] = []
        before: OriginStep | None = None
        for _ in range(_MOST_STEPS):
            step = self.step(place)
            if step.kind is OriginKind.KEPT:
                before = before or step
                if place.side is not DataSide.VARIABLE:  # which nobody passes on: it is there
                    kept.append(place.visit)
                at_input = place.stage == 0 and place.side is DataSide.AFTER
                place = self._to_first(step.sources[0], kept) if at_input else step.sources[0]
                continue
            found += self._together(before, kept, found[-1] if found else None, step)
            found.append(step)
            kept, before = [], None
            if step.is_end:
                return tuple(found)
            place = step.sources[0]
        return tuple(found)

    def step(self, place: DataPlace) -> OriginStep:
        """The step that made a value stand at a place."""
        visit = self._index.visit(place.visit)
        flow = VisitFlow(visit)
        if place.side is DataSide.VARIABLE:
            return self._variable(visit, flow, place)
        if flow.value(place) is MISSING:
            return unknown(place, UnknownOrigin.NOT_THERE)
        if place.side is DataSide.BEFORE:
            return self._before(visit, flow, place)
        stage = flow.stages[place.stage]
        if stage.after is MISSING:
            return self._error(visit, flow, place, stage)
        if place.stage == 0:
            return self._input(visit, flow, place)
        if place.stage == flow.output_stage() and (edit := self._index.output_edit(visit.number)) is not None:
            return self._edited_output(flow, place, stage, edit.provenance)
        if place.stage == flow.output_stage():
            through = self._kept_through(visit, flow, place.stage, place.keys)
            if through is not None:
                source = DataPlace(visit.number, 0, DataSide.AFTER, through)
                kind = OriginKind.KEPT if through == place.keys else OriginKind.TAKEN
                return OriginStep(kind, place, flow.value(place), sources=(source,), states=(visit.state.name,))
        return self._after(visit, flow, place, stage)

    def _together(
        self, first: OriginStep | None, kept: list[int], later: OriginStep | None, earlier: OriginStep
    ) -> list[OriginStep]:
        """Steps that only kept a value, as one, or none: visits that did more with it beside that are told already."""
        told = {step.place.visit for step in (later, earlier) if step is not None}
        numbers = [number for number in dict.fromkeys(kept) if number not in told]
        if not numbers or first is None:
            return []
        names = dict.fromkeys([self._index.visit(number).state.name for number in numbers])
        visit = self._index.visit(numbers[0])
        place = first.place
        if place.visit != visit.number:
            place = DataPlace(visit.number, max(VisitFlow(visit).output_stage(), 0), DataSide.AFTER, place.keys)
        source = earlier.place
        return [
            OriginStep(OriginKind.KEPT, place, first.value, sources=(source,), states=tuple(names), count=len(numbers))
        ]

    def _to_first(self, place: DataPlace, kept: list[int]) -> DataPlace:
        """Back from the output of a visit through all that only kept the value at its keys: the place in the first that
        did more, or has none before it. The numbers of the others go into `kept`."""
        index, keys = self._index, place.keys
        visit = index.visit(place.visit)
        while place.stage == len(visit.stages) - 1 and self.keeps(visit, keys):
            kept.append(visit.number)
            before = index.before(visit) if not visit.edited else None
            if before is None or before.output is MISSING or not before.stages:
                return DataPlace(visit.number, 0, DataSide.AFTER, keys)
            visit = before
            place = DataPlace(visit.number, len(visit.stages) - 1, DataSide.AFTER, keys)
        return place

    def keeps(self, visit: Visit, keys: Keys) -> bool:
        """Whether a visit gave on what stood at these keys of its input, at the same place."""
        if self._index.output_edit(visit.number) is not None:
            return False
        at = len(visit.stages) - 1
        if at < 1 or visit.stages[at].name is not StageName.OUTPUT:
            return False
        return self._kept_through(visit, VisitFlow(visit), at, keys) == keys

    # between visits

    def _input(self, visit: Visit, flow: VisitFlow, place: DataPlace) -> OriginStep:
        """A visit's input: what the visit before gave, or what its branch was started with; or an edit."""
        value = flow.value(place)
        assert is_present(value)
        edited = self._index.input_edit(visit)
        before = self._index.before(visit)
        if edited is not None:
            return self._edited_input(visit, flow, place, before)
        if before is not None:
            return self._from_output(before, place, value)
        return self._from_start(visit, place, value)

    def _from_output(self, before: Visit, place: DataPlace, value: Json) -> OriginStep:
        at = VisitFlow(before).output_stage()
        source = DataPlace(before.number, at, DataSide.AFTER, place.keys)
        if at < 0 or not is_present(before.output) or not self._made.is_at(source, value):
            return unknown(place, UnknownOrigin.NOT_COMPUTED, value)
        return OriginStep(OriginKind.KEPT, place, value, sources=(source,))

    def _from_start(self, visit: Visit, place: DataPlace, value: Json) -> OriginStep:
        if not visit.branch:
            given = self._index.fork.nodes[0].execution.input
            if is_present(value_in(given, place.keys)) and same(value_in(given, place.keys), value):  # type: ignore[arg-type]
                return OriginStep(OriginKind.INPUT, place, value, field=place.keys)
            return unknown(place, UnknownOrigin.NOT_COMPUTED, value)
        source = self.branch_input(visit, place.keys)
        if isinstance(source, UnknownOrigin):
            return unknown(place, source, value)
        if not self._made.is_at(source, value):
            return unknown(place, UnknownOrigin.NOT_RECORDED, value)
        return OriginStep(OriginKind.STARTED, place, value, sources=(source,), branch=visit.branch)

    def branch_input(self, visit: Visit, keys: Keys) -> DataPlace | UnknownOrigin:
        """The place in the Parallel or Map around a visit that its branch was started with."""
        start = self._index.run_start(visit)
        if start is None:
            return UnknownOrigin.NOT_COMPUTED
        around = VisitFlow(start.visit)
        return UnknownOrigin.NOT_RECORDED if around.is_played else around.given(start.stage, start.index, keys)

    def _edited_input(self, visit: Visit, flow: VisitFlow, place: DataPlace, before: Visit | None) -> OriginStep:
        """An edit: the value is the user's, but where the edit left it as it was."""
        value, provenance = flow.value(place), flow.stages[0].provenance
        assert is_present(value)
        instead = self._from_output(before, place, value) if before else self._from_start(visit, place, value)
        if instead.kind is OriginKind.UNKNOWN or (instead.kind is OriginKind.INPUT and not visit.branch and before):
            return OriginStep(OriginKind.EDITED, place, value, provenance=provenance)
        if instead.kind is OriginKind.INPUT:
            return OriginStep(OriginKind.INPUT, place, value, field=place.keys, provenance=provenance)
        return OriginStep(OriginKind.EDITED, place, value, sources=instead.sources, provenance=provenance)

    def _edited_output(self, flow: VisitFlow, place: DataPlace, stage: Stage, provenance: Provenance) -> OriginStep:
        """What stands for a computed output: from the edit, but where it left the value as it was."""
        output = flow.visit.output
        value = value_in(output, place.keys)
        if is_present(value) and is_present(flow.value(place)) and same(value, flow.value(place)):  # type: ignore[arg-type]
            return self._after(flow.visit, flow, place, stage)
        return OriginStep(OriginKind.EDITED, place, value, provenance=provenance)

    def _variable(self, visit: Visit, flow: VisitFlow, place: DataPlace) -> OriginStep:
        """A variable as a state sees it: what an earlier state on its branch assigned, or one outside."""
        value = flow.value(place)
        if value is MISSING:
            return unknown(place, UnknownOrigin.NOT_THERE)
        writer = self._index.assigned_before(visit, place.name)
        if writer is not None:
            source = _assigned_place(writer, place)
            if source is None or not self._made.is_at(source, value):
                edit = self._index.output_edit(writer.number)
                if edit is not None:
                    at = DataPlace(writer.number, max(VisitFlow(writer).output_stage(), 0))
                    return OriginStep(OriginKind.EDITED, place, value, sources=(at,), provenance=edit.provenance)
                return unknown(place, UnknownOrigin.NOT_RECORDED, value)
            return OriginStep(OriginKind.KEPT, place, value, sources=(source,))
        start = self._index.run_start(visit)
        if start is None:
            return unknown(place, UnknownOrigin.NOT_COMPUTED, value)
        outside = DataPlace(start.visit.number, start.stage, DataSide.VARIABLE, place.keys, place.name)
        if not self._made.is_at(outside, value):
            return unknown(place, UnknownOrigin.NOT_COMPUTED, value)
        return OriginStep(OriginKind.STARTED, place, value, sources=(outside,), branch=visit.branch)

    # inside a visit

    def _before(self, visit: Visit, flow: VisitFlow, place: DataPlace) -> OriginStep:
        """What a stage was given."""
        stage, value = flow.stages[place.stage], flow.value(place)
        assert is_present(value)
        if stage.name in (StageName.CATCH, StageName.RETRY):
            return self._error(visit, flow, place, stage)
        if stage.name is StageName.ASSIGN and not place.keys:
            names = value if isinstance(value, dict) else {}
            seen = [DataPlace(visit.number, place.stage, DataSide.VARIABLE, (), name) for name in names]
            return OriginStep(OriginKind.BUILT, place, value, sources=tuple(seen))
        if stage.name is StageName.ASSIGN:
            name, *rest = place.keys
            source = DataPlace(visit.number, place.stage, DataSide.VARIABLE, tuple(rest), str(name))
            return OriginStep(OriginKind.KEPT, place, value, sources=(source,))
        if flow.is_played:
            return unknown(place, UnknownOrigin.NOT_RECORDED, value)
        giver = flow.giver(place.stage)
        if giver is None:
            return self._reader_call(visit, flow, place, value)
        keys: Keys | None = place.keys
        if stage.name in LISTS_ITEMS and not is_listed(flow.stages[giver].name):
            keys = flow.items_keys(giver, place.keys)
        if keys is None:
            return unknown(place, UnknownOrigin.SEVERAL, value)
        source = DataPlace(visit.number, giver, DataSide.AFTER, keys)
        if not self._made.is_at(source, value):
            return unknown(place, why_unknown(flow), value)
        return OriginStep(OriginKind.KEPT, place, value, sources=(source,))

    def _reader_call(self, visit: Visit, flow: VisitFlow, place: DataPlace, value: Json) -> OriginStep:
        """What an ItemReader was called with: its Parameters or Arguments."""
        reader = visit.state.fields.get("ItemReader")
        is_reading = flow.stages[place.stage].name in (StageName.MAP_RUN, StageName.ITEM_READER)
        written = (
            reader.get("Arguments" if flow.is_jsonata else "Parameters", MISSING)
            if isinstance(reader, dict)
            else MISSING
        )
        parts = flow.template(place.stage, written) if is_reading else None
        if parts is None:
            return unknown(place, why_unknown(flow), value)
        return self._made.step(flow, place, parts, value)

    def _error(self, visit: Visit, flow: VisitFlow, place: DataPlace, stage: Stage) -> OriginStep:
        """An error's name or cause: of the stage that failed, or inside a Parallel or Map of the state that did."""
        value = flow.value(place)
        fault = stage.fault
        failed = next((at for at in range(place.stage, -1, -1) if _raised(flow.stages[at])), place.stage)
        inner = self._index.failed_with(visit, fault) if fault is not None and visit.state.branches else None
        at = DataPlace(visit.number, failed, DataSide.AFTER)
        if inner is not None:
            inside = VisitFlow(inner).stages
            raised = next((n for n in range(len(inside) - 1, -1, -1) if inside[n].fault is not None), 0)
            at = DataPlace(inner.number, raised, DataSide.AFTER)
        provenance = flow.stages[failed].provenance
        sources = (at,) if (at.visit, at.stage) != (place.visit, place.stage) else ()
        return OriginStep(OriginKind.FAILED, place, value, sources=sources, provenance=provenance)

    def _after(self, visit: Visit, flow: VisitFlow, place: DataPlace, stage: Stage) -> OriginStep:
        """What a stage gave."""
        name, value = stage.name, flow.value(place)
        assert is_present(value)
        if name in _PASSING:
            return self._before(visit, flow, _moved(place, DataSide.BEFORE))
        if name is StageName.REDRIVE:
            return _kept(place, value, 0)
        if name in WORK:
            return self._result(visit, flow, place, stage, value)
        if name in (StageName.RESULT_PATH, StageName.CATCH):
            return self._result_path(flow, place, stage, value)
        if name is StageName.ITEM_READER:
            return OriginStep(OriginKind.DATASET, place, value, provenance=stage.provenance)
        if name is StageName.ITEM_BATCHER:
            return self._batched(flow, place, stage, value)
        if name in (StageName.WAIT, StageName.RETRY):  # until when, and how long
            return OriginStep(OriginKind.COMPUTED, place, value)
        if name is StageName.RESULT_WRITER:
            return unknown(place, UnknownOrigin.RESULT_WRITER, value)
        if name is StageName.OUTPUT and stage.expression is MISSING:
            return self._before_output(flow, place, value)
        parts = flow.parts(place.stage)
        if parts is None:
            return unknown(place, why_unknown(flow), value)
        if name is StageName.ITEM_SELECTOR:
            return self._selected_item(flow, place, parts, value)
        return self._made.step(flow, place, parts, value)

    def _before_output(self, flow: VisitFlow, place: DataPlace, value: Json) -> OriginStep:
        """An output that no expression of its own makes: what the last stage gave."""
        giver = flow.giver(place.stage)
        source = DataPlace(flow.visit.number, giver or 0, DataSide.AFTER, place.keys)
        if flow.stages[place.stage].provenance is Provenance.RECORDED or not self._made.is_at(source, value):
            return unknown(place, why_unknown(flow), value)
        return OriginStep(OriginKind.KEPT, place, value, sources=(source,))

    def _result(self, visit: Visit, flow: VisitFlow, place: DataPlace, stage: Stage, value: Json) -> OriginStep:
        """The result of a state's work: from outside, or of its branches."""
        if stage.name is StageName.TASK:
            return OriginStep(OriginKind.RESULT, place, value, provenance=stage.provenance)
        if stage.provenance not in (Provenance.COMPUTED, Provenance.RECORDED):
            return OriginStep(OriginKind.RESULT, place, value, provenance=stage.provenance)
        if not place.keys:
            sources = self._last_visits(visit, place.stage, value)
            return OriginStep(OriginKind.BUILT, place, value, sources=sources)
        index, *rest = place.keys
        if "ResultWriter" in visit.state.fields:
            return unknown(place, UnknownOrigin.RESULT_WRITER, value)
        source = self._output_of(visit, place.stage, int(index), tuple(rest)) if isinstance(index, int) else None
        if source is None or not self._made.is_at(source, value):
            return self._lost_result(visit, place, stage, value)
        branch = (*visit.branch, (visit.state.name, int(index)))
        return OriginStep(OriginKind.GATHERED, place, value, sources=(source,), branch=branch)

    def _lost_result(self, visit: Visit, place: DataPlace, stage: Stage, value: Json) -> OriginStep:
        """A result that no branch is known to have given: a child execution that failed stands there, or it is the
        recorded result of a Map Run, of whose children a history has nothing."""
        branch = (*visit.branch, (visit.state.name, int(place.keys[0]) if isinstance(place.keys[0], int) else 0))
        if stage.provenance is Provenance.RECORDED:
            return OriginStep(OriginKind.RESULT, place, value, provenance=stage.provenance, branch=branch)
        last = self._index.last_of_run(visit, place.stage, branch[-1][1])
        if last is not None and last.status is VisitStatus.FAILED:
            at = DataPlace(last.number, max(len(last.stages) - 1, 0))
            return OriginStep(OriginKind.FAILED, place, value, sources=(at,), branch=branch)
        return unknown(place, UnknownOrigin.NOT_COMPUTED, value)

    def _output_of(self, visit: Visit, stage: int, index: int, keys: Keys) -> DataPlace | None:
        last = self._index.last_of_run(visit, stage, index)
        if last is None or last.status not in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
            return None
        at = VisitFlow(last).output_stage()
        return DataPlace(last.number, at, DataSide.AFTER, keys) if at >= 0 else None

    def _last_visits(self, visit: Visit, stage: int, value: Json) -> tuple[DataPlace, ...]:
        count = min(len(value), 50) if isinstance(value, list) else 0
        found = [self._output_of(visit, stage, index, ()) for index in range(count)]
        return tuple(place for place in found if place is not None)

    def _result_path(self, flow: VisitFlow, place: DataPlace, stage: Stage, value: Json) -> OriginStep:
        """ResultPath, of a state or a Catcher: the place of the result, or the input around it."""
        number = flow.visit.number
        is_catch = stage.name is StageName.CATCH
        written = flow.catch_path(stage) if is_catch else stage.expression
        if is_catch:
            result = DataPlace(number, place.stage, DataSide.BEFORE)
        else:
            result = DataPlace(number, flow.giver(place.stage) or 0)
        if written is MISSING:
            return OriginStep(OriginKind.PLACED, place, value, sources=(into(result, place.keys),))
        if not isinstance(written, str):
            return _kept(place, value, 0)
        path = compile_reference_path(written).keys
        if starts_with(place.keys, path):
            source = into(result, place.keys[len(path) :])
            kind = OriginKind.PLACED
        elif starts_with(path, place.keys):
            inside = DataPlace(number, place.stage, DataSide.AFTER, path)
            around = DataPlace(number, 0, DataSide.AFTER, place.keys)
            sources = (inside, around) if self._made.is_there(around) else (inside,)
            return OriginStep(OriginKind.BUILT, place, value, written, sources=sources)
        else:
            source, kind = DataPlace(number, 0, DataSide.AFTER, place.keys), OriginKind.KEPT
        if not self._made.is_at(source, value):
            return unknown(place, why_unknown(flow), value)
        return OriginStep(kind, place, value, written if kind is OriginKind.PLACED else "", sources=(source,))

    def _batched(self, flow: VisitFlow, place: DataPlace, stage: Stage, value: Json) -> OriginStep:
        """An item in a batch: the items are those before it, in order."""
        keys = place.keys
        number = flow.visit.number
        if len(keys) >= 3 and keys[1] == "Items" and isinstance(keys[0], int) and isinstance(stage.after, list):
            earlier = stage.after[: keys[0]]
            first = sum(
                len(each["Items"]) for each in earlier if isinstance(each, dict) and isinstance(each["Items"], list)
            )
            at: Keys = (first + int(keys[2]), *keys[3:])
            given = flow.giver(place.stage) or 0
            if not is_listed(flow.stages[given].name):
                at = flow.items_keys(given, at) or at
            source = DataPlace(number, given, DataSide.AFTER, at)
            if self._made.is_at(source, value):
                return OriginStep(OriginKind.BATCHED, place, value, sources=(source,))
        if len(keys) >= 2 and keys[1] == "BatchInput":
            parts = flow.batch_input(place.stage)
            if parts is not None:
                return self._made.step(flow, place, parts.under(keys[:2], ("BatchInput",)), value)
        sources = (_moved(place, DataSide.BEFORE),) if not keys else ()
        return OriginStep(OriginKind.BUILT, place, value, sources=sources)

    def _selected_item(self, flow: VisitFlow, place: DataPlace, parts: ValueParts, value: Json) -> OriginStep:
        """What ItemSelector made of one item."""
        if not place.keys or not isinstance(place.keys[0], int):
            return OriginStep(OriginKind.BUILT, place, value, sources=(_moved(place, DataSide.BEFORE),))
        index = place.keys[0]
        return self._made.step(flow, place, parts.under((index,), ()), value, item=index)

    # what is known without looking again

    def _kept_through(self, visit: Visit, flow: VisitFlow, stage: int, keys: Keys) -> Keys | None:
        """Where in the input of a visit the value of its output stands that it only passed on, whatever the data are;
        None where it does more, or that hangs on the data. Looked at once for all visits of a state that go alike."""
        if len(flow.stages) > 40 or flow.is_played:
            return None
        known = self._through.setdefault((keys, self._index.way(visit)), [])
        for each in known:
            if not each.conditions or all(flow.holds(at, conditions) for at, conditions in each.conditions):
                return each.keys
        place = DataPlace(visit.number, stage, DataSide.AFTER, keys)
        if flow.value(place) is MISSING:
            return None
        found = self._followed(visit, flow, place)
        if found is not None and len(known) < _MOST_WAYS:
            known.append(found)
        return found.keys if found is not None else None

    def _followed(self, visit: Visit, flow: VisitFlow, place: DataPlace) -> _Through | None:
        conditions: list[tuple[int, tuple[DataShape, ...]]] = []
        while place.stage:
            stage = flow.stages[place.stage]
            if stage.name not in _PASSING:
                parts = flow.parts(place.stage)
                if parts is not None and parts.conditions is None:
                    return None
                if parts is not None and parts.conditions:
                    conditions.append((place.stage, parts.conditions))
            step = self._after(visit, flow, place, stage)
            if step.kind is not OriginKind.KEPT or len(step.sources) != 1:
                is_known = step.kind is not OriginKind.UNKNOWN
                return _Through(None, tuple(conditions)) if is_known else None
            place = step.sources[0]
            if place.visit != visit.number or place.side is not DataSide.AFTER:
                return None
        return _Through(place.keys, tuple(conditions))


def _raised(stage: Stage) -> bool:
    return stage.fault is not None and stage.name not in (StageName.CATCH, StageName.RETRY)


def _moved(place: DataPlace, side: DataSide) -> DataPlace:
    return DataPlace(place.visit, place.stage, side, place.keys, place.name)


def _kept(place: DataPlace, value: Json, stage: int) -> OriginStep:
    source = DataPlace(place.visit, stage, DataSide.AFTER, place.keys)
    return OriginStep(OriginKind.KEPT, place, value, sources=(source,))


def _assigned_place(writer: Visit, place: DataPlace) -> DataPlace | None:
    """Where the value of a variable stands in the Assign of the visit that gave it."""
    for at in range(len(writer.stages) - 1, -1, -1):
        stage = writer.stages[at]
        if stage.name is StageName.ASSIGN and stage.status is StageStatus.DONE:
            return DataPlace(writer.number, at, DataSide.AFTER, (place.name, *place.keys))
    return None
