"""Which changes there are of a definition, one at a time: what somebody could get wrong in it, state by state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.reader import is_jsonata
from sfdebug.json_pointer import format_pointer
from sfdebug.testing.mutation.model import DefinitionChange
from sfdebug.values import MISSING, Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.text.source import Pointer

_PATHS: Final = ("InputPath", "OutputPath", "ResultPath")
_LEFT_OUT: Final = (
    *_PATHS,
    "Parameters", "Arguments", "ResultSelector", "Output", "Assign", "Result", "ItemSelector", "ItemsPath", "Items",
    "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "ToleratedFailureCount",
    "ToleratedFailurePercentage", "Error", "Cause",
)  # fmt: skip
"""Fields that can be forgotten. How long a Wait, a Retrier's interval or a Task takes is not among them: cases run in
virtual time, and expect nothing of it."""
_TEMPLATES: Final = ("Parameters", "Arguments", "ResultSelector", "Output", "Assign", "Result", "ItemSelector")
_OTHER_COMPARISONS: Final = (
    ("GreaterThanEquals", "GreaterThan"),
    ("LessThanEquals", "LessThan"),
    ("GreaterThan", "GreaterThanEquals"),
    ("LessThan", "LessThanEquals"),
)
_LONGEST: Final = 40
_OPPOSITES: Final = {"And": "Or", "Or": "And"}


def changes_of(machine: StateMachine) -> Iterator[DefinitionChange]:
    """All changes, state by state; what is inside a Parallel or Map is a state of its own."""
    for state in machine.walk():
        yield from _transitions(state, machine)
        yield from _rules(state)
        yield from _retriers(state)
        yield from _catchers(state)
        yield from _fields(state)


def _transitions(state: State, machine: StateMachine) -> Iterator[DefinitionChange]:
    if state.next is None:
        return
    path = (*state.path[:-1], state.next)
    target = machine.state(path)
    if target.next is not None and target.next != state.next and target.type is not StateType.CHOICE:
        what = f"'{state.name}' leads to '{target.next}', past '{target.name}'"
        yield DefinitionChange(state.path, (*state.pointer, "Next"), target.next, what)


def _rules(state: State) -> Iterator[DefinitionChange]:
    if state.type is not StateType.CHOICE:
        return
    for rule in state.choices:
        name = f"rule #{rule.index + 1} of '{state.name}'"
        if len(state.choices) > 1:
            yield DefinitionChange(state.path, rule.pointer, MISSING, f"{name} is left out")
        other = next((one.next for one in state.choices if one.next != rule.next), state.default)
        if other is not None and other != rule.next:
            yield DefinitionChange(
                state.path, (*rule.pointer, "Next"), other, f"{name} leads to '{other}', not '{rule.next}'"
            )
        yield from _condition(state, dict(rule.fields), rule.pointer, name)
        yield from _own_fields(state, rule.fields, rule.pointer, name)
    if state.default is not None:
        yield DefinitionChange(
            state.path, (*state.pointer, "Default"), MISSING, f"Default of '{state.name}' is left out"
        )
        other = next((one.next for one in state.choices if one.next != state.default), None)
        if other is not None:
            what = f"Default of '{state.name}' is '{other}', not '{state.default}'"
            yield DefinitionChange(state.path, (*state.pointer, "Default"), other, what)


def _condition(state: State, fields: Json, pointer: Pointer, name: str) -> Iterator[DefinitionChange]:
    """What can be wrong in the condition of a rule: its comparisons, its constants, how they are joined."""
    if not isinstance(fields, dict):
        return
    for key, value in fields.items():
        here = (*pointer, key)
        if key == "Condition" and isinstance(value, str) and is_jsonata(value):
            negated = f"{{% $not({value[2:-2].strip()}) %}}"
            yield DefinitionChange(state.path, here, negated, f"the Condition of {name} is negated")
        elif key in _OPPOSITES and isinstance(value, list):
            other = _OPPOSITES[key]
            yield DefinitionChange(state.path, here, value, f"{name}: {key} is {other}", renamed=other)
            for index, part in enumerate(value):
                yield from _condition(state, part, (*here, index), name)
        elif key == "Not":
            yield from _condition(state, value, here, name)
        elif key not in ("Variable", "Next", "Comment", "Assign", "Output"):
            yield from _comparison(state, key, value, here, name)


def _comparison(state: State, key: str, value: Json, pointer: Pointer, name: str) -> Iterator[DefinitionChange]:
    base = key.removesuffix("Path")
    for end, other in _OTHER_COMPARISONS:
        if base.endswith(end):
            renamed = base.removesuffix(end) + other + key[len(base) :]
            yield DefinitionChange(state.path, pointer, value, f"{name}: {key} is {renamed}", renamed=renamed)
            break
    changed = _other_constant(value)
    if changed is not MISSING and not key.endswith("Path"):
        yield DefinitionChange(state.path, pointer, changed, f"{name}: {key} is {_shown(changed)}, not {_shown(value)}")


def _retriers(state: State) -> Iterator[DefinitionChange]:
    for retrier in state.retriers:
        name = f"Retrier #{retrier.index + 1} of '{state.name}'"
        yield DefinitionChange(state.path, retrier.pointer, MISSING, f"{name} is left out")
        yield from _errors(state, retrier.error_equals, retrier.pointer, name)
        attempts = retrier.max_attempts
        if attempts > 1:
            what = f"{name}: MaxAttempts is {attempts - 1}, not {attempts}"
            yield DefinitionChange(state.path, (*retrier.pointer, "MaxAttempts"), attempts - 1, what)


def _catchers(state: State) -> Iterator[DefinitionChange]:
    for catcher in state.catchers:
        name = f"Catcher #{catcher.index + 1} of '{state.name}'"
        yield DefinitionChange(state.path, catcher.pointer, MISSING, f"{name} is left out")
        yield from _errors(state, catcher.error_equals, catcher.pointer, name)
        yield from _own_fields(state, catcher.fields, catcher.pointer, name)


def _own_fields(state: State, fields: Mapping[str, Json], pointer: Pointer, name: str) -> Iterator[DefinitionChange]:
    """What a rule or a Catcher makes of the data: each field left out, and what is in its template."""
    for field in ("ResultPath", "Output", "Assign"):
        if field in fields:
            here = (*pointer, field)
            is_same = field == "ResultPath" and fields[field] == "$"
            what = f"{field} of {name} is left out"
            yield DefinitionChange(state.path, here, MISSING, what, is_equivalent=is_same)
            if field in _TEMPLATES:
                yield from _template(state, fields[field], here, f"{field} of {name}", (), is_raw=False)


def _errors(state: State, errors: tuple[str, ...], pointer: Pointer, name: str) -> Iterator[DefinitionChange]:
    if len(errors) > 1:
        for index, error in enumerate(errors):
            yield DefinitionChange(
                state.path, (*pointer, "ErrorEquals", index), MISSING, f"{name} does not name {error}"
            )


def _fields(state: State) -> Iterator[DefinitionChange]:
    """What a Task is asked is not changed: a case's answers do not hang on it, so that none could notice."""
    for field, value in state.fields.items():
        if field not in _LEFT_OUT or (state.type is StateType.TASK and field == state.arguments_field):
            continue
        here = (*state.pointer, field)
        is_same = field in _PATHS and value == "$"
        yield DefinitionChange(
            state.path, here, MISSING, f"{field} of '{state.name}' is left out", is_equivalent=is_same
        )
        if field in _TEMPLATES:
            is_raw = field == "Result" and state.query_language is QueryLanguage.JSONPATH
            yield from _template(state, value, here, f"{field} of '{state.name}'", (), is_raw=is_raw)


def _template(
    state: State, value: Json, pointer: Pointer, name: str, within: Pointer, *, is_raw: bool
) -> Iterator[DefinitionChange]:
    """What can be wrong in a payload template: a key that is not there, a constant that is another."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            place = format_pointer((*within, key))
            yield DefinitionChange(state.path, (*pointer, key), MISSING, f"{name}: {place} is left out")
            if not key.endswith(".$") or is_raw:
                yield from _template(state, part, (*pointer, key), name, (*within, key), is_raw=is_raw)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _template(state, part, (*pointer, index), name, (*within, index), is_raw=is_raw)
    elif within and not (isinstance(value, str) and is_jsonata(value)):
        changed = _other_constant(value)
        if changed is not MISSING:
            what = f"{name}: {format_pointer(within)} is {_shown(changed)}, not {_shown(value)}"
            yield DefinitionChange(state.path, pointer, changed, what)


def _other_constant(value: Json) -> Value:
    """Another value of the same kind; MISSING where there is none that says something."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"not {value}"
    return MISSING


def _shown(value: Value) -> str:
    text = compact(value) if is_present(value) else "nothing"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
