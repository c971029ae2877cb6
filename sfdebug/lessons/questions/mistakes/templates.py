"""Mistakes about payload templates and the Context object: Parameters, ResultSelector, ItemSelector, `.$` and `$$`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import listed, named, noun, quoted, template_parts
from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.questions.altering import with_fields, without_fields
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.lessons.questions.mistakes.paths import DATA
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Visit

_KeyChange: TypeAlias = "Callable[[str, Json], tuple[str, Json] | None]"
"""What becomes of a key of a template and its value; None where nothing does."""

_TEMPLATES: Final = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_PATHS: Final = ("InputPath", "OutputPath", "ItemsPath")
_COMPUTED: Final = ".$"


def _whose(state: State) -> str:
    if state.type is StateType.TASK:
        return f"what {named(state.name)} calls gets"
    if state.type is StateType.PARALLEL:
        return "every branch gets"
    return f"{named(state.name)} goes on with"


def _no_substitute(case: Case, field: str, what: str, state: State) -> str:
    """That nothing takes the place of a field that cannot be worked out."""
    return (
        f"Where {field} cannot be worked out, {what} does not take its place: {named(state.name)} fails with "
        f"{case.found.error}."
    )


def _parameters_skipped(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        if case.found.error:
            return _no_substitute(case, "Parameters", "the input", state)
        parts = listed(template_parts(state.fields["Parameters"])) or noun(state.fields["Parameters"])
        return f"Parameters builds something new: {_whose(state)} {parts}, not the input."

    return case.skipping(
        "Parameters", lambda state, name: name in state.fields and state.type is not StateType.MAP, say
    )


def _result_selector_skipped(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        if case.found.error:
            return _no_substitute(case, "ResultSelector", "the result", state)
        parts = listed(template_parts(state.fields["ResultSelector"])) or noun(state.fields["ResultSelector"])
        return f"ResultSelector builds the result anew: what goes on is {parts}, and nothing else of it."

    return case.skipping("ResultSelector", lambda state, name: name in state.fields, say)


def _item_selector_skipped(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        name = "ItemSelector" if "ItemSelector" in state.fields else "Parameters"
        if case.found.error:
            return _no_substitute(case, name, "the item", state)
        parts = listed(template_parts(state.fields[name])) or noun(state.fields[name])
        return f"{name} builds what is made of each item: {parts}, not the item alone."

    def change(state: State, visit: Visit) -> State | None:
        is_there = state.type is StateType.MAP and {"ItemSelector", "Parameters"} & set(state.fields)
        return without_fields(state, "ItemSelector", "Parameters") if is_there else None

    return case.altering(change, say)


# .$


def _replaced(value: Json, change: _KeyChange) -> tuple[Json, list[tuple[str, Json]]]:
    """A template with some of its keys and their values changed, and which ones were."""
    changed: list[tuple[str, Json]] = []

    def walk(value: Json) -> Json:
        if isinstance(value, dict):
            made: dict[str, Json] = {}
            for key, item in value.items():
                other = change(key, item)
                if other is not None and other[0] not in value:
                    changed.append((key, item))
                    made[other[0]] = other[1]
                elif other is not None and other[0] == key:
                    changed.append((key, item))
                    made[key] = other[1]
                else:
                    made[key] = walk(item)
            return made
        return [walk(item) for item in value] if isinstance(value, list) else value

    return walk(value), changed


def _in_templates(
    case: Case,
    change: _KeyChange,
    say: Callable[[State, Visit, str, tuple[str, Json]], str],
) -> Iterator[Wrong]:
    """What comes of it when the keys of a template are read otherwise, field by field."""
    for name in _TEMPLATES:

        def changed(state: State, visit: Visit, name: str = name) -> State | None:
            template, parts = _replaced(state.fields.get(name), change)
            return with_fields(state, **{name: template}) if parts else None

        def said(state: State, visit: Visit, name: str = name) -> str:
            return say(state, visit, name, _replaced(state.fields.get(name), change)[1][0])

        yield from case.altering(changed, said)


def _dot_dollar_literal(case: Case) -> Iterator[Wrong]:
    def change(key: str, value: Json) -> tuple[str, Json] | None:
        return (key.removesuffix(_COMPUTED), value) if key.endswith(_COMPUTED) else None

    def say(state: State, visit: Visit, field: str, part: tuple[str, Json]) -> str:
        key = part[0].removesuffix(_COMPUTED)
        if case.found.error:
            error = case.found.error
            return f'A key that ends in ".$" is computed, and {key} never gets that text: it fails with {error}.'
        stage = stage_of(visit, StageName(field))
        made = stage.after if stage is not None else None
        given = f", {noun(made[key])}" if isinstance(made, dict) and key in made else ""
        return f'A key that ends in ".$" is computed: {key} is what {quoted(part[1])} gives{given}, not that text.'

    return _in_templates(case, change, say)


def _plain_key_computed(case: Case) -> Iterator[Wrong]:
    """A path under a key without `.$`, taken for one that is read."""

    def change(key: str, value: Json) -> tuple[str, Json] | None:
        is_path = isinstance(value, str) and value.startswith("$") and not key.endswith(_COMPUTED)
        return (key + _COMPUTED, value) if is_path else None

    def say(state: State, visit: Visit, field: str, part: tuple[str, Json]) -> str:
        return f'The key {part[0]} does not end in ".$": {quoted(part[1])} stays a text, and nothing is looked up.'

    return _in_templates(case, change, say)


# $ and $$


def _context_confused(case: Case) -> Iterator[Wrong]:
    """The Context object read as the input, or the input as the Context object."""

    def change(key: str, value: Json) -> tuple[str, Json] | None:
        if not key.endswith(_COMPUTED) or not isinstance(value, str):
            return None
        return (key, _swapped(value)) if _swapped(value) != value else None

    def say(state: State, visit: Visit, field: str, part: tuple[str, Json]) -> str:
        return _said(str(part[1]), state)

    yield from _in_templates(case, change, say)
    for name in _PATHS:

        def changed(state: State, visit: Visit, name: str = name) -> State | None:
            path = state.fields.get(name)
            is_one = isinstance(path, str) and _swapped(path) != path
            return with_fields(state, **{name: _swapped(str(path))}) if is_one else None

        def told(state: State, visit: Visit, name: str = name) -> str:
            return _said(str(state.fields[name]), state)

        yield from case.altering(changed, told)


_CONTEXT: Final = ("Execution", "State", "StateMachine", "Map", "Task")
"""What the Context object holds."""


def _swapped(path: str) -> str:
    """`$.State` for `$$.State`, and the other way for names that the Context object has; other texts as they are."""
    if path.startswith("$$.Map.Item.Value"):
        return "$" + path.removeprefix("$$.Map.Item.Value")
    if path.startswith("$$."):
        return path[1:]
    is_context = path.split(".")[1:2] and path.split(".")[1] in _CONTEXT and path.startswith("$.")
    return "$" + path if is_context else path


def _said(path: str, state: State) -> str:
    if path.startswith("$$.Map.Item.Value"):
        return f"`$$.Map.Item.Value` is the item of the iteration; `$` is the input of {named(state.name)}."
    if path.startswith("$$"):
        return f"{quoted(path)} reads the Context object, which every state sees, not the data of {named(state.name)}."
    return f"{quoted(path)} reads the data of {named(state.name)}; only {quoted('$$')} leads into the Context object."


def _task_input_passed(case: Case) -> Iterator[Wrong]:
    """What was handed to the work taken for what it gives."""
    visit = case.visit
    if visit is None or case.asked.stage is not None or case.asked.is_of_execution or case.is_about_input:
        return
    name = StageName(visit.state.arguments_field)
    stage = stage_of(visit, name)
    if stage is not None and is_present(stage.after) and visit.state.type in (StateType.TASK, StateType.PARALLEL):
        yield Wrong(
            stage.after,
            f"{name} is what {named(visit.state.name)} hands over to its work: what comes back goes on.",
        )


TEMPLATE_MISTAKES: Final = (
    KnownMistake(
        "parameters-skipped",
        DATA,
        "the work gets the input, whatever Parameters says",
        _parameters_skipped,
        (StageName.PARAMETERS,),
    ),
    KnownMistake(
        "result-selector-skipped",
        DATA,
        "the whole result goes on, whatever ResultSelector says",
        _result_selector_skipped,
        (StageName.RESULT_SELECTOR,),
    ),
    KnownMistake(
        "item-selector-skipped",
        DATA,
        "iterations get the item, whatever ItemSelector says",
        _item_selector_skipped,
        (StageName.ITEM_SELECTOR,),
    ),
    KnownMistake(
        "dot-dollar-literal",
        DATA,
        "what stands at a key that ends in `.$` is passed on as a text",
        _dot_dollar_literal,
        (
            StageName.PARAMETERS,
            StageName.RESULT_SELECTOR,
            StageName.ITEM_SELECTOR,
            StageName.ASSIGN,
        ),
    ),
    KnownMistake(
        "plain-key-computed",
        DATA,
        "a path is looked up, although its key does not end in `.$`",
        _plain_key_computed,
        (
            StageName.PARAMETERS,
            StageName.RESULT_SELECTOR,
            StageName.ITEM_SELECTOR,
            StageName.ASSIGN,
        ),
    ),
    KnownMistake(
        "context-confused",
        DATA,
        "`$` leads into the Context object, or `$$` into the input",
        _context_confused,
        (
            StageName.PARAMETERS,
            StageName.RESULT_SELECTOR,
            StageName.ITEM_SELECTOR,
            StageName.ASSIGN,
            StageName.INPUT_PATH,
            StageName.OUTPUT_PATH,
            StageName.ITEMS_PATH,
        ),
    ),
    KnownMistake(
        "arguments-passed-on", DATA, "what a state hands over to its work is what it gives on", _task_input_passed
    ),
)
