"""Map, inline: runs its processor once for each item. Source: specification, "Map State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.dataflow import TemplateStage, failed, path_failure, read_number
from sfdebug.engine.execution import Branch, Phase
from sfdebug.engine.faults import runtime_failure
from sfdebug.engine.log import Log
from sfdebug.engine.states.container import ContainerProgram
from sfdebug.engine.visit import StageName
from sfdebug.engine.work import MapWork, PreparedWork
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath import compile_path
from sfdebug.limits import MAX_INLINE_MAP_CONCURRENCY

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.move import Move
    from sfdebug.values import Json, Value


class MapProgram(ContainerProgram):
    """An inline Map state."""

    branches_stage = StageName.ITERATIONS

    def __init__(self, state: State) -> None:
        super().__init__(state)
        fields = state.fields
        items_path = fields.get("ItemsPath", "$")
        self.items_path = compile_path(items_path if isinstance(items_path, str) else "$")
        selector = next((field for field in ("ItemSelector", "Parameters") if field in fields), None)
        self.item_selector = TemplateStage(StageName.ITEM_SELECTOR, fields[selector]) if selector else None
        concurrency_path = fields.get("MaxConcurrencyPath")
        self.concurrency_path = compile_path(concurrency_path) if isinstance(concurrency_path, str) else None
        self.processor = state.branches[0]

    def prepare(self, move: Move) -> PreparedWork:
        """The items, and what each iteration gets: the item, through ItemSelector."""
        value = self.flow.selected_input(move)
        items = self._items(move, value)
        inputs = self._selected(move, value, items) if self.item_selector else items
        self._concurrency(move)
        return PreparedWork(inputs, tuple(items))

    def announce(self, move: Move, work: PreparedWork) -> int:
        """Emit MapStateStarted."""
        return move.emit("MapStateStarted", {"length": len(work.items)})

    def start(self, move: Move, work: PreparedWork, started: int) -> None:
        """Start as many iterations as MaxConcurrency allows."""
        assert isinstance(work.input, list)
        places = min(self._concurrency(move) or MAX_INLINE_MAP_CONCURRENCY, MAX_INLINE_MAP_CONCURRENCY)
        free = (started,) * min(places, len(work.items))
        self._start_next(move, MapWork(work.input, tuple(work.input), work.items, Log(), 0, free))

    def progress(self, move: Move) -> None:
        """Start the next iteration in the place of one that ended, or gather the outputs of all."""
        work = move.work
        assert isinstance(work, MapWork)
        if work.is_complete:
            self.gather(move, work.input, work.outputs, "MapStateSucceeded")
        else:
            self._start_next(move, work)

    def _items(self, move: Move, value: Json) -> list[Json]:
        expression: Value = self.state.fields.get("ItemsPath", "$")
        try:
            items = self.items_path.read(move.environment(value))
        except ExpressionError as error:
            failure = path_failure(error, self.items_path.text)
            raise failed(move, StageName.ITEMS_PATH, value, expression, failure) from error
        if not isinstance(items, list):
            failure = runtime_failure(f'Reference path "{self.items_path.text}" must point to array.')
            raise failed(move, StageName.ITEMS_PATH, value, expression, failure)
        if "ItemsPath" in self.state.fields:
            move.stage(StageName.ITEMS_PATH, value, items, expression=expression)
        return items

    def _selected(self, move: Move, value: Json, items: list[Json]) -> list[Json]:
        assert self.item_selector is not None
        outer, selected = move.map_item, []
        try:
            for index, item in enumerate(items):
                move.map_item = (index, item)
                selected.append(self.item_selector.compute(move, value))
        finally:
            move.map_item = outer
        move.stage(StageName.ITEM_SELECTOR, items, selected, expression=self.item_selector.expression)
        return selected

    def _concurrency(self, move: Move) -> int:
        """The most iterations at once, 0 for as many as there can be."""
        if self.concurrency_path is None:
            given = self.state.fields.get("MaxConcurrency", 0)
            return given if isinstance(given, int) else 0
        number = read_number(move, self.concurrency_path, "MaxConcurrencyPath", move.input)
        if number < 0:
            raise runtime_failure("MaxConcurrency cannot be negative.")
        return number

    def _start_next(self, move: Move, work: MapWork) -> None:
        index, free = work.next_index, work.free
        while free and index < work.count:
            iteration = (*move.id, (self.state.name, index))
            started = move.emit(
                "MapIterationStarted",
                {"name": self.state.name, "index": index},
                previous=free[0],
                advance=False,
                branch=iteration,
            )
            free = free[1:]
            move.put(
                Branch(
                    id=iteration,
                    scope_path=self.processor.path,
                    phase=Phase.READY,
                    state_name=self.processor.start_at,
                    input=work.inputs[index],
                    previous_event_id=started,
                    turn=move.execution.turn,
                    map_item=(index, work.items[index]),
                )
            )
            index += 1
        move.work = MapWork(work.input, work.inputs, work.items, work.ended, index, free)
