"""Map: how it finds its items; and the inline Map, which runs its processor for each.

Source: States Language specification, "Map State".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from sfdebug.engine.execution.execution import Branch, MapItem, ObjectItems, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.execution.work import MapWork, PreparedWork
from sfdebug.engine.faults import StateError, query_failure, runtime_failure
from sfdebug.engine.fields.jsonata import JsonataField, evaluated, jsonata_failure
from sfdebug.engine.fields.jsonpath import TemplateStage, failed, path_failure, reference_failure
from sfdebug.engine.fields.numbers import NumberField
from sfdebug.engine.items.dataset import Items, pairs_of
from sfdebug.engine.states.container import ContainerProgram
from sfdebug.engine.states.tolerance_fields import ToleranceFields
from sfdebug.expressions.errors import (
    ExpressionError,
    NullInputError,
    PathNotFoundError,
    PathSyntaxError,
    ReferencePathError,
)
from sfdebug.expressions.jsonata.template import unexpected_kind
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.limits import MAX_INLINE_MAP_CONCURRENCY
from sfdebug.values import MISSING, Json, Value, compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.execution import Settings
    from sfdebug.engine.step_draft import StepDraft


class ItemsProgram(ContainerProgram):
    """What every Map does before its iterations: find the items, and build what each iteration is given."""

    takes_objects: tuple[ObjectItems, ...] = (ObjectItems.EVERYWHERE,)

    def __init__(self, state: State) -> None:
        super().__init__(state)
        fields = state.fields
        items_path = fields.get("ItemsPath", "$")
        self.items_path = compile_path(items_path if isinstance(items_path, str) else "$")
        self.items = JsonataField("Items", fields["Items"]) if "Items" in fields else None
        self.item_selector = self._compiled_selector(fields)
        self.concurrency = NumberField(fields, "MaxConcurrency", is_jsonata=self.is_jsonata)
        self.processor = state.branches[0]

    def _compiled_selector(self, fields: Mapping[str, Json]) -> TemplateStage | JsonataField | None:
        name = next((field for field in ("ItemSelector", "Parameters") if field in fields), None)
        if name is None:
            return None
        if self.is_jsonata:
            return JsonataField("ItemSelector", fields[name])
        return TemplateStage(StageName.ITEM_SELECTOR, fields[name])

    def found_items(self, draft: StepDraft, value: Json) -> Items:
        """The items in the input: ItemsPath or Items, by default the whole input.

        An array's items, or the pairs of an object. Source: AWS docs, "ItemsPath (Map, JSONPath only)", whose example
        of an object is an inline Map, and for Items of a distributed Map measured on AWS (iwamot/sfnx). Recorded in
        2024: an object fails, as it does where `Settings.object_items` does not have it.
        """
        found = self._evaluated_items(draft) if self.is_jsonata else self._items_at_path(draft, value)
        return pairs_of(found) if isinstance(found, dict) else Items(tuple(found))

    def _is_iterable(self, value: Json, settings: Settings) -> TypeGuard[list[Json] | dict[str, Json]]:
        return isinstance(value, list) or (isinstance(value, dict) and settings.object_items in self.takes_objects)

    def _evaluated_items(self, draft: StepDraft) -> list[Json] | dict[str, Json]:
        if self.items is None:
            if self._is_iterable(draft.input, draft.settings):
                return draft.input
            # Recorded: an EvaluationFailed event without a location.
            failure = query_failure(f"Map state input must be an array but was: {compact(draft.input)}")
            raise failed(draft, StageName.ITEMS, draft.input, MISSING, failure)
        items = evaluated(draft, StageName.ITEMS, draft.input, self.items)
        if self._is_iterable(items, draft.settings):
            return items
        draft.stages.pop()  # the stage that said it went well
        expressions = self.items.template.parts
        if expressions and not expressions[0][0]:
            failure = jsonata_failure(unexpected_kind(expressions[0][1].text, "Items", "array", items))
        else:  # not recorded: a value written out
            failure = query_failure(f"Items must be an array but was: {compact(items)}", "Items")
        raise failed(draft, StageName.ITEMS, draft.input, self.items.expression, failure)

    def _items_at_path(self, draft: StepDraft, value: Json) -> list[Json] | dict[str, Json]:
        expression: Value = self.state.fields.get("ItemsPath", "$")
        try:
            items = self.items_path.read(draft.environment(value))
        except ExpressionError as error:
            failure = self._items_path_failure(draft, value, error)
            raise failed(draft, StageName.ITEMS_PATH, value, expression, failure) from error
        if not self._is_iterable(items, draft.settings):
            # Recorded: AWS shows a path into the Context object with one `$`.
            text = self.items_path.text
            path = text[1:] if text.startswith("$$") else text
            failure = runtime_failure(f'Reference path "{path}" must point to array.')
            raise failed(draft, StageName.ITEMS_PATH, value, expression, failure)
        if "ItemsPath" in self.state.fields:
            draft.stage(StageName.ITEMS_PATH, value, items, expression=expression)
        return items

    def _items_path_failure(self, draft: StepDraft, value: Json, error: ExpressionError) -> StateError:
        """An ItemsPath that leads nowhere: as a Reference Path, States.ReferencePathConflict, which can be caught.

        Source: public reports of AWS (`Unable to apply step "objects" to input {…}`).
        """
        text, root = self.items_path.text, self.items_path.root
        if isinstance(error, PathNotFoundError) and not isinstance(error, NullInputError):
            document: Json = value
            if root != "$":
                document = draft.environment(value).context if root == "$$" else draft.variables.get(root[1:])
            try:
                compile_reference_path(f"${text.removeprefix(root)}").read(document)
            except ReferencePathError as conflict:
                if root[1:] in ("", "$") or root[1:] in draft.variables:
                    return reference_failure(conflict)
            except PathSyntaxError:
                pass  # no Reference Path: it can name several places
        return path_failure(error, text)

    def selected_items(self, draft: StepDraft, value: Json, items: Items) -> list[Json]:
        """What ItemSelector makes of each item; what is given without one (`Items.given`)."""
        selector, given = self.item_selector, items.given
        if selector is None:
            return given
        outer, selected = draft.map_item, []
        try:
            for index in range(len(items)):
                draft.map_item = map_item(items, index)
                selected.append(
                    selector.read(draft) if isinstance(selector, JsonataField) else selector.compute(draft, value)
                )
        except StateError as failure:
            if isinstance(selector, JsonataField):
                raise failed(draft, StageName.ITEM_SELECTOR, given, selector.expression, failure) from failure
            raise
        finally:
            draft.map_item = outer
        draft.stage(StageName.ITEM_SELECTOR, given, selected, expression=selector.expression)
        return selected

    def max_concurrency(self, draft: StepDraft) -> int:
        """The most iterations at once, 0 for as many as there can be."""
        number = self.concurrency.read_whole(draft, draft.selected_input) or 0
        if number < 0:
            cause = "MaxConcurrency cannot be negative."
            raise query_failure(cause, "MaxConcurrency") if self.is_jsonata else runtime_failure(cause)
        return number


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

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.tolerance = ToleranceFields(state.fields, is_jsonata=self.is_jsonata)

    def prepare(self, draft: StepDraft) -> PreparedWork:
        """The items, and what each iteration gets: the item, through ItemSelector."""
        value = self.flow.selected_input(draft)
        items = self.found_items(draft, value)
        inputs = self.selected_items(draft, value, items)
        return PreparedWork(inputs, items, self.max_concurrency(draft), value)

    def announce(self, draft: StepDraft, work: PreparedWork) -> int:
        """Emit MapStateStarted."""
        return draft.emit("MapStateStarted", {"length": len(work.items)})

    def start(self, draft: StepDraft, work: PreparedWork, started: int) -> None:
        """Start as many iterations as MaxConcurrency allows."""
        assert isinstance(work.input, list)
        self.tolerance.read(draft, work.selected)  # AWS evaluates the fields of an inline Map, and makes no use of them
        places = min(work.concurrency or MAX_INLINE_MAP_CONCURRENCY, MAX_INLINE_MAP_CONCURRENCY)
        free = (started,) * min(places, len(work.items))
        self._start_next(draft, MapWork(work.input, tuple(work.input), work.items, Log(), 0, free))

    def progress(self, draft: StepDraft) -> None:
        """Start the next iteration in the place of one that ended, or gather the outputs of all."""
        work = draft.work
        assert isinstance(work, MapWork)
        if work.is_complete:
            self.gather(draft, work.input, work.outputs, "MapStateSucceeded")
        else:
            self._start_next(draft, work)

    def _start_next(self, draft: StepDraft, work: MapWork) -> None:
        index, free = work.next_index, work.free
        while free and index < work.count:
            iteration = (*draft.id, (self.state.name, index))
            started = draft.emit(
                "MapIterationStarted",
                {"name": self.state.name, "index": index},
                previous=free[0],
                advance=False,
                branch=iteration,
            )
            free = free[1:]
            draft.put(
                Branch(
                    id=iteration,
                    scope_path=self.processor.path,
                    phase=Phase.READY,
                    state_name=self.processor.start_at,
                    input=work.inputs[index],
                    previous_event_id=started,
                    turn=draft.execution.turn,
                    map_item=map_item(work.items, index),
                    variables=draft.variables,
                    child_id=draft.child_id,
                )
            )
            index += 1
        draft.work = MapWork(work.input, work.inputs, work.items, work.ended, index, free)
