"""Mistakes about JSONata states: Output and Arguments, `$states.input` and `$states.result`, `{% %}`, Assign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.wording.values import are, listed, named, noun, quoted
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.lessons.questions.altering import with_fields, without_fields
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.lessons.questions.mistakes.paths import DATA, is_caught, is_mine, keys_of
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Visit

_FIELDS: Final = ("Arguments", "Output", "Assign", "ItemSelector")
_WORKING: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)
_MADE: Final = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)


def _is_jsonata(state: State) -> bool:
    return state.query_language is QueryLanguage.JSONATA


def _is_whole(case: Case) -> bool:
    """Whether it asks what Output gives, or the state."""
    return is_mine(case) and case.asked.stage in (None, StageName.OUTPUT)


def _result_of(visit: Visit) -> Json | None:
    stage = next((stage_of(visit, name) for name in _MADE if stage_of(visit, name) is not None), None)
    is_there = stage is not None and stage.status is StageStatus.DONE and is_present(stage.after)
    return stage.after if is_there and stage is not None and is_present(stage.after) else None


def _merged(case: Case) -> Iterator[Wrong]:
    """Output, or the result, put beside the keys of the input."""
    visit = case.visit
    if visit is None or not _is_whole(case) or not _is_jsonata(visit.state) or is_caught(visit):
        return
    given, output = visit.input, case.found.value
    if not isinstance(given, dict) or not isinstance(output, dict):
        return
    lost = [key for key in given if key not in output]
    without = f": {listed(lost)} {are(lost)} not in it" if lost else ""
    if "Output" in visit.state.fields or visit.state.type not in _WORKING:  # of a Choice, that of its rule
        say = f"Output is all that {named(visit.state.name)} gives on, and nothing is merged with the input{without}."
    else:
        say = f"Without Output, {named(visit.state.name)} gives its result alone, not merged with the input{without}."
    yield Wrong({**given, **output}, say)


def _input_kept(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None or not _is_whole(case) or not _is_jsonata(visit.state) or is_caught(visit):
        return
    state = visit.state
    if "Output" in state.fields:
        say = f"Output replaces the input: {named(state.name)} gives {noun(case.found.value)}."
    elif state.type in _WORKING:
        say = f"Without Output, {named(state.name)} gives its result on, {noun(case.found.value)}, not its input."
    else:
        return
    yield Wrong(visit.input, say)


def _result_passed(case: Case) -> Iterator[Wrong]:
    """The result goes on whole, although Output makes something else of it."""

    def say(state: State, visit: Visit) -> str:
        return f"Output says what {named(state.name)} gives on: the result itself is only what $states.result reads."

    def change(state: State, visit: Visit) -> State | None:
        is_there = _is_jsonata(state) and "Output" in state.fields and state.type in _WORKING
        return without_fields(state, "Output") if is_there else None

    return case.altering(change, say)


def _arguments_ignored(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        stage = stage_of(visit, StageName.ARGUMENTS)
        made = f", {noun(stage.after)}," if stage is not None and is_present(stage.after) else ""
        return f"What {named(state.name)} calls gets what Arguments makes{made} and nothing of the input besides."

    return case.skipping("Arguments", lambda state, name: _is_jsonata(state) and name in state.fields, say)


# expressions


def _texts_changed(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, dict):
        return {key: _texts_changed(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts_changed(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def _first_changed(value: Json, change: Callable[[str], str]) -> str | None:
    """The first text that a change makes another one of."""
    if isinstance(value, dict):
        return next((found for item in value.values() if (found := _first_changed(item, change)) is not None), None)
    if isinstance(value, list):
        return next((found for item in value if (found := _first_changed(item, change)) is not None), None)
    return value if isinstance(value, str) and change(value) != value else None


def _in_fields(
    case: Case, change: Callable[[str], str], say: Callable[[State, Visit, str, str], str]
) -> Iterator[Wrong]:
    """What comes of it when the texts of a field are read otherwise, field by field."""
    for name in _FIELDS:

        def changed(state: State, visit: Visit, name: str = name) -> State | None:
            value = state.fields.get(name)
            if not _is_jsonata(state) or _first_changed(value, change) is None:
                return None
            return with_fields(state, **{name: _texts_changed(value, change)})

        def said(state: State, visit: Visit, name: str = name) -> str:
            return say(state, visit, name, _first_changed(state.fields.get(name), change) or "")

        yield from case.altering(changed, said)


def _result_for_input(case: Case) -> Iterator[Wrong]:
    def change(text: str) -> str:
        return text.replace("$states.result", "$states.input") if is_jsonata_string(text) else text

    def say(state: State, visit: Visit, field: str, text: str) -> str:
        back = noun(_result_of(visit))
        return f"$states.result is what {named(state.name)} got back, {back}; $states.input is its input."

    return _in_fields(case, change, say)


def _input_for_result(case: Case) -> Iterator[Wrong]:
    def change(text: str) -> str:
        return text.replace("$states.input", "$states.result") if is_jsonata_string(text) else text

    def say(state: State, visit: Visit, field: str, text: str) -> str:
        keys = keys_of(visit.input)
        has = f", with {listed(keys)}" if keys else ""
        return f"$states.input is the input of {named(state.name)} as it came in{has}, also after the work is done."

    for wrong in _in_fields(case, change, say):
        if case.visit is not None and _result_of(case.visit) is not None:
            yield wrong


def _braces_literal(case: Case) -> Iterator[Wrong]:
    """What stands in `{% %}` taken for a text."""

    def change(text: str) -> str:
        return jsonata_text(text).strip() if is_jsonata_string(text) else text

    def say(state: State, visit: Visit, field: str, text: str) -> str:
        return f"What stands between {{% and %}} is computed: {field} gets what `{jsonata_text(text).strip()}` gives."

    return _in_fields(case, change, say)


def _braces_missing(case: Case) -> Iterator[Wrong]:
    """An expression without its braces, taken for one that is computed."""

    def change(text: str) -> str:
        return f"{{% {text} %}}" if text.startswith("$") and not is_jsonata_string(text) else text

    def say(state: State, visit: Visit, field: str, text: str) -> str:
        return f"{quoted(text)} stands without {{% %}}, so {field} has it as a text, and nothing is computed."

    return _in_fields(case, change, say)


JSONATA_MISTAKES: Final = (
    KnownMistake("output-merges", DATA, "Output, or a result, is merged with the input", _merged, (StageName.OUTPUT,)),
    KnownMistake(
        "output-keeps-input",
        DATA,
        "the input goes on, whatever Output says, or although there is a result",
        _input_kept,
        (StageName.OUTPUT,),
    ),
    KnownMistake(
        "output-skipped", DATA, "the result goes on whole, whatever Output says", _result_passed, (StageName.OUTPUT,)
    ),
    KnownMistake(
        "arguments-ignored",
        DATA,
        "the work gets the input, whatever Arguments says",
        _arguments_ignored,
        (StageName.ARGUMENTS,),
    ),
    KnownMistake(
        "result-read-as-input",
        DATA,
        "$states.result is the input",
        _result_for_input,
        (
            StageName.ARGUMENTS,
            StageName.OUTPUT,
            StageName.ASSIGN,
            StageName.ITEM_SELECTOR,
        ),
    ),
    KnownMistake(
        "input-read-as-result",
        DATA,
        "$states.input is the result, once there is one",
        _input_for_result,
        (
            StageName.ARGUMENTS,
            StageName.OUTPUT,
            StageName.ASSIGN,
            StageName.ITEM_SELECTOR,
        ),
    ),
    KnownMistake(
        "braces-literal",
        DATA,
        "what stands in `{% %}` is passed on as a text",
        _braces_literal,
        (
            StageName.ARGUMENTS,
            StageName.OUTPUT,
            StageName.ASSIGN,
            StageName.ITEM_SELECTOR,
            StageName.ITEMS,
        ),
    ),
    KnownMistake(
        "braces-missing",
        DATA,
        "an expression is computed, although it stands without `{% %}`",
        _braces_missing,
        (
            StageName.ARGUMENTS,
            StageName.OUTPUT,
            StageName.ASSIGN,
            StageName.ITEM_SELECTOR,
            StageName.ITEMS,
        ),
    ),
)
