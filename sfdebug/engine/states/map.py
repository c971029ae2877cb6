"""Map: how it finds its items; and the inline Map, which runs its processor for each.

Source: States Language specification, "Map State".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.execution import MapItem
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.execution.work import Items, MapWork, PreparedWork, Tolerance, in_order, pairs_of
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.base import read_number, read_whole
from sfdebug.engine.fields.kinds import INTEGER, NUMBER
from sfdebug.engine.states.container import ContainerProgram
from sfdebug.limits import MAX_INLINE_MAP_CONCURRENCY

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class ItemsProgram(ContainerProgram):
    """What every Map does before its iterations: find the items, and build what each iteration is given."""

    failed_event = EventType.MAP_STATE_FAILED
    takes_objects: tuple[ObjectItems, ...] = (ObjectItems.EVERYWHERE,)

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.items = self.fields.items()
        # A Map's Parameters are what its ItemSelector was called formerly.
        self.item_selector = self.fields.payload("ItemSelector") or self.fields.payload("Parameters")
        self.concurrency = self.fields.value("MaxConcurrency", INTEGER)
        self.tolerated_count = self.fields.value("ToleratedFailureCount", INTEGER)
        self.tolerated_percentage = self.fields.value("ToleratedFailurePercentage", NUMBER)
        self.processor = state.branches[0]

    def found_items(self, draft: StepDraft, value: Json) -> Items:
        """The items in the input: ItemsPath or Items, by default the whole input.

        An array's items, or the pairs of an object. Source: AWS docs, "ItemsPath (Map, JSONPath only)", whose example
        of an object is an inline Map, and for Items of a distributed Map measured on AWS (iwamot/sfnx). Recorded in
        2024: an object fails, as it does where `Settings.object_items` does not have it.
        """
        takes_objects = draft.settings.object_items in self.takes_objects
        found = self.items.found(draft, value, takes_objects=takes_objects)
        return pairs_of(found) if isinstance(found, dict) else Items(tuple(found))

    def selected_items(self, draft: StepDraft, value: Json, items: Items) -> list[Json]:
        """What ItemSelector makes of each item; what is given without one (`Items.given`)."""
        selector, given = self.item_selector, items.given
        if selector is None:
            return given
        outer, selected = draft.map_item, []
        try:
            for index in range(len(items)):
                draft.map_item = map_item(items, index)
                selected.append(selector.read(draft, value))
        except StateError as failure:
            raise draft.visit.failed(StageName.ITEM_SELECTOR, given, selector.expression, failure) from failure
        finally:
            draft.map_item = outer
        draft.visit.stage(StageName.ITEM_SELECTOR, given, selected, expression=selector.expression)
        return selected

    def max_concurrency(self, draft: StepDraft) -> int:
        """The most iterations at once, 0 for as many as there can be."""
        number = read_whole(self.concurrency, draft, draft.visit.selected_input) or 0
        if self.concurrency is not None and number < 0:
            raise self.concurrency.failure("MaxConcurrency cannot be negative.")
        return number

    def tolerance(self, draft: StepDraft, value: Json) -> Tolerance:
        """How many failures are tolerated; `value` is what `$` means. Raises StateError in AWS's words.

        Recorded for paths that lead out of bounds. Not recorded: that a failed evaluation has no location then.
        """
        count_field, percentage_field = self.tolerated_count, self.tolerated_percentage
        count = read_whole(count_field, draft, value)
        percentage = read_number(percentage_field, draft, value)
        if count_field is not None and count is not None and count < 0:
            raise count_field.failure("ToleratedFailureCount cannot be negative.", is_located=False)
        if percentage_field is not None and percentage is not None and not 0 <= percentage <= 100:
            cause = "ToleratedFailurePercentage must be between 0 and 100."
            raise percentage_field.failure(cause, is_located=False)
        return Tolerance(count, percentage)


def map_item(items: Items, index: int) -> MapItem:
    """What `$$.Map.Item` says of one of the items."""
    return MapItem(
        index,
        items.values[index],
        items.sources[index] if items.sources else None,
        items.keys[index] if items.keys is not None else None,
    )


class MapProgram(ItemsProgram):
    """An inline Map state."""

    branches_stage = StageName.ITERATIONS

    def prepare(self, draft: StepDraft) -> PreparedWork:
        """The items, and what each iteration gets: the item, through ItemSelector."""
        value = self.flow.selected_input(draft)
        items = self.found_items(draft, value)
        inputs = self.selected_items(draft, value, items)
        return PreparedWork(inputs, items, self.max_concurrency(draft), value)

    def announce(self, draft: StepDraft, work: PreparedWork) -> int:
        """Emit MapStateStarted."""
        return draft.emit(EventType.MAP_STATE_STARTED, {"length": len(work.items)})

    def start(self, draft: StepDraft, work: PreparedWork, started: int) -> None:
        """Start as many iterations as MaxConcurrency allows."""
        assert isinstance(work.input, list)
        self.tolerance(draft, work.selected)  # AWS evaluates the fields of an inline Map, and makes no use of them
        places = min(work.concurrency or MAX_INLINE_MAP_CONCURRENCY, MAX_INLINE_MAP_CONCURRENCY)
        free = (started,) * min(places, len(work.items))
        self._start_next(draft, MapWork(work.input, tuple(work.input), work.items, Log(), 0, free))

    def progress(self, draft: StepDraft) -> None:
        """Start the next iteration in the place of one that ended, or gather the outputs of all."""
        work = draft.work
        assert isinstance(work, MapWork)
        if work.is_complete:
            self.gather(draft, work.input, in_order(work.ended), EventType.MAP_STATE_SUCCEEDED)
        else:
            self._start_next(draft, work)

    def _start_next(self, draft: StepDraft, work: MapWork) -> None:
        index, free = work.next_index, work.free
        while free and index < work.count:
            iteration = (*draft.id, (self.state.name, index))
            started = draft.emit(
                EventType.MAP_ITERATION_STARTED,
                {"name": self.state.name, "index": index},
                previous=free[0],
                advance=False,
                branch=iteration,
            )
            free = free[1:]
            item = map_item(work.items, index)
            self.start_branch(draft, index, self.processor, work.inputs[index], started, item)
            index += 1
        draft.work = MapWork(work.input, work.inputs, work.items, work.ended, index, free)
