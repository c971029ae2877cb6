"""The flow of the data in one visit: which stage gave what another one was given, and what each makes its value of."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage
from sfdebug.debugger.data_origins.jsonata_parts import jsonata_template_parts
from sfdebug.debugger.data_origins.jsonpath_parts import path_parts, template_parts
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, Keys, UnknownOrigin
from sfdebug.debugger.data_origins.parts import DataRoot, ValueParts, literal, shape_of, value_in
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.debugger.data_origins.parts import DataShape
    from sfdebug.engine.execution.visit import Stage, Visit

_INPUT: Final = (StageName.INPUT_PATH,)
_CALL: Final = (StageName.PARAMETERS, StageName.ARGUMENTS, StageName.INPUT_PATH)
_LIST: Final = (StageName.ITEMS_PATH, StageName.ITEMS, StageName.INPUT_PATH)
GIVING_ITEMS: Final = (StageName.ITEM_READER, *_LIST)
"""What a Map has its items of, before it makes anything of them."""

WORK: Final = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)
_RESULT: Final = (StageName.RESULT_SELECTOR, *WORK, StageName.RESULT, StageName.PARAMETERS, StageName.INPUT_PATH)
_FLOW: Final = (StageName.CATCH, StageName.RESULT_PATH, *_RESULT)

_BEFORE: Final[dict[StageName, tuple[StageName, ...]]] = {
    StageName.INPUT_PATH: (),
    StageName.PARAMETERS: _INPUT,
    StageName.ARGUMENTS: _INPUT,
    StageName.ITEMS_PATH: _INPUT,
    StageName.ITEMS: _INPUT,
    StageName.RULE: _INPUT,
    StageName.DEFAULT: _INPUT,
    StageName.WAIT: _INPUT,
    StageName.RESULT: _CALL,
    StageName.TASK: _CALL,
    StageName.BRANCHES: _CALL,
    StageName.ITEM_SELECTOR: GIVING_ITEMS,
    StageName.ITEM_BATCHER: (StageName.ITEM_SELECTOR, *GIVING_ITEMS),
    StageName.ITERATIONS: (StageName.ITEM_SELECTOR, *_LIST),
    StageName.MAP_RUN: _LIST,
    StageName.RESULT_SELECTOR: WORK,
    StageName.RESULT_PATH: _RESULT,
    StageName.OUTPUT_PATH: _FLOW,
    StageName.OUTPUT: (StageName.OUTPUT_PATH, *_FLOW),
}
"""For each stage those that can have given what it was given: the nearest before it. Where there is none, the input."""

_DOLLAR: Final[dict[StageName, tuple[StageName, ...]]] = {
    StageName.ITEM_SELECTOR: _INPUT,
    StageName.ITEM_READER: _INPUT,
    StageName.ITEM_BATCHER: _INPUT,
    StageName.RESULT_WRITER: _INPUT,
    StageName.MAP_RUN: _INPUT,
    StageName.ASSIGN: (StageName.CATCH, *_RESULT),
}
"""For stages whose `$` is not what they were given: the stages that gave what it is."""

LISTS_ITEMS: Final = (StageName.ITERATIONS, StageName.MAP_RUN, StageName.ITEM_SELECTOR, StageName.ITEM_BATCHER)
"""Stages that are given items: of an object, its pairs."""


_GONE: Final = attrgetter("name", "index", "status")


def way_of(visit: Visit) -> tuple[object, ...]:
    """What tells visits apart that go different ways through their stages."""
    return (id(visit.state), *map(_GONE, visit.stages))


class VisitFlow:
    """The data flow of a visit as far as it has come."""

    __slots__ = ("stages", "visit")

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.stages = visit.stages

    @property
    def is_jsonata(self) -> bool:
        """Whether the state's fields are JSONata."""
        return self.visit.state.query_language is QueryLanguage.JSONATA

    @property
    def is_played(self) -> bool:
        """Whether its stages are what AWS recorded: nothing was computed."""
        return bool(self.stages) and self.stages[0].provenance is Provenance.RECORDED and not self.visit.edited

    def output_stage(self) -> int:
        """The index of the stage with the output; -1 where the visit has not come so far."""
        last = len(self.stages) - 1
        return last if last >= 0 and self.stages[last].name is StageName.OUTPUT else -1

    def nearest(self, index: int, names: Iterable[StageName]) -> int:
        """The last stage before `index` with one of these names that gave something; 0, the input, where none did."""
        for at in range(index - 1, 0, -1):
            stage = self.stages[at]
            if stage.name in names and stage.after is not MISSING and stage.status is not StageStatus.NOT_MATCHED:
                return at
        return 0

    def giver(self, index: int) -> int | None:
        """The stage whose value a stage was given; None where no stage did (an error, the variables)."""
        name = self.stages[index].name
        names = _BEFORE.get(name)
        if names is None:
            return None
        if name is StageName.MAP_RUN and "ItemReader" in self.visit.state.fields:
            return None
        if name is StageName.OUTPUT and self.is_jsonata:
            names = (StageName.CATCH, *WORK)
        return self.nearest(index, names) if names else 0

    def children_giver(self, index: int) -> int:
        """The stage that gave the inputs of the branches that a stage ran: for a Parallel one for all."""
        name = self.stages[index].name
        if name is StageName.MAP_RUN:
            return self.nearest(index, (StageName.ITEM_BATCHER, StageName.ITEM_SELECTOR, *GIVING_ITEMS))
        given = self.giver(index)
        return 0 if given is None else given

    def items_keys(self, index: int, keys: Keys) -> Keys | None:
        """Where an item stands in the value that a stage gave which is an array, or an object of whose pairs the items
        are; None for the key of a pair, which stands nowhere."""
        value = self.stages[index].after
        if not isinstance(value, dict) or not keys:
            return keys
        first, *rest = keys
        names = list(value)
        if not isinstance(first, int) or first >= len(names) or not rest or rest[0] != "Value":
            return None
        return (names[first], *rest[1:])

    def given(self, stage: int, index: int, keys: Keys) -> DataPlace | UnknownOrigin:
        """The place that a branch of a stage, its iteration or child execution, was started with."""
        number, name = self.visit.number, self.stages[stage].name
        giver = self.children_giver(stage)
        if name is StageName.BRANCHES:
            return DataPlace(number, giver, DataSide.AFTER, keys)
        if name is StageName.TASK:
            return UnknownOrigin.NOT_COMPUTED
        at = self.items_keys(giver, (index, *keys)) if not is_listed(self.stages[giver].name) else (index, *keys)
        return DataPlace(number, giver, DataSide.AFTER, at) if at is not None else UnknownOrigin.SEVERAL

    # places

    def document(self, index: int, root: DataRoot, name: str) -> Value:
        """What a root stands for in the expression of a stage; MISSING for the Context object, which is not kept."""
        if root is DataRoot.VARIABLE:
            return self.visit.variables.get(name, MISSING)
        place = self.root_place(index, root)
        return self.value(place) if place is not None else MISSING

    def root_place(self, index: int, root: DataRoot, name: str = "") -> DataPlace | None:
        """The place of what a root stands for in the expression of a stage."""
        number = self.visit.number
        if root is DataRoot.VARIABLE:
            return DataPlace(number, index, DataSide.VARIABLE, (), name)
        if root is DataRoot.STATE_INPUT:
            return DataPlace(number, 0)
        if root is DataRoot.DOLLAR:
            return self._dollar(index)
        if root is DataRoot.STATE_RESULT:
            at = self.nearest(index, WORK)
            return DataPlace(number, at) if at else None
        if root is DataRoot.ERROR_OUTPUT:
            at = self.nearest(index, (StageName.CATCH,))
            return DataPlace(number, at, DataSide.BEFORE) if at else None
        return None

    def _dollar(self, index: int) -> DataPlace | None:
        name = self.stages[index].name
        names = _DOLLAR.get(name)
        if names is not None:
            at = self.nearest(index, names)
            is_error = self.stages[at].name is StageName.CATCH
            return DataPlace(self.visit.number, at, DataSide.BEFORE if is_error else DataSide.AFTER)
        given = self.giver(index)
        return DataPlace(self.visit.number, given) if given is not None else None

    def value(self, place: DataPlace) -> Value:
        """The value at a place of this visit."""
        if place.side is DataSide.VARIABLE:
            return value_in(self.visit.variables.get(place.name, MISSING), place.keys)
        stage = self.stages[place.stage]
        if place.side is DataSide.AFTER and place.stage == self.output_stage() and self.visit.output is not MISSING:
            return value_in(self.visit.output, place.keys)  # which can have been put in place of the computed one
        if place.side is DataSide.BEFORE:
            return value_in(stage.before, place.keys)
        after: Value = stage.after
        if after is MISSING and stage.fault is not None:  # what a stage has given that failed
            after = stage.fault.output
        return value_in(after, place.keys)

    # what a stage makes its value of

    def parts(self, index: int) -> ValueParts | None:
        """The parts of what the expression of a stage gave; None where it has none of its own."""
        stage = self.stages[index]
        name, written = stage.name, stage.expression

        def documents(root: DataRoot, variable: str) -> Value:
            return self.document(index, root, variable)

        if name is StageName.RESULT:
            return literal(())
        if name in (StageName.INPUT_PATH, StageName.OUTPUT_PATH, StageName.ITEMS_PATH):
            return path_parts(written, documents) if isinstance(written, str) else literal(())
        if name in (StageName.ARGUMENTS, StageName.ITEMS) or (name is StageName.OUTPUT and written is not MISSING):
            return jsonata_template_parts(written if written is not MISSING else None, documents)
        if name in (StageName.PARAMETERS, StageName.RESULT_SELECTOR, StageName.ITEM_SELECTOR, StageName.ASSIGN):
            return self.template(index, written)
        return None

    def template(self, index: int, written: Value) -> ValueParts | None:
        """The parts of what a payload in either language gives, as the field of a stage."""
        if written is MISSING:
            return None

        def documents(root: DataRoot, variable: str) -> Value:
            return self.document(index, root, variable)

        given: Json = written
        return jsonata_template_parts(given, documents) if self.is_jsonata else template_parts(given, documents)

    def batch_input(self, index: int) -> ValueParts | None:
        """The parts of the BatchInput of an ItemBatcher; None without one."""
        written = self.stages[index].expression
        return self.template(index, written.get("BatchInput", MISSING)) if isinstance(written, dict) else None

    def holds(self, index: int, conditions: Iterable[DataShape]) -> bool:
        """Whether the data that a stage sees have these shapes."""
        return all(
            shape_of(value_in(self.document(index, each.ref.root, each.ref.name), each.ref.keys)) == each.shape
            for each in conditions
        )

    def catch_path(self, stage: Stage) -> Value:
        """The ResultPath of the Catcher of a stage; MISSING for none, by which the error output is all."""
        written = stage.expression
        if self.is_jsonata or not isinstance(written, dict):
            return MISSING
        return written.get("ResultPath", MISSING)


def is_listed(name: StageName) -> bool:
    """Whether a stage gives items as an array in any case."""
    return name in (StageName.ITEM_SELECTOR, StageName.ITEM_BATCHER, StageName.ITEM_READER)
